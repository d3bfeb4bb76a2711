/**
 * Publishing a post: exactly once, as seen on X.
 *
 * X has no idempotency key, so order is everything. Take the post's lease; then for each tweet without an id: prepare what
 * a send needs, **write the attempt and commit**, send, judge the answer, record it. A crash between any two steps leaves
 * either nothing at X or an attempt without an outcome; the next run confirms that one at X before it sends again.
 *
 *   missed/    posts whose time passed while no worker ran: now, in their slot, or not without a word
 *   send/      one request: what must be good before it, the request, what follows the answer
 *   confirm/   was it posted? a request without an answer is looked for at X
 *   finish.ts  how a run ends; run.ts is what a run has
 *   attempts/  the write-ahead ledger: every request before it is sent, and what came of it
 *   lease/     which worker may send: take, heartbeat, release
 *   decide/    every decision, pure: no clock, no database, no fetch
 *
 * Imports run down this list only. `watchdog.ts` is beside it: it finds what nobody is looking after.
 */
import { type Hub, hubNow } from "../db/connection.ts";
import { isHubOutage, messageOf } from "../db/errors.ts";
import { isApprovalOf } from "../post/content-hash.ts";
import { LEASE_MS, type Lease, LeaseLostError } from "../post/lease.ts";
import { loadForRun, type RunTweet, readSituation, readWaiting } from "../post/rows.ts";
import { type PastAttempts, pastAttempts } from "./attempts/past.ts";
import { confirm } from "./confirm/confirm.ts";
import { lookLate } from "./confirm/late.ts";
import { lookOnceMore } from "./confirm/once-more.ts";
import type { PublishDeps, PublishResult } from "./deps.ts";
import { defer, fail, failUnexpectedly, finishPublished, stopEarly, waitOrGiveUp } from "./finish.ts";
import { holdLease, renewLease } from "./lease/heartbeat.ts";
import { type DueRun, takeLease } from "./lease/take.ts";
import { takeSlot } from "./missed/take-slot.ts";
import { hubTime, partialOf, type Run, startRun } from "./run.ts";
import { followAnswer } from "./send/answer.ts";
import { adopt, givenUpOf, writeAttemptOf } from "./send/attempt.ts";
import { prepare } from "./send/prepare.ts";
import { send } from "./send/request.ts";

export type { PublishDeps, PublishResult } from "./deps.ts";

/**
 * Publishes a post that the engine runs, as far as it goes now.
 * @throws PsnError for a broken configuration (keys) or a hub that nobody has claimed; anything else thrown is a bug. The post is safe in either case.
 */
export async function publishPost(deps: PublishDeps, due: DueRun, signal?: AbortSignal): Promise<PublishResult> {
  const { postId } = due;
  const { hub, workerId: owner, graceMs } = deps;
  deps.mark?.requireOwn();
  const askedAt = deps.clock.now();
  const first = await takeLease(hub, { ...due, owner, graceMs });
  const taken = first.kind === "late" ? await takeSlot(deps, due) : first;
  switch (taken.kind) {
    case "lease":
      return await publishLeased(deps, taken.lease, signal, askedAt);
    case "waits":
      await deps.engine.reconcile(hub, postId);
      return { kind: "deferred", postId, subStatus: "catching_up", until: taken.until, note: taken.note };
    case "failed":
      return { kind: "failed", postId, code: taken.code, reason: taken.reason };
    case "not_ours":
      await lookLate(deps, postId);
      return { kind: "not_ours", postId };
  }
}

/**
 * The same, for a post whose lease the caller has.
 * @param askedAt when the lease was asked for, or renewed, by `deps.clock`
 */
export async function publishLeased(
  deps: PublishDeps,
  lease: Lease,
  signal?: AbortSignal,
  askedAt: Date = deps.clock.now(),
): Promise<PublishResult> {
  const held = holdLease(deps, lease, askedAt);
  const notOurs: PublishResult = { kind: "not_ours", postId: lease.postId };
  try {
    const run = startRun(deps, held, await loadForRun(deps.hub, lease.postId), signal);
    if (!run) return notOurs;
    try {
      return await publishTweets(run);
    } catch (error) {
      return error instanceof LeaseLostError ? notOurs : await failUnexpectedly(run, error);
    }
  } finally {
    held.stop();
  }
}

/** Longer waits are left to a worker. */
const WAIT_MS_MAX = 60_000;
/** For what is away a person waits so long at the terminal; then it is a worker's. */
const OUTAGE_WAIT_MS_MAX = 30_000;
const ROUNDS_MAX = 50;
/** How often a lease is looked at whose owner may have died. */
const LEASE_LOOK_MS = 1_000;

