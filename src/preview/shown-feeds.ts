/**
 * What the page's windows show, so that an act is answered with the tweets that it changed and not with all of a long thread. A window says
 * by its name which feed it shows; names stand for the articles themselves, so nobody is told that a tweet is as before which is not.
 */
import { randomUUID } from "node:crypto";
import { constant, type Html, html } from "../page/html.ts";
import type { Numbers } from "./thread-page.ts";

/** Windows and steps that are remembered; one whose feed is forgotten gets all tweets. */
const FEEDS_MAX = 8;

/**
 * Stand in articles for the numbers that are no reason to send them again, since a script puts them right by itself: the version of the
 * post, how many tweets there are, and which of them it is, counted from 1 (`n`) and from 0 (`at`). Nothing that the hub keeps holds a NUL.
 */
export const VERSION_SLOT = "\0v";
export const NUMBER_SLOTS: Numbers = { size: "\0s", n: () => "\0n", at: () => "\0a" };

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

  /** The articles with their numbers; one that the feed `shown` has is only named, with its place there if that is another one. */
  since(shown: string | undefined, articles: readonly string[], version: number): Html[] {
    const before = this.#kept.get(shown ?? "") ?? [];
    const was = placesBefore(before, articles);
    return articles.map((article, index) => {
      const place = was[index];
      if (place === undefined) return filled(article, { version, size: articles.length, index });
      if (place === index) return html`<article id="tweet-${index + 1}" data-same></article>`;
      return html`<article id="tweet-${index + 1}" data-same="${place + 1}"></article>`;
    });
  }

  has(shown: string | undefined): boolean {
    return this.#kept.has(shown ?? "");
  }
}

// --- internal ---

const isSame = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((article, index) => article === other[index]);

/**
 * Where each article stood before: those above what was changed at their place, those below it as far from the end. In between the same
 * place counts, so that a window never has to move one past another.
 */
function placesBefore(before: readonly string[], articles: readonly string[]): (number | undefined)[] {
  const shared = Math.min(before.length, articles.length);
  let above = 0;
  while (above < shared && before[above] === articles[above]) above++;
  let below = 0;
  while (below < shared - above && before.at(-1 - below) === articles.at(-1 - below)) below++;
  const end = articles.length - below;
  return articles.map((article, index) => {
    if (index < end) return index < before.length - below && before[index] === article ? index : undefined;
    return index + before.length - articles.length;
  });
}

/** The article was made by a template, and so are the numbers. */
function filled(article: string, { version, size, index }: { version: number; size: number; index: number }): Html {
  const numbers: Record<string, number> = { v: version, s: size, n: index + 1, a: index };
  const [first = "", ...rest] = article.split("\0");
  return constant(first + rest.map((part) => `${numbers[part.charAt(0)] ?? ""}${part.slice(1)}`).join(""));
}
