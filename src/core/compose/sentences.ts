/**
 * Where sentences begin. ICU knows the full stops of every script (UAX #29); this page adds what it does not know: an ellipsis, list
 * numbers, speech that goes on after its closing quotation mark, emoji behind a full stop. `full-stops.ts` knows abbreviations.
 */

import { goesOnAfter, WITH_ORDINALS } from "./full-stops.ts";
import { type ListMark, listMarks } from "./inline-list.ts";
import { languagesAround } from "./languages.ts";
import { CLOSER, has, INVISIBLE, OPENER, SPACE, UNSPACED } from "./text-characters.ts";
import { segmentsBy } from "./unicode-segments.ts";

// One segmenter for all: the rules for sentences hardly differ by language in ICU, and the text does not say its
// language.
const sentencesOf = segmentsBy("sentence", "en");

const LOWERCASE = /^\p{Lowercase_Letter}/u;
const CLOSERS = "[\"'”’»›)\\]}」』】）》〉]*";
const WORD_AT_END = /[\p{L}\p{M}\p{N}.’'&°º-]+$/u;
const LIST_NUMBER = /^\s*[([]?(?:\p{Nd}{1,3}(?:\.\p{Nd}{1,3})*|[IVXivx]{1,5}|\p{L})\.\)?\s*$/u;
/** "Art. 2.", "Chapter 1.", "§ 3." at the beginning: the heading of what follows. */
const LABELLED_NUMBER = /^\s*(?:\p{Lu}\p{L}{1,8}\.?|§)\s\p{Nd}{1,4}\p{L}{0,2}\.\s*$/u;
const SPEECH_END = /[」』）]/;
/** 他说, 她问: who said what stands in the quotation marks before. */
const SPEECH_TAG = /^\p{Script=Han}{1,4}[问問说說道喊叫答想]/u;
const QUOTED = /[”」』]/;
const SPEECH_GOES_ON = /^[とってはがをにのでもや]/u;
const ELLIPSIS = new RegExp(`(?<![.[(])(?:…|\\.{3,})${CLOSERS}\\s+(?=["'“‘«(\\[¿¡]*[\\p{Lu}\\p{Lo}\\p{Nd}])`, "gu");
/** The full stop and the three dots of what is left out, then another sentence. */
const FOUR_DOTS = /\S(?: \.){4}\s+(?=["'“‘«([¿¡]*\p{Lu})|(?<=[^\s.])\.(?: \.){3}\s+(?=["'“‘«([¿¡]*\p{Lu})/gu;
/** What was left out at the beginning: "It was so. ...and then it was not." */
const DOTS_AT_START = /[.!?]["”’»)]*\s+(?=(?:\.{3}|…)\p{L})/gu;
/** Greek asks with what looks like a semicolon, and Armenian ends with what is often typed as a colon. */
const BORROWED_MARK =
  /(?:(?<=\p{Script=Greek}\p{M}?[»”")]?)[;\u037e]\s+(?=[«“"(]?\p{Lu})|(?<=\p{Script=Armenian}[»”")]?):\s+(?=[«“"(]?\p{L}))/gu;
/** ICU lets a sentence go on with a number before a small letter: "… kwamen. 81 procent". */
const BEFORE_NUMBER = /\.["”’»)]*\s+(?=\p{Nd})/gu;
/** And after a number: "It cost £5. 5 pounds is not much." */
const NUMBER_AFTER_WORD = /\p{Ll}{2,} \p{Sc}?\p{Nd}+$/u;
const NUMBER_BEFORE_WORD = /^\p{Nd}+ (?:\+|\p{Ll}{2})/u;
const WORD_OF_SMALL_LETTERS = /(?<!\p{L})\p{Ll}{3,20}$/u;
const GREEK_OR_ARMENIAN = /[\u0370-\u03ff\u0530-\u058f]/;
const SPACED_ELLIPSIS = /[^\s.]\s\.\s\.\s\.\s*$/u;
const BRACKETED_ELLIPSIS = /[[(]\s*(?:\.\s?\.\s?\.|…)\s*[\])]["”’»]*\s*$/u;
const EMOJI_RUN = /(?:\p{Extended_Pictographic}(?:\p{M}|\p{Emoji_Modifier}|\u200d|\ufe0f)*\s*)+/uy;
const EMOJI_AT_START = /^\s*\p{Extended_Pictographic}/u;
/** No sentence begins with one: they join what stands on both sides. */
const JOINING = /^[/|№+=]/;
const CONTEXT_MAX = 60;
/** No abbreviation without a full stop inside is longer. */
const ABBREVIATION_LENGTH_MAX = 8;
const LIST_NUMBER_LENGTH_MAX = 16;

/** The sentences of a text. */
export interface Sentences {
  /** Offsets at which a sentence begins, ascending, without 0. */
  starts: number[];
  /** Marks of lists in running text; what they announce stays with them. */
  marks: ListMark[];
}

/** Offsets in `text` at which a sentence begins, ascending, without 0. */
export function sentenceStarts(text: string): number[] {
  return findSentences(text).starts;
}

export function findSentences(text: string): Sentences {
  const starts: number[] = [];
  let sentenceStart = 0;
  // Where the words of the next sentence begin. Kept, for ICU takes each of a thousand blank lines for a sentence.
  let next = 0;
  for (const { index } of sentencesOf(text)) {
    if (next < index) next = index;
    while (has(text, next, SPACE | OPENER | INVISIBLE)) next++;
    if (index === 0 || !isSentenceStart(text, sentenceStart, index, next)) continue;
    const start = afterEmoji(text, afterGuillemet(text, index));
    if (start === null) continue;
    sentenceStart = start;
    // ICU counts a bracket that opens directly behind a full stop to the sentence before it: 「はい。」「いいえ。」
    while (has(text, sentenceStart - 1, OPENER) && !has(text, sentenceStart - 1, CLOSER)) sentenceStart--;
    // And a mark of direction before the words, such as U+200F.
    while (has(text, sentenceStart - 1, INVISIBLE)) sentenceStart--;
    starts.push(sentenceStart);
  }
  const marks = listMarks(text);
  return { starts: withMore(text, starts, marks), marks };
}

// --- internal ---

/**
 * Whether what ICU takes for the start of a sentence at `index` is one, the sentence before it having begun at
 * `sentenceStart`.
 */
function isSentenceStart(text: string, sentenceStart: number, index: number, next: number): boolean {
  let end = index;
  while (end > sentenceStart && has(text, end - 1, SPACE | INVISIBLE)) end--;
  const closed = end;
  while (end > sentenceStart && has(text, end - 1, CLOSER | INVISIBLE)) end--;
  const mark = text.charAt(end - 1);

  if ((mark === "!" || mark === "?" || mark === "…") && startsLowercase(text, next)) return false;
  if (closed > end) {
    if (SPEECH_END.test(text.charAt(closed - 1)) && SPEECH_GOES_ON.test(text.charAt(index))) return false;
    if (QUOTED.test(text.charAt(closed - 1)) && SPEECH_TAG.test(text.slice(index, index + 6))) return false;
    if (BRACKETED_ELLIPSIS.test(text.slice(Math.max(sentenceStart, closed - CONTEXT_MAX), closed))) return false;
  }
  if (mark !== "." && mark !== "…") return true;
  // Without a space it is a list ("1.Milk"), a name ("world.Today"), or dots that hold two words together.
  if (closed === index && !has(text, index, UNSPACED) && !isPictographic(text, index)) return false;
  if (mark !== ".") return true;
  if (JOINING.test(text.charAt(next))) return false;
  if (has(text, end - 2, SPACE) && SPACED_ELLIPSIS.test(text.slice(Math.max(sentenceStart, end - CONTEXT_MAX), end)))
    return false;
  if (index - sentenceStart <= LIST_NUMBER_LENGTH_MAX) {
    const begun = text.slice(sentenceStart, index);
    if (LIST_NUMBER.test(begun) || LABELLED_NUMBER.test(begun)) return false;
  }

  let wordStart = end - 1;
  while (wordStart > sentenceStart && !has(text, wordStart - 1, SPACE | OPENER) && end - wordStart < CONTEXT_MAX)
    wordStart--;
  const word = text.slice(wordStart, end - 1);
  if (word.length > ABBREVIATION_LENGTH_MAX && !word.includes(".") && !word.endsWith("str")) return true;
  return !goesOnAfter(WORD_AT_END.exec(word)?.[0] ?? "", text, wordStart, next);
}

function startsLowercase(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit <= 0x7f ? unit >= 0x61 && unit <= 0x7a : LOWERCASE.test(text.slice(index, index + 2));
}

function isPictographic(text: string, index: number): boolean {
  return text.charCodeAt(index) > 0x2000 && EMOJI_AT_START.test(text.slice(index, index + 2));
}

/** French sets its closing quotation mark apart: « Vous venez ? » Null where the sentence goes on behind it. */
function afterGuillemet(text: string, index: number): number | null {
  const mark = text.charAt(index);
  if (mark !== "»" && mark !== "›") return index;
  let next = index + 1;
  while (has(text, next, SPACE)) next++;
  return next === text.length || startsLowercase(text, next) || /[,;:.!?—–-]/.test(text.charAt(next)) ? null : next;
}

/**
 * The start of the sentence behind the emoji that close the one before: "Great job! 🎉 See you." Where a line begins with emoji they are
 * its bullets, and begin its other sentences as well. Null when nothing follows them.
 */
function afterEmoji(text: string, index: number | null): number | null {
  if (index === null) return null;
  if (!isPictographic(text, index)) return index;
  const lineStart = text.lastIndexOf("\n", index - 1) + 1;
  if (EMOJI_AT_START.test(text.slice(lineStart, lineStart + CONTEXT_MAX)) && has(text, index - 1, SPACE)) return index;
  EMOJI_RUN.lastIndex = index;
  const end = index + (EMOJI_RUN.exec(text)?.[0].length ?? 0);
  return end < text.length && has(text, end - 1, SPACE) ? end : null;
}

/** Adds the starts that ICU does not see, and takes away those right behind the marks of a list. */
function withMore(text: string, starts: number[], marks: readonly ListMark[]): number[] {
  let more = marks.filter(({ start, begins }) => begins && start > 0).map(({ start }) => start);
  if (text.includes("…") || text.includes("...")) {
    more = more.concat(endsOf(text, ELLIPSIS), endsOf(text, DOTS_AT_START));
  }
  if (text.includes(". . .")) more = more.concat(endsOf(text, FOUR_DOTS));
  if (GREEK_OR_ARMENIAN.test(text)) more = more.concat(endsOf(text, BORROWED_MARK));
  for (const match of text.matchAll(BEFORE_NUMBER)) {
    const before = text.slice(Math.max(0, match.index - CONTEXT_MAX), match.index);
    const word = WORD_OF_SMALL_LETTERS.exec(before)?.[0];
    const start = match.index + match[0].length;
    if (word !== undefined && !goesOnAfter(word, text, match.index - word.length, start)) more.push(start);
    else if (isAfterNumber(text, before, match.index, start)) more.push(start);
  }
  if (more.length === 0 && marks.length === 0) return starts;
  const markEnds = new Set(marks.map(({ end }) => end));
  const all = starts.concat(more).sort((a, b) => a - b);
  return all.filter((start, index) => start !== all[index - 1] && !markEnds.has(start));
}

function isAfterNumber(text: string, before: string, end: number, start: number): boolean {
  const isNumber = NUMBER_AFTER_WORD.test(before) && NUMBER_BEFORE_WORD.test(text.slice(start, start + CONTEXT_MAX));
  return isNumber && (languagesAround(text, end) & WITH_ORDINALS) === 0;
}

const endsOf = (text: string, pattern: RegExp): number[] =>
  [...text.matchAll(pattern)].map((match) => match.index + match[0].length);
