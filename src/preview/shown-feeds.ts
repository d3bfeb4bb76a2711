/**
 * What the page's windows show, so that an act is answered with the tweets that it changed and not with all of a long thread. A window says
 * by its name which feed it shows; names stand for the articles themselves, so nobody is told that a tweet is as before which is not.
 */
import { randomUUID } from "node:crypto";
import { constant, type Html, html } from "../page/html.ts";

/** Windows and steps that are remembered; one whose feed is forgotten gets all tweets. */
const FEEDS_MAX = 8;

/**
 * Stand in articles for two numbers that are no reason to send them again, since a script puts them right by itself: the version of the
 * post, and how many tweets there are. Nothing that the hub keeps holds a NUL.
 */
export const VERSION_SLOT = "\0v";
export const SIZE_SLOT = "\0n";

export interface Numbers {
  version: number;
  size: number;
}

export class ShownFeeds {
  readonly #kept = new Map<string, readonly string[]>();

  /** Remembers a feed of articles with slots. @returns its name: the same for the same articles */
  keep(articles: readonly string[]): string {
    const known = [...this.#kept].find(([, kept]) => isSame(kept, articles));
    const name = known?.[0] ?? randomUUID();
    this.#kept.delete(name);
    this.#kept.set(name, articles);
    if (this.#kept.size > FEEDS_MAX) this.#kept.delete(this.#kept.keys().next().value ?? "");
    return name;
  }

  /** The articles with their numbers; one that the feed `shown` has at the same place is only named. */
  since(shown: string | undefined, articles: readonly string[], numbers: Numbers): Html[] {
    const before = this.#kept.get(shown ?? "");
    return articles.map((article, index) =>
      before?.[index] === article
        ? html`<article id="tweet-${index + 1}" data-same></article>`
        : // It was made by a template, and so are the numbers.
          constant(
            article.replaceAll(VERSION_SLOT, String(numbers.version)).replaceAll(SIZE_SLOT, String(numbers.size)),
          ),
    );
  }

  has(shown: string | undefined): boolean {
    return this.#kept.has(shown ?? "");
  }
}

// --- internal ---

const isSame = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((article, index) => article === other[index]);
