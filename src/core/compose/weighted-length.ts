/**
 * How long X says a text is (configuration v3 of twitter-text): NFC, 23 for a URL, 2 for an emoji, 1 or 2 for other
 * characters.
 *
 * Two readings are kept, because X publishes neither the emoji nor the top-level domains its servers know. `today`
 * follows X's documentation with today's Unicode and root zone; `library` is twitter-text 3.1.0 to the digit. They
 * differ only on emoji sequences newer than 2018 and on domains newer than 2020. What is shown is `today`; what is cut
 * fits under both.
 */
import { codePointWeight } from "./code-point-weight.ts";
import { findEmojiSequences } from "./emoji.ts";
import { findLinks } from "./links.ts";
import { comparable } from "./source.ts";
import { mayHoldNewerTld } from "./tlds.ts";

export { LONG_POST_LIMIT, TWEET_LIMIT } from "../platform.ts";
export const URL_WEIGHT = 23;

export interface Measure {
  /** The count that is shown. */
  weightedLength: number;
  /** The count of twitter-text 3.1.0. */
  libraryLength: number;
}

/**
 * X's count of `text`, which is normalised first. Characters that X refuses are counted, not refused: see
 * `normaliseSource`.
 */
export function weightedLength(text: string): number {
  return measure(text).weightedLength;
}

/** Both readings of the length of `text`. */
export function measure(text: string): Measure {
  return measureNfc(comparable(text));
}

/** The same for a text that is in NFC already. */
export function measureNfc(nfc: string): Measure {
  const links = findLinks(nfc);
  const links2020 = mayHoldNewerTld(nfc) ? findLinks(nfc, "2020") : links;
  const emoji = findEmojiSequences(nfc);
  const plain = plainWeight(nfc, 0, nfc.length);
  let today = plain;
  let library = plain;
  for (const link of links) today += URL_WEIGHT - plainWeight(nfc, link.start, link.end);
  for (const link of links2020) library += URL_WEIGHT - plainWeight(nfc, link.start, link.end);
  if (emoji.length === 0) return { weightedLength: today, libraryLength: library };
  for (const sequence of outside(emoji, links))
    today += sequence.weight - plainWeight(nfc, sequence.start, sequence.end);
  for (const sequence of outside(emoji, links2020))
    library += sequence.weight2018 - plainWeight(nfc, sequence.start, sequence.end);
  return { weightedLength: today, libraryLength: library };
}

/** Weight of `[start, end)` by its code points alone. */
export function plainWeight(text: string, start: number, end: number): number {
  let weight = 0;
  for (let index = start; index < end; index++) {
    const unit = text.charCodeAt(index);
    // Both halves of a surrogate pair make one code point, which weighs 2.
    if (unit >= 0xdc00 && unit <= 0xdfff && index > start && (text.charCodeAt(index - 1) & 0xfc00) === 0xd800) continue;
    weight += codePointWeight(unit);
  }
  return weight;
}

/** The sequences that do not begin inside a URL: a URL is counted first. Both lists are in order. */
export function* outside<T extends { start: number }>(
  sequences: T[],
  links: readonly { start: number; end: number }[],
): Generator<T> {
  let next = 0;
  for (const sequence of sequences) {
    while (next < links.length && (links[next]?.end ?? 0) <= sequence.start) next++;
    const link = links[next];
    if (link === undefined || sequence.start < link.start) yield sequence;
  }
}
