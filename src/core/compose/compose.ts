/**
 * One text in, the tweets of a thread out. Nothing is lost: `leading` and every tweet's `body` and `separatorAfter`,
 * joined, are the source in NFC to the byte.
 */
import { PsnError } from "../errors.ts";
import { type Atom, findAtoms } from "./atoms.ts";
import type { Break } from "./cut-list.ts";
import { type Body, cutSegment, type Reading } from "./cut-segment.ts";
import { affixes, affixWeight, NO_AFFIXES, type Numbering } from "./numbering.ts";
import type { CutOrder } from "./open-cuts.ts";
import { findOwnNumbers } from "./own-numbers.ts";
import { findSegments, findUnsureBreaks, type Segment } from "./segments.ts";
import { emptyText, normaliseSource } from "./source.ts";
import type { UnitKind } from "./unit-list.ts";
import type { Warning } from "./warnings.ts";
import { LONG_POST_LIMIT, TWEET_LIMIT, URL_WEIGHT, weightedLength } from "./weighted-length.ts";

export interface ComposeOptions {
  /** Weighted length that no tweet exceeds. Default 280; up to 25,000 for a Premium account that wants a long post. */
  limit?: number;
  /** Default: no numbers. A single tweet never gets one. */
  numbering?: Numbering | null;
  /** `whole` (the default): nothing that fits into a tweet is torn, then the fewest tweets. `fewest`: the fewest tweets come first. */
  cut?: CutOrder;
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
  /** What the end of this tweet tears, such as a sentence, though it would fit into one tweet. Null nearly always. */
  tears: UnitKind | null;
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
  /** What the fewest tweets would be, and how many sentences, items and the like they would tear; null when they are no fewer. */
  fewest: { tweetCount: number; torn: number } | null;
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
 * @throws PsnError `TEXT_EMPTY`, `TEXT_TOO_LONG`, `TEXT_INVALID_CHARACTER` (see `normaliseSource`), `LIMIT_INVALID`, or `NUMBERED_TWICE`
 *   when numbers are asked for and the author wrote some.
 */
export function composeThread(text: string, options: ComposeOptions = {}): Composition {
  const { limit = TWEET_LIMIT, numbering = null, cut = "whole" } = options;
  assertLimit(limit);
  const source = normaliseSource(text);
  const work: Work = { source, segments: findSegments(source), atoms: findAtoms(source), limit, order: cut };
  if (work.segments.length === 0) throw emptyText();
  assertRoomForAtoms(work.atoms, limit);
  const numbers = findOwnNumbers(source);
  if (numbering !== null && numbers.length > 0) throw numberedTwice(numbers.length);

  const bodies = cutAll(work, null);
  const warnings = [
    ...readingWarnings(work, bodies.length),
    ...breakWarnings(source),
    ...numberWarnings(work.segments, bodies, numbers.length),
  ];
  if (numbering === null || bodies.length === 1) {
    return { ...compositionOf(source, bodies, limit, null, warnings), fewest: fewestOf(work, bodies.length) };
  }
  // The room left depends on how many digits the count has, and the count on the room: the first that agrees is the fewest.
  for (let digits = String(bodies.length).length; digits <= COUNT_DIGITS_MAX; digits++) {
    const numbered = cutAll(work, { numbering, digits });
    if (String(numbered.length).length > digits) continue;
    const fewest = fewestOf(work, numbered.length, { numbering, digits });
    return { ...compositionOf(source, numbered, limit, numbering, warnings), fewest };
  }
  throw new RangeError("the count of tweets does not settle");
}

interface Work {
  source: string;
  segments: Segment[];
  atoms: Atom[];
  limit: number;
  order: CutOrder;
}

interface Numbers {
  numbering: Numbering;
  digits: number;
}

function cutAll(work: Work, numbers: Numbers | null, reading: Reading = "every"): Body[] {
  const { source, segments, atoms, limit, order } = work;
  const roomAt = (position: number) =>
    numbers === null ? limit : limit - affixWeight(numbers.numbering, position, numbers.digits);
  const least = numbers === null ? limit : roomAt(10 ** numbers.digits - 2);
  const bodies: Body[] = [];
  for (const segment of segments) {
    const offset = bodies.length;
    const room = { limit, of: (tweet: number) => roomAt(offset + tweet), least };
    for (const body of cutSegment(source, segment, atoms, room, reading, order)) bodies.push(body);
  }
  return bodies;
}

function compositionOf(
  source: string,
  bodies: Body[],
  limit: number,
  numbering: Numbering | null,
  warnings: Warning[],
): Omit<Composition, "fewest"> {
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
      tears: body.tears,
      separatorAfter: source.slice(body.end, bodies[position + 1]?.start ?? source.length),
    };
  });
  return { tweets, leading: source.slice(0, bodies[0]?.start ?? 0), source, warnings };
}

const WARNINGS_MAX = 5;

function breakWarnings(source: string): Warning[] {
  return findUnsureBreaks(source)
    .slice(0, WARNINGS_MAX)
    .map(({ kind, line }) =>
      kind === "heading"
        ? {
            code: "break_or_heading",
            message: `The line of --- under “${line}” ends a tweet. If it is meant as a heading, write “## ${line}”.`,
            blocking: false,
          }
        : {
            code: "dashes_no_break",
            message: `The line “${line}” is posted as it stands. If it is meant to end a tweet, write three hyphens: ---`,
            blocking: false,
          },
    );
}

function numberedTwice(count: number): PsnError {
  return new PsnError(
    "NUMBERED_TWICE",
    `The text numbers its ${count} tweets itself; two numbers in each would be posted.`,
    {
      hint: "Leave --numbering away, or take your own numbers out of the text.",
      details: { count },
    },
  );
}

/** A part that the author gave one number, and that does not fit into one tweet. */
function numberWarnings(segments: readonly Segment[], bodies: readonly Body[], numbers: number): Warning[] {
  if (numbers === 0) return [];
  return segments.flatMap((segment) => {
    const count = bodies.filter(({ start, end }) => segment.start <= start && end <= segment.end).length;
    if (count < 2) return [];
    const first = bodies.findIndex(({ start }) => start >= segment.start) + 1;
    const message = `What you numbered as one tweet does not fit: it takes ${count}, tweets ${first} to ${first + count - 1}, and only the first bears your number.`;
    return [{ code: "own_number_long" as const, message, blocking: false }];
  });
}

/** What the thread would be if saving tweets came first. */
function fewestOf(work: Work, count: number, numbers: Numbers | null = null): Composition["fewest"] {
  if (work.order === "fewest" || count === 1 || count > COMPARED_TWEETS_MAX) return null;
  const bodies = cutAll({ ...work, order: "fewest" }, numbers);
  if (bodies.length >= count) return null;
  return { tweetCount: bodies.length, torn: bodies.filter(({ tears }) => tears !== null).length };
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
