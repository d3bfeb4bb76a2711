/**
 * How a run ends: the post is published, deferred until a time or for a person, or failed with a reason. Each end is one
 * transaction that gives the lease back.
 */
import type { Tx } from "../db/connection.ts";
import { isHubOutage, messageOf } from "../db/errors.ts";
import { DryStop, PsnError } from "../errors.ts";
import { type Hold, heldSubStatus, noteHold } from "../post/holds.ts";
import { LeaseLostError } from "../post/lease.ts";
import { RELEASE_GAP_MS } from "../post/release.ts";
import { credentialsFor } from "../tokens/keeper.ts";
import type { PostSubStatus } from "../types/index.ts";
import { answerAttempt } from "./attempts/attempts.ts";
import { recordPosted } from "./attempts/record.ts";
import { rateLimitWaitUntil } from "./decide/backoff.ts";
import type { NewHold } from "./decide/holds.ts";
import { retryOrStop } from "./decide/next-step.ts";
import { waitForReturn } from "./decide/outage.ts";
import type { PublishResult } from "./deps.ts";
import { type Left, releaseLease } from "./lease/release.ts";
import { LIMITED, type Queue, staggerMs } from "./rate-limits.ts";
import { type AnsweredAttempt, hubTime, partialOf, type Run, situationOf, untilHubAnswers } from "./run.ts";

export type Deferral = Pick<Left, "subStatus" | "dueAt" | "kind" | "note"> & { spendsRetry?: boolean };

const HUB_LOST_DELAY_MS = 5_000;
const TOKEN_DELAY_MS = 60_000;

/** Every tweet has its id. The record of the last one has made the post published, unless it came from another worker. */
export async function finishPublished(run: Run): Promise<PublishResult> {
  const { deps, held, root, tweets } = run;
  if (!run.isComplete) {
    await untilHubAnswers(run, () => recordPosted(deps.hub, { lease: held.lease, tweet: null }));
  }
  return { kind: "published", postId: root.id, platformPostIds: tweets.map((tweet) => tweet.externalPostId ?? "") };
}

/**
 * Ends the run; the post goes on at a time, or when a person has done something. The attempt's answer stays written even
 * when the lease is lost.
 * @throws LeaseLostError
 */
export async function defer(run: Run, to: Deferral, attempt?: AnsweredAttempt): Promise<PublishResult> {
  await leave(run, { spendsRetry: false, ...to, status: "retry" }, attempt);
  return deferred(run, to);
}

/**
 * Ends the run where `decide` says how, in the transaction in which it is decided.
 * @returns null to go on
 * @throws LeaseLostError
 */
export async function deferIf(run: Run, decide: (tx: Tx) => Promise<Deferral | null>): Promise<PublishResult | null> {
  const { deps, root } = run;
  const { to, lost } = await untilHubAnswers(run, () =>
    deps.hub.db.transaction(async (tx) => {
      const decided = await decide(tx);
      const left = decided && ({ spendsRetry: false, ...decided, status: "retry" } as const);
      return { to: decided, lost: left && (await release(tx, run, left)) };
    }),
  );
  if (!to) return null;
  if (lost) throw lost;
  await deps.engine.reconcile(deps.hub, root.id);
  return deferred(run, to);
}

/** Fails with a reason for a person. @throws LeaseLostError */
export async function fail(run: Run, code: string, note: string, attempt?: AnsweredAttempt): Promise<PublishResult> {
  const left = { subStatus: partialOf(run), dueAt: null, spendsRetry: false, kind: "failed", note, failCode: code };
  await leave(run, { ...left, status: "failed" }, attempt);
  return { kind: "failed", postId: run.root.id, code, reason: note };
}

