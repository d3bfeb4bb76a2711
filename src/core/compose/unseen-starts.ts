/** Starts of sentences that ICU does not see: behind ellipses, before numbers, in small letters, behind a forgotten space. */
import { goesOnAfter, WITH_ORDINALS } from "./full-stops.ts";
import { languagesAround } from "./languages.ts";
import { has, SPACE } from "./text-characters.ts";

const LOWERCASE = /^\p{Lowercase_Letter}/u;
const CLOSERS = "[\"'”’»›)\\]}」』】）》〉]*";
const ELLIPSIS = new RegExp(`(?<![.[(])(?:…|\\.{3,})${CLOSERS}\\s+(?=["'“‘«(\\[¿¡]*[\\p{Lu}\\p{Lo}\\p{Nd}])`, "gu");
/** The full stop and the three dots of what is left out, then another sentence. */
const FOUR_DOTS = /\S(?: \.){4}\s+(?=["'“‘«([¿¡]*\p{Lu})|(?<=[^\s.])\.(?: \.){3}\s+(?=["'“‘«([¿¡]*\p{Lu})/gu;
/** What was left out at the beginning: "It was so. ...and then it was not." */
const DOTS_AT_START = /[.!?]["”’»)]*\s+(?=(?:\.{3}|…)\p{L})/gu;
/** Greek asks with what looks like a semicolon, and Armenian ends with what is often typed as a colon. */
const BORROWED_MARK = /[;:]\s+(?=[«“"(]?\p{L})/gu;
const BEFORE_SEMICOLON = /\p{Script=Greek}\p{M}?[»”")]?$/u;
const BEFORE_COLON = /\p{Script=Armenian}[»”")]?$/u;
const CAPITAL_AT_START = /^[«“"(]?\p{Lu}/u;
const GREEK_OR_ARMENIAN = /[\u0370-\u03ff\u0530-\u058f]/;
/** A number may begin a sentence also behind another: "It cost £5. 5 pounds is not much." */
const NUMBER_AFTER_WORD = /\p{Ll}{2,} \p{Sc}?\p{Nd}+$/u;
const NUMBER_BEFORE_WORD = /^\p{Nd}+ (?:\+|\p{Ll}{2})/u;
const WORD_OF_SMALL_LETTERS = /(?<!\p{L})\p{Ll}{3,20}$/u;
/** The number of a note behind the full stop: "It is a gas.¹ It has no colour." */
const RAISED_NUMBER = /[.!?]["”’»)]*[¹²³⁰⁴-⁹]+(?:[,˒][¹²³⁰⁴-⁹]+)*\s+(?=["'“‘«(¿¡]*[\p{Lu}\p{Nd}])/gu;
const RAISED = /[¹²³⁰⁴-⁹]/;
/** In these letters nobody writes names and addresses with a full stop inside, so a space was forgotten: "слово.Слово". */
const WITHOUT_SPACE = /[\u0370-\u058f]{3}[аеёиоуыэюяіїєαεηιουωάέήίόύώς]\.(?=\p{Lu})/gu;
const CASED_LETTERS = /[\u0370-\u058f]/;
/** ICU lets a sentence go on with what stands here: a small letter, a number, a name or a tag, and the Dutch "'s Avonds". */
const FULL_STOP = /\.["”’»)]*\s+(?=[\p{Ll}\p{Nd}@#$'’])/gu;
const SIGN_AT_START = /^(?:[@#$][\p{L}\p{N}_]|['’][snt] \p{Lu})/u;
const NUMBER_AT_START = /^\p{Nd}/u;
/** Abbreviations are cut off before a vowel, so that a long word that ends with one is whole. */
const WHOLE_WORD = /(?<![\p{L}’'-])\p{Ll}{4,20}[aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýąęěıőűůаеёиоуыэюяіїєαεηιουωάέήίόύώς]$/u;
const SMALL_WORD = /(?<![\p{L}.])\p{Ll}[\p{Ll}’']{0,19}$/u;
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
  if (text.includes("…") || text.includes("...")) {
    add(ELLIPSIS);
    add(DOTS_AT_START);
  }
  if (text.includes(". . .")) add(FOUR_DOTS);
  if (RAISED.test(text)) add(RAISED_NUMBER);
  if (GREEK_OR_ARMENIAN.test(text)) {
    add(BORROWED_MARK, (index, start) => {
      const before = text.slice(Math.max(0, index - 3), index);
      if (text.charAt(index) === ":") return BEFORE_COLON.test(before);
      return BEFORE_SEMICOLON.test(before) && CAPITAL_AT_START.test(text.slice(start, start + 3));
    });
  }
  if (CASED_LETTERS.test(text)) add(WITHOUT_SPACE);
  const smallWord = isSmall ? SMALL_WORD : WHOLE_WORD;
  for (const { 0: found, index } of text.matchAll(FULL_STOP)) {
    const start = index + found.length;
    if (isStartBehind(text, index, start, smallWord)) starts.push(start);
  }
  return starts;
}

/** Whether the author begins sentences with small letters, as many do on X: "i like it. we should go." */
export function isInSmallLetters(text: string): boolean {
  if (!startsLowercase(text, /\p{L}/u.exec(text)?.index ?? 0)) return false;
  const begun = text.match(/[.!?]\s+\p{L}/gu) ?? [];
  const small = begun.filter((one) => LOWERCASE.test(one.slice(-1))).length;
  return small > 2 * (begun.length - small);
}

export function startsLowercase(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit <= 0x7f ? unit >= 0x61 && unit <= 0x7a : LOWERCASE.test(text.slice(index, index + 2));
}

// --- internal ---

/** @param smallWord what a sentence that goes before a small letter ends with */
function isStartBehind(text: string, stop: number, start: number, smallWord: RegExp): boolean {
  const before = text.slice(Math.max(0, stop - CONTEXT_MAX), stop);
  const after = text.slice(start, start + 4);
  const isClosed = !has(text, stop + 1, SPACE);
  const endsWith = (word: RegExp) => {
    const last = word.exec(before)?.[0];
    return last !== undefined && !goesOnAfter(last, text, stop - last.length, start);
  };
  if (NUMBER_AT_START.test(after)) return endsWith(WORD_OF_SMALL_LETTERS) || isAfterNumber(text, before, stop, start);
  // “This is great.” she said.
  if (isClosed) return false;
  return startsLowercase(text, start) ? endsWith(smallWord) : SIGN_AT_START.test(after) && endsWith(WORD);
}

function isAfterNumber(text: string, before: string, end: number, start: number): boolean {
  const isNumber = NUMBER_AFTER_WORD.test(before) && NUMBER_BEFORE_WORD.test(text.slice(start, start + CONTEXT_MAX));
  return isNumber && (languagesAround(text, end) & WITH_ORDINALS) === 0;
}
