/**
 * What a character means to a cut of the text, as one table of bit flags per UTF-16 code unit: a long text asks
 * millions of times, and a regular expression for each question would take ten times as long.
 */

import { codePointWeight } from "./code-point-weight.ts";

/** White space, and U+200B, with which Thai and Khmer writers mark where words end. */
export const SPACE = 1;
/** A space that says "do not break here": U+00A0, U+2007, U+202F. */
export const GLUE = 2;
export const LINE_BREAK = 4;
/** A letter or mark of a script that writes no spaces between words, or of its punctuation. */
export const UNSPACED = 8;
/** Of Thai, Lao, Tibetan, Burmese and Khmer, which put a space where others put a comma or a full stop. */
export const SPACE_IS_PAUSE = 16;
/** Ends a clause, when nothing but quotation marks follows: a comma, a dash, a closing bracket. */
export const CLAUSE_END = 32;
/** A quotation mark or bracket that may close behind a full stop. */
export const CLOSER = 64;
export const OPENER = 128;
export const DIGIT = 256;
/** A dash between words that themselves touch it. */
export const DASH = 512;
/** Alone between two spaces it belongs to the word before: French punctuation, a dash. */
export const TRAILING = 1024;

/** A quotation mark that opens in one language and closes in another: „so“, »so«, ‚so‘, ›so‹. */
export const TWO_FACED = 4096;
/** May open what is one thing: brackets, quotation marks, backticks. Not the apostrophes of every other line. */
export const PAIRED = 8192;
/** Closes emphasis behind a full stop, or stands for a note: `**so.** Then`, "a gas.† It". Opens it before a word. */
export const EMPHASIS = 16384;
/** Marks of direction, which nobody sees: U+200E, U+200F, U+061C, U+202A to U+202E, U+2066 to U+2069. */
export const INVISIBLE = 2048;

/** Weighs two. Each half of a surrogate pair counts as one: what is not heavy weighs its length. */
export const HEAVY = 32768;
/** Marks items of a list also in the midst of a line. */
export const BULLET = 65536;

type Ranges = readonly (readonly [first: number, last: number])[];

const PAUSE_SCRIPTS: Ranges = [
  [0x0e00, 0x0fff],
  [0x1000, 0x109f],
  [0x1780, 0x17ff],
];
const EAST_ASIA: Ranges = [
  [0x2e80, 0x2fdf],
  [0x3000, 0x312f],
  [0x31f0, 0x31ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xf900, 0xfaff],
  [0xff00, 0xffef],
  // First halves of the ideographs outside the basic plane.
  [0xd840, 0xd888],
];
/** Zeros of the decimal digits in the basic plane; nine more follow each. */
export const ZEROS: readonly number[] =
  `0030 0660 06f0 07c0 0966 09e6 0a66 0ae6 0b66 0be6 0c66 0ce6 0d66 0de6 0e50 0ed0 0f20 1040 1090 17e0 1810 1946 19d0 1a80 1a90
  1b50 1bb0 1c40 1c50 a620 a8d0 a900 a9d0 a9f0 aa50 abf0 ff10`
    .split(/\s+/)
    .map((zero) => Number.parseInt(zero, 16));

/** The value of a decimal digit of any script in the basic plane; NaN for another character. */
export function digitValue(unit: number): number {
  const zero = ZEROS.findLast((candidate) => candidate <= unit);
  return zero !== undefined && unit <= zero + 9 ? unit - zero : Number.NaN;
}

const CLOSERS = "\"'`”’»›)]}」』】）》〉";

/** Flags of every UTF-16 code unit. */
export const TEXT_CHARACTERS: Int32Array = buildTable();

/** Whether the code unit at `index` has one of `flags`. */
export function has(text: string, index: number, flags: number): boolean {
  return ((TEXT_CHARACTERS[text.charCodeAt(index)] ?? 0) & flags) !== 0;
}

/** `[start, end)` without the white space at both ends. */
export function trimRange(text: string, start: number, end: number): { start: number; end: number } {
  let from = start;
  let to = end;
  while (from < to && has(text, from, SPACE)) from++;
  while (to > from && has(text, to - 1, SPACE)) to--;
  return { start: from, end: to };
}

function buildTable(): Int32Array {
  const table = new Int32Array(65536);
  const add = (flag: number, ranges: Ranges) => {
    for (const [first, last] of ranges)
      for (let unit = first; unit <= last; unit++) table[unit] = (table[unit] ?? 0) | flag;
  };
  const units = (characters: string): Ranges => [...characters].map((c) => [c.charCodeAt(0), c.charCodeAt(0)] as const);

  add(SPACE, [
    [0x09, 0x0d],
    [0x20, 0x20],
    [0x85, 0x85],
    [0xa0, 0xa0],
    [0x1680, 0x1680],
    [0x2000, 0x200b],
    [0x2028, 0x2029],
  ]);
  add(SPACE, [
    [0x202f, 0x202f],
    [0x205f, 0x205f],
    [0x3000, 0x3000],
  ]);
  add(GLUE, units("\u00a0\u2007\u202f"));
  add(LINE_BREAK, [
    [0x0a, 0x0d],
    [0x2028, 0x2029],
  ]);
  add(UNSPACED, [...PAUSE_SCRIPTS, ...EAST_ASIA]);
  add(SPACE_IS_PAUSE, PAUSE_SCRIPTS);
  add(CLAUSE_END, units(",;:—–―،؛、，；：﹐﹔！？!?…‥)]}）】」』》〉»›”’፣፤፥။၊។៖།॥"));
  add(CLOSER, units(CLOSERS));
  add(OPENER, units("\"'“‘«‹„([{「『（【《〈¿¡"));
  add(TWO_FACED, units("“‘«‹"));
  add(PAIRED, units('([{（【「『《〈«»‹›“”„"‘‚`'));
  add(
    DIGIT,
    ZEROS.map((zero) => [zero, zero + 9] as const),
  );
  add(DASH, units("—―"));
  add(TRAILING, units("!?;:»›%)]}…–—-"));
  add(EMPHASIS, units("`*_~†‡"));
  add(BULLET, units("•‣●▪◦"));
  add(INVISIBLE, [
    [0x061c, 0x061c],
    [0x200e, 0x200f],
    [0x202a, 0x202e],
    [0x2066, 0x2069],
  ]);
  for (let unit = 0; unit < table.length; unit++) {
    if ((unit & 0xf800) !== 0xd800 && codePointWeight(unit) === 2) table[unit] = (table[unit] ?? 0) | HEAVY;
  }
  return table;
}
