/** The author's own breaks: a line of `---` outside code ends a tweet, and so does the author's own number of the next one. */
import { outsideFences } from "./fences.ts";
import type { OwnNumber } from "./own-numbers.ts";
import { VISIBLE } from "./source.ts";
import { trimRange } from "./text-characters.ts";

/** What stands between two of the author's breaks, without the white space around it. */
export interface Segment {
  start: number;
  end: number;
  /** What ends it: a line of `---`, the author's own number of the next tweet, or the end of the text. */
  endsBy: "break" | "number" | "end";
}

/** Four spaces or a tab before it make it code. */
const AUTHOR_BREAK = /^ {0,3}---[ \t]*$/gm;

/**
 * Segments of `text` in order. Where nothing is to be seen between two breaks, they are one.
 * @param ownNumbers the numbers of the text (`findOwnNumbers`)
 */
export function findSegments(text: string, ownNumbers: readonly OwnNumber[]): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  const borders = [
    ...findAuthorBreaks(text).map(({ index, length }) => ({ index, length, by: "break" as const })),
    ...ownNumbers.map(({ start }) => ({ index: start, length: 0, by: "number" as const })),
  ].sort((a, b) => a.index - b.index);
  for (const { index, length, by } of [...borders, { index: text.length, length: 0, by: "end" as const }]) {
    const range = trimRange(text, from, index);
    if (range.start < range.end && VISIBLE.test(text.slice(range.start, range.end))) {
      segments.push({ ...range, endsBy: by });
    }
    from = index + length;
  }
  const last = segments.at(-1);
  if (last !== undefined) last.endsBy = "end";
  return segments;
}

/** The author's breaks: lines of `---` outside code. */
export function findAuthorBreaks(text: string): { index: number; length: number }[] {
  if (!text.includes("---")) return [];
  const lines = [...text.matchAll(AUTHOR_BREAK)].map(({ 0: line, index }) => ({ index, length: line.length }));
  return outsideFences(text, lines, ({ index }) => index);
}

/** The tweets that an author parted by lines of `---`, trimmed; one empty text where nothing is to be seen. */
export function splitAtAuthorBreaks(text: string): string[] {
  const parts = findSegments(text, []).map(({ start, end }) => text.slice(start, end));
  return parts.length > 0 ? parts : [""];
}
