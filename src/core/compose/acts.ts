/**
 * What an author does to a thread before approving it: move a split, split, join, edit, reorder. Each act is a pure
 * function that returns a new list; what hangs on a tweet (media) stays with it. The interactive loop and the commands
 * on a draft are written on these.
 *
 * As long as only splits are moved, made and undone, the texts and separators joined stay the same to the byte.
 */
import { PsnError } from "../errors.ts";
import { findAtoms } from "./atoms.ts";
import { findCuts } from "./cuts.ts";
import { splitAtAuthorBreaks } from "./segments.ts";
import { normaliseSource } from "./source.ts";
import { has, SPACE } from "./text-characters.ts";
import { segmentsBy } from "./unicode-segments.ts";

/** One tweet as an act sees it. Whatever else the caller keeps on it is carried along. */
export interface DraftTweet {
  text: string;
  /** What stood between this tweet and the next: white space, or a line of `---`. */
  separatorAfter: string;
}

/** By what the border between two tweets is moved. */
export type MoveUnit = "word" | "clause" | "sentence" | "line" | "paragraph";
const UNIT_RANK: Record<MoveUnit, readonly string[]> = {
  word: ["word", "clause", "sentence", "line", "paragraph"],
  clause: ["clause", "sentence", "line", "paragraph"],
  sentence: ["sentence", "line", "paragraph"],
  line: ["line", "paragraph"],
  paragraph: ["paragraph"],
};

const BETWEEN_TWEETS = "\n\n";

/**
 * Moves the border after tweet `position` by `by` units: forward (more into this tweet) when positive, back when
 * negative.
 *
 * @throws PsnError `TWEET_NOT_FOUND` when there is no border, `SPLIT_NOT_THERE` when there are not that many units to
 *   move.
 */
export function moveSplit<T extends DraftTweet>(
  tweets: readonly T[],
  position: number,
  by: number,
  unit: MoveUnit = "word",
): T[] {
  const [left, right] = pairAt(tweets, position, "move");
  const separator = withoutAuthorBreak(left.separatorAfter);
  const joined = left.text + separator + right.text;
  const at = left.text.length;
  const places = placesIn(joined, unit);
  const target =
    by > 0
      ? places.filter(({ end }) => end > at)[by - 1]
      : by < 0
        ? places.filter(({ end }) => end < at).at(by)
        : undefined;
  if (target === undefined) {
    throw new PsnError(
      "SPLIT_NOT_THERE",
      `The border after tweet ${position + 1} cannot be moved by ${by} ${unit}(s).`,
      {
        hint: "Move it by less, or join the two tweets.",
        details: { position, by, unit },
      },
    );
  }
  const { end, start } = target;
  return replace(tweets, position, 2, [
    { ...left, text: joined.slice(0, end), separatorAfter: joined.slice(end, start) },
    { ...right, text: joined.slice(start) },
  ]);
}

/** A place to which a border can be moved. */
export interface BorderPlace {
  /** What `moveSplit` takes to get there by words; 0 is where it is. */
  by: number;
  /** The two tweets as they would be then. */
  left: string;
  right: string;
}

/** Every place, word by word, to which the border after tweet `position` can be moved, in order. @throws PsnError TWEET_NOT_FOUND */
export function borderPlaces(tweets: readonly DraftTweet[], position: number): BorderPlace[] {
  const [left, right] = pairAt(tweets, position, "move");
  const joined = left.text + withoutAuthorBreak(left.separatorAfter) + right.text;
  const at = left.text.length;
  const places = placesIn(joined, "word");
  const before = places.filter(({ end }) => end < at);
  const after = places.filter(({ end }) => end > at);
  const asPlace = ({ end, start }: Cut, by: number): BorderPlace => ({
    by,
    left: joined.slice(0, end),
    right: joined.slice(start),
  });
  return [
    ...before.map((cut, index) => asPlace(cut, index - before.length)),
    { by: 0, left: left.text, right: right.text },
    ...after.map((cut, index) => asPlace(cut, index + 1)),
  ];
}

/**
 * Joins tweet `position` with the next by what stood between them; a line of `---` becomes a blank line. `merge` makes
 * one of what else hangs on the two, such as their media; without it the first one's is kept.
 */
export function joinTweets<T extends DraftTweet>(
  tweets: readonly T[],
  position: number,
  merge: (left: T, right: T) => T = (left) => left,
): T[] {
  const [left, right] = pairAt(tweets, position, "join");
  const text = left.text + withoutAuthorBreak(left.separatorAfter) + right.text;
  return replace(tweets, position, 2, [{ ...merge(left, right), text, separatorAfter: right.separatorAfter }]);
}

/**
 * Replaces the text of one tweet. The new text is normalised and trimmed, as X would. Lines of `---` make several of it; `rest` says
 * what of the tweet goes with those after the first.
 */
export function editTweet<T extends DraftTweet>(
  tweets: readonly T[],
  position: number,
  text: string,
  rest: (tweet: T) => T,
): T[] {
  const tweet = tweetAt(tweets, position);
  const parts = partsOf(text);
  const edited = parts.map((part, index) => ({
    ...(index === 0 ? tweet : rest(tweet)),
    text: part,
    separatorAfter: index === parts.length - 1 ? tweet.separatorAfter : BETWEEN_TWEETS,
  }));
  return replace(tweets, position, 1, edited);
}