/**
 * "Post now": publishes in this very process, without a worker, and waits out short waits. The lease was given in the
 * transaction that approved the post, perhaps some time ago, so it is renewed first.
 * @returns published, failed, or deferred with the time it goes on
 */
export async function publishNow(deps: PublishDeps, lease: Lease, signal?: AbortSignal): Promise<PublishResult> {
  const { hub, clock } = deps;
  const { postId } = lease;
  const askedAt = clock.now();
  if (!(await renewLease(hub, lease))) return { kind: "not_ours", postId };
  return await waitOut(deps, await publishLeased(deps, lease, signal, askedAt), askedAt, signal);
}

/**
 * "Post now" said again: goes on with a post that an earlier run left, for it is due, waits for a moment, or is in the hands of a process
 * that died. Whether that one lives shows within the length of a lease: it renews it.
 * @returns as `publishNow`; not_ours when a living process has the post, or it has another time
 */
export async function publishAgain(deps: PublishDeps, postId: string, signal?: AbortSignal): Promise<PublishResult> {
  const { hub, clock } = deps;
  const askedAt = clock.now();
  let leaseSeen: Date | null = null;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const { status, scheduleVersion, subStatus, dueAt, leaseExpiresAt } = await readSituation(hub.db, postId);
    const result = await publishPost(deps, { postId, scheduleVersion }, signal);
    if (result.kind !== "not_ours") return await waitOut(deps, result, askedAt, signal);
    if (status === "retry" && dueAt) {
      return await waitOut(
        deps,
        { kind: "deferred", postId, subStatus, until: dueAt, note: "It waits." },
        askedAt,
        signal,
      );
    }
    if (status !== "publishing" || !leaseExpiresAt || signal?.aborted) return result;
    leaseSeen ??= leaseExpiresAt;
    const leftMs = await restOfLease(hub, leaseExpiresAt, leaseSeen);
    if (leftMs === null) return result;
    await clock.sleep(Math.min(Math.max(0, leftMs) + 50, LEASE_LOOK_MS), signal);
  }
  return { kind: "not_ours", postId };
}

/**
 * Whether `publishAgain` would go on with a post that is being published: the process that had it died. Writes nothing, and waits for
 * as long as a lease at most.
 */
export async function isLeftBehind(
  { hub, clock }: Pick<PublishDeps, "hub" | "clock">,
  postId: string,
  signal?: AbortSignal,
): Promise<boolean> {
  let leaseSeen: Date | null = null;
  for (let round = 0; round < ROUNDS_MAX && !signal?.aborted; round++) {
    const { status, leaseExpiresAt } = await readSituation(hub.db, postId);
    if (status !== "publishing" || !leaseExpiresAt) return true;
    leaseSeen ??= leaseExpiresAt;
    const leftMs = await restOfLease(hub, leaseExpiresAt, leaseSeen);
    if (leftMs === null) return false;
    if (leftMs < 0) return true;
    await clock.sleep(Math.min(leftMs + 50, LEASE_LOOK_MS), signal);
  }
  return false;
}

// --- internal ---

/** @returns ms that are left of the lease as it was seen first; null where its owner lives: it was renewed, or is longer than a lease can be */
async function restOfLease(hub: Hub, leaseExpiresAt: Date, leaseSeen: Date): Promise<number | null> {
  const leftMs = leaseSeen.getTime() - (await hubNow(hub.db)).getTime();
  return leaseExpiresAt > leaseSeen || leftMs > LEASE_MS ? null : leftMs;
}

/** Goes on after each short wait; a long one is left to a worker. */
async function waitOut(
  deps: PublishDeps,
  first: PublishResult,
  askedAt: Date,
  signal?: AbortSignal,
): Promise<PublishResult> {
  const { hub, clock } = deps;
  const { postId } = first;
  let result = first;
  for (let round = 0; round < ROUNDS_MAX && !signal?.aborted; round++) {
    // The row and the hub's clock say what is left, whatever this machine's clock says.
    const left = await readWaiting(hub.db, postId);
    if (left === null || left.inMs > WAIT_MS_MAX) break;
    const subStatus = result.kind === "deferred" ? result.subStatus : null;
    // X's sign-in is away, which seldom lasts seconds.
    if (subStatus === "awaiting_auth") break;
    if (subStatus === "unreachable" && clock.now().getTime() - askedAt.getTime() > OUTAGE_WAIT_MS_MAX) break;
    await clock.sleep(Math.max(0, left.inMs) + 20, signal);
    if (signal?.aborted) break;
    result = await publishPost(deps, { postId, scheduleVersion: left.scheduleVersion }, signal);
  }
  return result;
}

