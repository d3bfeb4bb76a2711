/** What follows X's answer to one request: it is judged, recorded, and the run goes on or ends. */
import { eq } from "drizzle-orm";
import { isHubOutage } from "../../db/errors.ts";
import { postMedia } from "../../db/schema.ts";
import type { Outcome, RefusedReason } from "../../platform.ts";
import type { RunTweet } from "../../post/rows.ts";
import type { PostSubStatus } from "../../types/index.ts";
import type { PastAttempts } from "../attempts/past.ts";
import { lookForDuplicate, lookForParent } from "../confirm/look-up.ts";
import { isNamedReset } from "../decide/backoff.ts";
import { afterDuplicate, afterMissingParent, nextStep, type Situation, type Step } from "../decide/next-step.ts";
import type { PublishResult } from "../deps.ts";
import { defer, fail, refreshRefused, staggered, startHold } from "../finish.ts";
import { noteLimits, noteRefusal } from "../rate-limits.ts";
import {
  type AnsweredAttempt,
  labelOf,
  parentOf,
  type Run,
  recordAnswer,
  recordTweet,
  replyToIdOf,
  situationOf,
  untilHubAnswers,
} from "../run.ts";
import { heard } from "../x-clock.ts";
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
  told: Sent,
): Promise<PublishResult | null> {
  // What the id is must be written before anything else is asked; a tweet that was not made can wait for that.
  const isPosted = told.answer.outcome.kind === "posted";
  const sent = isPosted ? told : { ...told, answer: await heard(run.deps, told.answer) };
  const { outcome } = sent.answer;
  if (outcome.kind === "posted") {
    const { meta } = sent.answer;
    const { externalPostId } = outcome;
    await recordTweet(run, tweet, { attemptId: sent.attemptId, externalPostId, how: "posted", meta });
    await keepLimits(run, tweet, { ...sent, answer: await heard(run.deps, sent.answer) }, null);
    return null;
  }
  const situation = await situationAfter(run, tweet, past, sent);
  const first = await resolved(run, tweet, nextStep(outcome, situation), situation);
  const step = first.do === "check_duplicate" ? await adoptDuplicate(run, tweet, sent, first, situation) : first;
  if (step === null) return null;
  await keepLimits(run, tweet, sent, step, situation.now);
  return await takeStep(run, tweet, sent, step);
}

// --- internal ---

async function situationAfter(run: Run, tweet: RunTweet, past: PastAttempts, sent: Sent): Promise<Situation> {
  const situation = await situationOf(run);
  const parent = parentOf(run, tweet);
  return {
    ...situation,
    waitCount: past.waitCount,
    mayExist: past.givenUp.length > 0,
    tokenIsFresh: run.freshTokenVersion === sent.tokenVersion,
    mediaIsFresh: run.uploaded.has(tweet.id),
    parentAgeMs: parent ? ageMs(run, parent, situation.now) : followedAgeMs(run, situation.now),
  };
}

/** Of the tweet that a follow-up replies to, by its id; null where the post is none. */
function followedAgeMs({ root, deps }: Run, hubNow: Date): number | null {
  const { replyToId } = root.metadata;
  if (replyToId === undefined) return null;
  const madeAt = deps.platform.idTime(replyToId);
  return madeAt ? Math.max(0, hubNow.getTime() - madeAt.getTime()) : Number.MAX_SAFE_INTEGER;
}

/** By the clock that its time is of. A clock that was set back makes nothing older. */
function ageMs(run: Run, { id, publishedAt }: RunTweet, hubNow: Date): number | null {
  const postedAt = run.postedAt.get(id);
  if (postedAt) return Math.max(0, run.deps.clock.now().getTime() - postedAt.getTime());
  return publishedAt && Math.max(0, hubNow.getTime() - publishedAt.getTime());
}

/** A step whose question can only be answered by looking at X, with that answer. */
async function resolved(run: Run, tweet: RunTweet, step: Step, situation: Situation): Promise<Step> {
  if (step.do !== "check_parent") return step;
  const parentId = replyToIdOf(run, tweet) ?? "";
  const seen = await untilHubAnswers(run, () =>
    lookForParent(run.deps, tweet.accountId, parentId, { rootId: run.root.id, tweetId: tweet.id }),
  );
  return afterMissingParent(seen, step.note, situation);
}

