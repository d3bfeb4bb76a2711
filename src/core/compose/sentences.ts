/**
 * Where sentences begin. ICU knows the full stops of every script (UAX #29); this page adds what it does not know:
 * abbreviations, initials, ordinals, list numbers, an ellipsis, and speech that goes on after its closing quotation
 * mark.
 */
import {
  ABBREVIATIONS,
  ABBREVIATIONS_BEFORE_NAMES,
  ABBREVIATIONS_BEFORE_NUMBERS,
  SENTENCE_STARTERS,
} from "./abbreviations.ts";
import { inlineListMarks } from "./inline-list.ts";
import { CLOSER, has, OPENER, SPACE } from "./text-characters.ts";

// One segmenter for all: the rules for sentences hardly differ by language in ICU, and the text does not say its
// language.
const SEGMENTER = new Intl.Segmenter("en", { granularity: "sentence" });

const LOWERCASE = /^\p{Lowercase_Letter}/u;
const CLOSERS = "[\"'”’»›)\\]}」』】）》〉]*";
const WORD_AT_END = /[\p{L}\p{M}\p{N}.’'&°º-]+$/u;
const WORD_AT_START = /^[\p{L}\p{M}\p{N}’'.]+/u;
const INITIAL = /^(?:\p{Lu}\.)*\p{Lu}$/u;
const DOTTED = /^\p{L}{1,3}(?:\.\p{L}{1,3})+$/u;
const ORDINAL = /^\p{Nd}{1,2}$/u;
const LIST_NUMBER = /^\s*[([]?(?:\p{Nd}{1,3}(?:\.\p{Nd}{1,3})*|[IVXivx]{1,5}|\p{L})\.\)?\s*$/u;
const MONTH =
  /^(?:Jan|Feb|M[äa]r|Apr|Ma[ijy]|Jun|Jul|Aug|Sep|O[kc]t|Nov|De[zc]|janv|févr|led|úno|bře|dub|kvě|čer|srp|zář|říj|lis|pro|styc|lut|kwi|cze|wrz|paź|gru|tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu)/iu;
const SPEECH_END = /[」』）]/;
const SPEECH_GOES_ON = /^[とってはがをにのでもや]/u;
const ELLIPSIS = new RegExp(`(?<![.[(])(?:…|\\.{3,})${CLOSERS}\\s+(?=["'“‘«(\\[¿¡]*[\\p{Lu}\\p{Lo}\\p{Nd}])`, "gu");
const STARTS_WITH_NUMBER = /^(?:\p{Nd}|[IVXLC]+\b)/u;
/** Greek asks with what looks like a semicolon, and Armenian ends with what is often typed as a colon. */
const BORROWED_MARK =
  /(?:(?<=\p{Script=Greek}\p{M}?[»”")]?)[;\u037e]\s+(?=[«“"(]?\p{Lu})|(?<=\p{Script=Armenian}[»”")]?):\s+(?=[«“"(]?\p{L}))/gu;
/** ICU lets a sentence go on with a number before a small letter: "… kwamen. 81 procent". */
const BEFORE_NUMBER = /\.["”’»)]*\s+(?=\p{Nd})/gu;
const WORD_OF_SMALL_LETTERS = /(?<!\p{L})\p{Ll}{3,20}$/u;
const GREEK_OR_ARMENIAN = /[\u0370-\u03ff\u0530-\u058f]/;
const SPACED_ELLIPSIS = /[^\s.]\s\.\s\.\s\.\s*$/u;
const BRACKETED_ELLIPSIS = /[[(]\s*(?:\.\s?\.\s?\.|…)\s*[\])]["”’»]*\s*$/u;
const APOSTROPHE_AT_START = /^['’]/;
const ONE_LETTER = /^\p{L}$/u;
const CASELESS_LETTER = /^\p{Lo}$/u;
const ONE_LETTER_NEXT = /^\p{L}\./u;
const CONTEXT_MAX = 60;
/** No abbreviation without a full stop inside is longer. */
const ABBREVIATION_LENGTH_MAX = 8;
const LIST_NUMBER_LENGTH_MAX = 16;

/** Offsets in `text` at which a sentence begins, ascending, without 0. */
export function sentenceStarts(text: string): number[] {
  const starts: number[] = [];
  let sentenceStart = 0;
  // Where the words of the next sentence begin. Kept, for ICU takes each of a thousand blank lines for a sentence.
  let next = 0;
  for (const { index } of SEGMENTER.segment(text)) {
    if (next < index) next = index;
    while (has(text, next, SPACE | OPENER)) next++;
    if (index === 0 || !isSentenceStart(text, sentenceStart, index, next)) continue;
    sentenceStart = index;
    // ICU counts a bracket that opens directly behind a full stop to the sentence before it: 「はい。」「いいえ。」
    while (has(text, sentenceStart - 1, OPENER) && !has(text, sentenceStart - 1, CLOSER)) sentenceStart--;
    starts.push(sentenceStart);
  }
  return withMore(text, starts);
}

/**
 * Whether what ICU takes for the start of a sentence at `index` is one, the sentence before it having begun at
 * `sentenceStart`.
 */
function isSentenceStart(text: string, sentenceStart: number, index: number, next: number): boolean {
  let end = index;
  while (end > sentenceStart && has(text, end - 1, SPACE)) end--;
  const closed = end;
  while (end > sentenceStart && has(text, end - 1, CLOSER)) end--;
  const mark = text.charAt(end - 1);

  if ((mark === "!" || mark === "?" || mark === "…") && startsLowercase(text, next)) return false;
  if (closed > end) {
    if (SPEECH_END.test(text.charAt(closed - 1)) && SPEECH_GOES_ON.test(text.charAt(index))) return false;
    if (BRACKETED_ELLIPSIS.test(text.slice(Math.max(sentenceStart, closed - CONTEXT_MAX), closed))) return false;
  }
  if (mark !== ".") return true;
  if (has(text, end - 2, SPACE) && SPACED_ELLIPSIS.test(text.slice(Math.max(sentenceStart, end - CONTEXT_MAX), end)))
    return false;
  if (index - sentenceStart <= LIST_NUMBER_LENGTH_MAX && LIST_NUMBER.test(text.slice(sentenceStart, index)))
    return false;

  let wordStart = end - 1;
  while (wordStart > sentenceStart && !has(text, wordStart - 1, SPACE | OPENER) && end - wordStart < CONTEXT_MAX)
    wordStart--;
  const word = text.slice(wordStart, end - 1);
  if (word.length > ABBREVIATION_LENGTH_MAX && !word.includes(".")) return true;
  return !goesOnAfter(WORD_AT_END.exec(word)?.[0] ?? "", text, next);
}

function startsLowercase(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit <= 0x7f ? unit >= 0x61 && unit <= 0x7a : LOWERCASE.test(text.slice(index, index + 2));
}

/** Whether the full stop after `word` belongs to the word and the sentence goes on with what stands at `nextStart`. */
function goesOnAfter(word: string, text: string, nextStart: number): boolean {
  const lower = word.toLowerCase().replace(APOSTROPHE_AT_START, "");
  const next = () => WORD_AT_START.exec(text.slice(nextStart, nextStart + CONTEXT_MAX))?.[0] ?? "";
  if (ABBREVIATIONS_BEFORE_NAMES.has(lower)) return true;
  if (ABBREVIATIONS_BEFORE_NUMBERS.has(lower) && STARTS_WITH_NUMBER.test(next())) return true;
  if (ABBREVIATIONS.has(lower)) return !SENTENCE_STARTERS.has(next());
  if (word.length > 2 && !word.includes(".")) return false;
  // "z. B.", and an initial in a script without capitals.
  if (ONE_LETTER.test(word) && (ONE_LETTER_NEXT.test(next()) || CASELESS_LETTER.test(word))) return true;
  if (ORDINAL.test(word)) return MONTH.test(next());
  return (INITIAL.test(word) || DOTTED.test(word)) && !SENTENCE_STARTERS.has(next());
}

/** Adds the starts that ICU does not see, and takes away those right behind the marks of a list. */
function withMore(text: string, starts: number[]): number[] {
  const list = inlineListMarks(text);
  let more = list.filter(({ start }) => start > 0).map(({ start }) => start);
  if (text.includes("…") || text.includes("...")) more = more.concat(endsOf(text, ELLIPSIS));
  if (GREEK_OR_ARMENIAN.test(text)) more = more.concat(endsOf(text, BORROWED_MARK));
  for (const match of text.matchAll(BEFORE_NUMBER)) {
    const word = WORD_OF_SMALL_LETTERS.exec(text.slice(Math.max(0, match.index - CONTEXT_MAX), match.index));
    const start = match.index + match[0].length;
    if (word !== null && !goesOnAfter(word[0], text, start)) more.push(start);
  }
  if (more.length === 0) return starts;
  const markEnds = new Set(list.map(({ end }) => end));
  const all = starts.concat(more).sort((a, b) => a - b);
  return all.filter((start, index) => start !== all[index - 1] && !markEnds.has(start));
}

const endsOf = (text: string, pattern: RegExp): number[] =>
  [...text.matchAll(pattern)].map((match) => match.index + match[0].length);
