/** Where the sentences of a segment begin, across line breaks that an editor made and not the author. */
import type { Block } from "./blocks.ts";
import { joinStarts } from "./joined-starts.ts";
import { LINE_END, nextLineEnd } from "./line-starts.ts";
import { findSentences } from "./sentences.ts";
import { has, LINE_BREAK, SPACE } from "./text-characters.ts";

const WRAPPED_LENGTH_MIN = 40;
const GOES_ON_BEFORE = /[^\s.!?…:;。！？؟।"'”’)\]]\s*$/u;
/** A letter of a script in which people forget the space, or write none, behind the mark that ends a sentence; or what was said, and an answer. */
const WITHOUT_SPACE = /[\u0370-\u1dff]|[”’][“‘]/;
/** Anywhere in a block, where `SENTENCE_END` of announcements.ts looks at the end of a line. */
const SENTENCE_END_WITHIN = /[.!?…。！？؟।]["'”’)\]]*(?:\s|$)/u;
/** Characters that a line may be short of what an editor would have made of it. */
const RAGGED_MAX = 3;
/** Of a paragraph that is known as wrapped by its lines alone. */
const FILLED_LINES_MIN = 4;
const FILLED_LENGTH_MIN = 50;
const LABEL = /^[ \t]*[^\s:：]{1,24}(?: [^\s:：]{1,24})?[:：][ \t]+\S/u;
const LABELS_MIN = 3;
const GOES_ON_AFTER = /^[ \t]*\p{Lowercase_Letter}/u;

/** Asked in ascending order of offsets: every question moves the marks forward. */
export class SentenceMarks {
  readonly #from: number;
  readonly #starts: number[];
  /** Those without a space before them, where words have spaces: "ይሁንልህ።እባክሽ", "слово.Слово". */
  readonly #unspaced: number[] = [];
  readonly #wrapped: ReadonlySet<Block>;
  /** Of addresses and tags that belong to the sentence before. */
  readonly #joined: ReadonlySet<number>;
  /** Behind the marks of lists in running text. */
  readonly #markEnds: ReadonlySet<number>;
  #next = 0;
  #nextUnspaced = 0;

  constructor(text: string, from: number, to: number, blocks: readonly Block[]) {
    const wrapped = blocks.filter(
      (block) => (block.kind === "text" || block.kind === "item") && isWrapped(text, block),
    );
    this.#from = from;
    this.#wrapped = new Set(wrapped);
    const unwrapped = unwrap(text, from, to, wrapped);
    let flags = 0;
    for (const block of blocks) flags |= block.flags;
    const { starts: found, marks } = findSentences(unwrapped, flags);
    const { starts, joined } = joinStarts(unwrapped, found);
    this.#starts = starts;
    this.#joined = joined;
    for (const start of starts) {
      const at = start + from;
      if (!has(text, at - 1, SPACE) && WITHOUT_SPACE.test(text.slice(at - 2, at + 1))) this.#unspaced.push(at);
    }
    this.#markEnds = new Set(marks.map(({ end }) => end + from));
  }

  /** Whether a sentence begins in `(after, upTo]`. */
  beginsIn(after: number, upTo: number): boolean {
    const starts = this.#starts;
    while (this.#next < starts.length && (starts[this.#next] ?? 0) + this.#from <= after) this.#next++;
    return (starts[this.#next] ?? Number.POSITIVE_INFINITY) + this.#from <= upTo;
  }

  /** Where the next sentence behind `at` begins; infinity where none does. Moves nothing. */
  startAfter(at: number): number {
    const starts = this.#starts;
    let next = this.#next;
    while (next < starts.length && (starts[next] ?? 0) + this.#from <= at) next++;
    return (starts[next] ?? Number.POSITIVE_INFINITY) + this.#from;
  }

  /** Whether a sentence begins before `to`, and was not asked for yet, without a space before it. */
  hasUnspacedBefore(to: number): boolean {
    return (this.#unspaced[this.#nextUnspaced] ?? Number.POSITIVE_INFINITY) < to;
  }

  /** Offsets in `(from, to)` at which one does. Asked in ascending order as well. */
  unspacedIn(from: number, to: number): readonly number[] {
    while ((this.#unspaced[this.#nextUnspaced] ?? Number.POSITIVE_INFINITY) <= from) this.#nextUnspaced++;
    let end = this.#nextUnspaced;
    while ((this.#unspaced[end] ?? Number.POSITIVE_INFINITY) < to) end++;
    const found = this.#unspaced.slice(this.#nextUnspaced, end);
    this.#nextUnspaced = end;
    return found;
  }

  /** Whether what begins at `start` belongs to the sentence before it: an address, tags. */
  isJoined(start: number): boolean {
    return this.#joined.has(start - this.#from);
  }

  /** Whether the mark of an item in running text stands before `start`: the two belong together. */
  isBehindMark(start: number): boolean {
    return this.#markEnds.size > 0 && this.#markEnds.has(start);
  }

  /**
   * Whether the lines of the block were broken at some column, so that a line break in it means no more than a space.
   */
  isWrapped(block: Block): boolean {
    return this.#wrapped.has(block);
  }
}

/**
 * Whether some long line of the block ends inside a sentence, which goes on with a small letter. Lines of notes or of a song do so as well,
 * where nothing ends a sentence: those were broken by hand, for a line would have held a word more.
 */
function isWrapped(text: string, block: Block): boolean {
  if (goesOnInNextLine(text, block))
    return (endsSentence(text, block) || isFilled(text, block)) && !isForm(text, block);
  return isFilledProse(text, block);
}

/** Whether each next line happens to begin with a capital: then lines must be long and full, and end within sentences. */
function isFilledProse(text: string, block: Block): boolean {
  if ((block.flags & LINE_BREAK) === 0 || block.end - block.start < FILLED_LINES_MIN * FILLED_LENGTH_MIN) return false;
  const lines = text.slice(block.start, block.end).split(LINE_END);
  const inner = lines.slice(0, -1);
  if (lines.length < FILLED_LINES_MIN || inner.some((line) => line.length < FILLED_LENGTH_MIN)) return false;
  const open = inner.filter((line) => GOES_ON_BEFORE.test(line.slice(-WRAPPED_LENGTH_MIN))).length;
  return open > inner.length / 2 && endsSentence(text, block) && isFilled(text, block);
}

/** Lines such as "price: too much", of which some end a sentence: they begin with small letters all the same. */
function isForm(text: string, { start, end }: Block): boolean {
  const lines = text.slice(start, end).split(LINE_END);
  const labelled = lines.filter((line) => LABEL.test(line)).length;
  return labelled >= LABELS_MIN && labelled > lines.length / 2;
}

function endsSentence(text: string, { start, end }: Block): boolean {
  return SENTENCE_END_WITHIN.test(text.slice(start, end));
}

/** Whether no line but the last has room for the first word of the next one, by the longest of them. */
function isFilled(text: string, { start, end }: Block): boolean {
  const lines = text.slice(start, end).split(LINE_END);
  const longest = lines.reduce((most, line) => Math.max(most, line.trimEnd().length), 0);
  return lines.every((line, index) => {
    const [word = ""] = (lines[index + 1] ?? "").trimStart().split(" ");
    return index === lines.length - 1 || line.trimEnd().length + 1 + word.length + RAGGED_MAX > longest;
  });
}

function goesOnInNextLine(text: string, { start: from, end: to, flags }: Block): boolean {
  if ((flags & LINE_BREAK) === 0) return false;
  for (let lineStart = from; lineStart < to; ) {
    const { start: lineEnd, end: next } = nextLineEnd(text, lineStart, to);
    const isLong = next < to && lineEnd - lineStart >= WRAPPED_LENGTH_MIN;
    lineStart = next;
    if (!isLong || !GOES_ON_AFTER.test(text.slice(next, Math.min(to, next + WRAPPED_LENGTH_MIN)))) continue;
    if (GOES_ON_BEFORE.test(text.slice(lineEnd - WRAPPED_LENGTH_MIN, lineEnd))) return true;
  }
  return false;
}

/** `[from, to)` with the line breaks of the wrapped blocks as spaces, so that every offset stays. */
function unwrap(text: string, from: number, to: number, wrapped: readonly Block[]): string {
  const parts: string[] = [];
  let at = from;
  for (const { start, end } of wrapped) {
    parts.push(
      text.slice(at, start),
      text.slice(start, end).replace(LINE_END, (lineBreak) => " ".repeat(lineBreak.length)),
    );
    at = end;
  }
  return parts.join("") + text.slice(at, to);
}
