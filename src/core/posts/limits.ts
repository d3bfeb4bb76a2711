/** How large a post may be. */
import { comparable } from "../compose/source.ts";
import { weightedLength } from "../compose/weighted-length.ts";
import { PsnError } from "../errors.ts";

export const TWEETS_MAX = 500;

/** @throws PsnError POST_TOO_MANY_TWEETS */
export function requireTweetCount(count: number): void {
  if (count <= TWEETS_MAX) return;
  throw new PsnError("POST_TOO_MANY_TWEETS", `That is ${count} tweets; a post holds ${TWEETS_MAX} at most.`, {
    hint: "Post it in parts.",
  });
}

/**
 * Refuses a text that makes more tweets than a post holds however it is cut, before it is cut: a file of megabytes is answered at once.
 * @throws PsnError POST_TOO_MANY_TWEETS
 */
export function requireCuttable(text: string, limit: number): void {
  const roughly = Math.ceil(leastWeight(text) / limit);
  const fewest = roughly > TWEETS_MAX ? roughly : fewestOfBeginning(text, limit);
  if (fewest <= TWEETS_MAX) return;
  throw new PsnError("POST_TOO_MANY_TWEETS", `That is ${fewest} tweets or more; a post holds ${TWEETS_MAX} at most.`, {
    hint: "Is this the right file? Post it in parts.",
  });
}

// --- internal ---

/** A tweet of flags, or of emoji made of several, has so many UTF-16 units for each unit of weight at most. */
const UNITS_PER_WEIGHT = 8;
/** The beginning may end in an address, which weighs less than its letters. */
const ADDRESS_MAX = 4096;

/**
 * How many tweets the beginning of a long text makes at least, counted as X counts it: what is one word of megabytes, or flags without an end, tells
 * no more before.
 */
function fewestOfBeginning(text: string, limit: number): number {
  const most = limit * TWEETS_MAX;
  if (text.length <= most) return 0;
  const beginning = comparable(text.slice(0, most * UNITS_PER_WEIGHT));
  const spaces = beginning.match(/\s/g)?.length ?? 0;
  return Math.ceil((weightedLength(beginning) - spaces - ADDRESS_MAX) / limit);
}

/** X counts no address for more. */
const URL_WEIGHT = 23;

/** What the text weighs at least: words that may hold an address count as one, and what may be part of an emoji or of another letter not at all. */
function leastWeight(text: string): number {
  let sum = 0;
  let word = 0;
  let mayBeUrl = false;
  for (let index = 0; index <= text.length; index++) {
    const unit = index < text.length ? text.charCodeAt(index) : SPACE;
    if (unit <= SPACE) {
      sum += mayBeUrl ? Math.min(word, URL_WEIGHT) : word;
      word = 0;
      mayBeUrl = false;
    } else if (unit === FULL_STOP || unit === SLASH) {
      mayBeUrl = true;
      word++;
    } else if (
      unit < MARKS_FROM ||
      (unit >= GREEK_FROM && unit < ARABIC_MARKS_FROM) ||
      (unit >= KANA_FROM && unit < HANGUL_TO)
    )
      word++;
  }
  return sum;
}

const SPACE = 0x20;
const FULL_STOP = 0x2e;
const SLASH = 0x2f;
/** Between the combining marks and those of Arabic stand Greek, Cyrillic, Armenian, Hebrew and Arabic letters. */
const MARKS_FROM = 0x300;
const GREEK_FROM = 0x370;
const ARABIC_MARKS_FROM = 0x64b;
const KANA_FROM = 0x3041;
const HANGUL_TO = 0xd7a4;
