/** The author's own breaks: a line of `---` ends a tweet, whatever else is found. */
import { VISIBLE } from "./source.ts";
import { trimRange } from "./text-characters.ts";

/** What stands between two of the author's breaks, without the white space around it. */
export interface Segment {
  start: number;
  end: number;
}

const AUTHOR_BREAK = /^[ \t]*---[ \t]*$/gm;

/** Segments of `text` in order. Where nothing is to be seen between two breaks, they are one. */
export function findSegments(text: string): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  const add = (to: number) => {
    const range = trimRange(text, from, to);
    if (range.start < range.end && VISIBLE.test(text.slice(range.start, range.end))) segments.push(range);
  };
  if (text.includes("---")) {
    for (const match of text.matchAll(AUTHOR_BREAK)) {
      add(match.index);
      from = match.index + match[0].length;
    }
  }
  add(text.length);
  return segments;
}
