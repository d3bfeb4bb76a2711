/**
 * Where sentences begin. ICU knows the full stops of every script (UAX #29); this page adds what it does not know: an ellipsis, list
 * numbers, speech that goes on after its closing quotation mark, emoji behind a full stop. `full-stops.ts` knows abbreviations.
 */

import { SENTENCE_STARTERS } from "./abbreviations.ts";
import { goesOnAfter } from "./full-stops.ts";
import { type ListMark, listMarks } from "./inline-list.ts";
import { LineStarts } from "./line-starts.ts";
import { isOpening } from "./paragraph-marks.ts";
import { goesOnBehindQuotation } from "./quoted-speech.ts";
import { isTechnicalStart } from "./technical-starts.ts";
import { CLOSER, EMPHASIS, has, INVISIBLE, OPENER, SPACE, TWO_FACED, UNSPACED } from "./text-characters.ts";
import { startsBy } from "./unicode-segments.ts";
import { isInSmallLetters, startsLowercase, unseenStarts } from "./unseen-starts.ts";

// One segmenter for all: the rules for sentences hardly differ by language in ICU, and the text does not say its
// language.
const sentencesOf = startsBy("sentence", "en");

/** Most words, which need no closer look. */
const LATIN_WORD = /^[a-z]+$/i;
const WORD_AT_END = /[\p{L}\p{M}\p{N}.’'&°º-]+$/u;
const EAST_ASIAN_QUOTATION = /[「『]/;
/** Of a path, an address or a variable, which no abbreviation has. */
const IN_NAME = /[\\@_]|:\/\//;
const APOSTROPHE = /['’]/;
const APOSTROPHE_UNIT = 0x27;
/** Before a vowel: "l'art. 5", "dell'on. Neri". */
const ELIDED_ARTICLE = /^\p{L}*[bcdfghjklmnpqrstvwxz]['’](?=[aeiouhàâéèêîôù]\p{L})/iu;
/** "1.", "a.", "가.": of Korean and Chinese only what they number with, for another lone letter is an answer: "네.", "好." */
const LIST_NUMBER =
  /^\s*[([]?(?:\p{Nd}{1,3}(?:\.\p{Nd}{1,3})*|[IVXivx]{1,5}|[가나다라마바사아자차카타파하一二三四五六七八九十甲乙丙丁]|(?![\p{Script=Hangul}\p{Script=Han}])\p{L})\.\)?\s*$/u;
/** "Art. 2.", "Chapter 1.", "§ 3.", "제 4 조." at the beginning: the heading of what follows. */
const LABELLED_NUMBER =
  /^\s*(?:(?:\p{Lu}\p{L}{1,8}\.?|§)\s\p{Nd}{1,4}\p{L}{0,2}|제\s?\p{Nd}{1,3}\s?\p{Script=Hangul})\.\s*$/u;
/** "P.S.", "N. B.": a sentence begins with it. */
const DOTTED_LABEL = /^\s*(?:\p{Lu}\.\s?){2,4}$/u;
const SPACED_ELLIPSIS = /[^\s.]\s\.\s\.\s\.\s*$/u;
const BRACKETED_ELLIPSIS = /[[(]\s*(?:\.\s?\.\s?\.|…)\s*[\])]["”’»]*\s*$/u;
/** What was left out at the beginning of what somebody says: "She said: ... I cannot." */
const ELLIPSIS_AT_START = /[:：]\s*(?:\.{2,}|…)$/u;
const EMOJI_RUN = /(?:\p{Extended_Pictographic}(?:\p{M}|\p{Emoji_Modifier}|\u200d|\ufe0f)*\s*)+/uy;
const LAUGHTER = new Set([..."笑草wｗ(（"].map((sign) => sign.charCodeAt(0)));
const LAUGHTER_AT_START =
  /^(?:[(（]笑[)）]|笑(?![いうえおっわ顔声点み])|笑(?=うれし|うん|うそ|うち|いい|いや|いつ|いま|いえ|えー|えっ|おもしろ|おいし|おは|おめ|おつ|わか|わたし|みんな)|[wｗ]{1,9}(?![\p{L}])|草(?![^\s]))\s*/u;
const LAUGHTER_LENGTH_MAX = 12;
/** They point to what follows. */
const POINTING_AT_START = /^[👉➡▶🔹🔸🔷🔶📌]/u;
const EMOJI_AT_START = /^\s*\p{Extended_Pictographic}/u;
/** What a reference to a note or a source holds: "[1]", "[2–11]", "[a]", "[note 3]", "[^1]". */
const REFERENCE =
  /\[(?:\^[^\]\s]{1,40}|\p{Nd}{1,4}(?:\s?[,–-]\s?\p{Nd}{1,4})*|\p{Ll}|[\p{L}.]{1,8} ?\p{Nd}{1,3}|citation needed|sic)\]/u;
const REFERENCES = new RegExp(`(?:${REFERENCE.source}\\s*)+`, "uy");
const REFERENCE_AT_START = new RegExp(`^\\s*${REFERENCE.source}`, "u");
/** No sentence begins with one: they join what stands on both sides. */
const JOINING = new Set([..."/|№+=~"].map((sign) => sign.charCodeAt(0)));
const CONTEXT_MAX = 60;
const ELLIPSIS_CONTEXT_MAX = 8;
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

/** @param flags what its characters are, all together (`text-characters.ts`); every flag where nobody looked */
export function findSentences(text: string, flags = -1): Sentences {
  const starts: number[] = [];
  let sentenceStart = 0;
  // Where the words of the next sentence begin.
  let next = 0;
  let previous = 0;
  const lines = new LineStarts(text);
  const isSmall = isInSmallLetters(text);
  const begun = sentencesOf(text);
  for (const found of begun) {
    const index = has(text, found, EMPHASIS) ? afterEmphasis(text, found) : found;
    let end = index;
    while (end > previous && has(text, end - 1, SPACE | INVISIBLE)) end--;
    // ICU takes each of a thousand blank lines for a sentence: what was said of the first of them holds for all.
    const isBlank = end <= Math.max(previous, sentenceStart);
    previous = Math.max(previous, index);
    if (isBlank) continue;
    if (next < index) next = index;
    while (has(text, next, SPACE | OPENER | INVISIBLE) || isEmphasis(text, next) || isOpening(text, next)) next++;
    if (!isSentenceStart(text, sentenceStart, end, index, next, isSmall)) continue;
    const start = afterEmoji(text, afterGuillemet(text, index), lines);
    if (start === null) continue;
    sentenceStart = start;
    // ICU counts a bracket that opens directly behind a full stop to the sentence before it: 「はい。」「いいえ。」
    while (has(text, sentenceStart - 1, OPENER) && !has(text, sentenceStart - 1, CLOSER)) sentenceStart--;
    // And a mark of direction before the words, such as U+200F.
    while (has(text, sentenceStart - 1, INVISIBLE)) sentenceStart--;
    if (text.charAt(sentenceStart) === "[") sentenceStart = afterReferences(text, sentenceStart, lines);
    if (sentenceStart < text.length) starts.push(sentenceStart);
  }
  const marks = listMarks(text, flags, begun);
  return { starts: withMore(starts, unseenStarts(text, isSmall), marks), marks };
}

// --- internal ---

/**
 * Whether what ICU takes for the start of a sentence at `index` is one, the sentence before it having begun at
 * `sentenceStart` and ended at `closed`, before the white space.
 */
function isSentenceStart(
  text: string,
  sentenceStart: number,
  closed: number,
  index: number,
  next: number,
  isSmall: boolean,
): boolean {
  // ICU takes the bracket that opens another quotation for one that closes: 「はい。」「いいえ。」
  if (closed === index && EAST_ASIAN_QUOTATION.test(text.charAt(index - 1))) {
    return isSentenceStart(text, sentenceStart, index - 1, index - 1, next, isSmall);
  }
  let end = closed;
  // What stands before a space does not open: „Halt!“ rief er.
  const closers = (closed < index ? TWO_FACED | EMPHASIS : 0) | CLOSER | INVISIBLE;
  while (end > sentenceStart && has(text, end - 1, closers)) end--;
  const mark = text.charAt(end - 1);

  if ((mark === "!" || mark === "?" || mark === "…") && startsLowercase(text, next) && !isTechnicalStart(text, next)) {
    if (!isSmall || mark === "…" || closed > end) return false;
  }
  if (closed > end) {
    if (goesOnBehindQuotation(text, mark, closed, index)) return false;
    if (BRACKETED_ELLIPSIS.test(text.slice(Math.max(sentenceStart, closed - CONTEXT_MAX), closed))) return false;
  }
  if (mark !== "." && mark !== "…") return true;
  // Without a space it is a list ("1.Milk"), a name ("world.Today"), or dots that hold two words together.
  if (closed === index && !has(text, index, UNSPACED) && !isPictographic(text, index)) return false;
  if (mark === "…" || text.charAt(end - 2) === ".") {
    if (ELLIPSIS_AT_START.test(text.slice(Math.max(sentenceStart, end - ELLIPSIS_CONTEXT_MAX), end))) return false;
  }
  if (mark !== ".") return true;
  if (JOINING.has(text.charCodeAt(next))) return false;
  if (has(text, end - 2, SPACE) && SPACED_ELLIPSIS.test(text.slice(Math.max(sentenceStart, end - CONTEXT_MAX), end)))
    return false;
  if (index - sentenceStart <= LIST_NUMBER_LENGTH_MAX) {
    const begun = text.slice(sentenceStart, index);
    if (LIST_NUMBER.test(begun) || DOTTED_LABEL.test(begun) || isLabelledNumber(begun)) return false;
  }

  let wordStart = end - 1;
  while (wordStart > sentenceStart && isInWord(text, wordStart - 1) && end - wordStart < CONTEXT_MAX) wordStart--;
  const whole = text.slice(wordStart, end - 1);
  if (APOSTROPHE.test(whole)) wordStart += ELIDED_ARTICLE.exec(whole)?.[0].length ?? 0;
  const word = text.slice(wordStart, end - 1);
  if (word.length > ABBREVIATION_LENGTH_MAX && !word.includes(".") && !word.endsWith("str")) return true;
  if (LATIN_WORD.test(word)) return !goesOnAfter(word, text, wordStart, next);
  if (IN_NAME.test(word)) return true;
  return !goesOnAfter(WORD_AT_END.exec(word)?.[0] ?? "", text, wordStart, next);
}

/** Whether no word begins behind the character. An apostrophe between letters opens no quotation: "didn't". */
function isInWord(text: string, index: number): boolean {
  if (text.charCodeAt(index) === APOSTROPHE_UNIT) return index > 0 && !has(text, index - 1, SPACE | OPENER);
  return !has(text, index, SPACE | OPENER);
}

function isLabelledNumber(begun: string): boolean {
  return LABELLED_NUMBER.test(begun) && !SENTENCE_STARTERS.has(/\p{L}+/u.exec(begun)?.[0] ?? "");
}

/** Of words, and not of code, which may begin with a small letter. */
function isEmphasis(text: string, index: number): boolean {
  return has(text, index, EMPHASIS) && text.charAt(index) !== "`" && !has(text, index + 1, SPACE);
}

function isPictographic(text: string, index: number): boolean {
  return text.charCodeAt(index) > 0x2000 && EMOJI_AT_START.test(text.slice(index, index + 2));
}

/** French sets its closing quotation mark apart: « Vous venez ? » Null where the sentence goes on behind it. */
function afterGuillemet(text: string, index: number): number | null {
  if (!has(text, index, CLOSER) || !/[»›]/.test(text.charAt(index)) || isOpening(text, index)) return index;
  let next = index + 1;
  while (has(text, next, SPACE)) next++;
  return next === text.length || startsLowercase(text, next) || /[,;:.!?—–-]/.test(text.charAt(next)) ? null : next;
}

/** Some quote `like this.` Next. **Others shout.** Next. */
function afterEmphasis(text: string, index: number): number {
  if (has(text, index - 1, SPACE)) return index;
  let next = index;
  while (has(text, next, EMPHASIS | CLOSER)) next++;
  if (!has(text, next, SPACE)) return index;
  while (has(text, next, SPACE)) next++;
  return next;
}

/**
 * The start of the sentence behind references, which belong to the one before: "It is a gas.[1] It has no colour." Not so where the line
 * begins with one, as a list of sources does.
 */
function afterReferences(text: string, index: number, lines: LineStarts): number {
  REFERENCES.lastIndex = index;
  const length = REFERENCES.exec(text)?.[0].length ?? 0;
  const lineStart = lines.of(index);
  return REFERENCE_AT_START.test(text.slice(lineStart, lineStart + CONTEXT_MAX)) ? index : index + length;
}

/**
 * The start of the sentence behind the emoji that close the one before: "Great job! 🎉 See you." Where a line begins with emoji they are
 * its bullets, and begin its other sentences as well. Null when nothing follows them.
 */
function afterEmoji(text: string, index: number | null, lines: LineStarts): number | null {
  if (index === null) return null;
  if (LAUGHTER.has(text.charCodeAt(index))) return afterLaughter(text, index);
  if (!isPictographic(text, index) || POINTING_AT_START.test(text.slice(index, index + 2))) return index;
  const lineStart = lines.of(index);
  if (EMOJI_AT_START.test(text.slice(lineStart, lineStart + CONTEXT_MAX)) && has(text, index - 1, SPACE)) return index;
  EMOJI_RUN.lastIndex = index;
  const end = index + (EMOJI_RUN.exec(text)?.[0].length ?? 0);
  return end < text.length && (has(text, end - 1, SPACE) || has(text, end, UNSPACED)) ? end : null;
}

/** Japanese laughs behind a full stop, without a space: 本当？笑 */
function afterLaughter(text: string, index: number): number {
  if (has(text, index - 1, SPACE)) return index;
  const laughter = LAUGHTER_AT_START.exec(text.slice(index, index + LAUGHTER_LENGTH_MAX))?.[0] ?? "";
  return index + laughter.length;
}

/** Adds the starts that ICU does not see, and those of lists; takes away those right behind the marks of a list. */
function withMore(starts: number[], unseen: readonly number[], marks: readonly ListMark[]): number[] {
  const more = marks.filter(({ start, begins }) => begins && start > 0).map(({ start }) => start);
  more.push(...unseen);
  if (more.length === 0 && marks.length === 0) return starts;
  const markEnds = new Set(marks.map(({ end }) => end));
  const all: number[] = [];
  const add = (start: number) => {
    if (start !== all.at(-1) && !markEnds.has(start)) all.push(start);
  };
  let next = 0;
  for (const start of more.sort((a, b) => a - b)) {
    for (; (starts[next] ?? Number.POSITIVE_INFINITY) <= start; next++) add(starts[next] ?? 0);
    add(start);
  }
  for (; next < starts.length; next++) add(starts[next] ?? 0);
  return all;
}
