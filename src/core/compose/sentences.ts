/**
 * Where sentences begin. ICU knows the full stops of every script (UAX #29); this page mends what it does not know: abbreviations,
 * initials, ordinals, list numbers, an ellipsis, and speech that goes on after its closing quotation mark.
 */
import {
  ABBREVIATIONS,
  ABBREVIATIONS_BEFORE_NAMES,
  ABBREVIATIONS_BEFORE_NUMBERS,
  SENTENCE_STARTERS,
} from "./abbreviations.ts";
import { inlineListMarks, type ListMark } from "./inline-list.ts";

// One segmenter for all: the rules for sentences hardly differ by language in ICU, and the text does not say its language.
const SEGMENTER = new Intl.Segmenter("en", { granularity: "sentence" });

const LOWERCASE_NEXT = /^[\s"'“”‘’«»([{]*\p{Lowercase_Letter}/u;
const CLOSERS = "[\"'”’»›)\\]}」』】）》〉]*";
const LAST_WORD = new RegExp(`([\\p{L}\\p{M}\\p{N}.’'&°º-]+)\\.${CLOSERS}\\s*$`, "u");
const ENDS_WITH_FULL_STOP = new RegExp(`\\.${CLOSERS}\\s*$`, "u");
const ENDS_WITH_MARK = new RegExp(`[!?…]${CLOSERS}\\s*$`, "u");
const NEXT_WORD = /^[\s"'“”‘’«»([{¿¡]*([\p{L}\p{M}\p{N}’'.]+)/u;
const INITIAL = /^(?:\p{Lu}\.)*\p{Lu}$/u;
const DOTTED = /^\p{L}{1,3}(?:\.\p{L}{1,3})+$/u;
const ORDINAL = /^\p{Nd}{1,2}$/u;
const LIST_NUMBER = /^\s*[([]?(?:\p{Nd}{1,3}(?:\.\p{Nd}{1,3})*|[IVXivx]{1,5}|\p{L})\.\)?\s*$/u;
const MONTH =
  /^(?:Jan|Feb|M[äa]r|Apr|Ma[ijy]|Jun|Jul|Aug|Sep|O[kc]t|Nov|De[zc]|janv|févr|led|úno|bře|dub|kvě|čer|srp|zář|říj|lis|pro|styc|lut|kwi|cze|wrz|paź|gru|tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu)/iu;
const SPEECH_GOES_ON = /^[とってはがをにのでもや]/u;
const ELLIPSIS = new RegExp(`(?<![.[(])(?:…|\\.{3,})${CLOSERS}\\s+(?=["'“‘«(\\[¿¡]*[\\p{Lu}\\p{Lo}\\p{Nd}])`, "gu");
const STARTS_WITH_NUMBER = /^(?:\p{Nd}|[IVXLC]+\b)/u;
/** Greek asks with what looks like a semicolon, and Armenian ends with what is often typed as a colon. */
const BORROWED_MARK =
  /(?:(?<=\p{Script=Greek}\p{M}?[»”")]?)[;\u037e]\s+(?=[«“"(]?\p{Lu})|(?<=\p{Script=Armenian}[»”")]?):\s+(?=[«“"(]?\p{L}))/gu;
/** ICU lets a sentence go on with a number before a small letter: "… kwamen. 81 procent". */
const BEFORE_NUMBER = /(?<!\p{L})(\p{Ll}{3,20})\.["”’»)]*\s+(?=\p{Nd})/gu;
const SPACED_ELLIPSIS = /[^\s.]\s\.\s\.\s\.\s*$/u;
const BRACKETED_ELLIPSIS = /[[(]\s*(?:\.\s?\.\s?\.|…)\s*[\])]["”’»]*\s*$/u;
const ONE_LETTER = /^\p{L}$/u;
const CASELESS_LETTER = /^\p{Lo}$/u;
const ONE_LETTER_NEXT = /^\p{L}\./u;
const OPENERS_AT_END = /[「『（【《〈“‘«([]+$/u;
const CONTEXT_MAX = 60;

/** Offsets in `text` at which a sentence begins, ascending, without 0. */
export function sentenceStarts(text: string): number[] {
  const starts: number[] = [];
  let sentenceStart = 0;
  for (const { index } of SEGMENTER.segment(text)) {
    if (index === 0 || !isSentenceStart(text, sentenceStart, index)) continue;
    // ICU counts a bracket that opens directly behind a full stop to the sentence before it: 「はい。」「いいえ。」
    const openers = OPENERS_AT_END.exec(text.slice(Math.max(sentenceStart, index - CONTEXT_MAX), index));
    sentenceStart = index - (openers === null ? 0 : openers[0].length);
    starts.push(sentenceStart);
  }
  const list = inlineListMarks(text);
  return withMore(text, starts, list);
}

/** Whether what ICU takes for the start of a sentence at `index` is one, the sentence before it having begun at `sentenceStart`. */
function isSentenceStart(text: string, sentenceStart: number, index: number): boolean {
  const before = text.slice(Math.max(sentenceStart, index - CONTEXT_MAX), index);
  const after = text.slice(index, index + CONTEXT_MAX);
  const isWholeBefore = index - sentenceStart <= CONTEXT_MAX;
  if (ENDS_WITH_MARK.test(before) && LOWERCASE_NEXT.test(after)) return false;
  if (/[」』）]\s*$/u.test(before) && SPEECH_GOES_ON.test(after)) return false;
  if (BRACKETED_ELLIPSIS.test(before)) return false;
  if (!ENDS_WITH_FULL_STOP.test(before)) return true;
  if (SPACED_ELLIPSIS.test(before)) return false;
  if (isWholeBefore && LIST_NUMBER.test(before)) return false;
  const word = LAST_WORD.exec(before)?.[1];
  if (word === undefined) return true;
  return !goesOnAfter(word, NEXT_WORD.exec(after)?.[1] ?? "");
}

/** Whether the full stop after `word` belongs to the word and the sentence goes on with `next`. */
function goesOnAfter(word: string, next: string): boolean {
  const lower = word.toLowerCase().replace(/^['’]/, "");
  if (ABBREVIATIONS_BEFORE_NUMBERS.has(lower) && STARTS_WITH_NUMBER.test(next)) return true;
  if (ABBREVIATIONS_BEFORE_NAMES.has(lower)) return true;
  // "z. B.", and an initial in a script without capitals.
  if (ONE_LETTER.test(word) && (ONE_LETTER_NEXT.test(next) || CASELESS_LETTER.test(word))) return true;
  const startsSentence = SENTENCE_STARTERS.has(next);
  if (ORDINAL.test(word)) return MONTH.test(next);
  if (INITIAL.test(word) || ABBREVIATIONS.has(lower) || DOTTED.test(word)) return !startsSentence;
  return false;
}

/** Adds the starts that ICU does not see, and takes away those right behind the marks of a list. */
function withMore(text: string, starts: number[], list: ListMark[]): number[] {
  const all = new Set(starts);
  for (const { start, end } of list) {
    all.delete(end);
    if (start > 0) all.add(start);
  }
  if (text.includes("…") || text.includes("...")) for (const start of endsOf(text, ELLIPSIS)) all.add(start);
  if (/[:;\u037e]/.test(text)) for (const start of endsOf(text, BORROWED_MARK)) all.add(start);
  for (const match of text.matchAll(BEFORE_NUMBER)) {
    if (!goesOnAfter(match[1] ?? "", "1")) all.add(match.index + match[0].length);
  }
  return all.size === starts.length && list.length === 0 ? starts : [...all].sort((a, b) => a - b);
}

const endsOf = (text: string, pattern: RegExp): number[] =>
  [...text.matchAll(pattern)].map((match) => match.index + match[0].length);
