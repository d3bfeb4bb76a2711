/** Starts of sentences that ICU does not see: behind ellipses, before numbers, in small letters, behind a forgotten space. */
import { goesOnAfter, WITH_ORDINALS } from "./full-stops.ts";
import { languagesAround } from "./languages.ts";
import { isTechnicalStart } from "./technical-starts.ts";
import { has, SPACE } from "./text-characters.ts";

/** Not of Georgian, whose one case Unicode takes for the small one. */
const LOWERCASE = /^(?![\u10d0-\u10ff])\p{Lowercase_Letter}/u;
const CLOSERS = "[\"'“”‘’«»‹›)\\]}」』】）》〉]*";
const ELLIPSIS = new RegExp(
  `(?<![.[(]|[:：]\\s?)(?:…|\\.{3,})${CLOSERS}\\s+(?=["'“‘«(\\[¿¡]*[\\p{Lu}\\p{Lo}\\p{Nd}])`,
  "gu",
);
/** The full stop and the three dots of what is left out, then another sentence. */
const FOUR_DOTS = /\S(?: \.){4}\s+(?=["'“‘«([¿¡]*\p{Lu})|(?<=[^\s.])\.(?: \.){3}\s+(?=["'“‘«([¿¡]*\p{Lu})/gu;
/** What was left out at the beginning: "It was so. ...and then it was not." */
const DOTS_AT_START = /[.!?]["“”‘’«»‹›)]*\s+(?=(?:\.{3}|…)\p{L})/gu;
/** Greek asks with what looks like a semicolon, and Armenian ends with what is often typed as a colon. */
const BORROWED_MARK = /[;:][»”")]*\s+(?=[«“"(]?\p{L})/gu;
const BEFORE_SEMICOLON = /\p{Script=Greek}\p{M}?[»”")]?$/u;
const BEFORE_COLON = /\p{Script=Armenian}[»”")]?$/u;
const CAPITAL_AT_START = /^[«“"(]?\p{Lu}/u;
const GREEK_OR_ARMENIAN = /[\u0370-\u03ff\u0530-\u058f]/;
/** A number may begin a sentence also behind another: "It cost £5. 5 pounds is not much." */
const NUMBER_AFTER_WORD = /\p{Ll}{2,} \p{Sc}?\p{Nd}+$/u;
const NUMBER_BEFORE_WORD = /^\p{Nd}+ (?:\+|\p{Ll}{2})/u;
const WORD_OF_SMALL_LETTERS = /(?<!\p{L})\p{Ll}{3,20}$/u;
/** "in Timișoara. 96 people": abbreviations with a capital are short, or cut off before a vowel. */
const LONG_NAME =
  /(?<!\p{L})\p{Lu}(?:\p{Ll}{2,20}[aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýąăęěıőűůаеёиоуыэюяіїєαεηιουωάέήίόύώ]|\p{Ll}{7,20})$/u;
/** "in AIDS. 23 million", "(the council). 12 members", "“the end”. 5 years later". */
const ACRONYM = /(?<![\p{L}.])\p{Lu}{3,8}$/u;
const CLOSED_WORD = /\p{L}["“”‘’«»)\]]+$|\p{Nd}\s?[%‰\p{Sc}°]$/u;
/** A smile closes the sentence before it, as an emoji does: "Are you sure? :-) I am." */
const EMOTICON = /[.!?…]["“”‘’«»‹›)]*\s+[:;=][-'^o]?[)(\]DPpOo/\\|*]+\s+(?=["“„‘‚«»›(¿¡]*\p{Lu})/gu;
/** A dash begins what somebody else says, or a remark: "She came. — And he?" Behind a question it may tell who asked. */
const DASH_AT_START = /(?<=[\p{L}\p{N})"”’»])\.["“”‘’«»‹›)]*\s+(?=(?:[–—]|--)\s["“„‘‚«»›(¿¡]*\p{Lu})/gu;
const MAY_HAVE_DASH = /\. (?:[–—]|--)/u;
/** "— Where? — he asked. — I wait.": the same person goes on. */
const WITH_SPEAKER = /[?!,…]["“”‘’«»‹›)]*\s(?:[–—]|--)\s[^.!?…]*$/u;
const SPEAKER_CONTEXT_MAX = 160;
const DASH = /^[–—-]+\s["“„‘‚«»›(¿¡]*/u;
/** The number of a note behind the full stop: "It is a gas.¹ It has no colour." */
const RAISED_NUMBER = /[.!?]["“”‘’«»‹›)]*[¹²³⁰⁴-⁹]+(?:[,˒][¹²³⁰⁴-⁹]+)*\s+(?=["'“„‘‚«»›(¿¡]*[\p{Lu}\p{Nd}])/gu;
/** The same as a pasted text has it: "as we saw in this book.1 In particular". No abbreviation of a number has so many small letters. */
const PLAIN_NUMBER =
  /(?<=(?<![\p{L}\p{Nd}._-])\p{Ll}{4,20})\.["”’»]?\p{Nd}{1,3}(?:[,–]\p{Nd}{1,3})*\s+(?=["“„‘‚«»›(¿¡]?\p{Lu})/gu;
const MAY_HAVE_PLAIN_NUMBER = /\p{Ll}\.["”’»]?\p{Nd}/u;
/** References in small letters: "Bar lives.[note 1] Baz does not." */
const REFERENCES = /[.!?]["“”‘’«»‹›)]*(?:\[[^\][\n]{1,40}\])+\s+(?=["'“„‘‚«»›(¿¡]*\p{Lu})/gu;
/** In these letters nobody writes names and addresses with a full stop inside, so a space was forgotten: "слово.Слово". */
const WITHOUT_SPACE = /[\u0370-\u058f]{3}[аеёиоуыэюяіїєαεηιουωάέήίόύώς]\.(?=\p{Lu})/gu;
const CASED_LETTERS = /[\u0370-\u058f]/;
/** ICU lets a sentence go on with what stands here: a small letter, a number, and what `technical-starts.ts` knows. */
const FULL_STOP = /\.["“”‘’«»‹›)`]*\s+(?=[\p{Ll}\p{Nd}\p{Sc}@#'’`/~.:№<[%+−-])/gu;
/** Behind these, too, it lets a sentence go on with a dash or a colon. */
const OTHER_STOP = /[!?]["“”‘’«»‹›)`]*\s+(?=-{1,2}\p{L}|-\p{Nd}|:[a-z])/gu;
/**
 * What the six rules for rare things behind a full stop need: dots, a raised number, references, an emoticon, a dash, an option. Most texts
 * have none of them, and are gone over once for all six.
 */
const RARE_BEHIND_STOP =
  /[.!?…]["“”‘’«»‹›)`]*(?:[[¹²³⁰⁴-⁹]|\s+(?:[:;=…]|-[-\p{L}\p{Nd}]|\.{3}|[–—](?<=\.["“”‘’«»‹›)`]*\s+[–—])))/u;
const NUMBER_AT_START = /^\p{Nd}/u;
/** Abbreviations are cut off before a vowel, so that a long word that ends with one is whole. */
const WHOLE_WORD = /(?<![\p{L}’'-])\p{Ll}{4,20}[aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýąęěıőűůаеёиоуыэюяіїєαεηιουωάέήίόύώς]$/u;
/** Of a text in small letters, which has names, numbers and hours all the same: "AI", "2016", "9pm", "fine)". */
const SMALL_WORD = /(?<![\p{L}\p{Nd}.])[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}’']{0,19}["”’»)\]]?$/u;
const WORD = /[\p{L}\p{M}\p{N}.’'-]{1,30}$/u;
const CONTEXT_MAX = 60;

/** @param isSmall whether the text is in small letters (`isInSmallLetters`) */
export function unseenStarts(text: string, isSmall: boolean): number[] {
  const starts: number[] = [];
  const add = (pattern: RegExp, isOne: (index: number, start: number) => boolean = () => true) => {
    for (const { 0: found, index } of text.matchAll(pattern)) {
      if (isOne(index, index + found.length)) starts.push(index + found.length);
    }
  };
  if (text.includes("…") || text.includes("...")) add(ELLIPSIS);
  if (text.includes(". . .")) add(FOUR_DOTS);
  if (CASED_LETTERS.test(text)) {
    add(WITHOUT_SPACE);
    if (GREEK_OR_ARMENIAN.test(text)) {
      add(BORROWED_MARK, (index, start) => {
        const before = text.slice(Math.max(0, index - 3), index);
        if (text.charAt(index) === ":") return BEFORE_COLON.test(before);
        return BEFORE_SEMICOLON.test(before) && CAPITAL_AT_START.test(text.slice(start, start + 3));
      });
    }
  }
  if (RARE_BEHIND_STOP.test(text)) {
    add(DOTS_AT_START);
    add(RAISED_NUMBER);
    add(REFERENCES);
    add(EMOTICON);
    if (MAY_HAVE_DASH.test(text)) add(DASH_AT_START, (stop, start) => isEndBefore(text, stop, start));
    add(OTHER_STOP, (_, start) => isTechnicalStart(text, start));
  }
  if (MAY_HAVE_PLAIN_NUMBER.test(text)) add(PLAIN_NUMBER);
  const smallWord = isSmall ? SMALL_WORD : WHOLE_WORD;
  for (const { 0: found, index } of text.matchAll(FULL_STOP)) {
    const start = index + found.length;
    if (isStartBehind(text, index, start, smallWord)) starts.push(start);
  }
  return starts;
}

/** Whether the author begins sentences with small letters, as many do on X: "i like it. we should go." */
export function isInSmallLetters(text: string): boolean {
  if (!startsLowercase(text, /\p{L}/u.exec(text)?.index ?? 0)) return isSmallButForTheFirst(text);
  const begun = text.match(/[.!?]\s+\p{L}/gu) ?? [];
  const small = begun.filter((one) => LOWERCASE.test(one.slice(-1))).length;
  return small > 2 * (begun.length - small);
}

export function startsLowercase(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit <= 0x7f ? unit >= 0x61 && unit <= 0x7a : LOWERCASE.test(text.slice(index, index + 2));
}

// --- internal ---

const LARGE_START = /[.!?…]["“”‘’«»‹›)]*\s+["“„‘‚«»›(¿¡]*[\p{Lu}\p{Lo}\p{Nd}]/u;
const STOP_BEFORE_SMALL = /(?<![\p{L}.’'-])(\p{Ll}{2,})\.\s+(?=\p{Ll})/gu;
const SMALL_STARTS_MIN = 3;

/**
 * A telephone makes the first letter of all large: "I like it. we should go. the shop is open. is it late?" No other sentence may begin with
 * a large one, and several full stops must be those of sentences: a question before a small letter may stand inside of one.
 */
function isSmallButForTheFirst(text: string): boolean {
  if (LARGE_START.test(text)) return false;
  let count = 0;
  for (const { 0: found, 1: word = "", index } of text.matchAll(STOP_BEFORE_SMALL)) {
    if (!goesOnAfter(word, text, index, index + found.length)) count++;
    if (count === SMALL_STARTS_MIN) return true;
  }
  return false;
}

/** @param smallWord what a sentence that goes before a small letter ends with */
function isStartBehind(text: string, stop: number, start: number, smallWord: RegExp): boolean {
  const before = text.slice(Math.max(0, stop - CONTEXT_MAX), stop);
  const after = text.slice(start, start + 4);
  const isClosed = !has(text, stop + 1, SPACE);
  const endsWith = (word: RegExp) => {
    const last = word.exec(before)?.[0];
    return last !== undefined && !goesOnAfter(last, text, stop - last.length, start);
  };
  if (NUMBER_AT_START.test(after)) {
    if (CLOSED_WORD.test(before) || isAfterNumber(text, before, stop, start)) return true;
    return endsWith(WORD_OF_SMALL_LETTERS) || endsWith(LONG_NAME) || endsWith(ACRONYM);
  }
  if (isTechnicalStart(text, start)) return !WORD.test(before) || endsWith(WORD);
  // “This is great.” she said.
  return !isClosed && startsLowercase(text, start) && endsWith(smallWord);
}

/** Whether a sentence ends with the full stop at `stop`, before the dash at `dash`. */
function isEndBefore(text: string, stop: number, dash: number): boolean {
  const before = text.slice(Math.max(0, stop - CONTEXT_MAX), stop);
  if (WITH_SPEAKER.test(text.slice(Math.max(0, stop - SPEAKER_CONTEXT_MAX), stop))) return false;
  const last = WORD.exec(before)?.[0] ?? "";
  const next = dash + (DASH.exec(text.slice(dash, dash + CONTEXT_MAX))?.[0].length ?? 0);
  return !goesOnAfter(last, text, stop - last.length, next);
}

function isAfterNumber(text: string, before: string, end: number, start: number): boolean {
  const isNumber = NUMBER_AFTER_WORD.test(before) && NUMBER_BEFORE_WORD.test(text.slice(start, start + CONTEXT_MAX));
  return isNumber && (languagesAround(text, end) & WITH_ORDINALS) === 0;
}