/** Puts new tweets before tweet `position`, or after the last. Lines of `---` part them; `make` says what hangs on each. */
export function insertTweets<T extends DraftTweet>(
  tweets: readonly T[],
  position: number,
  text: string,
  make: (tweet: DraftTweet) => T,
): T[] {
  if (position !== tweets.length) tweetAt(tweets, position);
  const isLast = position === tweets.length;
  const parts = partsOf(text);
  const fresh = parts.map((part, index) =>
    make({ text: part, separatorAfter: isLast && index === parts.length - 1 ? "" : BETWEEN_TWEETS }),
  );
  const before = tweets
    .slice(0, position)
    .map((tweet, index) => (isLast && index === position - 1 ? { ...tweet, separatorAfter: BETWEEN_TWEETS } : tweet));
  return [...before, ...fresh, ...tweets.slice(position)];
}

/**
 * Takes one tweet out. The border before it stays; without one before it, the one after it goes.
 * @throws PsnError `POST_EMPTY` when it is the only one
 */
export function removeTweet<T extends DraftTweet>(tweets: readonly T[], position: number): T[] {
  const { separatorAfter } = tweetAt(tweets, position);
  if (tweets.length === 1) {
    throw new PsnError("POST_EMPTY", "It is the only tweet of the thread.", {
      hint: 'psn post text ID 1 "…" gives it other words; psn post delete ID removes the draft.',
    });
  }
  const isLast = position === tweets.length - 1;
  return tweets
    .map((tweet, index) => (isLast && index === position - 1 ? { ...tweet, separatorAfter } : tweet))
    .filter((_, index) => index !== position);
}

/**
 * Splits tweet `position` before the character at `offset` (UTF-16). White space there becomes the separator. `rest`
 * says what of the tweet goes with the second half; without it everything stays with the first.
 *
 * @throws PsnError `SPLIT_NOT_THERE` at either end, or inside a URL or a character.
 */
export function splitTweet<T extends DraftTweet>(
  tweets: readonly T[],
  position: number,
  offset: number,
  rest: (tweet: T) => T,
): T[] {
  const tweet = tweetAt(tweets, position);
  const { text } = tweet;
  let end = offset;
  let start = offset;
  while (end > 0 && has(text, end - 1, SPACE)) end--;
  while (start < text.length && has(text, start, SPACE)) start++;
  if (!Number.isInteger(offset) || end <= 0 || start >= text.length || (start === end && isInsideWhole(text, offset))) {
    throw new PsnError("SPLIT_NOT_THERE", `Tweet ${position + 1} cannot be split at character ${offset}.`, {
      hint: "Choose a place between two words, not inside a URL or a character.",
      details: { position, offset },
    });
  }
  return replace(tweets, position, 1, [
    { ...tweet, text: text.slice(0, end), separatorAfter: text.slice(end, start) },
    { ...rest(tweet), text: text.slice(start), separatorAfter: tweet.separatorAfter },
  ]);
}

/**
 * Moves tweet `from` to where `to` is. Separators stay where they are, since they belong to the borders and not to the
 * tweets.
 */
export function reorderTweets<T extends DraftTweet>(tweets: readonly T[], from: number, to: number): T[] {
  const moved = tweetAt(tweets, from);
  tweetAt(tweets, to);
  const others = tweets.filter((_, index) => index !== from);
  const reordered = [...others.slice(0, to), moved, ...others.slice(to)];
  return reordered.map((tweet, index) => ({ ...tweet, separatorAfter: tweets[index]?.separatorAfter ?? "" }));
}

/** The tweets of a text as its author parted them by lines of `---`. */
export function partsOf(text: string): string[] {
  return splitAtAuthorBreaks(normaliseSource(text));
}

function tweetAt<T>(tweets: readonly T[], position: number): T {
  const tweet = tweets[position];
  if (tweet !== undefined) return tweet;
  throw new PsnError("TWEET_NOT_FOUND", `There is no tweet ${position + 1}; the thread has ${tweets.length}.`, {
    details: { position, count: tweets.length },
  });
}

/** A tweet and the one after it, whose border an act moves or takes away. */
function pairAt<T>(tweets: readonly T[], position: number, act: "move" | "join"): [T, T] {
  const left = tweetAt(tweets, position);
  const right = tweets[position + 1];
  if (right !== undefined) return [left, right];
  const isOnly = tweets.length === 1;
  throw new PsnError(
    "TWEET_NOT_FOUND",
    isOnly
      ? "The thread has one tweet; there is none after it."
      : `Tweet ${position + 1} is the last of ${tweets.length}; there is none after it.`,
    {
      hint: isOnly
        ? "psn post split makes two of it."
        : `Name the first of the two tweets: psn post ${act} ID ${position}`,
      details: { position, count: tweets.length },
    },
  );
}

function replace<T>(tweets: readonly T[], position: number, count: number, by: T[]): T[] {
  return [...tweets.slice(0, position), ...by, ...tweets.slice(position + count)];
}

interface Cut {
  end: number;
  start: number;
}

/** Where a text can be cut at that unit or a higher one. */
function placesIn(text: string, unit: MoveUnit): Cut[] {
  const cuts = findCuts(text, 0, text.length, findAtoms(text));
  const places: Cut[] = [];
  for (let index = 1; index < cuts.length - 1; index++) {
    const end = cuts.ends[index] ?? 0;
    if (UNIT_RANK[unit].includes(cuts.kindAt(index))) places.push({ end, start: cuts.starts[index] ?? end });
  }
  return places;
}

/** An author's break that is undone must not be posted as a line of `---`. */
function withoutAuthorBreak(separator: string): string {
  return /\S/.test(separator) ? BETWEEN_TWEETS : separator;
}

const graphemesOf = segmentsBy("grapheme");

function isInsideWhole(text: string, offset: number): boolean {
  if (findAtoms(text).some((atom) => atom.start < offset && offset < atom.end)) return true;
  return graphemesOf(text).containing(offset)?.index !== offset;
}
