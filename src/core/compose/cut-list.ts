/** The places at which a tweet may end, as parallel arrays of numbers. */
import type { Cuts } from "./optimum.ts";
import { UnitList } from "./unit-list.ts";

/** From the highest to the lowest. `author` is a line of `---`, `end` the end of the text. */
export const CUT_KINDS = ["author", "end", "paragraph", "line", "sentence", "clause", "word", "grapheme"] as const;
export type CutKind = (typeof CUT_KINDS)[number];

/** Where a tweet ends, and why there. */
export interface Break {
  kind: CutKind;
  why: string;
}

const KIND_NUMBERS = Object.fromEntries(CUT_KINDS.map((kind, index) => [kind, index])) as Record<CutKind, number>;

const CAPACITY_MIN = 64;

/**
 * Cuts as parallel arrays of numbers, since a long text has millions. Offsets are of the text, weights of the segment.
 */
export class CutList implements Cuts {
  length = 0;
  /** Where the left tweet ends, and where the right one starts. */
  ends: Int32Array;
  starts: Int32Array;
  endsAt: Int32Array;
  startsAt: Int32Array;
  penalties: Float64Array;
  /** 1 where both sides belong together whatever the limit: a number and its unit, a code span. */
  bonds: Uint8Array;
  /** What the cuts may tear. */
  units = new UnitList();
  #kinds: Uint8Array;

  /** `capacity` is a guess at how many cuts there will be; 0 for a list that takes over the arrays of another one. */
  constructor(capacity: number) {
    const size = capacity === 0 ? 0 : Math.max(CAPACITY_MIN, capacity);
    this.ends = new Int32Array(size);
    this.starts = new Int32Array(size);
    this.endsAt = new Int32Array(size);
    this.startsAt = new Int32Array(size);
    this.penalties = new Float64Array(size);
    this.bonds = new Uint8Array(size);
    this.#kinds = new Uint8Array(size);
  }

  kindAt(index: number): CutKind {
    return CUT_KINDS[this.#kinds[index] ?? 0] ?? "word";
  }

  add(
    end: number,
    start: number,
    endsAt: number,
    startsAt: number,
    kind: CutKind,
    penalty: number,
    isBonded: boolean,
  ): void {
    this.#put(end, start, endsAt, startsAt, KIND_NUMBERS[kind], penalty, isBonded ? 1 : 0);
  }

  /** Takes over cut `index` of another list, as a free cut. @param added how much more the text before it weighs here */
  take(from: CutList, index: number, added = 0): void {
    const { ends, starts, penalties } = from;
    const kind = from.#kinds[index] ?? 0;
    const penalty = penalties[index] ?? 0;
    const endsAt = (from.endsAt[index] ?? 0) + added;
    const startsAt = (from.startsAt[index] ?? 0) + added;
    this.#put(ends[index] ?? 0, starts[index] ?? 0, endsAt, startsAt, kind, penalty, 0);
  }

  /**
   * The same cuts by another reading of the count. What they hold but for the weights is one with this list, so neither may be added to.
   * @param atoms those of the text, ascending, and how much less each of them weighs
   */
  lighter(atoms: Iterable<{ end: number; by: number }>): CutList {
    const copy = Object.assign(new CutList(0), this);
    copy.#kinds = this.#kinds;
    copy.endsAt = this.endsAt.slice();
    copy.startsAt = this.startsAt.slice();
    const from = this.starts[0] ?? 0;
    let index = 0;
    let less = 0;
    for (const { end, by } of atoms) {
      if (end <= from) continue;
      for (; index < this.length && (this.ends[index] ?? 0) < end; index++) copy.#lighten(index, less);
      less += by;
    }
    for (; index < this.length; index++) copy.#lighten(index, less);
    return copy;
  }

  #lighten(index: number, less: number): void {
    this.endsAt[index] = (this.endsAt[index] ?? 0) - less;
    this.startsAt[index] = (this.startsAt[index] ?? 0) - less;
  }

  #put(
    end: number,
    start: number,
    endsAt: number,
    startsAt: number,
    kind: number,
    penalty: number,
    bond: number,
  ): void {
    const index = this.length++;
    if (index === this.ends.length) this.#grow();
    this.ends[index] = end;
    this.starts[index] = start;
    this.endsAt[index] = endsAt;
    this.startsAt[index] = startsAt;
    this.penalties[index] = penalty;
    this.bonds[index] = bond;
    this.#kinds[index] = kind;
  }

  #grow(): void {
    this.ends = larger(this.ends, Int32Array);
    this.starts = larger(this.starts, Int32Array);
    this.endsAt = larger(this.endsAt, Int32Array);
    this.startsAt = larger(this.startsAt, Int32Array);
    this.penalties = larger(this.penalties, Float64Array);
    this.bonds = larger(this.bonds, Uint8Array);
    this.#kinds = larger(this.#kinds, Uint8Array);
  }
}

function larger<T extends { length: number; set(from: T): void }>(array: T, make: new (length: number) => T): T {
  const copy = new make(array.length * 2);
  copy.set(array);
  return copy;
}
