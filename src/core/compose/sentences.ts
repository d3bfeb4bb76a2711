/**
 * Where sentences begin. ICU knows the full stops of every script (UAX #29); this page mends what it does not know: abbreviations,
 * initials, ordinals, list numbers, an ellipsis, and speech that goes on after its closing quotation mark.
 */
import { ABBREVIATIONS, ABBREVIATIONS_BEFORE_NAMES, SENTENCE_STARTERS } from "./abbreviations.ts";

// One segmenter for all: the rules for sentences hardly differ by language in ICU, and the text does not say its language.
const SEGMENTER = new Intl.Segmenter("en", { granularity: "sentence" });

const LOWERCASE_NEXT = /^[\s"'“”‘’«»([{]*\p{Lowercase_Letter}/u;
const CLOSERS = "[\"'”’»›)\\]}」』】）》〉]*";
const LAST_WORD = new RegExp(`([\\p{L}\\p{M}\\p{N}.’'&-]+)\\.${CLOSERS}\\s*$`, "u");
const ENDS_WITH_FULL_STOP = new RegExp(`\\.${CLOSERS}\\s*$`, "u");
const ENDS_WITH_MARK = new RegExp(`[!?…]${CLOSERS}\\s*$`, "u");
const NEXT_WORD = /^[\s"'“”‘’«»([{¿¡]*([\p{L}\p{M}\p{N}’'.]+)/u;
const INITIAL = /^(?:\p{Lu}\.)*\p{Lu}$/u;
const DOTTED = /^\p{L}{1,3}(?:\.\p{L}{1,3})+$/u;
const ORDINAL = /^\p{Nd}{1,2}$/u;
const LIST_NUMBER = /^\s*[([]?(?:\p{Nd}{1,3}(?:\.\p{Nd}{1,3})*|[IVXivx]{1,5}|\p{L})\.\s*$/u;
const MONTH =
  /^(?:Jan|Feb|M[äa]r|Apr|Ma[ijy]|Jun|Jul|Aug|Sep|O[kc]t|Nov|De[zc]|janv|févr|led|úno|bře|dub|kvě|čer|srp|zář|říj|lis|pro|styc|lut|kwi|cze|wrz|paź|gru|tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu)/iu;
const SPEECH_GOES_ON = /^[とってはがをにのでもや]/u;
const ELLIPSIS = new RegExp(`(?:…|\\.{3,})${CLOSERS}\\s+(?=["'“‘«(\\[¿¡]*[\\p{Lu}\\p{Lo}\\p{Nd}])`, "gu");
const CONTEXT_MAX = 60;

/** Offsets in `text` at which a sentence begins, ascending, without 0. */
export function sentenceStarts(text: string): number[] {
  const starts: number[] = [];
  let sentenceStart = 0;
  for (const { index } of SEGMENTER.segment(text)) {
    if (index === 0 || !isSentenceStart(text, sentenceStart, index)) continue;
    starts.push(index);
    sentenceStart = index;
  }
  return text.includes("…") || text.includes("...") ? withEllipses(text, starts) : starts;
}

/** Whether what ICU takes for the start of a sentence at `index` is one, the sentence before it having begun at `sentenceStart`. */
function isSentenceStart(text: string, sentenceStart: number, index: number): boolean {
  const before = text.slice(Math.max(sentenceStart, index - CONTEXT_MAX), index);
  const after = text.slice(index, index + CONTEXT_MAX);
  const isWholeBefore = index - sentenceStart <= CONTEXT_MAX;
  if (ENDS_WITH_MARK.test(before) && LOWERCASE_NEXT.test(after)) return false;
  if (/[」』）]\s*$/u.test(before) && SPEECH_GOES_ON.test(after)) return false;
  if (!ENDS_WITH_FULL_STOP.test(before)) return true;
  if (isWholeBefore && LIST_NUMBER.test(before)) return false;
  const word = LAST_WORD.exec(before)?.[1];
  if (word === undefined) return true;
  return !goesOnAfter(word, NEXT_WORD.exec(after)?.[1] ?? "");
}

/** Whether the full stop after `word` belongs to the word and the sentence goes on with `next`. */
function goesOnAfter(word: string, next: string): boolean {
  const lower = word.toLowerCase().replace(/^['’]/, "");
  if (ABBREVIATIONS_BEFORE_NAMES.has(lower)) return true;
  const startsSentence = SENTENCE_STARTERS.has(next);
  if (ORDINAL.test(word)) return MONTH.test(next);
  if (INITIAL.test(word) || ABBREVIATIONS.has(lower) || DOTTED.test(word)) return !startsSentence;
  return false;
}

function withEllipses(text: string, starts: number[]): number[] {
  const more = [...text.matchAll(ELLIPSIS)].map((match) => match.index + match[0].length);
  return [...new Set([...starts, ...more])].sort((a, b) => a - b);
}