/** X refuses everything of the account or of the app: all its posts wait, with one notice, and are not asked for again. */
export async function startHold(run: Run, from: NewHold, attempt?: AnsweredAttempt): Promise<PublishResult> {
  const { deps, root } = run;
  const { scope, reason, restMs, note: detail } = from;
  const until = restMs === null ? null : await hubTime(run, restMs);
  const id = scope === "app" ? deps.clientId : root.accountId;
  await untilHubAnswers(run, () =>
    noteHold(deps.hub.db, { scope, id, reason, detail, until, clientId: deps.clientId }),
  );
  return await waitForHold(run, { scope, reason, detail, until }, attempt);
}

/** A hold stands, so nothing is sent. */
export async function waitForHold(run: Run, hold: Hold, attempt?: AnsweredAttempt): Promise<PublishResult> {
  const subStatus = heldSubStatus(hold);
  const dueAt = hold.until && (await staggered(run, hold.until, { subStatus, gapMs: RELEASE_GAP_MS }));
  return await defer(run, { subStatus, dueAt, kind: "held", note: hold.detail }, attempt);
}

/** There is no token: the person must sign in, or X is down. */
export async function waitForToken(
  run: Run,
  answer: { kind: "signed_out" | "unavailable"; reason: string },
): Promise<PublishResult> {
  const signedOut = answer.kind === "signed_out";
  return await defer(run, {
    subStatus: "awaiting_auth",
    dueAt: signedOut ? null : await hubTime(run, TOKEN_DELAY_MS * (1 + run.deps.random())),
    kind: "awaiting_auth",
    note: signedOut
      ? `${answer.reason} Sign in again with psn setup; the post goes out by itself afterwards.`
      : `${answer.reason} Trying again by itself.`,
  });
}

/**
 * X refused the token of this version: one refresh, and on with the new token; or wait for the person, or for X.
 * @returns the end, or null to go on
 */
export async function refreshRefused(run: Run, refusedVersion: number): Promise<PublishResult | null> {
  if (run.freshTokenVersion === refusedVersion) {
    return await waitForToken(run, { kind: "unavailable", reason: "X refuses even a token it has just made." });
  }
  const answer = await credentialsFor(run.deps, run.root.accountId, { refusedVersion });
  if (answer.kind !== "ok") return await waitForToken(run, answer);
  run.freshTokenVersion = answer.version;
  return null;
}

/** Waits for a limit that is known to be closed; nothing was sent. */
export async function waitForLimit(run: Run, closedUntil: Date | null): Promise<PublishResult> {
  const until = rateLimitWaitUntil(closedUntil, await hubTime(run), 0, run.deps.random());
  return await defer(run, {
    subStatus: "rate_limited",
    dueAt: await staggered(run, until),
    kind: "rate_limited",
    note: "X's rate limit is used up, so nothing was sent. Going on by itself; no try is spent.",
  });
}

/** A time at which many would go on at once, as this post's own: the one that was due first goes first. */
export async function staggered(run: Run, until: Date, queue: Queue = LIMITED): Promise<Date> {
  const { id, accountId, scheduledAt, createdAt } = run.root;
  const post = { id, since: scheduledAt ?? createdAt };
  const laterMs = await untilHubAnswers(run, () => staggerMs(run.deps.hub, accountId, post, queue));
  return new Date(until.getTime() + laterMs);
}

/** The worker is asked to stop: the post is due at once for the next one. */
export async function stopEarly(run: Run): Promise<PublishResult> {
  const note = "The worker was asked to stop and gave the post back; another one goes on.";
  const subStatus = partialOf(run) ?? run.root.subStatus;
  return await defer(run, { subStatus, dueAt: await hubTime(run), kind: "released", note });
}

/**
 * What the post needs is away, and nothing was sent: waits with growing gaps, and fails when the grace is over.
 * @param what a sentence without its full stop
 */
