/** An attempt has no outcome: its owner died, or X did not answer. X is asked first; nothing is sent before. */
import type { RefusedReason } from "../../platform.ts";
import type { RunTweet } from "../../post/rows.ts";
import { countLook } from "../attempts/attempts.ts";
import type { OpenAttempt } from "../attempts/past.ts";
import { unavailableLookDelayMs } from "../decide/backoff.ts";
import { PERHAPS_ON_X, perhapsOnX, refusedBefore } from "../decide/next-step.ts";
import type { PublishResult } from "../deps.ts";
import { defer, fail, refreshRefused, waitForToken } from "../finish.ts";
import { setSubStatus } from "../lease/release.ts";
import { hubTime, labelOf, type Run, recordAnswer, recordTweet } from "../run.ts";
import { lookForTweet } from "./look-up.ts";

/** @returns the run's end, or null to go on: the tweet was found, or is known to be absent */
export async function confirm(run: Run, tweet: RunTweet, attempt: OpenAttempt): Promise<PublishResult | null> {
  const { deps, held } = run;
  await setSubStatus(deps.hub, held.lease, "confirming");
  const seen = await lookForTweet(deps, tweet, attempt);
  const patienceMs = () => unavailableLookDelayMs(attempt.elapsedMs, deps.random());
  switch (seen.kind) {
    case "no_token":
      return await waitForToken(run, seen.answer);
    case "token_refused":
      return await refreshRefused(run, seen.version);
    case "unavailable": {
      const note = `X's timeline cannot be read (${seen.cause}). Nothing is sent until it can.`;
      return await lookAgain(run, tweet, patienceMs(), note, seen.retryAt);
    }
    case "unclear": {
      // X said no, so nothing is sent and nothing made: a person can tell at once whether the post is this tweet.
      if (attempt.refusedReason !== null)
        return await failRefused(run, tweet, attempt, attempt.refusedReason, seen.postId);
      // Longer than a post may wait nobody waits without a word. The request stays open: it is looked for all the same.
      if (attempt.elapsedMs >= deps.graceMs) {
        const place = { id: run.root.id, tweet: tweet.threadPosition + 1 };
        return await fail(run, PERHAPS_ON_X, `${labelOf(run, tweet)}${perhapsOnX(seen.postId, place)}`);
      }
      const note = `X shows a post (${seen.postId}) that may be this tweet, but not which media it has. Nothing is sent while that is not known.`;
      return await lookAgain(run, tweet, patienceMs(), note);
    }
  }
  const { verdict } = seen;
  switch (verdict.kind) {
    case "found":
      await recordTweet(run, tweet, {
        attemptId: attempt.id,
        externalPostId: verdict.post.id,
        how: "adopted",
        meta: null,
      });
      return null;
    case "look_again": {
      if (verdict.counts) await countLook(deps.hub, attempt);
      const note = "Not on X so far. Looking again before anything is sent.";
      return await lookAgain(run, tweet, verdict.afterMs, note);
    }
    case "absent":
      return await afterAbsence(run, tweet, attempt);
  }
}

// --- internal ---

/** After so many ms, and not before a time that X named. */
async function lookAgain(
  run: Run,
  tweet: RunTweet,
  inMs: number,
  note: string,
  notBefore: Date | null = null,
): Promise<PublishResult> {
  const words = `${labelOf(run, tweet)}${note}`;
  const soon = await hubTime(run, inMs);
  const dueAt = notBefore && notBefore > soon ? notBefore : soon;
  return await defer(run, { subStatus: "confirming", dueAt, kind: "confirming", note: words });
}

/** The request made nothing. One that X had refused would only be refused again; any other is sent again. */
async function afterAbsence(run: Run, tweet: RunTweet, attempt: OpenAttempt): Promise<PublishResult | null> {
  const { detail, refusedReason } = attempt;
  if (refusedReason !== null) return await failRefused(run, tweet, attempt, refusedReason, null);
  await recordAnswer(run, { attemptId: attempt.id, answered: { outcome: "absent", detail, meta: null } });
  return null;
}

/** @param perhapsId a post on X that may be the tweet; null where X shows none */
async function failRefused(
  run: Run,
  tweet: RunTweet,
  { id: attemptId, detail }: OpenAttempt,
  reason: RefusedReason,
  perhapsId: string | null,
): Promise<PublishResult> {
  const { code, note } = refusedBefore(reason, detail ?? "", perhapsId);
  const answered = { outcome: "refused" as const, detail, meta: null };
  return await fail(run, code, `${labelOf(run, tweet)}${note}`, { attemptId, answered });
}
