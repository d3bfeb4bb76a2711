/** What follows X's answer to one request: it is judged, recorded, and the run goes on or ends. */
import { eq } from "drizzle-orm";
import { isHubOutage } from "../../db/errors.ts";
import { postMedia } from "../../db/schema.ts";
import type { Outcome } from "../../platform.ts";
import type { RunTweet } from "../../post/rows.ts";
import type { PastAttempts } from "../attempts/attempts.ts";
import { lookForRepeated } from "../confirm/look-back.ts";
import { lookForParent } from "../confirm/look-up.ts";
import { isNamedReset } from "../decide/backoff.ts";
import { afterMissingParent, nextStep, type Situation, type Step } from "../decide/next-step.ts";
import type { PublishResult } from "../deps.ts";
import { defer, fail, holdApp, refreshRefused, staggered } from "../finish.ts";
import { noteLimits, noteRefusal } from "../rate-limits.ts";
import {
  type AnsweredAttempt,
  labelOf,
  parentOf,
  type Run,
  recordAnswer,
  recordTweet,
  situationOf,
  untilHubAnswers,
} from "../run.ts";
import { adopt } from "./attempt.ts";
import { refusedForLength } from "./long-tweets.ts";
import type { Answer } from "./request.ts";

/** A request that was sent, and what came back. */
export interface Sent {
  attemptId: number;
  /** Before its attempt was asked for, by the clock of the run. */
  askedAt: Date;
  tokenVersion: number;
  answer: Answer;
}

/** @returns the run's end, or null to go on: the tweet has its id now, or is sent again with what was missing */
export async function followAnswer(
  run: Run,
  tweet: RunTweet,
  past: PastAttempts,
  sent: Sent,
): Promise<PublishResult | null> {
  const { outcome, meta } = sent.answer;
  if (outcome.kind === "posted") {
    const { externalPostId } = outcome;
    await recordTweet(run, tweet, { attemptId: sent.attemptId, externalPostId, how: "posted", meta });
    await keepLimits(run, tweet, sent, null);
    return null;
  }
  const situation = await situationAfter(run, tweet, past, sent);
  const step = await resolved(run, tweet, nextStep(outcome, situation), situation);
  await keepLimits(run, tweet, sent, step);
  return await takeStep(run, tweet, sent, step);
}

// --- internal ---

async function situationAfter(run: Run, tweet: RunTweet, past: PastAttempts, sent: Sent): Promise<Situation> {
  const situation = await situationOf(run);
  const publishedAt = parentOf(run, tweet)?.publishedAt;
  return {
    ...situation,
    waitCount: past.waitCount,
    mayExist: past.mayExist,
    tokenIsFresh: run.freshTokenVersion === sent.tokenVersion,
    mediaIsFresh: run.uploaded.has(tweet.id),
    parentAgeMs: publishedAt ? situation.now.getTime() - publishedAt.getTime() : null,
  };
}

/** A step whose question can only be answered by looking at X, with that answer. */
async function resolved(run: Run, tweet: RunTweet, step: Step, situation: Situation): Promise<Step> {
  if (step.do !== "check_parent") return step;
  const parentId = parentOf(run, tweet)?.externalPostId ?? "";
  const seen = await untilHubAnswers(run, () => lookForParent(run.deps, tweet.accountId, parentId));
  return afterMissingParent(seen, step.note, situation);
}

/** Writes the answer down in one transaction with the step, or before the run goes on. */
async function takeStep(run: Run, tweet: RunTweet, sent: Sent, step: Step): Promise<PublishResult | null> {
  const attempt = answeredBy(sent, step);
  const note = "note" in step ? `${labelOf(run, tweet)}${step.note}` : "";
  switch (step.do) {
    case "wait": {
      const { subStatus, spendsRetry } = step;
      const isLimit = subStatus === "rate_limited";
      const dueAt = isLimit ? await staggered(run, step.until) : step.until;
      return await defer(
        run,
        { subStatus, dueAt, spendsRetry, kind: isLimit ? "rate_limited" : "retry", note },
        attempt,
      );
    }
    case "look":
      return await defer(run, { subStatus: "confirming", dueAt: step.until, kind: "confirming", note }, attempt);
    case "refresh":
      await recordAnswer(run, attempt);
      return await refreshRefused(run, sent.tokenVersion);
    case "upload_again":
      await recordAnswer(run, attempt);
      await forgetUploads(run, tweet);
      return null;
    case "hold_app":
      return await holdApp(run, step.cap, step.note, attempt);
    case "stop": {
      const { outcome } = sent.answer;
      if (outcome.kind === "refused" && outcome.reason === "duplicate") {
        const externalPostId = await lookForRepeated(run, tweet);
        if (externalPostId) {
          await recordAnswer(run, attempt);
          return await adopt(run, tweet, externalPostId);
        }
      }
      const isVague = outcome.kind === "refused" && outcome.reason === "not_permitted";
      const tooLong = isVague ? await refusedForLength(run, tweet.content) : null;
      if (tooLong) return await fail(run, "LIMIT_NOT_ALLOWED", `${labelOf(run, tweet)}${tooLong}`, attempt);
      return await fail(run, step.code, note, attempt);
    }
    case "posted":
    case "check_parent":
      throw new Error(`the step ${step.do} is taken before`);
  }
}

function answeredBy({ attemptId, answer: { outcome, meta } }: Sent, step: Step): AnsweredAttempt {
  return {
    attemptId,
    answered: {
      // Open until it is known whether the tweet exists.
      outcome: step.do === "look" || step.do === "posted" ? null : step.outcome,
      detail: detailOf(outcome),
      refusedReason: outcome.kind === "refused" ? outcome.reason : null,
      meta,
    },
  };
}

function detailOf(outcome: Outcome): string | null {
  if ("detail" in outcome) return outcome.detail;
  return "cause" in outcome ? outcome.cause : null;
}

async function forgetUploads({ deps }: Run, tweet: RunTweet): Promise<void> {
  await deps.hub.db
    .update(postMedia)
    .set({ platformMediaId: null, platformMediaExpiresAt: null, altTextSet: false })
    .where(eq(postMedia.postId, tweet.id));
  for (const item of tweet.media) item.platformMediaId = null;
}

/** What the headers said, for all workers. Losing it costs a refusal; what X answered must still be recorded. */
async function keepLimits(run: Run, tweet: RunTweet, { askedAt, answer }: Sent, step: Step | null): Promise<void> {
  const { hub, clock } = run.deps;
  const now = clock.now();
  const sinceSentMs = now.getTime() - askedAt.getTime();
  try {
    await noteLimits(hub, tweet.accountId, "create", answer.meta, sinceSentMs);
    if (answer.outcome.kind === "wait" && step?.do === "wait") {
      const { scope, until } = answer.outcome;
      const refusal = { scope, until: step.until, isNamed: isNamedReset(until, now), sinceSentMs };
      await noteRefusal(hub, tweet.accountId, "create", refusal);
    }
  } catch (error) {
    // What matters more is written next, and waits for the hub.
    if (!isHubOutage(error)) throw error;
  }
}
