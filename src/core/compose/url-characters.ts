/**
 * The character classes of X's URL grammar (twitter-text 3.1.0), as one table of bit flags per UTF-16 code unit.
 *
 * The grammar works on code units and not on code points, and ignores case, which is why the half of a surrogate pair
 * can be part of a domain and a Greek iota (the capital of U+0345) part of a path. `reference.test.ts` compares all
 * 65,536 units with the library.
 */

/** May stand in a domain label. */
export const DOMAIN = 1;
/** May stand directly before a URL without making it something else, such as the right half of an e-mail address. */
export const BEFORE_URL = 2;
export const PATH = 4;
/** A path ends on one of these, so that the full stop after a URL stays outside. */
export const PATH_END = 8;
export const QUERY = 16;
export const QUERY_END = 32;
/** May stand in a label of a domain written without a scheme: X takes those only in Latin letters. */
export const LATIN_LABEL = 64;

type Ranges = readonly (readonly [first: number, last: number])[];

// Accented Latin letters with the code units that equal one of them when case is ignored.
const LATIN: Ranges = [
  [0xc0, 0xd6],
  [0xd8, 0xf6],
  [0xf8, 0x24f],
  [0x253, 0x254],
  [0x256, 0x257],
  [0x259, 0x259],
  [0x25b, 0x25b],
  [0x260, 0x260],
  [0x263, 0x263],
  [0x268, 0x269],
  [0x26f, 0x26f],
  [0x272, 0x272],
  [0x275, 0x275],
  [0x280, 0x280],
  [0x283, 0x283],
  [0x288, 0x28c],
  [0x292, 0x292],
  [0x2bb, 0x2bb],
  [0x300, 0x36f],
  [0x399, 0x399],
  [0x3b9, 0x3b9],
  [0x1e00, 0x1eff],
  [0x1fbe, 0x1fbe],
  [0x2c65, 0x2c66],
  [0x2c7e, 0x2c7f],
];
const CYRILLIC: Ranges = [
  [0x400, 0x4ff],
  [0x1c80, 0x1c87],
];
const SPACES: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0x85, 0x85],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x180e, 0x180e],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
];
const DIRECTION_MARKS: Ranges = [
  [0x61c, 0x61c],
  [0x200e, 0x200f],
  [0x202a, 0x202e],
  [0x2066, 0x2069],
];
const INVALID: Ranges = [
  [0xfeff, 0xfeff],
  [0xfffe, 0xffff],
];
const LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const PUNCTUATION = "!'#%&()*+,\\-./:;<=>?@[]^_{|}~$";

/** Flags of every UTF-16 code unit. */
export const URL_CHARACTERS: Uint8Array = buildTable();

/** Whether the code unit at `index` has one of `flags`; false outside the text. */
export const is = (text: string, index: number, flags: number): boolean =>
  ((URL_CHARACTERS[text.charCodeAt(index)] ?? 0) & flags) !== 0;

function buildTable(): Uint8Array {
  const table = new Uint8Array(65536).fill(DOMAIN | BEFORE_URL);
  const addRanges = (flags: number, ...lists: Ranges[]) => {
    for (const [first, last] of lists.flat())
      for (let unit = first; unit <= last; unit++) table[unit] = (table[unit] ?? 0) | flags;
  };
  const removeRanges = (flags: number, ...lists: Ranges[]) => {
    for (const [first, last] of lists.flat())
      for (let unit = first; unit <= last; unit++) table[unit] = (table[unit] ?? 0) & ~flags;
  };
  const units = (characters: string): Ranges => [...characters].map((c) => [c.charCodeAt(0), c.charCodeAt(0)] as const);

  removeRanges(DOMAIN, units(PUNCTUATION), SPACES, DIRECTION_MARKS, INVALID);
  removeRanges(BEFORE_URL, units(`${LETTERS_AND_DIGITS}@＠$#＃`), INVALID);
  addRanges(LATIN_LABEL, units(`${LETTERS_AND_DIGITS}-`), LATIN);
  addRanges(PATH, units(`${LETTERS_AND_DIGITS}!*';:=+,.$/%#[]-–_~@|&`), LATIN, CYRILLIC);
  addRanges(PATH_END, units(`${LETTERS_AND_DIGITS}+-=_#/`), LATIN, CYRILLIC);
  addRanges(QUERY, units(`${LETTERS_AND_DIGITS}!?*'@();:&=+$/%#[]-_.,~|`));
  addRanges(QUERY_END, units(`${LETTERS_AND_DIGITS}-_&=#/`));
  return table;
}
