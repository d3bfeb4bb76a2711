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
import { hubNow } from "../db/connection.ts";
import { contentHash } from "../post/content-hash.ts";
import { type Lease, LeaseLostError } from "../post/lease.ts";
import { loadForRun, type RunTweet, readScheduleVersion } from "../post/rows.ts";
import { type PastAttempts, pastAttempts } from "./attempts/attempts.ts";
import { confirm } from "./confirm/confirm.ts";
import { lookLate } from "./confirm/late.ts";
import type { PublishDeps, PublishResult } from "./deps.ts";
import { defer, fail, failUnexpectedly, finishPublished, retryOrFail, stopEarly } from "./finish.ts";
import { holdLease, renewLease } from "./lease/heartbeat.ts";
import { type DueRun, takeLease } from "./lease/take.ts";
import { takeSlot } from "./missed/take-slot.ts";
import { hubTime, partialOf, type Run, startRun } from "./run.ts";
import { followAnswer } from "./send/answer.ts";
import { adopt, writeAttemptOf } from "./send/attempt.ts";
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
const ROUNDS_MAX = 50;

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
  let result = await publishLeased(deps, lease, signal, askedAt);
  for (let round = 0; round < ROUNDS_MAX && !signal?.aborted; round++) {
    if (result.kind !== "deferred" || !result.until) break;
    // By the hub's clock, which decides what is due.
    const waitMs = result.until.getTime() - (await hubNow(hub.db)).getTime();
    if (waitMs > WAIT_MS_MAX) break;
    await clock.sleep(Math.max(0, waitMs) + 20, signal);
    if (signal?.aborted) break;
    const next = await publishPost(
      deps,
      { postId, scheduleVersion: await readScheduleVersion(hub.db, postId) },
      signal,
    );
    // A worker was faster: what becomes of the post is in the hub.
    if (next.kind === "not_ours") return next;
    result = next;
  }
  return result;
}

// --- internal ---

/** From the first tweet without an id as far as it goes now. @throws LeaseLostError when another worker has the post */
async function publishTweets(run: Run): Promise<PublishResult> {
  const { hub } = run.deps;
  if (contentOf(run) !== run.root.approvedHash) {
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
  const askedAt = run.deps.clock.now();
  const attemptId = await writeAttemptOf(run, tweet);
  if (run.deps.mark && !(await run.deps.mark.advance(attemptId))) return await recordIsOld(run, attemptId);
  // The attempt is committed: from here on the tweet may exist.
  const answer = await send(run, tweet, prepared, askedAt);
  if (!answer) return await sentTooLate(run, attemptId);
  const { tokenVersion } = prepared;
  return await followAnswer(run, tweet, past, { attemptId, askedAt, tokenVersion, answer });
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
  const what = "The machine slept or the hub was slow, so nothing was sent";
  return await retryOrFail(run, "TOO_SLOW", what, "", { attemptId, answered });
}

function contentOf({ root, tweets }: Run): string {
  return contentHash(
    tweets.map((tweet) => ({ text: tweet.content, media: tweet.media })),
    root.metadata,
  );
}
