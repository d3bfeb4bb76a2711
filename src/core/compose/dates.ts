/** Full stops in dates, which end no sentence: "3. März", "3 giu. 1963", "okt. 1999", "26. 6. 1997", "1997. 6. 26." */
import { isFunctionWord } from "./languages.ts";
import { MONTH_ABBREVIATIONS, MONTH_NAMES } from "./month-names.ts";
import { DIGIT, has } from "./text-characters.ts";

const PREFIX_MIN = 3;
/** Of letters without case, which are often syllables. */
const CASELESS_PREFIX_MIN = 2;
const CASELESS = /^[\u0590-\u139f]/;
const DAY = "(?:0?[1-9]|[12]\\p{Nd}|3[01])";
const YEAR = "\\p{Nd}{4}";
/** A year first, as in Korea and Hungary, or last; and a day with its month alone. */
const NUMERIC = new RegExp(
  `(?<![\\p{L}\\p{Nd}.,])(?:${YEAR}\\. ?${DAY}(?:월|\\. ?${DAY}\\.?)|${DAY}\\. ?${DAY}\\.(?: ?${YEAR})?)(?!\\p{Nd})`,
  "gu",
);
const NUMERIC_LENGTH_MAX = 16;
const DAY_OR_YEAR_AT_END = new RegExp(
  `(?:(?<!\\p{Nd})${DAY}(?:\\.|º|er)?|${YEAR}\\p{L}{0,2}[.,]?) (?:de |d[’'])?$`,
  "u",
);
const DAY_OR_YEAR = new RegExp(`^(?:${DAY}|${YEAR})(?!\\p{Nd}|[:.]\\p{Nd})`, "u");
const YEAR_OR_DAY_OF_ONE = new RegExp(`^(?:${YEAR}|${DAY},)`, "u");
const BEFORE_MAX = 12;
const NEXT_MAX = 7;
const HANGUL = /^\p{Script=Hangul}/u;
const CAPITAL = /^\p{Lu}/u;
/** Hebrew writes "in" at the month: "3 בינו. 1963". */
const HEBREW_IN = /^ב/;

const FULL_STOP_AT_END = /\.$/;

/** Every name, and what it may be cut off to. Made for the first number behind a full stop. */
let months: { names: ReadonlySet<string>; cutOff: ReadonlySet<string> } | undefined;

/** Whether `word`, with its full stop, is a month as it stands behind the number of its day: "März", "Okt." */
export function isMonth(word: string): boolean {
  return word.endsWith(".") ? isCutOff(word.replace(FULL_STOP_AT_END, "")) : allMonths().names.has(word.toLowerCase());
}

/**
 * Whether the full stop behind `word` stands in a date.
 * @param at where the word begins in `text`
 */
export function isInDate(word: string, text: string, at: number, nextStart: number): boolean {
  const after = text.slice(nextStart, nextStart + NEXT_MAX);
  if (has(text, at + word.length - 1, DIGIT)) return isInNumericDate(text, at + word.length, after);
  if (!DAY_OR_YEAR.test(after) || !isCutOff(word)) return false;
  const before = text.slice(Math.max(0, at - BEFORE_MAX), at);
  if (DAY_OR_YEAR_AT_END.test(before)) return true;
  // "okt. 1999", "Ene. 3, 1963", but "on the set. 1999 was"
  return YEAR_OR_DAY_OF_ONE.test(after) && (CAPITAL.test(word) || !(isFunctionWord(word) || WORDS.has(word)));
}

// --- internal ---

/** Words of English that are the beginning of a month's name elsewhere. */
const WORDS = new Set("set out may mar pro lip ago awe mac".split(" "));

function isInNumericDate(text: string, stop: number, after: string): boolean {
  const from = Math.max(0, stop - NUMERIC_LENGTH_MAX);
  for (const { 0: date, index } of text.slice(from, stop + NUMERIC_LENGTH_MAX).matchAll(NUMERIC)) {
    const end = from + index + date.length;
    if (from + index >= stop || end <= stop) continue;
    // Korean writes one behind the last number, too, and goes on: "1997. 6. 26. 서울에서".
    return stop < end - 1 || (HANGUL.test(after) && date.includes(" "));
  }
  return false;
}

function isCutOff(word: string): boolean {
  const { names, cutOff } = allMonths();
  const lower = word.toLowerCase();
  return cutOff.has(lower) || names.has(lower) || cutOff.has(lower.replace(HEBREW_IN, ""));
}

function allMonths(): NonNullable<typeof months> {
  if (months !== undefined) return months;
  const names = new Set(MONTH_NAMES.trim().split(/\s+/));
  const cutOff = new Set(MONTH_ABBREVIATIONS.trim().split(/\s+/));
  for (const name of names) {
    const shortest = CASELESS.test(name) ? CASELESS_PREFIX_MIN : PREFIX_MIN;
    for (let length = shortest; length < name.length; length++) cutOff.add(name.slice(0, length));
  }
  months = { names, cutOff };
  return months;
}
