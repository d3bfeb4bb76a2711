/** The shape of a text above its sentences: headings, list items, lines of code, tables, quotations, and the paragraphs between them. */
import { type Fence, findFences } from "./fences.ts";
import { isLineEnd, lineStartBehind, nextLineEnd } from "./line-starts.ts";
import { ITEM, kindOfMark } from "./list-marks.ts";
import { findContainers, findFormulas, type PairedLines } from "./paired-lines.ts";
import { LINE_BREAK, TEXT_CHARACTERS, trimRange } from "./text-characters.ts";

/** `edge`: the first or last line of a container, such as `<details>`, or its title. */
export type BlockKind = "text" | "heading" | "item" | "code" | "table" | "quote" | "edge";

/** A block in offsets of the text, without white space around it. */
export interface Block {
  kind: BlockKind;
  start: number;
  end: number;
  /** A blank line stands before the next block. */
  blankAfter: boolean;
  /** How many items of lists it is in, one inside the other; an item is in itself. */
  depth: number;
  /** The kind of mark with which an item of a list begins here; "" where none does. */
  mark: string;
  isQuoted: boolean;
  /** Which fence or formula a line of code is in, counted from 0; -1 for indented code. */
  verbatim: number;
  /** The containers that this line opens and closes, counted from 0; -1 for none. */
  opens: number;
  closes: number;
  /** What its characters are, all together (`text-characters.ts`): what none of them is need not be looked for in it. */
  flags: number;
}

