/** One act on a draft: a split moved, two tweets joined, one edited. For a program as commands, for a person as keys. */
import {
  editTweet,
  insertTweets,
  joinTweets,
  type MoveUnit,
  moveSplit,
  partsOf,
  removeTweet,
  reorderTweets,
  splitTweet,
} from "../compose/acts.ts";
import type { Numbering } from "../compose/numbering.ts";
import { comparable } from "../compose/source.ts";
import { segmentsBy } from "../compose/unicode-segments.ts";
import type { Hub } from "../db/connection.ts";
import type { Engine } from "../engine.ts";
import { PsnError } from "../errors.ts";
import type { Sending } from "./approve.ts";
import { composingOf, withNumbers, withoutAnyNumber, withoutNumbers } from "./composing.ts";
import { actKey, unlessMade } from "./done-before.ts";
import { editPost } from "./edit.ts";
import type { Post } from "./read.ts";
import { rewordTweets } from "./reword.ts";
import { asNewTweet, type NewMedia, type NewTweet, sentAndUnsent } from "./tweets.ts";

/** Positions are from 0 and count the whole thread, what is on X included. */
export type DraftAct =
  /** The border after tweet `position`, forward when `by` is positive. */
  | { do: "move"; position: number; by: number; unit: MoveUnit }
  /** With the next one. */
  | { do: "join"; position: number }
  /** Before a UTF-16 offset of the tweet's text, or before words that occur in it once; `anywhere` also inside a word. */
  | { do: "split"; position: number; at: number | string; anywhere?: boolean }
  /** Lines of `---` make several tweets of it. */
  | { do: "text"; position: number; text: string }
  /** Before tweet `position`, or after the last; lines of `---` make several. */
  | { do: "insert"; position: number; text: string }
  /** With its media only where `withMedia` says so. */
  | { do: "remove"; position: number; withMedia: boolean }
  /** All tweets that are not on X anew, parted by lines of `---`; media stays with its tweet. */
  | { do: "reword"; text: string }
  | { do: "reorder"; from: number; to: number }
  | { do: "attach"; position: number; media: NewMedia[] }
  /** `item` from 0; null takes all. */
  | { do: "detach"; position: number; item: number | null };

/**
 * Does one act on what is not on X yet. Like any edit, it un-approves a draft; a post that waits for its time needs `approve`. Given again on
 * the same version, it finds its work done.
 * @throws PsnError TWEET_NOT_FOUND, TWEET_ON_X, SPLIT_NOT_THERE, SPLIT_IN_WORD, WORDS_NOT_FOUND, MEDIA_…, POST_EMPTY, and what
 *   `editPost` throws
 */
export async function actOnPost(
  hub: Hub,
  engine: Engine,
  postId: string,
  act: DraftAct,
  sending: Sending = {},
): Promise<void> {
  const key = actKey(act, sending);
  const edit = (post: Post) => ({ unsentTweets: unsentAfter(post, act), note: noteOf(act), made: { act: key } });
  await unlessMade(hub, postId, key, sending, {
    act: async () => void (await editPost(hub, engine, postId, edit, sending)),
    answerOf: () => {},
  });
}

/** Pure: the unsent tweets after the act. Acts are on the author's words; numbers are taken off before and put on after. */
export function unsentAfter(post: Post, act: DraftAct): NewTweet[] {
  const sentCount = sentAndUnsent(post).sent.length;
  for (const position of touched(act)) requireUnsent(position, sentCount);
  const { numbering } = composingOf(post.root.metadata);
  const tweets = post.tweets.map(asNewTweet);
  const bodies = withoutNumbers(
    tweets.map(({ text }) => text),
    numbering,
  );
  const bare = tweets.map((tweet, index) => ({ ...tweet, text: bodies[index] ?? tweet.text }));
  const after = apply(bare, numbering ? inWords(act, tweets, bodies, numbering) : act, sentCount);
  const texts = withNumbers(
    after.map(({ text }) => text),
    numbering,
  );
  return after.map((tweet, index) => ({ ...tweet, text: texts[index] ?? tweet.text })).slice(sentCount);
}

// --- internal ---

const BETWEEN_PARTS = "\n---\n";

/** What was shown bears numbers, which are none of the author's words: an offset counts them, a copied text holds them. */
function inWords(
  act: DraftAct,
  tweets: readonly NewTweet[],
  bodies: readonly string[],
  numbering: Numbering,
): DraftAct {
  if (act.do === "split" && typeof act.at === "number") {
    const prefixLength = (tweets[act.position]?.text ?? "").indexOf(bodies[act.position] ?? "");
    return { ...act, at: act.at - Math.max(0, prefixLength) };
  }
  if (act.do === "text" || act.do === "reword") {
    const parts = partsOf(act.text).map((part) => withoutAnyNumber(part, tweets.length, numbering));
    return { ...act, text: parts.join(BETWEEN_PARTS) };
  }
  return act;
}

function apply(tweets: NewTweet[], act: DraftAct, sentCount: number): NewTweet[] {
  switch (act.do) {
    case "move":
      return moveSplit(tweets, act.position, act.by, act.unit);
    case "join":
      return joinTweets(tweets, act.position, (left, right) => ({ ...left, media: [...left.media, ...right.media] }));
    case "split": {
      const offset = typeof act.at === "number" ? act.at : offsetOf(tweets, act.position, act.at, act.anywhere);
      return splitTweet(tweets, act.position, offset, withoutMedia);
    }
    case "text":
      return editTweet(tweets, act.position, act.text, withoutMedia);
    case "insert":
      return insertTweets(tweets, act.position, act.text, (tweet) => ({ ...tweet, media: [] }));
    case "remove":
      requireNoMedia(tweets, act);
      return removeTweet(tweets, act.position);
    case "reword":
      return [...tweets.slice(0, sentCount), ...rewordTweets(tweets.slice(sentCount), act.text, sentCount)];
    case "reorder":
      return reorderTweets(tweets, act.from, act.to);
    case "attach":
      return withMedia(tweets, act.position, (media) => [...media, ...act.media]);
    case "detach":
      return withMedia(tweets, act.position, (media) => detached(media, act.position, act.item));
  }
}

