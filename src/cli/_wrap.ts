/**
 * Text on a screen. What a terminal would act upon is made visible, and lines are broken by the columns they take, at
 * spaces where there are any. `fast-string-width` counts columns, `fast-wrap-ansi` breaks lines.
 */
import stringWidth from "fast-string-width";
import { wrapAnsi } from "fast-wrap-ansi";
import { printable, segmentsBy, withoutManyMarks } from "../core/compose/unicode-segments.ts";

export { printable };

const WIDTH_MIN = 2;
/** One column each. Told first, since the tables of the others take a millisecond to make. */
const PLAIN = /^[ -~]*$/;
const ASSIGNMENT = /^\s*export [A-Z_]+=\S+$/;

/** How many columns a text takes on a terminal; colours take none. */
export const columnsOf = (text: string): number => (PLAIN.test(text) ? text.length : stringWidth(text));

/** A name, such as a file's, on one line: a line break in it is shown as what else a terminal would act upon. */
export const nameLine = (name: string): string => printable(name.replace(/[\t\n\r\u2028\u2029]/g, "\u{fffd}"));

/** A text without line breaks, for a row of a table or a quotation. */
export const oneLine = (text: string): string => printable(text).replace(/\s+/gu, " ").trim();

/** Columns of the screen that a stream is shown on; no bound where it goes elsewhere. */
export const screenWidth = (stream: { columns?: number } = process.stdout): number =>
  stream.columns || Number.POSITIVE_INFINITY;

/** The lines of a text, each at most `width` columns wide. Holds no colours. */
export function wrap(text: string, width: number): string[] {
  if (!Number.isFinite(width)) return text.split("\n");
  const room = Math.max(WIDTH_MIN, width);
  return atSpaces(text, room).flatMap((line) => inPieces(line, room));
}

/**
 * A finished answer, broken between words so that no line is wider than `width` columns; the lines that follow stand
 * under the first one's indent. May hold colours. What a person copies stays whole, so that a terminal selects it as one: an
 * address, a path, a line that sets a variable.
 */
export function wrapAnswer(text: string, width = screenWidth()): string {
  if (!Number.isFinite(width)) return text;
  const room = Math.max(WIDTH_MIN, width);
  return text
    .split("\n")
    .flatMap((line) => (columnsOf(line) <= room || ASSIGNMENT.test(line) ? line : atSpaces(line, room)))
    .join("\n");
}

/** A text after a mark, broken between words where the screen is narrow; later lines stand under the first word. */
export function hung(mark: string, text: string, width = screenWidth()): string[] {
  const indent = columnsOf(mark);
  // A mark that takes half of a narrow screen stands on a line of its own.
  if (indent > width / 2) return [mark.trimEnd(), ...wrap(text, width - 4).map((line) => `    ${line}`)];
  return wrap(text, width - indent).map((line, index) => (index === 0 ? mark : " ".repeat(indent)) + line);
}

/** A line cut to `width` columns, with an ellipsis where something is missing. Holds no colours. */
export function fit(line: string, width: number): string {
  return columnsOf(line) <= width ? line : `${cut(line, width - 1)}…`;
}

/** The end of a line, as far as it goes into `width` columns. Holds no colours. */
export function fitEnd(line: string, width: number): string {
  let rest = line;
  while (columnsOf(rest) > width) rest = rest.slice(firstGrapheme(rest).length);
  return rest;
}

// --- internal ---

const graphemesOf = segmentsBy("grapheme");

/** Broken at spaces alone, so that a word wider than `width` stays whole on a line of its own. Keeps a line's indent. */
function atSpaces(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => {
    const words = line.trimStart();
    const shown = bounded(words, width);
    const indent = line.slice(0, line.length - words.length);
    const room = width - columnsOf(indent);
    if (room < WIDTH_MIN) return wrapAnsi(shown, width).split("\n");
    return wrapAnsi(shown, room)
      .split("\n")
      .map((row) => indent + row);
  });
}

/** The library takes the square of the length of a run of spaces, which no line has room for, and of accents, whose order it sets. */
function bounded(line: string, width: number): string {
  return withoutManyMarks(line.replace(/ +/g, (run) => run.slice(0, width)));
}

/** What no space divides, such as a line of Thai or Japanese, is divided between characters as people see them. */
function inPieces(line: string, width: number): string[] {
  if (columnsOf(line) <= width) return [line];
  const pieces: string[] = [];
  let piece = "";
  let used = 0;
  // In one pass: measuring anew what is left would take the square of a long line's length.
  for (const { segment } of graphemesOf(line)) {
    const columns = columnsOf(segment);
    if (piece !== "" && used + columns > width) {
      pieces.push(piece);
      piece = "";
      used = 0;
    }
    piece += segment;
    used += columns;
  }
  return [...pieces, piece];
}

/** The beginning of a line, as far as it goes into `width` columns. */
function cut(line: string, width: number): string {
  let length = 0;
  let used = 0;
  for (const { index, segment } of graphemesOf(line)) {
    used += columnsOf(segment);
    if (used > width) break;
    length = index + segment.length;
  }
  return line.slice(0, length);
}

function firstGrapheme(text: string): string {
  return graphemesOf(text).containing(0)?.segment ?? text;
}
