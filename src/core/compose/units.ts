/**
 * What a reader takes in as one thing: a sentence, a list item, a short list, a fence of code, a table, a quotation with its source, a
 * heading with what follows it. A unit that fits into one tweet is not torn. Clauses are units as well, so that a sentence which is
 * longer than a tweet is cut between them.
 *
 * Units are ranges between two cuts. They lie apart or inside one another, so not tearing any is always possible: a text cut only
 * between its largest fitting units tears nothing. (A heading may pull two of them together that do not fit into one tweet; then the
 * weaker bond gives way, see `open-cuts.ts`.)
 */
import type { Block } from "./blocks.ts";
import type { CutList } from "./cut-list.ts";
import type { UnitKind, UnitList } from "./unit-list.ts";

/** Weight of a unit when it stands alone in a tweet. */
export function unitWeight(cuts: CutList, unit: number): number {
  return (cuts.endsAt[cuts.units.to[unit] ?? 0] ?? 0) - (cuts.startsAt[cuts.units.from[unit] ?? 0] ?? 0);
}

/**
 * For each cut, how many units that fit into `limit` it would tear.
 * @param onlyBlocks leaves the sentences and groups out, for an author who wants the fewest tweets
 */
export function countTorn(cuts: CutList, limit: number, onlyBlocks: boolean): Uint16Array {
  const { units } = cuts;
  const changes = new Int32Array(cuts.length + 1);
  for (let unit = 0; unit < units.kinds.length; unit++) {
    if (onlyBlocks && !IN_BLOCKS.has(units.kinds[unit] ?? "sentence")) continue;
    if (unitWeight(cuts, unit) > limit) continue;
    const from = (units.from[unit] ?? 0) + 1;
    const to = units.to[unit] ?? 0;
    changes[from] = (changes[from] ?? 0) + 1;
    changes[to] = (changes[to] ?? 0) - 1;
  }
  const counts = new Uint16Array(cuts.length);
  let open = 0;
  for (let index = 0; index < cuts.length; index++) {
    open += changes[index] ?? 0;
    counts[index] = open;
  }
  return counts;
}

/**
 * The innermost unit that fits into `limit` and that a tweet ending at `end`, the next one beginning at `start`, tears: its kind and its
 * number among the units; null when it tears none.
 */
export function tornAt(
  cuts: CutList,
  limit: number,
  end: number,
  start: number,
): { kind: UnitKind; unit: number } | null {
  const { units } = cuts;
  let found: { kind: UnitKind; unit: number; weight: number } | null = null;
  for (let unit = 0; unit < units.kinds.length; unit++) {
    const isInside = (cuts.starts[units.from[unit] ?? 0] ?? 0) < end && start < (cuts.ends[units.to[unit] ?? 0] ?? 0);
    if (!isInside) continue;
    const weight = unitWeight(cuts, unit);
    // A clause is torn only together with its sentence.
    if (units.kinds[unit] === "clause") continue;
    if (weight > limit || (found !== null && found.weight <= weight)) continue;
    found = { kind: units.kinds[unit] ?? "sentence", unit, weight };
  }
  return found && { kind: found.kind, unit: found.unit };
}

/**
 * Adds the units that are made of blocks.
 * @param firstCuts for each block the index of the cut at its start; one more for the end
 * @param firstSentenceEnds for each block the index of the cut at which its first sentence ends
 */
