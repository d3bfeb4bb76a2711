/**
 * What a reader takes in as one thing: a sentence, a list item, a short list, a fence of code, a table, a quotation with its source, a
 * container such as `<details>`, a heading or a line such as "What you need:" with what follows it. A unit that fits into one tweet is not torn. Clauses are units as well, so that a sentence which is
 * longer than a tweet is cut between them.
 *
 * Units are ranges between two cuts. They lie apart or inside one another, so not tearing any is always possible: a text cut only
 * between its largest fitting units tears nothing. (A heading above a list may pull two of them together that do not fit into one tweet;
 * then the weaker bond gives way, see `open-cuts.ts`.)
 */
import type { CutList } from "./cut-list.ts";
import type { UnitKind } from "./unit-list.ts";

/**
 * For each cut, how many units that fit into `limit` it would tear.
 * @param which `blocks` leaves the sentences and groups out, for an author who wants the fewest tweets; `said` the clauses, which are torn only
 *   together with their sentence (`tornAt`)
 */
export function countTorn(cuts: CutList, limit: number, which: "all" | "blocks" | "said"): Uint16Array {
  const { units } = cuts;
  const changes = new Int32Array(cuts.length + 1);
  const add = (unitFrom: number, to: number) => {
    const from = unitFrom + 1;
    changes[from] = (changes[from] ?? 0) + 1;
    changes[to] = (changes[to] ?? 0) - 1;
  };
  for (let unit = 0; unit < units.kinds.length; unit++) {
    const kind = units.kinds[unit] ?? "sentence";
    if (which === "blocks" && !IN_BLOCKS.has(kind)) continue;
    if (which === "said" && kind === "clause") continue;
    const from = units.from[unit] ?? 0;
    const to = units.to[unit] ?? 0;
    if (weightBetween(cuts, from, to) <= limit) add(from, to);
  }
  for (const { from, to } of led(cuts, limit)) add(from, to);
  const counts = new Uint16Array(cuts.length);
  let open = 0;
  for (let index = 0; index < cuts.length; index++) {
    open += changes[index] ?? 0;
    counts[index] = open;
  }
  return counts;
}

/** A unit between two cuts, by their indices. */
export interface Unit {
  kind: UnitKind;
  from: number;
  to: number;
}

/**
 * The innermost unit that fits into `limit` and that a tweet ending at `end`, the next one beginning at `start`, tears; null when it tears
 * none.
 */
export function tornAt(cuts: CutList, limit: number, end: number, start: number): Unit | null {
  const { units } = cuts;
  let found: Unit | null = null;
  let least = limit + 1;
  const look = (kind: UnitKind, from: number, to: number) => {
    if ((cuts.starts[from] ?? 0) >= end || start >= (cuts.ends[to] ?? 0)) return;
    const weight = weightBetween(cuts, from, to);
    if (weight >= least) return;
    least = weight;
    found = { kind, from, to };
  };
  for (let unit = 0; unit < units.kinds.length; unit++) {
    const kind = units.kinds[unit] ?? "sentence";
    // A clause is torn only together with its sentence.
    if (kind !== "clause") look(kind, units.from[unit] ?? 0, units.to[unit] ?? 0);
  }
  for (const { from, to } of led(cuts, limit)) look("heading", from, to);
  return found;
}

// --- internal ---

/** What was a bond before sentences were: an item, a line of code. */
const IN_BLOCKS: ReadonlySet<UnitKind> = new Set(["item", "code", "heading"]);

function weightBetween(cuts: CutList, from: number, to: number): number {
  return (cuts.endsAt[to] ?? 0) - (cuts.startsAt[from] ?? 0);
}

/**
 * Headings and announcing lines, each with the largest unit that begins behind it and fits into `limit`: a whole fence, or the first
 * sentence, or the first clause of a sentence that is longer than a tweet. Where no tweet holds the two, they are two units.
 */
function led(cuts: CutList, limit: number): { from: number; to: number }[] {
  const { units } = cuts;
  if (units.leads.length === 0) return [];
  const largest = new Int32Array(cuts.length);
  for (let unit = 0; unit < units.kinds.length; unit++) {
    const from = units.from[unit] ?? 0;
    const to = units.to[unit] ?? 0;
    if (to > (largest[from] ?? 0) && weightBetween(cuts, from, to) <= limit) largest[from] = to;
  }
  const found: { from: number; to: number }[] = [];
  for (const lead of units.leads) {
    const to = Math.max(largest[lead.to] ?? 0, lead.to + 1);
    if (weightBetween(cuts, lead.from, to) > limit) continue;
    found.push({ from: lead.from, to });
    largest[lead.from] = Math.max(largest[lead.from] ?? 0, to);
  }
  return found;
}
