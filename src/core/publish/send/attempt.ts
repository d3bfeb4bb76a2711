/** The record of a request, from what the run knows of its tweet. */
import { createPrice } from "../../compose/cost.ts";
import type { RunTweet } from "../../post/rows.ts";
import { fingerprintOf, mediaKeysOf, writeAttempt } from "../attempts/attempts.ts";
import { type Run, recordTweet, replyToIdOf } from "../run.ts";

/** Written and committed before the request is sent. @throws LeaseLostError */
export async function writeAttemptOf(run: Run, tweet: RunTweet, { isSent = true } = {}): Promise<number> {
  const replyToId = replyToIdOf(run, tweet);
  const sha256s = tweet.media.map(({ sha256 }) => sha256);
  return await writeAttempt(run.deps.hub, run.held.lease, {
    tweetId: tweet.id,
    position: tweet.threadPosition,
    fingerprint: fingerprintOf(tweet.content, replyToId, sha256s),
    replyToId,
    mediaCount: sha256s.length,
    mediaKeys: mediaKeysOf(tweet.media),
    host: run.deps.platform.host,
    cause: !isSent ? null : createPrice(tweet.content) === "create" ? "create" : "create_with_link",
  });
}

/** It stands on X, though the record did not know: nothing is sent. */
export async function adopt(run: Run, tweet: RunTweet, externalPostId: string): Promise<null> {
  const attemptId = await writeAttemptOf(run, tweet, { isSent: false });
  await recordTweet(run, tweet, { attemptId, externalPostId, how: "adopted", meta: null });
  return null;
}
