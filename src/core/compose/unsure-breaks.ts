/** Lines of dashes of which it is not sure whether the author wants a break. */
import { outsideFences } from "./fences.ts";
import { atLineStarts } from "./line-starts.ts";
import { findAuthorBreaks } from "./segments.ts";

/** A line that may be a break, or may not: what its author should be asked. */
export interface UnsureBreak {
  /** `heading`: a break, which Markdown reads as a heading. `dashes`: no break, but what an editor makes of `---`. */
  kind: "heading" | "dashes";
  /** The words of the line above the break, or the line itself. */
  line: string;
  /** Where the line of dashes stands, in UTF-16 units. */
  start: number;
  end: number;
}

const UNDER_ONE_LINE = /(?:^|\n[ \t]*\r?\n)[ \t]*(\S[^\n]*?)\r?\n$/;
const BLANK_LINE_AFTER = /^\r?\n[ \t]*(?:\r?\n|$)/;
const HEADING_LENGTH_MAX = 70;
/** What editors with smart dashes make of `---`, and one that ends with a no-break space. */
const DASHES = / {0,3}[-—–―]{1,4}[ \t\u00a0]*$/my;
const SMART = /[—–―\u00a0]/;

/** The lines of `text` at which it is not sure whether the author wants a break. */
export function findUnsureBreaks(text: string): UnsureBreak[] {
  const headings = findAuthorBreaks(text).flatMap(({ index, length }): UnsureBreak[] => {
    const above = UNDER_ONE_LINE.exec(text.slice(Math.max(0, index - 2 * HEADING_LENGTH_MAX), index))?.[1] ?? "";
    const isHeading =
      above !== "" && above.length <= HEADING_LENGTH_MAX && BLANK_LINE_AFTER.test(text.slice(index + length));
    return isHeading && above !== "---" ? [{ kind: "heading", line: above, start: index, end: index + length }] : [];
  });
  const smart = [...atLineStarts(text, DASHES)].filter(([line]) => SMART.test(line));
  const dashes = outsideFences(text, smart, ({ index }) => index).map(
    ({ 0: line, index }): UnsureBreak => ({
      kind: "dashes",
      line: line.trim(),
      start: index,
      end: index + line.length,
    }),
  );
  return [...headings, ...dashes].sort((a, b) => a.start - b.start);
}

/**
 * The text with one of its unsure lines written so that it is sure.
 * @param unsure as `findUnsureBreaks` says of this very text
 */
export function withBreakMeant(text: string, unsure: UnsureBreak, meant: "break" | "heading"): string {
  const { line, start, end } = unsure;
  if (meant === "break")
    return `${text.slice(0, start)}${unsure.kind === "dashes" ? "---" : "\n---"}${text.slice(end)}`;
  return `${text.slice(0, text.lastIndexOf(line, start))}## ${line}${text.slice(end)}`;
}