/** From the first tweet without an id as far as it goes now. @throws LeaseLostError when another worker has the post */
async function publishTweets(run: Run): Promise<PublishResult> {
  const { hub } = run.deps;
  if (!isAsApproved(run)) {
    return await fail(run, "CHANGED_SINCE_APPROVAL", "What is stored is not what was approved, so it was not sent.");
  }
  // Earlier runs' requests are read at once: while the lease is held nobody else writes one.
  const earlier = await Promise.all(run.tweets.map((tweet) => pastAttempts(hub, tweet.id)));
  for (const [index, past] of earlier.entries()) {
    const tweet = run.tweets[index];
    const ended = tweet && (await publishTweet(run, tweet, past));
    if (ended) return ended;
  }
  return await finishPublished(run);
}

/** Until the tweet has its id. @returns the run's end, or null to go on with the next */
async function publishTweet(run: Run, tweet: RunTweet, earlier: PastAttempts): Promise<PublishResult | null> {
  let past = earlier;
  while (tweet.externalPostId === null) {
    const ended = past.open ? await confirm(run, tweet, past.open) : await sendTweet(run, tweet, past);
    if (ended) return ended;
    if (tweet.externalPostId === null) past = await pastAttempts(run.deps.hub, tweet.id);
  }
  return null;
}

/** Sends one tweet. @returns the run's end, or null to go on (the tweet may have its id now) */
async function sendTweet(run: Run, tweet: RunTweet, past: PastAttempts): Promise<PublishResult | null> {
  if (run.signal?.aborted) return await stopEarly(run);
  const prepared = await prepare(run, tweet);
  if ("ended" in prepared) return prepared.ended;
  if ("externalPostId" in prepared) return await adopt(run, tweet, prepared.externalPostId);
  const seen = await lookOnceMore(run, tweet, givenUpOf(run, tweet, past));
  if (seen) return "ended" in seen ? seen.ended : await adopt(run, tweet, seen.externalPostId);
  const askedAt = run.deps.clock.now();
  const attemptId = await writeAttemptOf(run, tweet);
  const refused = await moveMark(run, attemptId);
  if (refused) return refused;
  // The attempt is committed: from here on the tweet may exist.
  const answer = await send(run, tweet, prepared, askedAt);
  if (!answer) return await sentTooLate(run, attemptId);
  const { tokenVersion } = prepared;
  return await followAnswer(run, tweet, past, { attemptId, askedAt, tokenVersion, answer });
}

/** @returns the run's end where the mark does not move: nothing was sent */
async function moveMark(run: Run, attemptId: number): Promise<PublishResult | null> {
  const { mark } = run.deps;
  if (!mark) return null;
  try {
    return (await mark.advance(attemptId)) ? null : await recordIsOld(run, attemptId);
  } catch (error) {
    if (isHubOutage(error)) throw error;
    const answered = { outcome: "not_sent" as const, detail: "the mark could not be written", meta: null };
    const what = `The hub's mark in the configuration's folder cannot be written (${messageOf(error)}), so nothing was sent`;
    return await waitOrGiveUp(run, "MARK_UNWRITABLE", what, { attempt: { attemptId, answered } });
  }
}

const UNCLAIMED_DELAY_MS = 60_000;

/** The hub's folder was replaced while this process ran: nothing was sent. */
async function recordIsOld(run: Run, attemptId: number): Promise<PublishResult> {
  const answered = { outcome: "not_sent" as const, detail: "the record is older than what was sent", meta: null };
  const note =
    "This hub is not the one that last published, so nothing was sent. A person says which it is: psn hub claim";
  const dueAt = await hubTime(run, UNCLAIMED_DELAY_MS);
  return await defer(run, { subStatus: partialOf(run), dueAt, kind: "held", note }, { attemptId, answered });
}

/** Writing the attempt took too long, so it was not sent: the machine may have slept. */
async function sentTooLate(run: Run, attemptId: number): Promise<PublishResult> {
  const answered = { outcome: "not_sent" as const, detail: "too long between the record and the send", meta: null };
  const what = "The machine slept or the hub was slow, so it was too late to send";
  return await waitOrGiveUp(run, "TOO_SLOW", what, { attempt: { attemptId, answered } });
}

function isAsApproved({ root, tweets }: Run): boolean {
  return isApprovalOf(
    root.approvedHash,
    root.accountId,
    tweets.map((tweet) => ({ text: tweet.content, media: tweet.media })),
    root.metadata,
  );
}
