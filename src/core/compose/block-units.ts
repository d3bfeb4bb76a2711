/**
 * The units that are made of blocks. One pass over the blocks with a stack of what is open: lists, their items, quotations, containers. Each
 * is a sequence in which headings and announcing lines lead to what comes next.
 */
import { announces, isCaption, LENGTH_MAX, looksLikeTitle } from "./announcements.ts";
import type { Block } from "./blocks.ts";
import type { CutList } from "./cut-list.ts";
import { endWithSource, goesOnBelow, isBoldItem, LINE_TAIL, labelledLines, titleLines } from "./text-lines.ts";
import type { UnitKind, UnitList } from "./unit-list.ts";

/** Two cuts of a block, by their indices. */
export interface BlockCuts {
  /** At which the block begins. */
  start: number;
  /** At which its last sentence begins. */
  lastSentence: number;
  /** At which its lines begin, but for the first. */
  lines: readonly number[];
}

/**
 * Adds the units that are made of `blocks`.
 * @param found the cuts of each block
 */
export function addBlockUnits(
  text: string,
  blocks: readonly Block[],
  found: readonly BlockCuts[],
  cuts: CutList,
): void {
  const builder = new BlockUnits(text, blocks, found, cuts);
  for (let index = 0; index < blocks.length; ) index = builder.add(index);
  builder.closeAll();
}

// --- internal ---

/** Characters of a line that announces, with what stands behind it. */
const SHORT_LEAD_MAX = LENGTH_MAX + 4;

/** What is open, and what waits in it for the next thing. */
interface Open {
  kind: "text" | "list" | "item" | "quotation" | "container";
  from: number;
  depth: number;
  /** Of a list: the kind of its marks. */
  mark: string;
  /** Which container. */
  container: number;
  waiting: Announcer[];
}

interface Announcer {
  from: number;
  kind: "heading" | "text" | "edge";
  /** The text of which it is not sure yet whether it announces the next thing; null where it is sure. */
  block: Block | null;
}

class BlockUnits {
  readonly #text: string;
  readonly #blocks: readonly Block[];
  readonly #found: readonly BlockCuts[];
  readonly #cuts: CutList;
  readonly #end: number;
  readonly #units: UnitList;
  readonly #open: Open[] = [];
  #top: Open;

  constructor(text: string, blocks: readonly Block[], found: readonly BlockCuts[], cuts: CutList) {
    this.#text = text;
    this.#blocks = blocks;
    this.#found = found;
    this.#cuts = cuts;
    this.#end = cuts.length - 1;
    this.#units = cuts.units;
    this.#top = { kind: "text", from: 0, depth: 0, mark: "", container: -1, waiting: [] };
  }

  /** Takes the block `index`, and those that are one thing with it. @returns the next one */
  add(index: number): number {
    const block = this.#blocks[index];
    if (block === undefined || this.#leave(block, index)) return index + 1;
    const from = this.#startOf(index);
    this.#settle(this.#top, block);
    if (block.mark !== "") {
      if (this.#top.kind !== "list" || this.#top.depth < block.depth) this.#enter("list", from, block);
      this.#enter("item", from, block);
    }
    if (block.isQuoted && this.#top.kind !== "quotation") this.#enter("quotation", from, block);
    if (block.opens >= 0) this.#enter("container", from, block);
    const next = this.#endOfGroup(block, index);
    this.#addGroup(block, index, next);
    if (block.closes >= 0) this.#leaveContainer(block.closes, this.#startOf(next));
    return next;
  }

  closeAll(): void {
    while (this.#open.length > 0) this.#close(this.#end);
    this.#settle(this.#top, null);
  }

  #startOf(index: number): number {
    return this.#found[index]?.start ?? this.#end;
  }

  #enter(kind: Open["kind"], from: number, { depth, mark, opens }: Block): void {
    this.#open.push(this.#top);
    this.#top = { kind, from, depth, mark, container: kind === "container" ? opens : -1, waiting: [] };
  }

  /** Closes what the block `index` is no part of. @returns whether it is the source of a quotation, which is part of that */
  #leave(block: Block, index: number): boolean {
    while (this.#open.length > 0 && !this.#isIn(this.#top, block, index)) {
      if (this.#top.kind === "quotation" && block.depth === this.#top.depth && isSource(this.#text, block)) {
        this.#close(this.#startOf(index + 1));
        return true;
      }
      this.#close(this.#startOf(index));
    }
    return false;
  }

  #isIn({ kind, depth, mark }: Open, block: Block, index: number): boolean {
    if (kind === "quotation") {
      return block.isQuoted && block.depth >= depth && this.#blocks[index - 1]?.blankAfter !== true;
    }
    if (block.depth !== depth) return block.depth > depth;
    if (kind === "item") return block.mark === "";
    return kind !== "list" || block.mark === mark;
  }

