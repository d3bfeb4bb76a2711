/** The marks by which a line is an item of a list, in all scripts. One place: a mark makes an item, and no tweet ends with one. */

const BULLET = "[-–*+•‣⁃◦·▪▫●○■□◆◇➤➡→►▶✓✔✅❌✗✘☐☑☒👉🔹🔸🔷🔶]\\ufe0f?";
const NUMBER =
  "\\(?(?:\\p{Nd}{1,3}(?:\\.\\p{Nd}{1,2}){0,3}[.)、．]|\\p{L}\\)|[ivxIVX]{1,5}\\)|[a-zа-я가나다라마바사아자차카타파하]\\.)|\\[\\p{Nd}{1,3}\\](?=\\s+[\\p{Lu}\\p{Lo}“„«])";
const KEYCAP = "[0-9]\\ufe0f?\\u20e3|🔟";
/** The note at the end of a page, and what a word means in a list of definitions. */
const NOTE = "\\[\\^[^\\]\\s]{1,40}\\]:|:";
/** In East Asia no space follows. */
const UNSPACED =
  "[・※]|[①-⑳㉑-㉟❶-❿]|[（(](?:\\p{Nd}{1,3}|[一二三四五六七八九十]{1,3})[）)]|[一二三四五六七八九十]{1,3}、|\\p{Nd}{1,3}[、．]";

/** Found at the start of a line: the white space before the mark, the mark, and the white space behind it. */
export const ITEM = new RegExp(
  `^([ \\t\\u3000]*)(?:((?:${BULLET}|${NUMBER}|${KEYCAP}|${NOTE}))([ \\t\\u3000\\u00a0]+)(?=\\S)|(${UNSPACED})([ \\t\\u3000]*)(?=\\S))`,
  "u",
);
/** A mark alone. */
export const LIST_MARK = new RegExp(`^(?:${BULLET}|${NUMBER}|${KEYCAP}|${NOTE}|${UNSPACED}|#{1,6})$`, "u");
/** The longest, but for notes of many letters. */
export const LIST_MARK_LENGTH_MAX = 16;

const CHECKED = /^[✓✔✅❌✗✘☐☑☒]/u;

/** What the marks of one list have in common: `-`, `1.`, `a)`. @param found by `ITEM` */
export function kindOfMark(found: RegExpExecArray): string {
  const mark = found[2] ?? found[4] ?? "";
  if (mark.startsWith("[^")) return "[^";
  if (CHECKED.test(mark)) return "✓";
  return mark.replace(/[\p{N}🔟]+/gu, "1").replace(/\p{L}+/gu, "a");
}