/** The positions whose tweets an act changes. */
function touched(act: DraftAct): number[] {
  switch (act.do) {
    case "move":
    case "join":
      return [act.position, act.position + 1];
    case "reorder":
      return [act.from, act.to];
    case "reword":
      return [];
    default:
      return [act.position];
  }
}

function requireUnsent(position: number, sentCount: number): void {
  if (position >= sentCount) return;
  throw new PsnError("TWEET_ON_X", `Tweet ${position + 1} is on X and cannot be changed.`, {
    hint: `Tweets 1 to ${sentCount} are on X; those after it can be changed.`,
  });
}

const withoutMedia = (tweet: NewTweet): NewTweet => ({ ...tweet, media: [] });

/** @throws PsnError MEDIA_WOULD_BE_LOST */
function requireNoMedia(tweets: readonly NewTweet[], act: { position: number; withMedia: boolean }): void {
  const { media } = tweetAt(tweets, act.position);
  if (media.length === 0 || act.withMedia) return;
  const files = media.map((item) => item.fileName).join(", ");
  throw new PsnError("MEDIA_WOULD_BE_LOST", `Tweet ${act.position + 1} has media: ${files}.`, {
    hint: "Attach it to another tweet first, or give --force to remove the tweet with it.",
  });
}

function tweetAt(tweets: readonly NewTweet[], position: number): NewTweet {
  const tweet = tweets[position];
  if (tweet) return tweet;
  throw new PsnError("TWEET_NOT_FOUND", `There is no tweet ${position + 1}; the thread has ${tweets.length}.`);
}

function offsetOf(tweets: readonly NewTweet[], position: number, words: string, anywhere = false): number {
  const { text } = tweetAt(tweets, position);
  const wanted = comparable(words);
  const at = text.indexOf(wanted);
  if (wanted.trim() === "" || at < 0) {
    throw new PsnError("WORDS_NOT_FOUND", `Tweet ${position + 1} has no such words: “${words.slice(0, 60)}”.`, {
      hint: "Give words of that tweet exactly as they are written; with $ or ` in them, from a file, for a shell takes those out: --before-file FILE.",
    });
  }
  if (text.indexOf(wanted, at + 1) >= 0) {
    throw new PsnError("WORDS_AMBIGUOUS", `“${words.slice(0, 60)}” occurs in tweet ${position + 1} more than once.`, {
      hint: "Give more of the words that follow, so that they occur once.",
    });
  }
  if (!anywhere && isInsideWord(text, at)) {
    const around = `${text.slice(Math.max(0, at - 12), at)}|${text.slice(at, at + 12)}`.replace(/\s+/g, " ");
    throw new PsnError("SPLIT_IN_WORD", `Tweet ${position + 1} would be cut inside a word: “…${around}…”.`, {
      hint: "Did a shell take a $ out of the words? --before-file FILE keeps them whole. --force cuts there all the same.",
    });
  }
  return at;
}

const wordsOf = segmentsBy("word", "en");

/** Not after a blank, and where no word begins; a sign such as $ belongs to what follows it. */
function isInsideWord(text: string, at: number): boolean {
  const before = text.slice(0, at);
  if (before === "" || /\s$/.test(before)) return false;
  if (/[$€£¥₹#@&%/\\_~+=^-]$/.test(before)) return true;
  // 3.14, e.g., it's
  if (/[\p{L}\p{N}][.,:'’]$/u.test(before) && /^[\p{L}\p{N}]/u.test(text.slice(at))) return true;
  return wordsOf(text).containing(at)?.index !== at;
}

function withMedia(tweets: NewTweet[], position: number, change: (media: NewMedia[]) => NewMedia[]): NewTweet[] {
  const tweet = tweetAt(tweets, position);
  return tweets.map((other) => (other === tweet ? { ...tweet, media: change(tweet.media) } : other));
}

function detached(media: NewMedia[], position: number, item: number | null): NewMedia[] {
  if (media.length === 0 || (item !== null && media[item] === undefined)) {
    const what = media.length === 0 ? "no media" : `${media.length}, not ${(item ?? 0) + 1}`;
    throw new PsnError("MEDIA_NOT_FOUND", `Tweet ${position + 1} has ${what}.`);
  }
  return item === null ? [] : media.filter((_, index) => index !== item);
}

function noteOf(act: DraftAct): string {
  switch (act.do) {
    case "move": {
      const units = `${Math.abs(act.by)} ${act.unit}${Math.abs(act.by) === 1 ? "" : "s"}`;
      return `The end of tweet ${act.position + 1} was moved ${act.by < 0 ? "back" : "on"} by ${units}`;
    }
    case "join":
      return `Tweets ${act.position + 1} and ${act.position + 2} were joined`;
    case "split":
      return `Tweet ${act.position + 1} was split`;
    case "text":
      return `Tweet ${act.position + 1} got other words`;
    case "insert":
      return `A tweet was put in at place ${act.position + 1}`;
    case "remove":
      return `Tweet ${act.position + 1} was removed`;
    case "reword":
      return "The thread was edited as a whole";
    case "reorder":
      return `Tweet ${act.from + 1} was moved to place ${act.to + 1}`;
    case "attach":
      return `Media was attached to tweet ${act.position + 1}`;
    case "detach":
      return `Media was taken from tweet ${act.position + 1}`;
  }
}
