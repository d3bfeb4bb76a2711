/** Asking X to create a tweet. */
import type { AnswerMeta, CreatePostRequest, Outcome } from "../../platform.ts";
import type { RunTweet } from "../../post/rows.ts";
import { SEND_MS_MAX, SEND_WITHIN_MS } from "../decide/backoff.ts";
import { wallDeadline } from "../lease/heartbeat.ts";
import { type Run, replyToIdOf } from "../run.ts";
import type { Prepared } from "./prepare.ts";

export interface Answer {
  outcome: Outcome;
  meta: AnswerMeta;
}

/**
 * Sends the request of an attempt that is committed, if it is still time: a process that slept meanwhile must not, for
 * others may have given this attempt up as absent. Nothing is awaited between that question and the request.
 * @param askedAt before the attempt was asked for, by the clock of `run`
 * @returns null when it is too late; nothing was sent
 */
export async function send(run: Run, tweet: RunTweet, prepared: Prepared, askedAt: Date): Promise<Answer | null> {
  const { clock, platform } = run.deps;
  const replyToId = replyToIdOf(run, tweet);
  const request = requestOf(run.root, tweet, replyToId, prepared.mediaIds);
  const sinceMs = clock.now().getTime() - askedAt.getTime();
  if (!run.held.hasTime() || Math.abs(sinceMs) > SEND_WITHIN_MS) return null;
  const deadline = wallDeadline(clock, new Date(askedAt.getTime() + SEND_MS_MAX));
  return await platform.createPost(prepared.credentials, request, deadline.signal).finally(deadline.release);
}

/** Poll, audience and promotion belong to the post as a whole, so to its first tweet; AI media is labelled where it is. */
export function requestOf(
  root: RunTweet,
  tweet: RunTweet,
  replyToId: string | null,
  mediaIds: readonly string[],
): CreatePostRequest {
  const { poll, replySettings, madeWithAi, paidPartnership } = root.metadata;
  const isFirst = tweet.id === root.id;
  return {
    text: tweet.content,
    replyToId,
    mediaIds: [...mediaIds],
    ...(poll && isFirst ? { poll } : {}),
    ...(replySettings && isFirst ? { replySettings } : {}),
    ...(madeWithAi && (isFirst || tweet.media.length > 0) ? { madeWithAi } : {}),
    ...(paidPartnership && isFirst ? { paidPartnership } : {}),
  };
}