export function addBlockUnits(
  text: string,
  blocks: readonly Block[],
  firstCuts: readonly number[],
  firstSentenceEnds: readonly number[],
  units: UnitList,
): void {
  const startOf = (block: number) => firstCuts[block] ?? 0;
  for (let index = 0; index < blocks.length; ) {
    const headings = index;
    while (index < blocks.length && blocks[index]?.kind === "heading") index++;
    const hasHeading = index > headings;
    if (index === blocks.length) break;
    const group = groupAt(text, blocks, index);
    const next = group.end;
    for (let block = index; block < next; block++) {
      const kind = blocks[block]?.kind ?? "text";
      if (kind !== "text") units.add(kind === "quote" ? "quotation" : kind, startOf(block), startOf(block + 1));
    }
    // A list under a heading counts together with it: by itself it would pull against the heading and its first item.
    if (group.kind === "list") addNestedItems(text, blocks, index, next, firstCuts, units);
    if (group.kind !== null && !(hasHeading && group.kind === "list")) {
      units.add(group.kind, startOf(index), startOf(next));
    }
    if (hasHeading) {
      const isText = blocks[index]?.kind === "text" || blocks[index]?.kind === "quote";
      units.add("heading", startOf(headings), isText ? (firstSentenceEnds[index] ?? 0) : startOf(index + 1));
      if (group.kind !== null) units.add(group.kind, startOf(headings), startOf(next));
    }
    index = next;
  }
}

// --- internal ---

/** An item of a list together with the items under it, which stand further in. */
function addNestedItems(
  text: string,
  blocks: readonly Block[],
  first: number,
  end: number,
  firstCuts: readonly number[],
  units: UnitList,
): void {
  const open: { block: number; indent: number }[] = [];
  for (let block = first; block <= end; block++) {
    const indent = block < end ? indentAt(text, blocks[block]?.start ?? 0) : -1;
    for (let last = open.at(-1); last !== undefined && last.indent >= indent; last = open.at(-1)) {
      open.pop();
      if (block - last.block > 1) units.add("item", firstCuts[last.block] ?? 0, firstCuts[block] ?? 0);
    }
    open.push({ block, indent });
  }
}

/** How far in the line of `start` begins; a tab counts as four. */
function indentAt(text: string, start: number): number {
  let indent = 0;
  for (let index = start - 1; index >= 0 && index > start - INDENT_MAX; index--) {
    const unit = text.charAt(index);
    if (unit !== " " && unit !== "\t") break;
    indent += unit === "\t" ? 4 : 1;
  }
  return indent;
}

const INDENT_MAX = 60;

/** What was a bond before sentences were: an item, a line of code. */
const IN_BLOCKS: ReadonlySet<UnitKind> = new Set(["item", "code", "heading"]);

interface Group {
  kind: "list" | "code" | "table" | "quotation" | null;
  /** The block after its last one. */
  end: number;
}

/** The blocks from `first` on that belong together: a list, a fence, a table, a quotation and the line that names its source. */
function groupAt(text: string, blocks: readonly Block[], first: number): Group {
  const kind = blocks[first]?.kind;
  let end = first + 1;
  switch (kind) {
    case "item":
      while (blocks[end]?.kind === "item") end++;
      return { kind: "list", end };
    case "table":
      while (blocks[end]?.kind === "table" && !blocks[end - 1]?.blankAfter) end++;
      return { kind: "table", end };
    case "code":
      if (blocks[first]?.opens) while (end < blocks.length && blocks[end - 1]?.closes !== true) end++;
      else while (blocks[end]?.kind === "code" && blocks[end]?.opens !== true) end++;
      return { kind: "code", end };
    default: {
      const block = blocks[first];
      const source = blocks[end];
      const isQuoted =
        block !== undefined && (kind === "quote" || QUOTE_MARK.test(text.slice(block.start, block.start + 1)));
      if (isQuoted && source?.kind === "text" && isSource(text.slice(source.start, source.end))) {
        return { kind: "quotation", end: end + 1 };
      }
      return { kind: null, end };
    }
  }
}

const QUOTE_MARK = /["“„«‹「『]/;
const SOURCE_LENGTH_MAX = 100;

/** "— Ada Lovelace, 1843": the line under a quotation. */
function isSource(text: string): boolean {
  return text.length <= SOURCE_LENGTH_MAX && !text.includes("\n") && /^(?:[—–―]|--)[ \t]*[\p{L}*_[]/u.test(text);
}