export async function waitOrGiveUp(
  run: Run,
  code: string,
  what: string,
  more: {
    label?: string;
    subStatus?: PostSubStatus;
    /** X named a later time. */
    notBefore?: Date | null;
    /** What a person can do when the grace is over. */
    advice?: string;
    attempt?: AnsweredAttempt;
  } = {},
): Promise<PublishResult> {
  const { label = "", advice = "", attempt } = more;
  const step = waitForReturn(await situationOf(run), code, what);
  if (step.do === "stop") return await fail(run, step.code, `${label}${step.note}${advice}`, attempt);
  const subStatus = more.subStatus ?? step.subStatus;
  const kind = subStatus === "awaiting_auth" ? subStatus : "unreachable";
  const dueAt = more.notBefore && more.notBefore > step.until ? more.notBefore : step.until;
  return await defer(run, { subStatus, dueAt, kind, note: `${label}${step.note}` }, attempt);
}

/** Waits after a failure that posted nothing, or fails when the tries are spent. */
export async function retryOrFail(
  run: Run,
  code: string,
  what: string,
  label = "",
  attempt?: AnsweredAttempt,
): Promise<PublishResult> {
  const step = retryOrStop(await situationOf(run), code, what);
  if (step.do === "stop") return await fail(run, code, `${label}${step.note}`, attempt);
  const { subStatus, until, note } = step;
  return await defer(
    run,
    { subStatus, dueAt: until, spendsRetry: true, kind: "retry", note: `${label}${note}` },
    attempt,
  );
}

/**
 * A bug, a broken key or a hub that went away. An attempt that was written stays open and is looked for; the post itself
 * tries a few times more and then fails, instead of being taken over and broken again and again.
 * @throws DryStop, which is no failure; the error itself when it cannot even be written down: the lease then runs out and the watchdog finds the post
 */
export async function failUnexpectedly(run: Run, error: unknown): Promise<PublishResult> {
  if (error instanceof DryStop) throw error;
  try {
    // Whatever broke off did so because it was to end; another worker goes on.
    if (run.signal?.aborted) return await stopEarly(run);
    if (isHubOutage(error)) {
      return await defer(run, {
        // What it waited for before this run began is over once more of it is on X.
        subStatus: partialOf(run) ?? run.root.subStatus,
        dueAt: await hubTime(run, HUB_LOST_DELAY_MS * (1 + run.deps.random())),
        kind: "retry",
        note: "The hub went away in the middle of this and is back. Going on by itself; no try is spent.",
      });
    }
    const what = error instanceof PsnError ? error.message : `PSN itself failed: ${messageOf(error)}`;
    const code = error instanceof PsnError ? error.code : "INTERNAL";
    return await retryOrFail(run, code, what.replace(/\.$/, "").slice(0, 500));
  } catch (second) {
    if (second instanceof LeaseLostError) return { kind: "not_ours", postId: run.root.id };
    throw error;
  }
}

// --- internal ---

const deferred = ({ root }: Run, { subStatus, dueAt, note }: Deferral): PublishResult => ({
  kind: "deferred",
  postId: root.id,
  subStatus,
  until: dueAt,
  note,
});

async function leave(run: Run, left: Left, attempt: AnsweredAttempt | undefined): Promise<void> {
  const { deps, root } = run;
  const lost = await untilHubAnswers(run, () =>
    deps.hub.db.transaction(async (tx) => {
      // The root row first, as when a success is recorded: the other way round the two could wait for each other.
      const lostLease = await release(tx, run, left);
      if (attempt) await answerAttempt(tx, attempt.attemptId, attempt.answered);
      return lostLease;
    }),
  );
  if (lost) throw lost;
  await deps.engine.reconcile(deps.hub, root.id);
}

async function release(tx: Tx, { deps, held, root }: Run, left: Left): Promise<LeaseLostError | null> {
  const postId = root.id;
  try {
    const { scheduleVersion } = await releaseLease(tx, held.lease, left);
    if (left.dueAt) await deps.engine.enqueue(tx, { postId, scheduleVersion, at: left.dueAt });
    else await deps.engine.cancel(tx, postId);
    return null;
  } catch (error) {
    if (error instanceof LeaseLostError) return error;
    throw error;
  }
}
