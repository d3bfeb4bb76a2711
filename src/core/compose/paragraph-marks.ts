/** What a paragraph holds together: brackets, quotation marks, code spans, Markdown links. */
import type { Block } from "./blocks.ts";

/** Half-open ranges in offsets of the text, ascending and apart from one another. */
type Spans = { start: number; end: number }[];

const CLOSES: Record<string, string> = {
  ")": "(",
  "]": "[",
  "}": "{",
  "）": "（",
  "】": "【",
  "」": "「",
  "』": "『",
  "》": "《",
  "〉": "〈",
  "»": "«",
  "›": "‹",
  "”": "“",
};
const OPENERS = new Set([...Object.values(CLOSES), "„", "‚"]);
const BRACKET = /[()[\]{}（）【】「」『』《》〈〉«»‹›“”„"]/g;
/** A bracket that closes this late was probably two brackets that have nothing to do with each other. */
const BRACKETED_LENGTH_MAX = 1500;
/** Of brackets nested deeper than this, the outermost is forgotten. */
const OPEN_MAX = 16;
const TOGETHER = /`[^`\n]+`|\[[^\][\n]{1,300}\]\([^()\s]{1,2000}\)/g;

const BRACKET_HINT = /[([{（【「『《〈«‹“„"]/;

/** Asked in ascending order of offsets: every question moves the marks forward. */
export class ParagraphMarks {
  readonly #bracketed: Spans;
  readonly #together: Spans;
  #nextBracketed = 0;
  #nextTogether = 0;

  constructor(text: string, block: Block) {
    const source = text.slice(block.start, block.end);
    this.#bracketed = block.kind === "code" || !BRACKET_HINT.test(source) ? [] : bracketed(source);
    this.#together = source.includes("`") || source.includes("](") ? spans(source, TOGETHER) : [];
    for (const span of [...this.#bracketed, ...this.#together]) {
      span.start += block.start;
      span.end += block.start;
    }
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

function spans(text: string, pattern: RegExp): Spans {
  return [...text.matchAll(pattern)].map((match) => ({ start: match.index, end: match.index + match[0].length }));
}

/** The outermost pairs of brackets and quotation marks. Single quotation marks are left out: most are apostrophes. */
function bracketed(text: string): Spans {
  const found: Spans = [];
  const open: { mark: string; index: number }[] = [];
  for (const match of text.matchAll(BRACKET)) {
    const index = match.index;
    const opener = openerOf(match[0], open);
    if (opener === null) {
      open.push({ mark: match[0], index });
      if (open.length > OPEN_MAX) open.shift();
      continue;
    }
    const at = open.findLastIndex(({ mark }) => opener.includes(mark));
    const start = open[at]?.index;
    if (start === undefined || index - start > BRACKETED_LENGTH_MAX) continue;
    open.length = at;
    while ((found.at(-1)?.start ?? -1) >= start) found.pop();
    found.push({ start, end: index + 1 });
  }
  return found;
}

/** The marks that `mark` may close, or null when it opens. */
function openerOf(mark: string, open: { mark: string }[]): string | null {
  if (mark === '"') return open.some((other) => other.mark === '"') ? '"' : null;
  // In German “ closes what „ opened.
  if (mark === "“") return open.some((other) => other.mark === "„") ? "„" : null;
  if (OPENERS.has(mark)) return null;
  return (CLOSES[mark] ?? "") + (mark === "”" ? "„" : "");
}
