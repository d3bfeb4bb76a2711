/** The shape of a text above its sentences: headings, list items, lines of code, tables, quotations, and the paragraphs between them. */
import { findFences } from "./fences.ts";
import { trimRange } from "./text-characters.ts";

export type BlockKind = "text" | "heading" | "item" | "code" | "table" | "quote";

/** A block in offsets of the text, without white space around it. */
export interface Block {
  kind: BlockKind;
  start: number;
  end: number;
  /** A blank line stands before the next block. */
  blankAfter: boolean;
  /** A line of code that must not part from the next one, as the fence that opens it. */
  opens: boolean;
  /** And from the one before. */
  closes: boolean;
}

const HEADING = /^ {0,3}#{1,6}[ \t]+\S|^ {0,3}\*\*[^*\n]+\*\*[ \t]*$|^ {0,3}__[^_\n]+__[ \t]*$/;
const ITEM =
  /^[ \t]*(?:[-*+•‣◦·▪▫●○■□➤➡→✓✔✗✘☐☑☒]\ufe0f?|\(?\d{1,3}[.)、．]|[a-zA-Z]\)|[0-9]\ufe0f?\u20e3)[ \t\u3000]+\S/;
const INDENTED_CODE = /^(?: {4}|\t)/;
const QUOTE = /^ {0,3}>/;
const TABLE_ROW = /^[ \t]*\|.*\|[ \t]*$/;
/** The second line of a table without bars at its ends: "--- | ---". */
const TABLE_RULE = /^[ \t]*:?-+:?(?:[ \t]*\|[ \t]*:?-+:?)+[ \t]*$/;
const LINE_END = /\r\n|[\n\r\u2028\u2029]/g;

/** Blocks of `[from, to)` in order. The range begins and ends with something visible. */
export function findBlocks(text: string, from: number, to: number): Block[] {
  const blocks: Block[] = [];
  const fences = findFences(text.slice(from, to));
  let nextFence = 0;
  let lineStart = from;
  while (lineStart < to) {
    const lineEnd = nextLineEnd(text, lineStart, to);
    const range = trimRange(text, lineStart, lineEnd.start);
    const last = blocks.at(-1);
    if (range.start === range.end) {
      if (last !== undefined) last.blankAfter = true;
    } else {
      const line = text.slice(lineStart, Math.min(lineEnd.start, lineStart + LINE_HEAD_MAX));
      while (nextFence < fences.length && from + (fences[nextFence]?.end ?? 0) <= lineStart) nextFence++;
      const fence = fences[nextFence];
      const inFence = fence !== undefined && from + fence.start <= lineStart;
      const kind = inFence ? "code" : isInBareTable(text, line, lineEnd.end, last) ? "table" : lineKind(line, last);
      // A block's first line keeps its indentation out: a tweet never begins with white space.
      if (last !== undefined && kind === "more") last.end = range.end;
      else if (kind !== "more") {
        const opens = inFence && from + fence.start === lineStart;
        // A segment begins behind the white space of its first line, so the fence's own line may begin before it.
        const closes = inFence && from + fence.end <= lineEnd.end && !opens;
        blocks.push({ kind, ...range, blankAfter: false, opens, closes });
      }
    }
    lineStart = lineEnd.end;
  }
  return blocks;
}

/** A line is known by its beginning, or by being short. */
const LINE_HEAD_MAX = 1000;

/** Whether the line is of a table without bars at its ends: its head, which stands above the rule, or what follows without a blank line. */
function isInBareTable(text: string, line: string, nextLine: number, last: Block | undefined): boolean {
  if (!line.includes("|")) return false;
  if (last?.kind === "table" && !last.blankAfter) return true;
  const end = text.indexOf("\n", nextLine);
  return TABLE_RULE.test(text.slice(nextLine, Math.min(nextLine + LINE_HEAD_MAX, end < 0 ? text.length : end)));
}

/** `more`: the line goes on with the block before it. */
function lineKind(line: string, last: Block | undefined): BlockKind | "more" {
  if (HEADING.test(line)) return "heading";
  if (ITEM.test(line)) return "item";
  if (TABLE_ROW.test(line)) return "table";
  if (QUOTE.test(line)) return last?.kind === "quote" && !last.blankAfter ? "more" : "quote";
  if (last === undefined) return "text";
  const isIndented = /^[ \t]/.test(line);
  if (last.kind === "item" && isIndented && !last.blankAfter) return "more";
  if (INDENTED_CODE.test(line) && (last.blankAfter || last.kind === "code")) return "code";
  return last.kind === "text" && !last.blankAfter ? "more" : "text";
}

function nextLineEnd(text: string, from: number, to: number): { start: number; end: number } {
  LINE_END.lastIndex = from;
  const match = LINE_END.exec(text);
  if (match === null || match.index >= to) return { start: to, end: to };
  return { start: match.index, end: match.index + match[0].length };
}
