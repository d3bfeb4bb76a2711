/**
 * Opens bonded cuts where a piece that holds together is longer than a tweet, and parts letters where even a word is.
 */

import { type Atom, AtomCursor } from "./atoms.ts";
import { codePointWeight } from "./code-point-weight.ts";
import { CutList } from "./cut-list.ts";
import { PENALTY } from "./cuts.ts";
import { segmentsBy } from "./unicode-segments.ts";
import { measure, plainWeight } from "./weighted-length.ts";

const graphemesOf = segmentsBy("grapheme");

/** Most sentences have no cuts inside that are known (`findCuts`); in a text of long ones the list is larger than need be. */
const CUTS_PER_OPEN_CUT = 2;

/** `whole`: no unit that fits is torn. `fewest`: sentences and groups may be, if that saves a tweet. */
export const CUT_ORDERS = ["whole", "fewest"] as const;
export type CutOrder = (typeof CUT_ORDERS)[number];

/**
 * The cuts that may be made when no tweet may weigh more than `limit`: those that tear no unit which fits. Where such cuts are further
 * apart than a tweet, those that tear least are opened, then what belongs together, then words: neighbours are never further apart
 * than a tweet.
 * @param torn for each cut, how many units it would tear (`countTorn`)
 */
export function openCuts(
  text: string,
  all: CutList,
  atoms: readonly Atom[],
  limit: number,
  torn: Uint16Array,
): CutList {
  const open = new CutList(Math.ceil(all.length / CUTS_PER_OPEN_CUT));
  const pieces: Pieces = { text, all, atoms, limit, torn, open, added: 0 };
  open.take(all, 0);
  let from = 0;
  for (let index = 1; index < all.length; index++) {
    const isFree = all.bonds[index] === 0 && pieces.torn[index] === 0;
    if (!isFree && index < all.length - 1) continue;
    openPiece(pieces, from, index);
    open.take(all, index, pieces.added);
    from = index;
  }
  return open;
}

interface Pieces {
  text: string;
  all: CutList;
  atoms: readonly Atom[];
  limit: number;
  torn: Uint16Array;
  open: CutList;
  /** How much more the parts of atoms weigh that had to be parted, so far. */
  added: number;
}

/** Opens what must be between the cuts `from` and `to`, none of which in between is open. */
function openPiece(pieces: Pieces, from: number, to: number): void {
  const { all, limit, torn, open } = pieces;
  if ((all.endsAt[to] ?? 0) - (all.startsAt[from] ?? 0) <= limit) return;
  let least = Number.POSITIVE_INFINITY;
  for (let index = from + 1; index < to; index++) least = Math.min(least, strengthOf(all, torn, index));
  if (least === Number.POSITIVE_INFINITY) {
    partLetters(pieces, from, to);
    return;
  }
  let start = from;
  for (let index = from + 1; index <= to; index++) {
    if (index < to && strengthOf(all, torn, index) !== least) continue;
    openPiece(pieces, start, index);
    if (index < to) open.take(all, index, pieces.added);
    start = index;
  }
}

/** How strongly the two sides of a cut hold together. */
function strengthOf(all: CutList, torn: Uint16Array, index: number): number {
  return (torn[index] ?? 0) + (all.bonds[index] === 1 ? BONDED : 0);
}

const BONDED = 1 << 16;

/** Cuts between the graphemes of one word. */
function partLetters(pieces: Pieces, from: number, to: number): void {
  const { text, all, atoms, limit, open } = pieces;
  const start = all.starts[from] ?? 0;
  let weight = (all.startsAt[from] ?? 0) + pieces.added;
  for (const piece of wholes(text, start, all.ends[to] ?? 0, atoms, limit)) {
    if (piece.offset > start) {
      open.add(piece.offset, piece.offset, weight, weight, "grapheme", PENALTY.grapheme, false);
    }
    weight += piece.weight;
  }
  pieces.added = weight - (all.endsAt[to] ?? 0);
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
    yield* graphemes(text, index, next, limit, plainWeightOf);
    const atom = cursor.at(next);
    index = atom?.end ?? next;
    if (atom === undefined) continue;
    if (atom.weight <= limit) yield { offset: atom.start, weight: atom.weight };
    else yield* graphemes(text, atom.start, atom.end, limit, atom.weight === atom.today ? weightToday : highestWeight);
  }
}

function* graphemes(
  text: string,
  from: number,
  to: number,
  limit: number,
  weightOf: (grapheme: string) => number,
): Generator<Whole> {
  for (const { segment, index } of graphemesOf(text.slice(from, to))) {
    const weight = weightOf(segment);
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

const plainWeightOf = (grapheme: string): number => plainWeight(grapheme, 0, grapheme.length);

/** Of a flag in a row of flags, or of a letter in a link: a part of an atom that no tweet holds. */
const weightToday = (grapheme: string): number => measure(grapheme).weightedLength;

function highestWeight(grapheme: string): number {
  const { weightedLength, libraryLength } = measure(grapheme);
  return Math.max(weightedLength, libraryLength);
}
