/** A list written in one line: "1. Buy bread 2. Eat it". Each mark begins a sentence, and none begins behind it. */

export interface ListMark {
  start: number;
  /** Behind the white space that follows the mark. */
  end: number;
}

const FIRST_MARK = /^[ \t]*([•⁃*-][ \t]?)?(\p{Nd}{1,3}|[a-z])([.)]{1,2})[ \t]+/gmu;
const MARKS_MAX = 999;

/** The marks of every line that begins with one and has more that count up from it. */
export function inlineListMarks(text: string): ListMark[] {
  return [...text.matchAll(FIRST_MARK)].flatMap((first) => {
    const marks = marksOfLine(text, first, first.index);
    return marks.length > 1 ? marks : [];
  });
}

function marksOfLine(
  text: string,
  [whole, bullet = "", label = "", closer = ""]: RegExpExecArray,
  start: number,
): ListMark[] {
  const lineEnd = text.indexOf("\n", start);
  const line = text.slice(start, lineEnd < 0 ? text.length : lineEnd);
  const marks = [{ start, end: start + whole.length }];
  for (let current = next(label), from = whole.length; marks.length < MARKS_MAX; current = next(current)) {
    const mark = ` ${bullet}${current}${closer} `;
    const at = line.indexOf(mark, from - 1);
    if (at < 0) break;
    from = at + mark.length;
    marks.push({ start: start + at + 1, end: start + from });
  }
  return marks;
}

const next = (label: string): string =>
  /^[a-z]$/.test(label) ? String.fromCharCode(label.charCodeAt(0) + 1) : String(Number.parseInt(label, 10) + 1);
