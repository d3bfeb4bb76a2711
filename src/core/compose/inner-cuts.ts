/** The cuts inside one block: at spaces, after dashes, and between the words of scripts that write none. */

import { type Atom, AtomCursor } from "./atoms.ts";
import type { Block } from "./blocks.ts";
import { isHeldTogether } from "./held-together.ts";
import { ParagraphMarks } from "./paragraph-marks.ts";
import type { SentenceMarks } from "./sentence-marks.ts";
import {
  CLAUSE_END,
  CLOSER,
  DASH,
  DIGIT,
  GLUE,
  HEAVY,
  has,
  LINE_BREAK,
  SPACE,
  SPACE_IS_PAUSE,
  TEXT_CHARACTERS,
  UNSPACED,
} from "./text-characters.ts";
import { startsBy } from "./unicode-segments.ts";

export type InnerCutKind = "line" | "sentence" | "clause" | "word";

/**
 * Takes one cut: the left tweet ends at `end`, the right one begins at `start`, and between them is the separator.
 * `isInner` says that what begins there belongs to the sentence before all the same: it stands in its brackets, or is its address.
 * `isTogether` says that the two sides belong together: a number and its unit, code, a Markdown link.
 */
export type CutSink = (end: number, start: number, kind: InnerCutKind, isInner: boolean, isTogether: boolean) => void;

const wordsOf = startsBy("word");