/** Looks for the tweet that X has already. @returns null when it was found and recorded */
async function adoptDuplicate(
  run: Run,
  tweet: RunTweet,
  { attemptId, answer }: Sent,
  step: Step,
  situation: Situation,
): Promise<Step | null> {
  const seen = await untilHubAnswers(run, () => lookForDuplicate(run.deps, tweet));
  if (typeof seen === "string") return afterDuplicate(seen, step, situation);
  await recordTweet(run, tweet, { attemptId, externalPostId: seen.id, how: "adopted", meta: answer.meta });
  return null;
}

/** What X says, with or without a clear word, of a tweet that is too long for an account without Premium. */
const LENGTH_REFUSALS: ReadonlySet<RefusedReason> = new Set(["not_permitted", "too_long"]);

/** What the history calls a wait. */
const KINDS: Partial<Record<PostSubStatus, string>> = { rate_limited: "rate_limited", unreachable: "unreachable" };

/** Writes the answer down in one transaction with the step, or before the run goes on. */
async function takeStep(run: Run, tweet: RunTweet, sent: Sent, step: Step): Promise<PublishResult | null> {
  const attempt = answeredBy(sent, step);
  const note = "note" in step ? `${labelOf(run, tweet)}${step.note}` : "";
  switch (step.do) {
    case "wait": {
      const { subStatus, spendsRetry } = step;
      const isLimit = subStatus === "rate_limited";
      const dueAt = isLimit ? await staggered(run, step.until) : step.until;
      return await defer(run, { subStatus, dueAt, spendsRetry, kind: KINDS[subStatus] ?? "retry", note }, attempt);
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
    case "hold":
      return await startHold(run, step.hold, attempt);
    case "stop": {
      const { outcome } = sent.answer;
      const mayBeLength = outcome.kind === "refused" && LENGTH_REFUSALS.has(outcome.reason);
      const tooLong = mayBeLength ? await refusedForLength(run, tweet.content) : null;
      if (tooLong) return await fail(run, "LIMIT_NOT_ALLOWED", `${labelOf(run, tweet)}${tooLong}`, attempt);
      return await fail(run, step.code, note, attempt);
    }
    case "check_parent":
    case "check_duplicate":
      throw new Error(`the step ${step.do} is taken before`);
  }
}

function answeredBy({ attemptId, answer: { outcome, meta } }: Sent, step: Step): AnsweredAttempt {
  return {
    attemptId,
    answered: {
      // Open until it is known whether the tweet exists.
      outcome: step.do === "look" ? null : step.outcome,
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
    .set({
      platformMediaId: null,
      platformMediaKey: null,
      platformMediaExpiresAt: null,
      altTextSet: false,
      captionsSet: {},
      upload: null,
    })
    .where(eq(postMedia.postId, tweet.id));
  for (const item of tweet.media) {
    item.platformMediaId = item.platformMediaKey = null;
    item.captionsSet = {};
    item.upload = null;
  }
}

/** What the headers said, for all workers. Losing it costs a refusal; what X answered must still be recorded. */
async function keepLimits(
  run: Run,
  tweet: RunTweet,
  { askedAt, answer }: Sent,
  step: Step | null,
  hubNow?: Date,
): Promise<void> {
  const { hub, clock } = run.deps;
  const sinceSentMs = clock.now().getTime() - askedAt.getTime();
  try {
    await noteLimits(hub, tweet.accountId, "create", answer.meta, sinceSentMs);
    if (answer.outcome.kind === "wait" && step?.do === "wait" && hubNow) {
      const { scope, until } = answer.outcome;
      const refusal = { scope, until: step.until, isNamed: isNamedReset(until, hubNow), sinceSentMs };
      await noteRefusal(hub, tweet.accountId, "create", refusal);
    }
  } catch (error) {
    // What matters more is written next, and waits for the hub.
    if (!isHubOutage(error)) throw error;
  }
}
