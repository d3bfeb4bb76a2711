/**
 * Which of the numbers that stand at the starts of lines, or at the ends of paragraphs, part a thread. Those that count up from one do, one
 * tweet each. Where its author made a slip (a number is missing, doubled, or out of order), they do where blank lines stand between them, and it
 * is said. Keycaps do only where they begin the text and cover it: otherwise they are a list inside of a text.
 */

export interface OwnNumber {
  /** 1, 2, 3, … */
  number: number;
  /** Where the tweet begins that bears it. */
  start: number;
}

export interface OwnNumbers {
  /** In order; none where there are fewer than two. */
  numbers: OwnNumber[];
  /** What is not sure about them; null nearly always. */
  doubt: NumberDoubt | null;
}

/** A number as it stands in the text, in UTF-16 units. */
export interface Mark {
  number: number;
  /** "of how many": 3 in "1/3"; "n" in "1/n". */
  total: number | "n" | null;
  start: number;
  end: number;
}

/** `slip`: taken for tweets all the same. `list` and `in_line`: not taken. `last` is the highest number. */
export type NumberDoubt =
  | { kind: "slip"; numbers: number[]; total: number | null }
  | { kind: "list"; last: number }
  | { kind: "in_line"; last: number };

export interface Place {
  place: "start" | "end";
  isKeycap: boolean;
}

const NONE: OwnNumbers = { numbers: [], doubt: null };
/** With fewer numbers than this, one that does not fit says that they are none. */
const SLIP_MARKS_MIN = 3;
const TOTALS_MAX = 8;
const SEPARATOR_MAX = 80;

/** @param marks of one style, in order */
export function numbersOf(text: string, marks: readonly Mark[], { place, isKeycap }: Place): OwnNumbers {
  const isAtEnd = place === "end" || (!isKeycap && areBelow(text, marks));
  if (isAtEnd && text.slice(marks.at(-1)?.end).trim() !== "") return NONE;
  if (isKeycap && !isThreadOfKeycaps(text, marks)) {
    const isList = areApart(text, marks) && isCounted(marks);
    return { numbers: [], doubt: isList ? { kind: "list", last: marks.length } : null };
  }
  const candidates = candidatesOf(marks);
  for (const candidate of candidates) {
    const counted = countingUp(text, candidate, isAtEnd);
    if (counted !== null) return { numbers: numbered(counted, isAtEnd), doubt: null };
  }
  const slipped = candidates.find((candidate) => isSlip(text, candidate, isAtEnd));
  if (slipped === undefined) return NONE;
  const doubt = { kind: "slip" as const, numbers: slipped.map(({ number }) => number), total: totalOf(slipped) };
  return { numbers: numbered(slipped, isAtEnd), doubt };
}

// --- internal ---

/** Marks that may be of one thread: with one total, or without one. "1/ 2/ 3/3" is one as well. */
function candidatesOf(marks: readonly Mark[]): Mark[][] {
  const totals = [...new Set(marks.map(({ total }) => total))].filter((total) => total !== null).slice(0, TOTALS_MAX);
  const bare = marks.filter(({ total }) => total === null);
  const candidates = totals.map((one) => marks.filter(({ total }) => total === null || total === one));
  // The count was changed, but not in each of them: "1/3 2/3 3/4".
  const isOneOff = totals.length === 2 && totals.some((one) => marks.filter(({ total }) => total === one).length === 1);
  return [...candidates, bare, ...(isOneOff && bare.length === 0 ? [[...marks]] : [])]
    .filter((candidate) => candidate.length > 1)
    .sort((one, other) => other.length - one.length);
}

/** Those that count up from one to the last of them; null where they do not. Others of their form must stand inside of paragraphs. */
function countingUp(text: string, marks: readonly Mark[], isAtEnd: boolean): Mark[] | null {
  const first = marks[0];
  if (first === undefined) return null;
  // What has no number before 2/ is the first tweet.
  const isSecond = !isAtEnd && first.number === 2 && text.slice(0, first.start).trim() !== "";
  let next = isSecond ? 2 : 1;
  const counted: Mark[] = [];
  for (const mark of marks) {
    if (mark.number === next) {
      counted.push(mark);
      next++;
    } else if (isAtEnd || isApart(text, mark)) return null;
  }
  const last = next - 1;
  const total = totalOf(counted);
  const totals = new Set(counted.map((mark) => mark.total).filter((one) => one !== null));
  const isWhole = totals.size <= 1 && (total === null || total === last) && marks.every(({ number }) => number <= last);
  return counted.length > 1 && isWhole ? counted : null;
}

