/** The list of what the cuts of a text may tear; `units.ts` says what a unit is. */

export const UNIT_KINDS = [
  "clause",
  "sentence",
  "item",
  "code",
  "table",
  "list",
  "quotation",
  "container",
  "heading",
] as const;
export type UnitKind = (typeof UNIT_KINDS)[number];

/** Units as parallel arrays, since a long text has a hundred thousand. `from` and `to` are indices of cuts. */
export class UnitList {
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly kinds: UnitKind[] = [];
  /** Headings, and lines that announce: where they begin, and where what they lead to does. The last of a row comes first. */
  readonly leads: { from: number; to: number }[] = [];

  /** A unit without a cut inside cannot be torn, so it is not kept. */
  add(kind: UnitKind, from: number, to: number): void {
    if (to - from < 2) return;
    this.kinds.push(kind);
    this.from.push(from);
    this.to.push(to);
  }
}