const HEADING = /^ {0,3}#{1,6}[ \t]+\S|^ {0,3}\*\*[^*\n]+\*\*[ \t]*$|^ {0,3}__[^_\n]+__[ \t]*$/;
/** Under a line of words it makes a heading of them. `---` does not: it is the author's break. */
const UNDERLINE = /^ {0,3}(?:=+|--|-{4,}|[─━═‾▔]{2,}|[—–_]{5,})[ \t]*$/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const EN_DASH = "–";
const DASH_ITEM = /^[ \t]*–[ \t]+\S/;
const SUMMARY = /^[ \t]*<summary\b/i;
const QUOTE = /^ {0,3}>/;
/** A row between bars, the lines of a grid, or of what is drawn. */
const TABLE_ROW = /^[ \t]*(?:\|.*\||\+[-=+:]+\+|[┌┬┐├┼┤└┴┘│╔╦╗╠╬╣╚╩╝║╭╮╰╯┃┏┓┗┛┣┫].*)[ \t]*$/;
/** The second line of a table without bars at its ends: "--- | ---", "---+---". */
const TABLE_RULE = /^[ \t]*[|+]?[ \t]*:?-+:?(?:[ \t]*[|+][ \t]*:?-+:?)+[ \t]*[|+]?[ \t]*$/;
/** Deeper ones count as so deep. */
const DEPTH_MAX = 30;
/** A line is known by its beginning, or by being short. */
const LINE_HEAD_MAX = 1000;
const TITLE_LENGTH_MAX = 200;
const INDENTED_CODE = 4;
/** An item's paragraphs stand under its words; two spaces are enough, as people write. */
const INDENT_OF_ITEM_MAX = 2;
/** From here on a line that ends without a full stop was broken by an editor, if the next one begins with a small letter. */
const WRAPPED_LENGTH_MIN = 40;
const GOES_ON = /[^\s.!?…:;。！？؟।"'”’)\]][ \t]*$/u;
const SMALL_LETTER_AT_START = /^\p{Lowercase_Letter}/u;

/** Blocks of `[from, to)` in order. The range begins and ends with something visible. */
export function findBlocks(text: string, from: number, to: number): Block[] {
  const scan = new BlockScan(text, from, to);
  for (let lineStart = from; lineStart < to; ) lineStart = scan.line(lineStart);
  return scan.blocks;
}

// --- internal ---

/** Goes over the lines of a segment once. */
class BlockScan {
  readonly blocks: Block[] = [];
  readonly #text: string;
  readonly #from: number;
  readonly #to: number;
  readonly #verbatim: Fence[];
  readonly #containers: PairedLines[];
  /** Numbers of the containers that are open. */
  readonly #open: number[] = [];
  readonly #items: { indent: number; content: number }[] = [];
  #nextVerbatim = 0;
  #nextContainer = 0;
  /** Start of the last line that belongs to a block. */
  #lastLine = 0;
  /** What the characters of the present line are. */
  #flags = 0;

  constructor(text: string, from: number, to: number) {
    this.#text = text;
    this.#from = from;
    this.#to = to;
    const segment = text.slice(from, to);
    const fences = findFences(segment);
    const formulas = findFormulas(segment, fences);
    this.#verbatim = formulas.length === 0 ? fences : [...fences, ...formulas].sort((a, b) => a.start - b.start);
    this.#containers = findContainers(segment, this.#verbatim);
  }

  /** Takes the line that begins at `lineStart`. @returns where the next one begins */
  line(lineStart: number): number {
    const text = this.#text;
    const lineEnd = this.#readLine(lineStart);
    const next = lineEnd < this.#to ? lineStartBehind(text, lineEnd) : lineEnd;
    const { start, end } = trimRange(text, lineStart, lineEnd);
    const last = this.blocks.at(-1);
    if (start === end) {
      if (last !== undefined) last.blankAfter = true;
      return next;
    }
    const line = text.slice(lineStart, Math.min(lineEnd, lineStart + LINE_HEAD_MAX));
    const indent = indentAt(text, start);
    const verbatim = this.#verbatimAt(lineStart);
    const opens = this.#opensAt(lineStart);
    const closes = this.#closesBefore(next);
    if (verbatim >= 0) this.#code(line, start, end, indent, verbatim);
    else if (opens >= 0 || closes >= 0) {
      this.#leaveItems(indent);
      Object.assign(this.#push("edge", start, end), { opens, closes });
    } else this.#words(line, start, end, indent, next);
    this.#lastLine = start;
    return next;
  }

  /** @returns where the line ends */
  #readLine(lineStart: number): number {
    const text = this.#text;
    let flags = 0;
    let lineEnd = lineStart;
    for (; lineEnd < this.#to; lineEnd++) {
      const unit = text.charCodeAt(lineEnd);
      if (isLineEnd(unit)) break;
      flags |= TEXT_CHARACTERS[unit] ?? 0;
    }
    this.#flags = flags;
    return lineEnd;
  }

  #code(line: string, start: number, end: number, indent: number, verbatim: number): void {
    const isFirst = this.blocks.at(-1)?.verbatim !== verbatim;
    const mark = isFirst ? ITEM.exec(line) : null;
    if (mark !== null) this.#enterItem(indent, mark);
    else if (isFirst) this.#leaveItems(indent);
    const block = this.#push("code", start, end);
    block.verbatim = verbatim;
    if (mark !== null) block.mark = kindOfMark(mark);
    block.isQuoted = QUOTE.test(line);
  }

  #words(line: string, start: number, end: number, indent: number, next: number): void {
    const last = this.blocks.at(-1);
    const mark = RULE.test(line) ? null : ITEM.exec(line);
    if (mark !== null && (mark[2] !== EN_DASH || this.#isAmongDashes(last, next))) {
      this.#enterItem(indent, mark);
      this.#push("item", start, end).mark = kindOfMark(mark);
      return;
    }
    if (last !== undefined && !last.blankAfter && this.#isWrapped(last, start)) {
      this.#extend(last, end);
      return;
    }
    this.#leaveItems(indent);
    const isNext = last !== undefined && !last.blankAfter && last.depth === this.#items.length;
    const base = this.#items.at(-1)?.content ?? 0;
    const inItem = line.slice(Math.min(base, line.length - line.trimStart().length));
    const kind = this.#kindOf(inItem, indent - base, next, isNext ? last : undefined, last);
    if (kind === "underline" && last !== undefined) this.#makeHeading(last, end);
    else if (kind === "more" && last !== undefined) this.#extend(last, end);
    else this.#push(kind === "more" || kind === "underline" ? "text" : kind, start, end).isQuoted = kind === "quote";
  }

  /** An en dash begins an item where another one does next to it; a lone one begins what somebody says, or the source of a quotation. */
  #isAmongDashes(last: Block | undefined, next: number): boolean {
    if (last?.kind === "item" && !last.blankAfter && last.mark === EN_DASH) return true;
    return DASH_ITEM.test(this.#text.slice(next, Math.min(this.#to, next + LINE_HEAD_MAX)));
  }

  /** @param above the block that the line stands directly under; undefined for none */
  #kindOf(
    line: string,
    indent: number,
    next: number,
    above: Block | undefined,
    last: Block | undefined,
  ): BlockKind | "more" | "underline" {
    if (HEADING.test(line)) return "heading";
    if (TABLE_ROW.test(line) || this.#isInBareTable(line, next, above)) return "table";
    if (SUMMARY.test(line)) return "edge";
    if (QUOTE.test(line)) return above?.kind === "quote" ? "more" : "quote";
    if (last === undefined) return "text";
    if (above?.kind === "text" && UNDERLINE.test(line)) return "underline";
    if (above?.kind === "item") return "more";
    if (indent >= INDENTED_CODE && (last.blankAfter || (above?.kind === "code" && above.verbatim < 0))) return "code";
    return above?.kind === "text" ? "more" : "text";
  }

  /** Whether the line is of a table without bars at its ends: its head, which stands above the rule, or what follows without a blank line. */
  #isInBareTable(line: string, next: number, above: Block | undefined): boolean {
    if (!line.includes("|")) return false;
    if (above?.kind === "table") return true;
    const end = Math.min(next + LINE_HEAD_MAX, nextLineEnd(this.#text, next, this.#to).start);
    return TABLE_RULE.test(this.#text.slice(next, end).trimEnd());
  }

  /** Whether the line at `start` goes on with an item whose line an editor broke, though it is not indented. */
  #isWrapped(last: Block, start: number): boolean {
    if (last.kind !== "item" || last.end - this.#lastLine < WRAPPED_LENGTH_MIN) return false;
    if (!SMALL_LETTER_AT_START.test(this.#text.slice(start, start + 2))) return false;
    return GOES_ON.test(this.#text.slice(last.end - 2, last.end));
  }

  /** The words above a line of `=====` are a heading: all of them, or the last line where a sentence ends above it. */
  #makeHeading(last: Block, end: number): void {
    const text = this.#text;
    const before = text.slice(last.start, this.#lastLine).trimEnd();
    const isOneTitle = last.end - last.start <= TITLE_LENGTH_MAX && (before === "" || GOES_ON.test(before.slice(-2)));
    if (isOneTitle) last.kind = "heading";
    this.#extend(last, end);
    if (isOneTitle || this.#lastLine <= last.start) return;
    const start = this.#lastLine;
    last.end = last.start + before.length;
    this.#push("heading", start, end).flags = last.flags;
  }

  /** The present line goes on with `last`. */
  #extend(last: Block, end: number): void {
    last.end = end;
    last.flags |= this.#flags | LINE_BREAK;
  }

  #push(kind: BlockKind, start: number, end: number): Block {
    const block = {
      kind,
      start,
      end,
      blankAfter: false,
      depth: this.#items.length,
      mark: "",
      isQuoted: false,
      verbatim: -1,
      opens: -1,
      closes: -1,
      flags: this.#flags,
    };
    this.blocks.push(block);
    return block;
  }

  #enterItem(indent: number, mark: RegExpExecArray): void {
    for (let top = this.#items.at(-1); top !== undefined; top = this.#items.at(-1)) {
      if (top.indent < indent && this.#items.length < DEPTH_MAX) break;
      this.#items.pop();
    }
    const spaces = (mark[3] ?? mark[5] ?? "").length;
    const width = (mark[2] ?? mark[4] ?? "").length + (spaces > INDENTED_CODE ? 1 : spaces);
    this.#items.push({ indent, content: indent + width });
  }

  /** A line that is indented less than the words of an item is in it no more; without a blank line one space is enough. */
  #leaveItems(indent: number): void {
    const isBelowBlank = this.blocks.at(-1)?.blankAfter === true;
    for (let top = this.#items.at(-1); top !== undefined; top = this.#items.at(-1)) {
      const least = isBelowBlank ? Math.min(top.content, top.indent + INDENT_OF_ITEM_MAX) : top.indent + 1;
      if (indent >= least) return;
      this.#items.pop();
    }
  }

  /** Which fence or formula the line is in; -1 for none. A segment begins behind the white space of its first line. */
  #verbatimAt(lineStart: number): number {
    const at = lineStart - this.#from;
    while (this.#nextVerbatim < this.#verbatim.length && (this.#verbatim[this.#nextVerbatim]?.end ?? 0) <= at)
      this.#nextVerbatim++;
    const verbatim = this.#verbatim[this.#nextVerbatim];
    return verbatim !== undefined && verbatim.start <= at ? this.#nextVerbatim : -1;
  }

  /** The container that the line opens; -1 for none. */
  #opensAt(lineStart: number): number {
    const container = this.#containers[this.#nextContainer];
    if (container === undefined || this.#from + container.start !== lineStart) return -1;
    this.#open.push(this.#nextContainer);
    return this.#nextContainer++;
  }

  /** The container that the line closes behind which `next` begins; -1 for none. */
  #closesBefore(next: number): number {
    const last = this.#open.at(-1);
    if (last === undefined || this.#from + (this.#containers[last]?.end ?? 0) > next) return -1;
    this.#open.pop();
    return last;
  }
}

/** How far in the words of the line stand that begin at `start`; a tab counts as four. */
function indentAt(text: string, start: number): number {
  let indent = 0;
  for (let index = start - 1; index >= 0 && index > start - INDENT_MAX; index--) {
    const unit = text.charAt(index);
    if (unit !== " " && unit !== "\t" && unit !== "\u3000") break;
    indent += unit === "\t" ? 4 : unit === " " ? 1 : 2;
  }
  return indent;
}

const INDENT_MAX = 60;
