/** A list written in one line: "1. Buy bread 2. Eat it". Each mark begins a sentence, and none begins behind it. */

export interface ListMark {
  start: number;
  /** Behind the white space that follows the mark. */
  end: number;
}

const FIRST_MARK = /^\s*([•⁃*-]\s?)?(\p{Nd}{1,3}|[a-z])([.)]{1,2})\s+/u;
const MARKS_MAX = 999;

/** The marks of the list that `text` begins with, when it has two or more that count up. */
export function inlineListMarks(text: string): ListMark[] {
  const first = FIRST_MARK.exec(text);
  if (first === null) return [];
  const [whole, bullet = "", label = "", closer = ""] = first;
  const marks = [{ start: 0, end: whole.length }];
  for (let current = label; marks.length < MARKS_MAX; ) {
    current = next(current);
    const from = marks.at(-1)?.end ?? 0;
    const at = text.indexOf(` ${bullet}${current}${closer} `, from);
    if (at < 0) break;
    const end = at + bullet.length + current.length + closer.length + 2;
    marks.push({ start: at + 1, end });
  }
  return marks.length > 1 ? marks : [];
}

const next = (label: string): string =>
  /^[a-z]$/.test(label) ? String.fromCharCode(label.charCodeAt(0) + 1) : String(Number.parseInt(label, 10) + 1);