  /** Closes the container, and what is still open in it. */
  #leaveContainer(container: number, to: number): void {
    if (this.#top.container !== container && !this.#open.some((open) => open.container === container)) return;
    while (this.#top.container !== container) this.#close(to);
    this.#close(to);
  }

  #close(to: number): void {
    const { kind, from } = this.#top;
    this.#settle(this.#top, null);
    this.#top = this.#open.pop() ?? this.#top;
    if (kind === "item") this.#units.add("item", from, to);
    else if (kind !== "text") this.#addUnit(kind, from, to);
  }

  /** A thing in the open sequence: what waits there leads to it. */
  #addUnit(kind: UnitKind, from: number, to: number): void {
    const { waiting } = this.#top;
    // A list behind a short line counts together with it: by itself it would pull against that and its first item, and leave the line alone.
    const isAnnounced = kind === "list" && this.#isShortLead(waiting.at(-1), from);
    if (!isAnnounced) this.#units.add(kind, from, to);
    else for (const announcer of waiting) this.#units.add(kind, announcer.from, to);
    this.#lead(this.#top, from);
  }

  /** A sentence that announces a list may well end a tweet; a line such as "What you need:" may not. */
  #isShortLead(announcer: Announcer | undefined, to: number): boolean {
    const { starts } = this.#cuts;
    if (announcer === undefined || announcer.kind === "edge") return false;
    return (starts[to] ?? 0) - (starts[announcer.from] ?? 0) <= SHORT_LEAD_MAX;
  }

  /** What waits leads to the thing that begins at `to`. */
  #lead(open: Open, to: number): void {
    let next = to;
    for (let announcer = open.waiting.pop(); announcer !== undefined; announcer = open.waiting.pop()) {
      this.#units.leads.push({ from: announcer.from, to: next });
      next = announcer.from;
    }
  }

  /** Decides whether the text that was last announces `next`, which follows it; null for the end. */
  #settle(open: Open, next: Block | null): void {
    const last = open.waiting.at(-1);
    if (last === undefined || last.block === null) return;
    const { block } = last;
    if (next !== null && (announces(this.#text, block, next) || isTitle(this.#text, block, next))) last.block = null;
    else {
      open.waiting.pop();
      this.#lead(open, last.from);
    }
  }

  /** The block after those that belong together with `block`: lines of a fence, a table and its caption, a quoted text and its source. */
  #endOfGroup(block: Block, index: number): number {
    let end = index + 1;
    const goesOn = (isOne: (next: Block) => boolean): boolean => {
      const next = this.#blocks[end];
      return next !== undefined && next.depth === block.depth && next.mark === "" && isOne(next);
    };
    if (block.kind === "code") {
      while (goesOn(({ kind, verbatim }) => kind === "code" && verbatim === block.verbatim)) end++;
    } else if (block.kind === "table") {
      while (goesOn(({ kind }) => kind === "table") && this.#blocks[end - 1]?.blankAfter === false) end++;
      // A caption may stand under a table, unless another table stands under the caption.
      if (goesOn((next) => isCaption(this.#text, next)) && this.#blocks[end + 1]?.kind !== "table") end++;
    } else if (block.kind === "text" && QUOTE_MARK.test(this.#text.charAt(block.start))) {
      if (goesOn((next) => isSource(this.#text, next))) end++;
    }
    return end;
  }

  #addGroup(block: Block, index: number, next: number): void {
    const from = this.#startOf(index);
    const to = this.#startOf(next);
    const { waiting } = this.#top;
    switch (block.kind) {
      case "code":
      case "table":
        this.#addUnit(block.kind, from, to);
        return;
      case "heading":
      case "edge":
        if (block.kind === "heading") this.#units.add("heading", from, to);
        waiting.push({ from, kind: block.kind, block: null });
        return;
      case "item":
        this.#units.add("item", from, to);
        waiting.push({ from, kind: "text", block });
        return;
      default: {
        if (next > index + 1) {
          this.#addUnit("quotation", from, to);
          return;
        }
        const last = this.#addLines(index, from, to) ?? this.#found[index]?.lastSentence ?? from;
        if (last > from) this.#lead(this.#top, from);
        waiting.push({ from: last, kind: "text", block });
      }
    }
  }

  /** Adds what the lines of a text are by their form. @returns where its last item begins; null where no item is last */
  #addLines(index: number, from: number, to: number): number | null {
    const isBold = (at: number) => isBoldItem(this.#text, this.#blocks[at]);
    const more = this.#found[index]?.lines ?? [];
    if (more.length === 0) {
      if (!isBold(index) || !(isBold(index - 1) || isBold(index + 1))) return null;
      this.#units.add("item", from, to);
      return from;
    }
    this.#addRunOn(from, to);
    const { starts, ends } = this.#cuts;
    const froms = [from, ...more];
    const toOf = (line: number) => froms[line + 1] ?? to;
    const lines = froms.map((start, line) => this.#text.slice(starts[start], ends[toOf(line)]));
    if (QUOTE_MARK.test(lines[0]?.charAt(0) ?? "") && endWithSource(lines)) this.#units.add("quotation", from, to);
    for (const line of titleLines(lines)) this.#units.leads.push({ from: froms[line] ?? from, to: toOf(line) });
    const lists = labelledLines(lines);
    for (const list of lists) {
      for (let line = list.from; line < list.to; line++) this.#units.add("item", froms[line] ?? from, toOf(line));
      // The line above that announces it counts with it.
      const first = list.from > 0 && goesOnBelow(lines[list.from - 1] ?? "") ? list.from - 1 : list.from;
      this.#units.add("list", froms[first] ?? from, toOf(list.to - 1));
    }
    return lists.at(-1)?.to === lines.length ? (froms.at(-1) ?? null) : null;
  }

  /** Adds the sentences that go on behind their line, as those of verse do: it ends with a comma. */
  #addRunOn(from: number, to: number): void {
    const { ends } = this.#cuts;
    let start = from;
    let isRunOn = false;
    for (let cut = from + 1; cut <= to; cut++) {
      const kind = cut === to ? "end" : this.#cuts.kindAt(cut);
      if (kind === "clause" || kind === "word") continue;
      const end = ends[cut] ?? 0;
      if (kind === "line" && goesOnBelow(this.#text.slice(Math.max(0, end - LINE_TAIL), end))) {
        isRunOn = true;
        continue;
      }
      if (isRunOn) this.#units.add("sentence", start, cut);
      start = cut;
      isRunOn = false;
    }
  }
}

const isTitle = (text: string, block: Block, next: Block): boolean =>
  block.kind === "text" && looksLikeTitle(text, block, next);

const QUOTE_MARK = /["“„«‹「『]/;
const SOURCE_LENGTH_MAX = 100;

/** "— Ada Lovelace, 1843": the line under a quotation. */
function isSource(text: string, { kind, start, end }: Block): boolean {
  if (kind !== "text" || end - start > SOURCE_LENGTH_MAX) return false;
  const line = text.slice(start, end);
  return !line.includes("\n") && /^(?:[—–―]|--)[ \t]*[\p{L}*_[]/u.test(line);
}
