/** Fenced code (CommonMark 4.5): what stands between two lines of backticks or tildes is the author's text to the letter. */

/** A fence with its two lines, in offsets of the text. */
export interface Fence {
  /** Start of the line that opens it. */
  start: number;
  /** End of the line that closes it, without its line break; the end of the text where nothing does. */
  end: number;
}

/** A fence may stand in a list item or a quotation. Backticks may not come again in the line that opens with them. */
const OPENS = /^[ \t]*(?:(?:>|[-*+•]|\d{1,3}[.)])[ \t]*)*(?:(`{3,})[^`\n]*|(~{3,})[^\n]*)$/;
const CLOSES = /^[ \t>]*(`{3,}|~{3,})[ \t]*\r?$/;
const LINE_MAX = 1000;

/** All fences of `text`, in order. */
export function findFences(text: string): Fence[] {
  if (!text.includes("```") && !text.includes("~~~")) return [];
  const fences: Fence[] = [];
  let open: { start: number; mark: string } | null = null;
  for (let lineStart = 0; lineStart <= text.length; ) {
    const lineEnd = endOfLine(text, lineStart);
    const line = text.slice(lineStart, Math.min(lineEnd, lineStart + LINE_MAX));
    if (open === null) {
      const match = OPENS.exec(line);
      if (match) open = { start: lineStart, mark: match[1] ?? match[2] ?? "" };
    } else if (CLOSES.exec(line)?.[1]?.startsWith(open.mark)) {
      fences.push({ start: open.start, end: lineEnd });
      open = null;
    }
    lineStart = lineEnd + 1;
  }
  if (open !== null) fences.push({ start: open.start, end: text.length });
  return fences;
}

/** Those of `places` that stand in no fence of `text`. They ascend. */
export function outsideFences<Place>(
  text: string,
  places: readonly Place[],
  offsetOf: (place: Place) => number,
): Place[] {
  if (places.length === 0) return [];
  const fences = findFences(text);
  let next = 0;
  return places.filter((place) => {
    const offset = offsetOf(place);
    while (next < fences.length && (fences[next]?.end ?? 0) <= offset) next++;
    return (fences[next]?.start ?? offset) >= offset;
  });
}

// --- internal ---

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}
