/** What a paragraph holds together: brackets, quotation marks, code spans, Markdown links. */
import type { Block } from "./blocks.ts";
import { CLOSER, DIGIT, has, OPENER, PAIRED, SPACE } from "./text-characters.ts";

/** Half-open ranges in offsets of the text, ascending and apart from one another. */
type Spans = { start: number; end: number }[];

/** What each mark may close. A quotation mark that opens in one language closes in another: “so”, „so“, »so«, ”so”. */
export const CLOSES: Readonly<Record<string, string>> = {
  ")": "(",
  "]": "[",
  "}": "{",
  "）": "（",
  "】": "【",
  "」": "「",
  "』": "『",
  "》": "《",
  "〉": "〈",
  '"': '"',
  "“": "„”",
  "”": "“„”",
  "‘": "‚",
  "’": "‘‚’",
  "»": "«»",
  "«": "»",
  "›": "‹›",
  "‹": "›",
};
/** A bracket that closes this late was probably two brackets that have nothing to do with each other. */
const BRACKETED_LENGTH_MAX = 1500;
/** Of brackets nested deeper than this, the outermost is forgotten. */
const OPEN_MAX = 16;
const TOGETHER = /`[^`\n]+`|\[[^\][\n]{1,300}\]\([^()\s]{1,2000}\)/g;

const HEBREW = /[\u0590-\u05ff]/;
/** A single quotation mark that closes; most others are apostrophes. */
const QUOTED_AT_END = /^[.,!?…—]’(?:$|\P{L})/u;
const WORD_AT_START = /^[\p{L}\p{N}¿¡…]/u;

/** Asked in ascending order of offsets: every question moves the marks forward. */
export class ParagraphMarks {
  readonly #bracketed: Spans = [];
  readonly #together: Spans = [];
  #nextBracketed = 0;
  #nextTogether = 0;

  constructor(text: string, block: Block) {
    if ((block.flags & PAIRED) === 0) return;
    if (block.kind !== "code") this.#bracketed = bracketed(text, block.start, block.end);
    const source = text.slice(block.start, block.end);
    if (source.includes("`") || source.includes("](")) this.#together = spans(source, TOGETHER, block.start);
  }

  /** Whether what stands around `[end, start)` is one code span or Markdown link. Moves nothing. */
  holdsTogether(end: number, start: number): boolean {
    return this.#together.some((span) => isInside(span, end, start));
  }

  /** Whether a cut with the separator `[end, start)` parts what stands in one pair of brackets or quotation marks. */
  isBracketed(end: number, start: number): boolean {
    while (this.#nextBracketed < this.#bracketed.length && (this.#bracketed[this.#nextBracketed]?.end ?? 0) <= end)
      this.#nextBracketed++;
    return isInside(this.#bracketed[this.#nextBracketed], end, start);
  }

  /** The same for a code span or a Markdown link. */
  isTogether(end: number, start: number): boolean {
    while (this.#nextTogether < this.#together.length && (this.#together[this.#nextTogether]?.end ?? 0) <= end)
      this.#nextTogether++;
    return isInside(this.#together[this.#nextTogether], end, start);
  }
}

const isInside = (span: { start: number; end: number } | undefined, end: number, start: number): boolean =>
  span !== undefined && span.start < end && start < span.end;

function spans(text: string, pattern: RegExp, from: number): Spans {
  return [...text.matchAll(pattern)].map(({ 0: found, index }) => ({
    start: from + index,
    end: from + index + found.length,
  }));
}

/** What closes in most languages, and opens in some: »Ja«, ›Ja‹, ”Ja”. */
const isMostlyClosing = (unit: number): boolean => unit === 0xbb || unit === 0x203a || unit === 0x201d;

/** Whether the », › or ” at `index` opens, with a space before it and none behind it. */
export function isOpening(text: string, index: number): boolean {
  if (!isMostlyClosing(text.charCodeAt(index))) return false;
  return !isBehindWord(text, index) && WORD_AT_START.test(text.slice(index + 1, index + 3));
}

/** The outermost pairs of brackets and quotation marks in `[from, to)`. */
function bracketed(text: string, from: number, to: number): Spans {
  const found: Spans = [];
  const open: { mark: string; index: number }[] = [];
  for (let index = from; index < to; index++) {
    if (!has(text, index, PAIRED | CLOSER)) continue;
    const opener = openerOf(text, index, open);
    if (opener === "") continue;
    if (opener === null) {
      open.push({ mark: text.charAt(index), index });
      if (open.length > OPEN_MAX) open.shift();
      continue;
    }
    let at = open.length - 1;
    while (at >= 0 && !opener.includes(open[at]?.mark ?? "")) at--;
    const start = open[at]?.index;
    if (start === undefined || index - start > BRACKETED_LENGTH_MAX) continue;
    open.length = at;
    while ((found.at(-1)?.start ?? -1) >= start) found.pop();
    found.push({ start, end: index + 1 });
  }
  return found;
}

/** The marks that the one at `index` may close, null when it opens, "" when it is an apostrophe, a sign of inches or none. */
function openerOf(text: string, index: number, open: { mark: string }[]): string | null {
  const mark = text.charAt(index);
  if (mark === "'" || mark === "`") return "";
  const closes = CLOSES[mark];
  if (closes === undefined) return null;
  switch (mark) {
    case '"':
      if (HEBREW.test(text.charAt(index - 1)) && HEBREW.test(text.charAt(index + 1))) return "";
      if (open.some((one) => one.mark === '"')) return '"';
      return has(text, index - 1, DIGIT) ? "" : null;
    case "’":
      return open.length > 0 && QUOTED_AT_END.test(text.slice(Math.max(0, index - 1), index + 2)) ? closes : "";
    case "“":
    case "‘":
    case "«":
    case "‹":
      if (isBehindWord(text, index) && open.some((one) => closes.includes(one.mark))) return closes;
      return mark === "‘" && isBehindWord(text, index) ? "" : null;
    case "”":
    case "»":
    case "›":
      return isOpening(text, index) ? null : closes;
    default:
      return closes;
  }
}

const isBehindWord = (text: string, index: number): boolean =>
  index > 0 && !has(text, index - 1, SPACE) && (has(text, index - 1, CLOSER) || !has(text, index - 1, OPENER));
