/**
 * One text in, the tweets of a thread out. Nothing is lost: `leading` and every tweet's `body` and `separatorAfter`,
 * joined, are the source in NFC to the byte.
 */
import { PsnError } from "../errors.ts";
import { type Atom, findAtoms } from "./atoms.ts";
import type { Break } from "./cut-list.ts";
import { type Body, cutSegment, type Reading } from "./cut-segment.ts";
import { affixes, affixWeight, NO_AFFIXES, type Numbering } from "./numbering.ts";
import { findSegments, type Segment } from "./segments.ts";
import { emptyText, normaliseSource } from "./source.ts";
import type { Warning } from "./warnings.ts";
import { LONG_POST_LIMIT, TWEET_LIMIT, URL_WEIGHT, weightedLength } from "./weighted-length.ts";

export interface ComposeOptions {
  /** Weighted length that no tweet exceeds. Default 280; up to 25,000 for a Premium account that wants a long post. */
  limit?: number;
  /** Default: no numbers. A single tweet never gets one. */
  numbering?: Numbering | null;
}

export interface ComposedTweet {
  /** From 0. */
  position: number;
  /** What is sent: the author's words, and the number when there is one. */
  text: string;
  /** The author's words alone. Equals `text` without numbering. */
  body: string;
  /** X's count of `text`. */
  weightedLength: number;
  limit: number;
  break: Break;
  /** What stood between this tweet and the next (or the end) in the source: white space, and lines of `---`. */
  separatorAfter: string;
}

export interface Composition {
  tweets: ComposedTweet[];
  /** White space and lines of `---` before the first tweet, which X would strip. Nearly always empty. */
  leading: string;
  /** The source in NFC. */
  source: string;
  /** What the cutting itself has to say; the preview adds the rest. */
  warnings: Warning[];
}

const LIMIT_MIN = 2;
/** Ten million tweets cannot come out of the longest source. */
const COUNT_DIGITS_MAX = 8;
/**
 * In a thread longer than this nobody counts whether one tweet could be saved, and finding out takes as long as
 * cutting.
 */
const COMPARED_TWEETS_MAX = 100;

/**
 * The thread that a careful editor would cut.
 *
 * @throws PsnError `TEXT_EMPTY`, `TEXT_TOO_LONG`, `TEXT_INVALID_CHARACTER` (see `normaliseSource`), or `LIMIT_INVALID`.
 */
export function composeThread(text: string, options: ComposeOptions = {}): Composition {
  const { limit = TWEET_LIMIT, numbering = null } = options;
  assertLimit(limit);
  const source = normaliseSource(text);
  const work: Work = { source, segments: findSegments(source), atoms: findAtoms(source), limit };
  if (work.segments.length === 0) throw emptyText();
  assertRoomForAtoms(work.atoms, limit);

  const bodies = cutAll(work, null);
  const warnings = readingWarnings(work, bodies.length);
  if (numbering === null || bodies.length === 1) return compositionOf(source, bodies, limit, null, warnings);
  // The room left depends on how many digits the count has, and the count on the room: the first that agrees is the
  // fewest.
  for (let digits = String(bodies.length).length; digits <= COUNT_DIGITS_MAX; digits++) {
    const numbered = cutAll(work, { numbering, digits });
    if (String(numbered.length).length <= digits) return compositionOf(source, numbered, limit, numbering, warnings);
  }
  throw new RangeError("the count of tweets does not settle");
}

interface Work {
  source: string;
  segments: Segment[];
  atoms: Atom[];
  limit: number;
}

function cutAll(
  work: Work,
  numbers: { numbering: Numbering; digits: number } | null,
  reading: Reading = "every",
): Body[] {
  const { source, segments, atoms, limit } = work;
  const roomAt = (position: number) =>
    numbers === null ? limit : limit - affixWeight(numbers.numbering, position, numbers.digits);
  const least = numbers === null ? limit : roomAt(10 ** numbers.digits - 2);
  const bodies: Body[] = [];
  for (const [index, segment] of segments.entries()) {
    const offset = bodies.length;
    const room = { limit, of: (tweet: number) => roomAt(offset + tweet), least };
    const lastKind = index === segments.length - 1 ? "end" : "author";
    for (const body of cutSegment(source, segment, atoms, room, reading, lastKind)) bodies.push(body);
  }
  return bodies;
}

function compositionOf(
  source: string,
  bodies: Body[],
  limit: number,
  numbering: Numbering | null,
  warnings: Warning[],
): Composition {
  const tweets = bodies.map((body, position): ComposedTweet => {
    const words = source.slice(body.start, body.end);
    const { prefix, suffix } = numbering === null ? NO_AFFIXES : affixes(numbering, position, bodies.length);
    const text = prefix + words + suffix;
    return {
      position,
      text,
      body: words,
      weightedLength: text === words ? body.weightedLength : weightedLength(text),
      limit,
      break: body.break,
      separatorAfter: source.slice(body.end, bodies[position + 1]?.start ?? source.length),
    };
  });
  return { tweets, leading: source.slice(0, bodies[0]?.start ?? 0), source, warnings };
}

/** Says so when the two readings of the count disagree across the limit, and the text was cut more often for it. */
function readingWarnings(work: Work, count: number): Warning[] {
  if (count > COMPARED_TWEETS_MAX || work.atoms.every((atom) => atom.weight === atom.today)) return [];
  const atoms = work.atoms.map((atom) => ({ ...atom, weight: atom.today }));
  const countToday = cutAll({ ...work, atoms }, null, "today").length;
  if (countToday >= count) return [];
  const message =
    `With today's emoji and domains the text would take ${countToday} tweet(s); X's published counter weighs the newer ones more, ` +
    `so it was cut into ${count} to be safe.`;
  return [{ code: "count_uncertain", message, blocking: false }];
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
