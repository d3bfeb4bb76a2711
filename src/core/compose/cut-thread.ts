/** What is asked of a text that is to be cut, and the cutting of all its segments. */
import { PsnError } from "../errors.ts";
import { type Atom, findAtoms } from "./atoms.ts";
import type { CutList } from "./cut-list.ts";
import { type Body, cutSegment, type Reading } from "./cut-segment.ts";
import { findCuts } from "./cuts.ts";
import { affixWeight, type Numbering } from "./numbering.ts";
import type { CutOrder } from "./open-cuts.ts";
import { findOwnNumbers, type OwnNumbers } from "./own-numbers.ts";
import { findSegments, type Segment } from "./segments.ts";
import { emptyText, normaliseSource } from "./source.ts";
import { LONG_POST_LIMIT, TWEET_LIMIT, URL_WEIGHT } from "./weighted-length.ts";

export interface ComposeOptions {
  /** Weighted length that no tweet exceeds. Default 280; up to 25,000 for a Premium account that wants a long post. */
  limit?: number;
  /** Default: no numbers. A single tweet never gets one. */
  numbering?: Numbering | null;
  /** `whole` (the default): nothing that fits into a tweet is torn, then the fewest tweets. `fewest`: the fewest tweets come first. */
  cut?: CutOrder;
}

/** A text that is to be cut. */
export interface Work {
  source: string;
  segments: Segment[];
  ownNumbers: OwnNumbers;
  atoms: Atom[];
  limit: number;
  order: CutOrder;
  /** The cuts of each segment, found once however often it is cut, and for which room (`findCuts`): they hold for more as well. */
  cuts: Map<Segment, { found: CutList; room: number }>;
}

/** Numbers that are sent with the text, and how many digits their count has. */
export interface Numbers {
  numbering: Numbering;
  digits: number;
}

const LIMIT_MIN = 2;
/** What a number, or a URL that a cut makes, may take of the limit without the cuts being looked for again. */
const SPARE_ROOM = 40;

/** @throws PsnError `TEXT_…` (see `normaliseSource`), `LIMIT_INVALID` */
export function workOf(text: string, { limit = TWEET_LIMIT, cut = "whole" }: ComposeOptions): Work {
  assertLimit(limit);
  const source = normaliseSource(text);
  const ownNumbers = findOwnNumbers(source);
  const segments = findSegments(source, ownNumbers.numbers);
  const work = { source, segments, ownNumbers, atoms: findAtoms(source), limit, order: cut, cuts: new Map() };
  if (work.segments.length === 0) throw emptyText();
  assertRoomForAtoms(work.atoms, limit);
  return work;
}

/** The tweets of the text. */
export function cutThread(work: Work, numbers: Numbers | null, reading: Reading = "every"): Body[] {
  const bodies: Body[] = [];
  for (const segment of work.segments) {
    for (const body of cutPart(work, segment, numbers, bodies.length, reading) ?? []) bodies.push(body);
  }
  return bodies;
}

/**
 * The tweets of one segment that has `offset` tweets before it.
 * @param count exactly so many, tearing as little as possible; null comes back where that cannot be
 */
export function cutPart(
  work: Work,
  segment: Segment,
  numbers: Numbers | null,
  offset: number,
  reading: Reading = "every",
  count?: number,
): Body[] | null {
  const { source, atoms, limit, order } = work;
  const roomAt = (position: number) =>
    numbers === null ? limit : limit - affixWeight(numbers.numbering, position, numbers.digits);
  const least = numbers === null ? limit : roomAt(10 ** numbers.digits - 2);
  const room = { limit, of: (tweet: number) => roomAt(offset + tweet), least };
  const cutsFor = (least: number) => cutsOf(work, segment, least);
  return cutSegment({ source, segment, atoms, cutsFor, room, reading, order }, count);
}

// --- internal ---

/** The cuts of a segment that matter where a tweet has at least `room`; 0 for all. */
function cutsOf({ source, atoms, limit, cuts }: Work, segment: Segment, room: number): CutList {
  const known = cuts.get(segment);
  if (known !== undefined && known.room <= room) return known.found;
  const least = Math.max(0, Math.min(room, limit - SPARE_ROOM));
  const found = findCuts(source, segment.start, segment.end, atoms, least);
  cuts.set(segment, { found, room: least });
  return found;
}

function assertLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= LIMIT_MIN && limit <= LONG_POST_LIMIT) return;
  const message = `A tweet's limit is a whole number from ${LIMIT_MIN} to ${LONG_POST_LIMIT}, not ${limit}.`;
  throw new PsnError("LIMIT_INVALID", message, {
    hint: "280 is everybody's limit; Premium accounts may write up to 25,000.",
    details: { limit, min: LIMIT_MIN, max: LONG_POST_LIMIT },
  });
}

function assertRoomForAtoms(atoms: Atom[], limit: number): void {
  if (limit >= URL_WEIGHT || atoms.every((atom) => atom.weight <= limit)) return;
  throw new PsnError("LIMIT_INVALID", `A URL counts ${URL_WEIGHT}, so it does not fit into a tweet of ${limit}.`, {
    hint: "Use a limit of 280.",
    details: { limit, needed: URL_WEIGHT },
  });
}
