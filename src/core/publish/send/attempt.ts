/** The record of a request, from what the run knows of its tweet. */
import type { RunTweet } from "../../post/rows.ts";
import { createCause } from "../../spend/charge.ts";
import { fingerprintOf, mediaKeysOf, writeAttempt } from "../attempts/attempts.ts";
import type { GivenUpAttempt, PastAttempts } from "../attempts/past.ts";
import { type Run, recordTweet, replyToIdOf } from "../run.ts";

/** The latest request of this very tweet that had no answer and was given up: same words, same files, same parent. */
export function givenUpOf(run: Run, tweet: RunTweet, { givenUp }: PastAttempts): GivenUpAttempt | null {
  if (givenUp.length === 0) return null;
  const fingerprint = fingerprintOfTweet(run, tweet);
  return givenUp.findLast((attempt) => attempt.fingerprint === fingerprint) ?? null;
}

/** Written and committed before the request is sent. @throws LeaseLostError */
export async function writeAttemptOf(run: Run, tweet: RunTweet, { isSent = true } = {}): Promise<number> {
  return await writeAttempt(run.deps.hub, run.held.lease, {
    tweetId: tweet.id,
    position: tweet.threadPosition,
    fingerprint: fingerprintOfTweet(run, tweet),
    replyToId: replyToIdOf(run, tweet),
    mediaCount: tweet.media.length,
    mediaKeys: mediaKeysOf(tweet.media),
    host: run.deps.platform.host,
    cause: isSent ? createCause(tweet.content) : null,
  });
}

/** It stands on X, though the record did not know: nothing is sent. */
export async function adopt(run: Run, tweet: RunTweet, externalPostId: string): Promise<null> {
  const attemptId = await writeAttemptOf(run, tweet, { isSent: false });
  await recordTweet(run, tweet, { attemptId, externalPostId, how: "adopted", meta: null });
  return null;
}

// --- internal ---

function fingerprintOfTweet(run: Run, tweet: RunTweet): string {
  const sha256s = tweet.media.map(({ sha256 }) => sha256);
  return fingerprintOf(tweet.content, replyToIdOf(run, tweet), sha256s);
}
