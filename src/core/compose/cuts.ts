/**
 * Every place of a segment at which a tweet may end, with what cutting there costs and which units it would tear.
 *
 * A cut between what belongs together whatever the limit, such as a number and its unit, is bonded. Which cuts are allowed depends on
 * the limit: see `open-cuts.ts`.
 */
import { announces, looksLikeSalutation, looksLikeTitle } from "./announcements.ts";
import { type Atom, AtomCursor } from "./atoms.ts";
import { addBlockUnits, type BlockCuts } from "./block-units.ts";
import { type Block, findBlocks } from "./blocks.ts";
import { type CutKind, CutList } from "./cut-list.ts";
import { type Inside, innerCuts } from "./inner-cuts.ts";
import { SentenceMarks } from "./sentence-marks.ts";
import { HEAVY, has } from "./text-characters.ts";

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
/** Before a name: X shows a tweet that begins with one to few. */
const BEFORE_NAME = 2;
/** Before the first sentence after a heading is over. */
const NEAR_HEADING = 0.8;
const AT_SIGN = 0x40;
/** Of East Asia: ＠. */
const WIDE_AT_SIGN = 0xff20;

/** In Latin scripts; a Chinese text makes the list grow once or twice. */
const CHARACTERS_PER_CUT = 5;
/** Where the words of short sentences are left out. */
const CHARACTERS_PER_SENTENCE = 20;

/**
 * The cuts of `[from, to)` and the units between them. The range begins and ends with something visible.
 * @param room the least that a tweet has: the cuts inside of a sentence that fits into it are left out, for nobody cuts there who tears nothing.
 *   0 for all cuts
 */
export function findCuts(text: string, from: number, to: number, atoms: readonly Atom[], room = 0): CutList {
  const blocks = findBlocks(text, from, to);
  const sentences = new SentenceMarks(text, from, to, blocks);
  const scan = new Scan({ text, sentences, atoms, room }, from, to);
  const found: BlockCuts[] = [];
  scan.start(from);
  for (const [index, block] of blocks.entries()) {
    const previous = blocks[index - 1];
    if (previous !== undefined) scan.between(previous, block);
    found.push(scan.block(block, previous?.kind === "heading"));
  }
  scan.end(to);
  addBlockUnits(text, blocks, found, scan.cuts);
  return scan.cuts;
}

/** Goes over a segment once, from cut to cut, and adds up what it passes. */
class Scan {
  readonly cuts: CutList;
  #weight = 0;
  /** The cuts at which the present sentence and clause begin. */
  #sentenceFrom = 0;
  #clauseFrom = 0;
  /** And the whole sentence around those that stand in its brackets or quotation marks. */
  #wholeFrom = 0;
  #position: number;
  /** Whether nothing of the present block weighs two, but for atoms. */
  #isLight = false;
  readonly #inside: Inside;
  readonly #text: string;
  readonly #atoms: AtomCursor;

  constructor(inside: Inside, from: number, to: number) {
    const perCut = inside.room === 0 ? CHARACTERS_PER_CUT : CHARACTERS_PER_SENTENCE;
    this.cuts = new CutList(Math.ceil((to - from) / perCut));
    this.#inside = inside;
    this.#text = inside.text;
    this.#position = from;
    this.#atoms = new AtomCursor(inside.atoms, from);
  }

  /** Adds up the weight up to `end`. */
  #weighTo(end: number): void {
    const text = this.#text;
    let index = this.#position;
    let weight = this.#weight;
    let atomStart = this.#atoms.nextStart(index);
    while (index < end) {
      if (index === atomStart) {
        const atom = this.#atoms.at(index);
        weight += atom?.weight ?? 0;
        index = atom?.end ?? index + 1;
        atomStart = this.#atoms.nextStart(index);
        continue;
      }
      const stop = Math.min(end, atomStart);
      if (this.#isLight) {
        weight += stop - index;
        index = stop;
        continue;
      }
      while (index < stop) {
        weight += has(text, index, HEAVY) ? 2 : 1;
        index++;
      }
    }
    this.#position = index;
    this.#weight = weight;
  }

  /** @param isInner whether what begins here belongs to the sentence before: in its brackets or quotation marks, or as its address */
  #cut(end: number, start: number, kind: CutKind, penalty: number, isBonded: boolean, isInner = false): void {
    this.#weighTo(end);
    const endsAt = this.#weight;
    this.#weighTo(start);
    const first = this.#text.charCodeAt(start);
    const name = first === AT_SIGN || first === WIDE_AT_SIGN ? BEFORE_NAME : 0;
    this.cuts.add(end, start, endsAt, this.#weight, kind, penalty + name, isBonded);
    if (kind === "word") return;
    const at = this.cuts.length - 1;
    this.cuts.units.add("clause", this.#clauseFrom, at);
    this.#clauseFrom = at;
    if (kind === "clause") return;
    this.cuts.units.add("sentence", this.#sentenceFrom, at);
    if (!isInner) {
      if (this.#wholeFrom !== this.#sentenceFrom) this.cuts.units.add("sentence", this.#wholeFrom, at);
      this.#wholeFrom = at;
    }
    this.#sentenceFrom = at;
  }

  start(at: number): void {
    this.cuts.add(at, at, 0, 0, "end", 0, false);
  }

  end(at: number): void {
    this.#cut(at, at, "end", 0, false);
  }

  between(before: Block, after: Block): void {
    const kind = before.blankAfter ? "paragraph" : "line";
    let penalty = PENALTY[kind];
    if (before.kind === "item" && after.kind === "item") penalty = BETWEEN_ITEMS;
    else if (before.kind === "code" && after.kind === "code") penalty = BETWEEN_CODE_LINES;
    else if (
      before.kind === "text" &&
      (announces(this.#text, before, after) ||
        looksLikeTitle(this.#text, before, after) ||
        looksLikeSalutation(this.#text, before, after))
    )
      penalty = AFTER_ANNOUNCEMENT;
    this.#cut(before.end, after.start, kind, penalty, false);
  }

  block(block: Block, afterHeading: boolean): BlockCuts {
    let nearHeading = afterHeading;
    const start = this.cuts.length - 1;
    let lastSentence = start;
    const lines: number[] = [];
    this.#isLight = (block.flags & HEAVY) === 0;
    innerCuts(this.#inside, block, (end, start, kind, isIn, isTogether) => {
      const endsSentence = kind === "sentence" || kind === "line";
      if (endsSentence) nearHeading = false;
      const penalty = PENALTY[kind] + (isIn ? INSIDE_BRACKETS : 0) + (nearHeading ? NEAR_HEADING : 0);
      const isInner = kind === "sentence" && isIn;
      this.#cut(end, start, kind, penalty, isTogether, isInner);
      if (endsSentence && !isInner) lastSentence = this.cuts.length - 1;
      if (kind === "line") lines.push(this.cuts.length - 1);
    });
    this.#weighTo(block.end);
    this.#isLight = false;
    return { start, lastSentence, lines };
  }
}
