/** Cuts one segment of a text, which the author's breaks enclose, into the tweets that cost least. */
import { PsnError } from "../errors.ts";
import { type Atom, AtomCursor } from "./atoms.ts";
import type { Break, CutKind, CutList } from "./cut-list.ts";
import { chooseExactly, TORN_COST } from "./exact-count.ts";
import { type CutOrder, openCuts } from "./open-cuts.ts";
import { type Cuts, chooseCuts, type LimitOf } from "./optimum.ts";
import type { Segment } from "./segments.ts";
import { has, SPACE } from "./text-characters.ts";
import type { UnitKind } from "./unit-list.ts";
import { countTorn, tornAt } from "./units.ts";
import { type Measure, measureNfc } from "./weighted-length.ts";

/** The author's words of one tweet, in offsets of the source, and what they measure. */
export interface Body extends Measure {
  start: number;
  end: number;
  break: Break;
  /** What the end of this tweet tears though it would fit into one; null nearly always. */
  tears: UnitKind | null;
}

/** By which reading of the count a tweet must fit: by every one, or only by today's (see `weighted-length.ts`). */
export type Reading = "every" | "today";

export interface Room {
  /** The full limit. */
  limit: number;
  /** What a number leaves of it for the words of a tweet, counted from 0 within the segment. */
  of: LimitOf;
  /** The least it leaves. */
  least: number;
}

const TIGHTER_TRIES_MAX = 8;
/** Room for any character. */
const ROOM_MIN = 2;

/** One segment, and what is asked of its tweets. */
export interface SegmentWork {
  source: string;
  segment: Segment;
  atoms: readonly Atom[];
  /** Its cuts that matter where a tweet has at least so much room; 0 for all (`findCuts`). */
  cutsFor: (room: number) => CutList;
  room: Room;
  reading: Reading;
  order: CutOrder;
}

/**
 * The tweets of a segment, none longer than its room. Throws PsnError TEXT_NOT_CUT.
 * @param count exactly so many, tearing as little as possible; null comes back where that cannot be
 */
export function cutSegment(work: SegmentWork): Body[];
export function cutSegment(work: SegmentWork, count: number | undefined): Body[] | null;
export function cutSegment(work: SegmentWork, count?: number): Body[] | null {
  const { source, segment, atoms, room, reading } = work;
  const order = count === undefined ? work.order : "fewest";
  // A cut can make a URL out of what was none before. That is foreseen in `atoms`; should it still happen, less is put into each tweet.
  for (let tighter = 0, tries = 0; tries < TIGHTER_TRIES_MAX; tries++) {
    const roomOf = (tweet: number) => Math.max(ROOM_MIN, room.of(tweet) - tighter);
    const least = Math.max(ROOM_MIN, room.least - tighter);
    // Whoever wants the fewest tweets cuts inside of sentences as well.
    const all = work.cutsFor(order === "whole" ? least : 0);
    const torn = countTorn(all, room.least, "all");
    const tears = (end: number, start: number) =>
      (torn[indexOf(all, end)] ?? 0) > 0 ? (tornAt(all, room.least, end, start)?.kind ?? null) : null;
    const said = order === "fewest" && count === undefined ? countTorn(all, room.least, "said") : null;
    const isSame = order === "whole" && least === room.least;
    const cuts = openCuts(
      source,
      all,
      atoms,
      least,
      isSame ? torn : countTorn(all, least, order === "fewest" ? "blocks" : "all"),
    );
    const chosen =
      count === undefined
        ? chooseCuts(said === null ? cuts : tearingLeast(cuts, all, said), room.limit, roomOf)
        : chooseExactly(
            cuts,
            room.limit,
            roomOf,
            count,
            (cut) => tears(cuts.ends[cut] ?? 0, cuts.starts[cut] ?? 0) !== null,
          );
    if (chosen === null) return null;
    const cursor = new AtomCursor(atoms, segment.start);
    let excess = 0;
    const bodies = chosen.slice(1).map((cut, tweet): Body => {
      const start = cuts.starts[chosen[tweet] ?? 0] ?? 0;
      const end = cuts.ends[cut] ?? 0;
      const isLast = tweet === chosen.length - 2;
      const kind = isLast ? KIND_OF_END[segment.endsBy] : cuts.kindAt(cut);
      const weight = (cuts.endsAt[cut] ?? 0) - (cuts.startsAt[chosen[tweet] ?? 0] ?? 0);
      const lengths = isSettled(source, start, end, cursor)
        ? { weightedLength: weight, libraryLength: weight }
        : measureNfc(source.slice(start, end));
      excess = Math.max(excess, longest(lengths, reading) - room.of(tweet));
      const tornKind = isLast ? null : tears(end, cuts.starts[cut] ?? 0);
      return {
        start,
        end,
        break: { kind, why: tornKind !== null ? TORN : isLast && segment.endsBy === "number" ? OWN_NUMBER : WHY[kind] },
        tears: tornKind,
        ...lengths,
      };
    });
    if (excess <= 0) return bodies;
    tighter += excess;
  }
  throw new PsnError(
    "TEXT_NOT_CUT",
    "The text holds a run of emoji or flags that no cut brings under the limit by every way X counts.",
    {
      hint: "Put spaces into the longest run of them.",
    },
  );
}

/** The cuts with what each tears as part of its cost: of the ways to as few tweets, the one that tears least comes first. */
function tearingLeast(cuts: CutList, all: CutList, torn: Uint16Array): Cuts {
  const { length, endsAt, startsAt } = cuts;
  let at = 0;
  const penalties = Float64Array.from({ length }, (_, cut) => {
    const end = cuts.ends[cut] ?? 0;
    // Both ascend. A cut between letters stands in no list.
    while (at < all.length - 1 && (all.ends[at] ?? 0) < end) at++;
    const isTorn = cut > 0 && cut < length - 1 && all.ends[at] === end && (torn[at] ?? 0) > 0;
    return (cuts.penalties[cut] ?? 0) + (isTorn ? TORN_COST : 0);
  });
  return { length, endsAt, startsAt, penalties };
}

/** The cut at which a tweet ends at `end`; -1 where only letters part. The ends ascend. */
function indexOf(all: CutList, end: number): number {
  let low = 0;
  let high = all.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((all.ends[middle] ?? 0) < end) low = middle + 1;
    else high = middle;
  }
  return all.ends[low] === end ? low : -1;
}

/**
 * Whether the weight that was added up while cutting is what both readings count: no atom is in dispute, and white
 * space stands at both ends, over which no URL goes.
 */
function isSettled(source: string, start: number, end: number, cursor: AtomCursor): boolean {
  const isApart = (start === 0 || has(source, start - 1, SPACE)) && (end === source.length || has(source, end, SPACE));
  return isApart && !cursor.differsIn(start, end);
}

function longest({ weightedLength, libraryLength }: Measure, reading: Reading): number {
  return reading === "today" ? weightedLength : Math.max(weightedLength, libraryLength);
}

const KIND_OF_END = { break: "author", number: "author", end: "end" } as const;
const TORN = "inside of what fits into one tweet, to save a tweet";
const OWN_NUMBER = "your own number of the next tweet";
const WHY: Record<CutKind, string> = {
  author: "your line of ---",
  end: "the end of the text",
  paragraph: "the end of a paragraph",
  line: "the end of a line",
  sentence: "the end of a sentence",
  clause: "a pause inside a sentence, which does not fit as a whole",
  word: "between two words: there is no better place within reach",
  grapheme: "inside a word, which is longer than a tweet",
};
