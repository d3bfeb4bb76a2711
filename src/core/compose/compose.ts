/**
 * One text in, the tweets of a thread out. Nothing is lost: `leading` and every tweet's `body` and `separatorAfter`, joined, are the
 * source in NFC to the byte.
 */
import { PsnError } from "../errors.ts";
import { type Atom, findAtoms } from "./atoms.ts";
import { type Break, type CutKind, type CutList, findCuts } from "./cuts.ts";
import { affixes, affixWeight, NO_AFFIXES, type Numbering } from "./numbering.ts";
import { openCuts } from "./open-cuts.ts";
import { chooseCuts } from "./optimum.ts";
import { findSegments, type Segment } from "./segments.ts";
import { emptyText, normaliseSource } from "./source.ts";
import { LONG_POST_LIMIT, measure, TWEET_LIMIT, URL_WEIGHT } from "./weighted-length.ts";

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
}

const LIMIT_MIN = 2;
/** 10 million tweets cannot come out of the longest source. */
const COUNT_DIGITS_MAX = 8;
const TIGHTER_TRIES_MAX = 8;

/**
 * The thread that a careful editor would cut.
 *
 * @throws PsnError `TEXT_EMPTY`, `TEXT_TOO_LONG`, `TEXT_INVALID_CHARACTER` (see `normaliseSource`), or `LIMIT_INVALID`.
 */
export function composeThread(text: string, options: ComposeOptions = {}): Composition {
  const { limit = TWEET_LIMIT, numbering = null } = options;
  assertLimit(limit);
  const source = normaliseSource(text);
  const segments = findSegments(source);
  if (segments.length === 0) throw emptyText();
  const atoms = findAtoms(source);
  assertRoomForAtoms(atoms, limit);

  const plain = composeWith(source, segments, atoms, limit, null, 0);
  if (numbering === null || plain.tweets.length === 1) return plain;
  // The room left depends on how many digits the count has, and the count on the room: the first that agrees is the fewest.
  for (let digits = String(plain.tweets.length).length; digits <= COUNT_DIGITS_MAX; digits++) {
    const numbered = composeWith(source, segments, atoms, limit, numbering, digits);
    if (String(numbered.tweets.length).length <= digits) return numbered;
  }
  throw new RangeError("the count of tweets does not settle");
}

/** The source again. */
export function joinThread(composition: Pick<Composition, "leading" | "tweets">): string {
  return composition.leading + composition.tweets.map((tweet) => tweet.body + tweet.separatorAfter).join("");
}

function composeWith(
  source: string,
  segments: Segment[],
  atoms: Atom[],
  limit: number,
  numbering: Numbering | null,
  countDigits: number,
): Composition {
  const bodies: { start: number; end: number; break: Break }[] = [];
  for (const [index, segment] of segments.entries()) {
    const all = findCuts(source, segment.start, segment.end, atoms);
    const offset = bodies.length;
    const room = (tweet: number) =>
      limit - (numbering === null ? 0 : affixWeight(numbering, offset + tweet, countDigits));
    const isLast = index === segments.length - 1;
    bodies.push(...cutSegment(source, all, atoms, limit, room, isLast));
  }
  const count = bodies.length;
  const tweets = bodies.map((body, position): ComposedTweet => {
    const words = source.slice(body.start, body.end);
    const { prefix, suffix } = numbering === null ? NO_AFFIXES : affixes(numbering, position, count);
    const text = prefix + words + suffix;
    const separatorAfter = source.slice(body.end, bodies[position + 1]?.start ?? source.length);
    return {
      position,
      text,
      body: words,
      weightedLength: measure(text).weightedLength,
      limit,
      break: body.break,
      separatorAfter,
    };
  });
  return { tweets, leading: source.slice(0, bodies[0]?.start ?? 0), source };
}

/** The best cut of one segment that fits by both readings of the count. */
function cutSegment(
  source: string,
  all: CutList,
  atoms: Atom[],
  limit: number,
  room: (tweet: number) => number,
  isLast: boolean,
): { start: number; end: number; break: Break }[] {
  // A cut can make a URL out of what was none before. That is foreseen in `atoms`; should it still happen, less is put into each tweet.
  for (let tighter = 0, tries = 0; tries < TIGHTER_TRIES_MAX; tries++) {
    const roomOf = (tweet: number) => Math.max(LIMIT_MIN, room(tweet) - tighter);
    const tightest = roomOf(all.length);
    const cuts = openCuts(source, all, atoms, tightest);
    const chosen = chooseCuts(cuts, limit, roomOf);
    const bodies = chosen.slice(1).map((cut, tweet) => {
      const from = chosen[tweet] ?? 0;
      const isEnd = tweet === chosen.length - 2;
      const kind = isEnd ? (isLast ? "end" : "author") : (cuts.kinds[cut] ?? "word");
      return { start: cuts.starts[from] ?? 0, end: cuts.ends[cut] ?? 0, break: { kind, why: WHY[kind] } };
    });
    const excess = Math.max(...bodies.map((body, tweet) => longest(source.slice(body.start, body.end)) - room(tweet)));
    if (excess <= 0) return bodies;
    tighter += excess;
  }
  throw new RangeError("no cut of this text fits");
}

function longest(text: string): number {
  const { weightedLength, libraryLength } = measure(text);
  return Math.max(weightedLength, libraryLength);
}

const WHY: Record<CutKind, string> = {
  author: "your line of ---",
  end: "the end of the text",
  paragraph: "the end of a paragraph",
  line: "the end of a line",
  sentence: "the end of a sentence",
  clause: "a pause inside a sentence, which is too long or would leave an orphan",
  word: "between two words, as no pause was near enough",
  grapheme: "inside a word, which is longer than a tweet",
};

function assertLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= LIMIT_MIN && limit <= LONG_POST_LIMIT) return;
  throw new PsnError(
    "LIMIT_INVALID",
    `A tweet's limit is a whole number from ${LIMIT_MIN} to ${LONG_POST_LIMIT}, not ${limit}.`,
    {
      hint: "280 is everybody's limit; Premium accounts may write up to 25,000.",
      details: { limit, min: LIMIT_MIN, max: LONG_POST_LIMIT },
    },
  );
}

function assertRoomForAtoms(atoms: Atom[], limit: number): void {
  if (limit >= URL_WEIGHT || atoms.every((atom) => atom.weight <= limit)) return;
  throw new PsnError("LIMIT_INVALID", `A URL counts ${URL_WEIGHT}, so it does not fit into a tweet of ${limit}.`, {
    hint: "Use a limit of 280.",
    details: { limit, needed: URL_WEIGHT },
  });
}
