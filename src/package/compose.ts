/**
 * `psn/compose`: what PSN splits, counts and prices a text with, for other programs. Pure: importing it does nothing, and a call
 * reads and writes nothing. The types are written out, so that they need no other package.
 */
import { composeThread } from "../core/compose/compose.ts";
import { buildPreview } from "../core/compose/preview.ts";
import { TWEET_LIMIT, weightedLength as weigh } from "../core/compose/weighted-length.ts";
import { PsnError } from "../core/errors.ts";

/** How a text is split. */
export interface SplitOptions {
  /** X's count that no tweet exceeds: 280 by default, up to 25,000 for a Premium account. */
  limit?: number;
  /** `whole`, the default: no sentence, list or code that fits into a tweet is torn, then the fewest tweets. `fewest`: the fewest come first. */
  cut?: "whole" | "fewest";
}

export interface ThreadWarning {
  /** Such as `TWEET_TOO_LONG`; stays the same when the message is worded anew. */
  code: string;
  /** One sentence for a person. */
  message: string;
  /** X refuses the tweet as it is. */
  blocking: boolean;
}

export interface PreviewedTweet {
  /** From 0. */
  position: number;
  text: string;
  /** X's count of `text`. */
  weightedLength: number;
  limit: number;
  /** Where the tweet ends, such as `sentence`, and why there. */
  break: { kind: string; why: string };
  /** What X charges for it, in dollars. */
  costUsd: number;
  warnings: ThreadWarning[];
}

export interface ThreadPreview {
  tweets: PreviewedTweet[];
  tweetCount: number;
  costUsd: number;
  /** About the thread as a whole; each tweet has its own. */
  warnings: ThreadWarning[];
}

/**
 * The tweets of a text. A line of `---` ends a tweet; no character of the text is lost but the white space between tweets.
 *
 * @throws an Error with a `code`: `TEXT_EMPTY` and others for a text that X cannot hold, `LIMIT_INVALID`, `USAGE` for what is no text, or no
 *   such options
 */
export function splitIntoThread(text: string, options: SplitOptions = {}): string[] {
  requireOptions(options);
  requireText(text);
  return composeThread(text, options).tweets.map((tweet) => tweet.text);
}

/**
 * A text split, counted and priced, with all that its author should know before it is posted.
 *
 * @throws as `splitIntoThread`
 */
export function previewThread(text: string, options: SplitOptions = {}): ThreadPreview {
  requireOptions(options);
  requireText(text);
  const { tweets, warnings } = composeThread(text, options);
  return withoutMedia(buildPreview(tweets, { limit: options.limit ?? TWEET_LIMIT, composing: warnings }));
}

/** X's count of a text: an address is 23, an emoji and most letters outside of Europe are 2. @throws an Error `USAGE` for what is no text */
export function weightedLength(text: string): number {
  requireText(text);
  return weigh(text);
}

// --- internal ---

const CUTS: readonly unknown[] = ["whole", "fewest", undefined];

/** Plain JavaScript knows no types. */
function requireText(text: unknown): void {
  if (typeof text === "string") return;
  throw new PsnError("USAGE", `The text is ${nameOf(text)}; it must be a string.`);
}

function requireOptions(options: unknown): void {
  const hint = 'Give them as an object: { limit: 280, cut: "whole" }.';
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new PsnError("USAGE", `The options are ${nameOf(options)}; they must be an object.`, { hint });
  }
  const { limit, cut } = options as Record<string, unknown>;
  if (limit !== undefined && typeof limit !== "number") {
    throw new PsnError("USAGE", `The option limit is ${nameOf(limit)}; it must be a number.`, { hint });
  }
  if (!CUTS.includes(cut)) throw new PsnError("USAGE", "The option cut must be whole or fewest.", { hint });
}

const nameOf = (value: unknown): string =>
  value === null || value === undefined ? String(value) : Array.isArray(value) ? "a list" : `of type ${typeof value}`;

function withoutMedia(preview: ReturnType<typeof buildPreview>): ThreadPreview {
  return { ...preview, tweets: preview.tweets.map(({ media: _none, ...tweet }) => tweet) };
}
