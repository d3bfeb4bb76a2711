/** A new text, or new media, must not take an image away, or put it under other words, without its author's word. Pure. */
import type { Numbering } from "../compose/numbering.ts";
import { PsnError } from "../errors.ts";
import { composingOf, withoutNumbers } from "./composing.ts";
import type { Post } from "./read.ts";
import { asNewTweet, type NewTweet, sentAndUnsent } from "./tweets.ts";

/** A tweet whose media are not where they were. */
interface Displaced {
  /** From 1, the tweets on X included. */
  tweet: number;
  files: string[];
  /** The tweet that has its words now; null when none has. */
  wordsAt: number | null;
}

/**
 * Media stay with the number of their tweet. With other words there they stay, too, as long as the thread keeps its length and the words
 * did not go to another tweet: then the author has rewritten that tweet. The first tweet keeps its media however long the thread
 * becomes. Media given anew replace those of the same tweet; of other tweets they must name all that stay.
 * @param after the unsent tweets as they would be
 * @param isGiven whether the media were given anew
 * @throws PsnError MEDIA_WOULD_BE_LOST, MEDIA_WOULD_MOVE; `details.tweets` has each tweet
 */
export function requireMediaKept(
  post: Post,
  after: readonly NewTweet[],
  numbering: Numbering | null,
  isGiven: boolean,
): void {
  const { sent, unsent } = sentAndUnsent(post);
  const before = unsent.map(asNewTweet);
  const lost: Displaced[] = [];
  const moved: Displaced[] = [];
  const sentTexts = sent.map(({ content }) => content);
  const words = (tweets: readonly NewTweet[], form: Numbering | null) =>
    withoutNumbers([...sentTexts, ...tweets.map(({ text }) => text)], form).slice(sent.length);
  const wordsBefore = words(before, composingOf(post.root.metadata).numbering);
  const wordsAfter = words(after, numbering);
  const kept = new Set(after.flatMap(({ media }) => media.map(({ sha256 }) => sha256)));
  for (const [index, { media }] of before.entries()) {
    if (media.length === 0) continue;
    const own = wordsBefore[index] ?? "";
    const isThere = wordsAfter[index] === own;
    const elsewhere = own.trim() === "" || isThere ? -1 : wordsAfter.indexOf(own);
    const one: Displaced = {
      tweet: sent.length + index + 1,
      files: media.map(({ fileName }) => fileName),
      wordsAt: elsewhere < 0 ? null : sent.length + elsewhere + 1,
    };
    if (isGiven) {
      const isReplaced = (after[index]?.media.length ?? 0) > 0;
      if (!isReplaced && media.some(({ sha256 }) => !kept.has(sha256))) lost.push(one);
    } else if (index >= after.length) {
      lost.push(one);
    } else if (!isThere && (elsewhere >= 0 || (index > 0 && after.length !== before.length))) {
      moved.push(one);
    }
  }
  const [first] = lost.length > 0 ? lost : moved;
  if (first) throw refusal(lost, moved, { from: before.length, to: after.length, isGiven });
}

// --- internal ---

function refusal(
  lost: readonly Displaced[],
  moved: readonly Displaced[],
  { from, to, isGiven }: { from: number; to: number; isGiven: boolean },
): PsnError {
  const isLost = lost.length > 0;
  const named = [...lost, ...moved].map(({ tweet, files, wordsAt }) => {
    const now = wordsAt === null ? "" : `, and its words are tweet ${wordsAt} now`;
    return `Tweet ${tweet} has media (${files.join(", ")})${now}`;
  });
  const length = from === to ? `${to} tweets` : `${to} tweets in place of ${from}`;
  const why = isGiven ? "and the media that you gave do not name it" : `and the new text has ${length}`;
  const what = isLost ? "would be lost" : "would stand under other words";
  return new PsnError(isLost ? "MEDIA_WOULD_BE_LOST" : "MEDIA_WOULD_MOVE", `${named.join("; ")}; ${why}: it ${what}.`, {
    hint: isGiven
      ? "Name all media that stay: --media N:FILE for each. With --force the others are dropped."
      : "Say where all media belong: --media N:FILE. With --force they stay at their numbers, and the rest is dropped.",
    details: { tweets: [...lost, ...moved] },
  });
}