/** What typesetters of East Asian scripts never put first or last in a line. */
const NEVER_FIRST =
  /[\p{Close_Punctuation}\p{Final_Punctuation}\p{Mn}\p{Mc}、。，．！？；：・…‥‧ー々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ％‰℃°,.!?;:%~〜～”’"']|\u200d|\u2060/u;
const NEVER_LAST = /[\p{Open_Punctuation}\p{Initial_Punctuation}“‘"'#＃@＠$￥＄£€¥第№]|\u200d|\u2060/u;
const TAG = /[#＃][\p{L}\p{M}\p{Nd}_]+|[@＠][A-Za-z0-9_]+|\$[A-Za-z]+/gu;
const EMOJI_AT_END = /(?:\p{Extended_Pictographic}|[\ufe0f\u{1f3fb}-\u{1f3ff}])$/u;
const CAPITAL_AT_START = /^\p{Lu}/u;
const DASHES = /[—―]+/g;

/** What the cuts of a block are found in. */
export interface Inside {
  text: string;
  sentences: SentenceMarks;
  /** Those of the whole text. */
  atoms: readonly Atom[];
  /** A sentence that weighs no more has no cuts inside; 0 where every cut is wanted. */
  room: number;
}

/** Hands the cuts inside `block` to `sink`, in ascending order. */
export function innerCuts(inside: Inside, block: Block, sink: CutSink): void {
  const { text, sentences } = inside;
  const marks = new ParagraphMarks(text, block);
  const short = new ShortSentences(inside, block, marks);
  const isWrapped = sentences.isWrapped(block);
  const maySkip = inside.room > 0;
  let sentenceStart = block.start;
  let chunkStart = block.start;
  let chunkFlags = 0;
  const cutChunk = (end: number) => {
    if ((chunkFlags & (UNSPACED | DASH)) === 0 && !sentences.hasUnspacedBefore(end)) return;
    chunkCuts(inside, chunkStart, end, marks, maySkip ? short.startsIn(sentenceStart, chunkStart, end) : null, sink);
  };
  // Where the last short sentence ended: whether it may is known.
  let known = maySkip ? short.endOf(block.start) : block.start;
  for (let index = known; index < block.end; ) {
    const flags = TEXT_CHARACTERS[text.charCodeAt(index)] ?? 0;
    if ((flags & SPACE) === 0) {
      chunkFlags |= flags;
      index++;
      continue;
    }
    const end = index;
    let every = GLUE;
    let some = 0;
    for (let space = flags; (space & SPACE) !== 0; space = TEXT_CHARACTERS[text.charCodeAt(index)] ?? 0) {
      every &= space;
      some |= space;
      index++;
    }
    cutChunk(end);
    const isLine = (some & LINE_BREAK) !== 0 && !isWrapped;
    const kind = isLine ? "line" : spaceKind(text, end, index, sentences);
    const isTogether =
      (every === GLUE && kind !== "sentence") ||
      marks.isTogether(end, index) ||
      sentences.isBehindMark(index) ||
      (!isLine && end !== known && isHeldTogether(text, block, end, index));
    const isInner = marks.isBracketed(end, index) || (kind === "sentence" && sentences.isJoined(index));
    sink(end, index, kind, isInner, isTogether);
    chunkStart = index;
    chunkFlags = 0;
    if (kind !== "sentence" && kind !== "line") continue;
    sentenceStart = index;
    if (!maySkip || isTogether) continue;
    known = short.endOf(index);
    index = known;
  }
  cutChunk(block.end);
}

/**
 * The sentences of a block that fit into the least room: no tweet ever ends inside of one, so nothing is looked for there. A cut inside would
 * tear the sentence on top of all that a cut at its ends tears.
 */
class ShortSentences {
  readonly #inside: Inside;
  readonly #block: Block;
  readonly #marks: ParagraphMarks;
  readonly #breaks: number;
  /** Whether each character weighs one and none ends a line: what is looked at then fits by its length. */
  readonly #isPlain: boolean;
  readonly #firstAtom: number;

  constructor(inside: Inside, block: Block, marks: ParagraphMarks) {
    this.#inside = inside;
    this.#block = block;
    this.#marks = marks;
    this.#breaks = inside.sentences.isWrapped(block) ? 0 : LINE_BREAK;
    this.#isPlain = (block.flags & (HEAVY | this.#breaks)) === 0;
    this.#firstAtom = new AtomCursor(inside.atoms, block.start).nextStart(block.start);
  }

  /** Where the sentence that begins at `start` ends if it is short, and parted from the next one by white space; otherwise `start`. */
  endOf(start: number): number {
    const { text, sentences } = this.#inside;
    const next = Math.min(this.#block.end, sentences.startAfter(start));
    const to = this.#fits(start, next);
    if (to < 0) return start;
    let end = to;
    while (end > start && has(text, end - 1, SPACE)) end--;
    if (to === this.#block.end) return end;
    if (this.#marks.holdsTogether(end, to)) return start;
    if (to < next) return end;
    if (end === to || isHeldTogether(text, this.#block, end, to) || sentences.isBehindMark(to)) return start;
    return end;
  }

  /**
   * The starts of sentences in `(from, to)`, which no space parts, where each of them is short; null where one is not.
   * @param sentenceStart where the sentence begins that `from` stands in
   */
  startsIn(sentenceStart: number, from: number, to: number): number[] | null {
    const { text, sentences } = this.#inside;
    const starts: number[] = [];
    for (let start = sentenceStart; ; ) {
      const next = Math.min(this.#block.end, sentences.startAfter(start));
      if (this.#fits(start, next) < 0) return null;
      if (next >= to) return starts;
      if (next > from) {
        if (!isBetweenWords(text, next) || this.#marks.holdsTogether(next, next)) return null;
        starts.push(next);
      }
      start = next;
    }
  }

  /** The end of the sentence `[start, end)`, or of its line, where that fits; -1 where it does not. */
  #fits(start: number, end: number): number {
    const { text, atoms, room } = this.#inside;
    if (this.#isPlain && this.#firstAtom >= end) return end - start <= room ? end : -1;
    const cursor = new AtomCursor(atoms, start);
    let weight = 0;
    let to = start;
    for (let atomStart = cursor.nextStart(start); to < end && weight <= room; ) {
      if (to === atomStart) {
        weight += cursor.at(to)?.weight ?? 0;
        to = cursor.at(to)?.end ?? to + 1;
        atomStart = cursor.nextStart(to);
        continue;
      }
      const flags = TEXT_CHARACTERS[text.charCodeAt(to)] ?? 0;
      if ((flags & this.#breaks) !== 0) break;
      weight += (flags & HEAVY) === 0 ? 1 : 2;
      to++;
    }
    return weight <= room && to <= end ? to : -1;
  }
}

function spaceKind(text: string, end: number, start: number, sentences: SentenceMarks): InnerCutKind {
  if (sentences.beginsIn(end, start)) return "sentence";
  if (endsClause(text, end) || isBehindEmoji(text, end, start)) return "clause";
  return has(text, end - 1, SPACE_IS_PAUSE) && has(text, start, SPACE_IS_PAUSE) ? "clause" : "word";
}

/** Whether what ends at `end` ends a clause, quotation marks and brackets behind the comma included. */
function endsClause(text: string, end: number): boolean {
  let last = end - 1;
  if (has(text, last, CLAUSE_END)) return true;
  while (has(text, last, CLOSER)) last--;
  return last < end - 1 && has(text, last, CLAUSE_END);
}

/** Many close what they say with emoji and no full stop: "Great news 🎉 We shipped." */
function isBehindEmoji(text: string, end: number, start: number): boolean {
  if (text.charCodeAt(end - 1) < 0x2190) return false;
  return (
    EMOJI_AT_END.test(text.slice(Math.max(0, end - 2), end)) && CAPITAL_AT_START.test(text.slice(start, start + 2))
  );
}

/**
 * Cuts without a separator, inside what has no space: after a dash, between the words of unspaced scripts, and between sentences whose
 * author left the space out.
 * @param starts those of its sentences where nothing else is wanted; null where words are
 */
function chunkCuts(
  { text, sentences, atoms }: Inside,
  from: number,
  to: number,
  marks: ParagraphMarks,
  starts: readonly number[] | null,
  sink: CutSink,
): void {
  const chunk = text.slice(from, to);
  const cursor = new AtomCursor(atoms, from);
  const tags = /[#＃@＠$]/.test(chunk) ? [...chunk.matchAll(TAG)] : [];
  let nextTag = 0;
  for (const at of chunkEnds(chunk, from, sentences, starts)) {
    const offset = from + at;
    if (cursor.isInside(offset)) continue;
    while (nextTag < tags.length && (tags[nextTag]?.index ?? 0) + (tags[nextTag]?.[0].length ?? 0) <= at) nextTag++;
    if ((tags[nextTag]?.index ?? Number.POSITIVE_INFINITY) < at) continue;
    let kind: InnerCutKind = "word";
    if (sentences.beginsIn(offset - 1, offset)) kind = "sentence";
    else if (endsClause(text, offset)) kind = "clause";
    sink(offset, offset, kind, marks.isBracketed(offset, offset), marks.isTogether(offset, offset));
  }
}

function chunkEnds(
  chunk: string,
  from: number,
  sentences: SentenceMarks,
  starts: readonly number[] | null,
): Iterable<number> {
  const unspaced = sentences.unspacedIn(from, from + chunk.length).map((start) => start - from);
  const ends = starts === null ? wordEnds(chunk) : starts.map((start) => start - from);
  if (unspaced.length === 0) return ends;
  return [...new Set([...ends, ...unspaced])].sort((a, b) => a - b);
}

function wordEnds(chunk: string): Iterable<number> {
  for (let index = 0; index < chunk.length; index++) if (has(chunk, index, UNSPACED)) return unspacedWordEnds(chunk);
  return dashEnds(chunk);
}

/** What the patterns said of each code unit: 1 for yes, 2 for no, 0 where they were not asked yet. A long text asks for each of its words. */
const FIRST_KNOWN = new Uint8Array(65536);
const LAST_KNOWN = new Uint8Array(65536);

function isNever(pattern: RegExp, known: Uint8Array, chunk: string, index: number): boolean {
  const unit = chunk.charCodeAt(index);
  if (known[unit] === 0) known[unit] = pattern.test(chunk.charAt(index)) ? 1 : 2;
  return known[unit] === 1;
}

/** Ends of words by ICU's dictionaries, where typesetters of these scripts would end a line as well. */
function unspacedWordEnds(chunk: string): number[] {
  return wordsOf(chunk).filter((index) => index > 0 && isBetweenWords(chunk, index));
}

/** Whether a line may end before `index`, with a letter of an unspaced script or a dash beside it. */
function isBetweenWords(text: string, index: number): boolean {
  const isAfterDash = has(text, index - 1, DASH);
  if (isAfterDash && has(text, index, DASH)) return false;
  if (!isAfterDash && !has(text, index - 1, UNSPACED) && !has(text, index, UNSPACED)) return false;
  // A number stays with its counter: 3個, １００円.
  if (has(text, index - 1, DIGIT)) return false;
  return !isNever(NEVER_FIRST, FIRST_KNOWN, text, index) && !isNever(NEVER_LAST, LAST_KNOWN, text, index - 1);
}

function* dashEnds(chunk: string): Generator<number> {
  for (const match of chunk.matchAll(DASHES)) {
    const end = match.index + match[0].length;
    if (match.index > 0 && end < chunk.length && !NEVER_FIRST.test(chunk.charAt(end))) yield end;
  }
}
