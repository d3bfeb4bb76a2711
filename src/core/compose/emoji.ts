/**
 * Finds emoji sequences. Today's rule is one of structure, so that a sequence of a later Unicode counts as one as well:
 * pictographs with variation selectors, skin tones and tags, joined by U+200D; flags; keycaps (UTS #51, emoji
 * sequences).
 */
import { codePointWeight } from "./code-point-weight.ts";
import { EMOJI_SEQUENCE_2018 } from "./emoji-2018.ts";

/** A sequence of two or more code points, in UTF-16 offsets, and what it weighs by two readings. */
export interface EmojiSequence {
  start: number;
  end: number;
  /** Weight when every emoji is 2, as Unicode and X's documentation have it. */
  weight: number;
  /** Weight by twitter-text 3.1.0, which adds up the parts of whatever came after 2018. */
  weight2018: number;
}

/**
 * Every sequence holds one of these, and prose hardly ever does: variation selector, keycap, joiner, skin tone, flag
 * letter, tag.
 */
const HINT = /[\ufe0f\u20e3\u200d]|\ud83c[\udde6-\uddff\udffb-\udfff]|\udb40[\udc20-\udc7f]/g;

const ELEMENT =
  "\\p{Extended_Pictographic}(?:\\ufe0f?\\p{Emoji_Modifier}|\\ufe0f)?(?:[\\u{e0020}-\\u{e007e}]+\\u{e007f})?";
const SEQUENCE = new RegExp(`\\p{Regional_Indicator}+|[#*0-9]\\ufe0f?\\u20e3|${ELEMENT}(?:\\u200d${ELEMENT})*`, "gu");

const EMOJI_WEIGHT = 2;
const REGIONAL_INDICATOR = /^\p{Regional_Indicator}/u;
/** UTF-16 units of a flag: two letters outside the basic plane. */
const FLAG_UNITS = 4;

/**
 * All emoji sequences of `text`, in order. Single code points are left out: their own weight is right in both readings.
 */
export function findEmojiSequences(text: string): EmojiSequence[] {
  const found: EmojiSequence[] = [];
  // Only what stands around a hint, up to a space or the end of the line, is looked through: the expression is slow on prose.
  for (let from = 0; ; ) {
    HINT.lastIndex = from;
    const hint = HINT.exec(text);
    if (hint === null) return found;
    let start = hint.index;
    while (start > from && !isGap(text.charCodeAt(start - 1))) start--;
    from = hint.index;
    while (from < text.length && !isGap(text.charCodeAt(from))) from++;
    addSequences(text.slice(start, from), start, found);
  }
}

const isGap = (unit: number): boolean => unit === 0x20 || unit === 0x0a;

function addSequences(word: string, wordStart: number, found: EmojiSequence[]): void {
  for (const match of word.matchAll(SEQUENCE)) {
    const start = wordStart + match.index;
    const sequence = match[0];
    if (isOneCodePoint(sequence)) continue;
    const weight2018 = weightBy2018(sequence);
    if (!REGIONAL_INDICATOR.test(sequence)) {
      found.push({ start, end: start + sequence.length, weight: EMOJI_WEIGHT, weight2018 });
      continue;
    }
    // A row of flags is read in pairs; one unknown pair shifts how the library pairs the rest, so then the row stays
    // one.
    const weight = EMOJI_WEIGHT * Math.ceil(sequence.length / FLAG_UNITS);
    const step = weight === weight2018 ? FLAG_UNITS : sequence.length;
    for (let at = 0; at < sequence.length; at += step) {
      const share =
        step === sequence.length ? { weight, weight2018 } : { weight: EMOJI_WEIGHT, weight2018: EMOJI_WEIGHT };
      found.push({ start: start + at, end: Math.min(start + at + step, start + sequence.length), ...share });
    }
  }
}

const isOneCodePoint = (text: string): boolean => text.length === ((text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1);

function weightBy2018(sequence: string): number {
  let weight = 0;
  for (let index = 0; index < sequence.length; ) {
    EMOJI_SEQUENCE_2018.lastIndex = index;
    if (EMOJI_SEQUENCE_2018.test(sequence)) {
      weight += EMOJI_WEIGHT;
      index = EMOJI_SEQUENCE_2018.lastIndex;
    } else {
      const codePoint = sequence.codePointAt(index) ?? 0;
      weight += codePointWeight(codePoint);
      index += codePoint > 0xffff ? 2 : 1;
    }
  }
  return weight;
}
