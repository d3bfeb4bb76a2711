/** A list written in one line: "1. Buy bread 2. Eat it". No sentence begins behind a mark, and no tweet ends there. */

export interface ListMark {
  start: number;
  /** Behind the white space that follows the mark. */
  end: number;
  /** Whether its item is a sentence by itself, as in a line that begins with the first mark. */
  begins: boolean;
}

const FIRST_OF_LINE = /^[ \t]*([•⁃*-][ \t]?)?(\p{Nd}{1,3}|[a-z])([.)]{1,2})[ \t]+/gmu;
/** In the midst of a line a full stop needs a colon before it: "Do this: 1. … 2. …", not "in 1. Mose". */
const FIRST_INSIDE = /(?<=[:：;][ \t]?)()(1|a)([.)]{1,2})[ \t]+|(?<=[\s(])()(1|a|i)([.]?\))[ \t]+/gu;
const MAY_HAVE_INSIDE = /[1ai]\)|[:：;][ \t]?[1a]\./;
const BULLET = /(?<=^|\s)[•‣●▪◦][ \t]+/gmu;
const MARKS_MAX = 999;

/** The marks of every line that has more than one, in order. */
export function listMarks(text: string): ListMark[] {
  const found = [...text.matchAll(FIRST_OF_LINE)].flatMap((first) => marksOfLine(text, first, first.index, true));
  if (MAY_HAVE_INSIDE.test(text)) {
    for (const [match, ...groups] of matches(text, FIRST_INSIDE)) {
      const [bullet = "", label = "", closer = ""] = groups[2] ? groups : groups.slice(3);
      found.push(...marksOfLine(text, [match[0], bullet, label, closer], match.index, false));
    }
  }
  if (/[•‣●▪◦]/.test(text)) found.push(...bullets(text));
  return found.sort((a, b) => a.start - b.start);
}

// --- internal ---

function* matches(text: string, pattern: RegExp): Generator<[RegExpExecArray, ...string[]]> {
  for (const match of text.matchAll(pattern)) yield [match, ...match.slice(1)];
}

function marksOfLine(
  text: string,
  [whole = "", bullet = "", label = "", closer = ""]: readonly string[],
  start: number,
  begins: boolean,
): ListMark[] {
  const lineEnd = text.indexOf("\n", start);
  const line = text.slice(start, lineEnd < 0 ? text.length : lineEnd);
  const marks = [{ start, end: start + whole.length, begins }];
  const isRoman = label === "i" && line.includes(` ${bullet}ii${closer} `);
  for (let from = whole.length, number = 1; marks.length < MARKS_MAX; number++) {
    const current = isRoman ? ROMAN[number] : next(label, number);
    if (current === undefined) break;
    const mark = ` ${bullet}${current}${closer} `;
    const at = line.indexOf(mark, from - 1);
    if (at < 0) break;
    from = at + mark.length;
    // In the midst of a sentence the items are parts of it, unless each is one.
    const isSentence = begins || /[.!?]$/.test(line.slice(0, at));
    marks.push({ start: start + at + 1, end: start + from, begins: isSentence });
  }
  return marks.length > 1 ? marks : [];
}

function bullets(text: string): ListMark[] {
  const marks = [...text.matchAll(BULLET)].map(({ 0: mark, index }) => ({
    start: index,
    end: index + mark.length,
    line: text.lastIndexOf("\n", index - 1),
  }));
  return marks.flatMap(({ start, end, line }, index) => {
    const isFirst = marks[index - 1]?.line !== line;
    const isAlone = isFirst && marks[index + 1]?.line !== line;
    return isAlone ? [] : [{ start, end, begins: !isFirst || text.slice(line + 1, start).trim() === "" }];
  });
}

const ROMAN = "i ii iii iv v vi vii viii ix x xi xii".split(" ");

/** The label that stands `by` places behind `label`. */
const next = (label: string, by: number): string =>
  /^[a-z]$/.test(label) ? String.fromCharCode(label.charCodeAt(0) + by) : String(Number.parseInt(label, 10) + by);