/** Whether they are those of a thread whose author miscounted. Scores and fractions do not begin with one, or have many totals. */
function isSlip(text: string, marks: readonly Mark[], isAtEnd: boolean): boolean {
  const first = marks[0];
  const total = totalOf(marks);
  if (first === undefined || !(isAtEnd || areApart(text, marks) || areLines(text, marks))) return false;
  if (first.number !== 1 && !(first.number === 2 && text.slice(0, first.start).trim() !== "")) return false;
  if (total !== null && marks.some(({ number }) => number > total + 1)) return false;
  if (marks.length < SLIP_MARKS_MIN)
    return total !== null && total > marks.length && (marks.at(-1)?.number ?? 0) === total;
  const numbers = marks.map(({ number }) => number);
  return total === null || (numbers.includes(2) && isOneOff(numbers));
}

/** Whether the numbers rise once one of them is left out. */
function isOneOff(numbers: readonly number[]): boolean {
  const rises = (left: number) => {
    const rest = numbers.filter((_, index) => index !== left);
    return rest.every((number, index) => index === 0 || number > (rest[index - 1] ?? 0));
  };
  const fall = numbers.findIndex((number, index) => index > 0 && number <= (numbers[index - 1] ?? 0));
  return fall < 0 || rises(fall) || rises(fall - 1);
}

function totalOf(marks: readonly Mark[]): number | null {
  const totals = marks.map(({ total }) => total).filter((total) => typeof total === "number");
  return totals.length === 0 ? null : Math.max(...totals);
}

const isCounted = (marks: readonly Mark[]): boolean => marks.every(({ number }, index) => number === index + 1);

/** A number at the end belongs to what stands before it, behind the number before. */
function numbered(marks: readonly Mark[], isAtEnd: boolean): OwnNumber[] {
  return marks.map(({ number, start }, index) => ({
    number,
    start: isAtEnd ? (marks[index - 1]?.end ?? 0) : start,
  }));
}

/** Whether keycaps begin the text and cover it: behind the last one stand no more paragraphs than behind another. */
function isThreadOfKeycaps(text: string, marks: readonly Mark[]): boolean {
  const first = marks[0];
  if (first === undefined || !areApart(text, marks) || text.slice(0, first.start).trim() !== "") return false;
  const paragraphs = marks.map(
    ({ start }, index) =>
      text
        .slice(start, marks[index + 1]?.start)
        .trim()
        .split(/\n[ \t]*\r?\n/).length,
  );
  return (paragraphs.at(-1) ?? 0) <= Math.max(...paragraphs.slice(0, -1));
}

const areApart = (text: string, marks: readonly Mark[]): boolean => marks.slice(1).every((mark) => isApart(text, mark));

/** Whether every line behind the first number begins with one. */
function areLines(text: string, marks: readonly Mark[]): boolean {
  const lines = text.slice(marks[0]?.start).split("\n");
  return lines.filter((line) => line.trim() !== "").length === marks.length;
}

/** Whether each stands in a line of its own below its tweet: words stand before the first number, and none behind the last. */
function areBelow(text: string, marks: readonly Mark[]): boolean {
  const first = marks[0];
  if (first?.number !== 1 || text.slice(marks.at(-1)?.end).trim() !== "") return false;
  return text.slice(0, first.start).trim() !== "" && marks.every((mark) => isAloneInLine(text, mark));
}

function isAloneInLine(text: string, { end }: Mark): boolean {
  const lineEnd = text.indexOf("\n", end);
  return text.slice(end, lineEnd < 0 ? text.length : lineEnd).trim() === "";
}

/** Whether a blank line, or a line of ---, stands before it. */
function isApart(text: string, { start }: Mark): boolean {
  return /\n[ \t]*\r?\n[ \t]*$|\n---[ \t]*\r?\n\s*$/.test(text.slice(Math.max(0, start - SEPARATOR_MAX), start));
}
