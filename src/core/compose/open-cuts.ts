/**
 * Opens bonded cuts where a piece that holds together is longer than a tweet, and parts letters where even a word is.
 */
import { type Atom, AtomCursor } from "./atoms.ts";
import { BOND, CutList } from "./cut-list.ts";
import { PENALTY } from "./cuts.ts";
import { codePointWeight } from "./emoji.ts";
import { plainWeight } from "./weighted-length.ts";

const GRAPHEMES = new Intl.Segmenter("und", { granularity: "grapheme" });

/**
 * The cuts that may be made when no tweet may weigh more than `limit`: neighbours are never further apart than that.
 */
export function openCuts(text: string, all: CutList, atoms: readonly Atom[], limit: number): CutList {
  const open = new CutList(all.length);
  open.take(all, 0);
  let from = 0;
  for (let index = 1; index < all.length; index++) {
    if (all.bonds[index] !== BOND.free) continue;
    openPiece(text, all, atoms, limit, from, index, BOND.whole, open);
    open.take(all, index);
    from = index;
  }
  return open;
}

/** Opens what must be between the cuts `from` and `to`, whose bonds in between are `bond` or stronger. */
function openPiece(
  text: string,
  all: CutList,
  atoms: readonly Atom[],
  limit: number,
  from: number,
  to: number,
  bond: number,
  open: CutList,
): void {
  if ((all.endsAt[to] ?? 0) - (all.startsAt[from] ?? 0) <= limit) return;
  if (bond > BOND.together) {
    partLetters(text, all, atoms, limit, from, to, open);
    return;
  }
  let start = from;
  for (let index = from + 1; index <= to; index++) {
    if (index < to && all.bonds[index] !== bond) continue;
    openPiece(text, all, atoms, limit, start, index, bond + 1, open);
    if (index < to) open.take(all, index);
    start = index;
  }
}

/** Cuts between the graphemes of one word. */
function partLetters(
  text: string,
  all: CutList,
  atoms: readonly Atom[],
  limit: number,
  from: number,
  to: number,
  open: CutList,
): void {
  const start = all.starts[from] ?? 0;
  let weight = all.startsAt[from] ?? 0;
  for (const piece of wholes(text, start, all.ends[to] ?? 0, atoms, limit)) {
    if (piece.offset > start) {
      open.add(piece.offset, piece.offset, weight, weight, "grapheme", PENALTY.grapheme, BOND.free);
    }
    weight += piece.weight;
  }
}

interface Whole {
  offset: number;
  weight: number;
}

/**
 * What stays whole in `[start, end)`: atoms and graphemes, or code points where even a grapheme is longer than a tweet.
 */
function* wholes(text: string, start: number, end: number, atoms: readonly Atom[], limit: number): Generator<Whole> {
  const cursor = new AtomCursor(atoms, start);
  for (let index = start; index < end; ) {
    const next = Math.min(end, cursor.nextStart(index));
    yield* graphemes(text, index, next, limit);
    const atom = cursor.at(next);
    index = atom?.end ?? next;
    if (atom === undefined) continue;
    if (atom.weight <= limit) yield { offset: atom.start, weight: atom.weight };
    else yield* graphemes(text, atom.start, atom.end, limit);
  }
}

function* graphemes(text: string, from: number, to: number, limit: number): Generator<Whole> {
  for (const { segment, index } of GRAPHEMES.segment(text.slice(from, to))) {
    const weight = plainWeight(segment, 0, segment.length);
    if (weight <= limit) {
      yield { offset: from + index, weight };
      continue;
    }
    let offset = from + index;
    for (const character of segment) {
      yield { offset, weight: codePointWeight(character.codePointAt(0) ?? 0) };
      offset += character.length;
    }
  }
}
