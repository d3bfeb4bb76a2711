/**
 * Every place of a segment at which a tweet may end, with what cutting there costs.
 *
 * A cut that must not be made, inside a list item or a code span or between a number and its unit, is kept as bonded.
 * Bonds are opened only where a piece between two free cuts is longer than a tweet, the weakest bond first, and letters
 * are parted last.
 */
import { type Atom, AtomCursor } from "./atoms.ts";
import { type Block, findBlocks } from "./blocks.ts";
import { BOND, type CutKind, CutList } from "./cut-list.ts";
import { codePointWeight } from "./emoji.ts";
import { innerCuts } from "./inner-cuts.ts";
import { SentenceMarks } from "./sentence-marks.ts";

export type { Break, CutKind } from "./cut-list.ts";

/**
 * Costs on the scale of `lengthCost`, where a tweet that is half a limit off the even share costs 0.25. So a sentence
 * is not parted for evenness, and a clause only when the alternative is an orphan.
 */
export const PENALTY: Record<CutKind, number> = {
  author: 0,
  end: 0,
  paragraph: 0,
  line: 0.1,
  sentence: 0.2,
  clause: 1,
  word: 2.5,
  grapheme: 6,
};
const BETWEEN_ITEMS = 0.12;
const BETWEEN_CODE_LINES = 0.4;
/** After a line that announces what follows: a short line without a full stop, or one that ends with a colon. */
const AFTER_ANNOUNCEMENT = 2;
const INSIDE_BRACKETS = 0.7;
/** Before the first sentence after a heading is over. */
const NEAR_HEADING = 0.8;
const ANNOUNCEMENT_LENGTH_MAX = 70;

/** In Latin scripts; a Chinese text makes the list grow once or twice. */
const CHARACTERS_PER_CUT = 5;

/** All cuts of `[from, to)`, bonded ones included. The range begins and ends with something visible. */
export function findCuts(text: string, from: number, to: number, atoms: readonly Atom[]): CutList {
  const blocks = findBlocks(text, from, to);
  const scan = new Scan(text, from, to, atoms, new SentenceMarks(text, from, to, blocks));
  scan.cuts.add(from, from, 0, 0, "end", 0, BOND.free);
  for (const [index, block] of blocks.entries()) {
    const previous = blocks[index - 1];
    if (previous !== undefined) scan.between(previous, block);
    scan.block(block, previous?.kind === "heading");
  }
  scan.cuts.add(to, to, scan.weight, scan.weight, "end", 0, BOND.free);
  return scan.cuts;
}

/** Goes over a segment once, from cut to cut, and adds up what it passes. */
class Scan {
  readonly cuts: CutList;
  weight = 0;
  #position: number;
  readonly #text: string;
  readonly #atoms: AtomCursor;
  readonly #sentences: SentenceMarks;

  constructor(text: string, from: number, to: number, atoms: readonly Atom[], sentences: SentenceMarks) {
    this.cuts = new CutList(Math.ceil((to - from) / CHARACTERS_PER_CUT));
    this.#text = text;
    this.#position = from;
    this.#atoms = new AtomCursor(atoms, from);
    this.#sentences = sentences;
  }

  /** Adds up the weight up to `end`. */
  #weighTo(end: number): void {
    const text = this.#text;
    let index = this.#position;
    let weight = this.weight;
    let atomStart = this.#atoms.nextStart(index);
    while (index < end) {
      if (index === atomStart) {
        const atom = this.#atoms.at(index);
        weight += atom?.weight ?? 0;
        index = atom?.end ?? index + 1;
        atomStart = this.#atoms.nextStart(index);
        continue;
      }
      const unit = text.charCodeAt(index);
      if ((unit & 0xfc00) === 0xd800) {
        weight += 2;
        index += 2;
      } else {
        weight += unit <= 0x10ff ? 1 : codePointWeight(unit);
        index++;
      }
    }
    this.#position = index;
    this.weight = weight;
  }

  #cut(end: number, start: number, kind: CutKind, penalty: number, bond: number): void {
    this.#weighTo(end);
    const endsAt = this.weight;
    this.#weighTo(start);
    this.cuts.add(end, start, endsAt, this.weight, kind, penalty, bond);
  }

  between(before: Block, after: Block): void {
    const kind = before.blankAfter ? "paragraph" : "line";
    let penalty = PENALTY[kind];
    let bond: number = BOND.free;
    if (before.kind === "heading") bond = BOND.heading;
    else if (before.opens || after.closes) bond = BOND.whole;
    else if (before.kind === "item" && after.kind === "item") penalty = BETWEEN_ITEMS;
    else if (before.kind === "code" && after.kind === "code") penalty = BETWEEN_CODE_LINES;
    else if (before.kind === "text" && announces(this.#text, before, after)) penalty = AFTER_ANNOUNCEMENT;
    this.#cut(before.end, after.start, kind, penalty, bond);
  }

  block(block: Block, afterHeading: boolean): void {
    const bond = block.kind === "text" ? BOND.free : BOND.whole;
    let nearHeading = afterHeading;
    innerCuts(this.#text, block, this.#sentences, this.#atoms.atoms, (end, start, kind, isBracketed, isTogether) => {
      if (kind === "sentence" || kind === "line") nearHeading = false;
      const penalty = PENALTY[kind] + (isBracketed ? INSIDE_BRACKETS : 0) + (nearHeading ? NEAR_HEADING : 0);
      this.#cut(end, start, kind, penalty, isTogether ? BOND.together : bond);
    });
    this.#weighTo(block.end);
  }
}

/** Whether `block` announces what follows: the line above a list, or a heading without a mark above a paragraph. */
function announces(text: string, block: Block, after: Block): boolean {
  const last = text.charAt(block.end - 1);
  if (last === ":" || last === "：") return true;
  const isShort =
    block.end - block.start <= ANNOUNCEMENT_LENGTH_MAX && !text.slice(block.start, block.end).includes("\n");
  const isAboveParagraph =
    block.blankAfter && after.kind === "text" && after.end - after.start > 2 * ANNOUNCEMENT_LENGTH_MAX;
  return isShort && isAboveParagraph && /[\p{L}\p{M}\p{N}]/u.test(last);
}
