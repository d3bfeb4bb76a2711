/** A list written in one line: "1. Buy bread 2. Eat it". No sentence begins behind a mark, and no tweet ends there. */

import { LineStarts } from "./line-starts.ts";
import { BULLET, has, LINE_BREAK } from "./text-characters.ts";

export interface ListMark {
  start: number;
  /** Behind the white space that follows the mark. */
  end: number;
  /** Whether its item is a sentence by itself, as in a line that begins with the first mark. */
  begins: boolean;
}

const FIRST_OF_LINE = /[ \t]*([•⁃*-][ \t]?)?(\p{Nd}{1,3}|[a-z])([.)]{1,2})[ \t]+/uy;
/** In the midst of a line a full stop needs a colon before it: "Do this: 1. … 2. …", not "in 1. Mose". */
const FIRST_INSIDE = /(?<=[:：;][ \t]?)()(1|a)([.)]{1,2})[ \t]+|(?<=\s)(\(?)(1|a|i)([.]?\))[ \t]+/gu;
/** What is rare comes first: to look for it is quicker. */
const MAY_HAVE_INSIDE = /\)(?<=[1ai]\.?\))|[:：;][ \t]?[1a]\./;
const BULLETS = /(?<=^|\s)[•‣●▪◦][ \t]+/gmu;
const MARKS_MAX = 999;

/**
 * The marks of every line that has more than one, in order.
 * @param flags what the characters of the text are, all together (`text-characters.ts`)
 * @param begun where ICU takes sentences to begin: at the start of every line, and at few other places
 */
export function listMarks(text: string, flags: number, begun: readonly number[]): ListMark[] {
  const ofLines = new MarkSearch(text);
  const found: ListMark[] = [];
  for (const start of begun) {
    const first = isLineStart(text, start) ? firstOfLine(text, start) : null;
    if (first !== null) found.push(...marksOfLine(text, ofLines, first, start, true));
  }
  if (MAY_HAVE_INSIDE.test(text)) {
    const inside = new MarkSearch(text);
    for (const [match, ...groups] of matches(text, FIRST_INSIDE)) {
      const [bullet = "", label = "", closer = ""] = groups[2] ? groups : groups.slice(3);
      found.push(...marksOfLine(text, inside, [match[0], bullet, label, closer], match.index, false));
    }
  }
  if ((flags & BULLET) !== 0) found.push(...bullets(text));
  return found.sort((a, b) => a.start - b.start);
}

// --- internal ---

const isLineStart = (text: string, start: number): boolean => start === 0 || has(text, start - 1, LINE_BREAK);

function firstOfLine(text: string, start: number): RegExpExecArray | null {
  FIRST_OF_LINE.lastIndex = start;
  return FIRST_OF_LINE.exec(text);
}

function* matches(text: string, pattern: RegExp): Generator<[RegExpExecArray, ...string[]]> {
  for (const match of text.matchAll(pattern)) yield [match, ...match.slice(1)];
}

/**
 * Looks for the marks of lists in the line of the first mark. The lists come in order, so the n-th mark of a list never stands before
 * that of the list before it, and a line of many lists is gone over once for each n.
 */
class MarkSearch {
  readonly #text: string;
  readonly #lines: LineStarts;
  #lineStart = -1;
  #line = "";
  readonly #found = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
    this.#lines = new LineStarts(text);
  }

  startAt(first: number): void {
    const lineStart = this.#lines.of(first);
    if (lineStart === this.#lineStart) return;
    this.#lineStart = lineStart;
    this.#line = this.#text.slice(lineStart, this.#lines.endOf(first));
    this.#found.clear();
  }

  /**
   * Where `mark`, the mark number `number` of a list, stands in the line, at or behind `from`; null where it does not. `isShared` where
   * a list before this one goes on with it as well.
   */
  next(mark: string, number: number, from: number): { at: number; isShared: boolean } | null {
    const key = `${number}${mark}`;
    const known = this.#found.get(key) ?? -1;
    if (known >= from) return known === NOWHERE ? null : { at: known, isShared: true };
    const found = this.#line.indexOf(mark, from - this.#lineStart);
    const at = found < 0 ? NOWHERE : this.#lineStart + found;
    this.#found.set(key, at);
    return at === NOWHERE ? null : { at, isShared: false };
  }
}

const NOWHERE = Number.POSITIVE_INFINITY;

function marksOfLine(
  text: string,
  search: MarkSearch,
  [whole = "", bullet = "", label = "", closer = ""]: readonly string[],
  start: number,
  begins: boolean,
): ListMark[] {
  search.startAt(start);
  const marks = [{ start, end: start + whole.length, begins }];
  const isRoman = label === "i" && search.next(` ${bullet}ii${closer} `, 0, start) !== null;
  for (let from = start + whole.length, number = 1; marks.length < MARKS_MAX; number++) {
    const current = isRoman ? ROMAN[number] : next(label, number);
    if (current === undefined) break;
    const mark = ` ${bullet}${current}${closer} `;
    const found = search.next(mark, number, from - 1);
    if (found === null) break;
    from = found.at + mark.length;
    // In the midst of a sentence the items are parts of it, unless each is one.
    const isSentence = begins || /[.!?]/.test(text.charAt(found.at - 1));
    marks.push({ start: found.at + 1, end: from, begins: isSentence });
    if (found.isShared) break;
  }
  return marks.length > 1 ? marks : [];
}

function bullets(text: string): ListMark[] {
  const lines = new LineStarts(text);
  const marks = [...text.matchAll(BULLETS)].map(({ 0: mark, index }) => ({
    start: index,
    end: index + mark.length,
    line: lines.of(index),
  }));
  return marks.flatMap(({ start, end, line }, index) => {
    const isFirst = marks[index - 1]?.line !== line;
    const isAlone = isFirst && marks[index + 1]?.line !== line;
    return isAlone ? [] : [{ start, end, begins: !isFirst || text.slice(line, start).trim() === "" }];
  });
}

const ROMAN = "i ii iii iv v vi vii viii ix x xi xii".split(" ");

/** The label that stands `by` places behind `label`. */
const next = (label: string, by: number): string =>
  /^[a-z]$/.test(label) ? String.fromCharCode(label.charCodeAt(0) + by) : String(Number.parseInt(label, 10) + by);
