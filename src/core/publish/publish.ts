/**
 * Publishing a post: exactly once, as seen on X.
 *
 * X has no idempotency key, so order is everything: lease, then for each tweet without an id: settle what is open,
 * token, media, rate limit, **write the attempt, commit, send, record**. A crash between any two lines leaves either
 * nothing at X or an attempt without an outcome; whoever comes next looks at X before sending again.
 *
 * A run never sleeps while it holds a post. Whatever has to wait is written down with its time and the lease given
 * back; the engine wakes the post then.
 *
 * `begin.ts` takes the post, `run.ts` goes through its tweets, `before-send.ts` says what must be good first, `endings.ts`
 * how a run ends. `next-step.ts`, `settle.ts` and `retry-timing.ts` decide and do nothing.
 */

import { loadForRun } from "../post/rows.ts";
import { lookLate } from "./confirm/late.ts";
import type { PublishDeps, PublishResult } from "./deps.ts";
import { type Ending, Endings } from "./finish.ts";
import { holdLease } from "./lease/heartbeat.ts";
import { type Lease, LeaseLostError } from "./lease/lease.ts";
import type { Wake } from "./lease/take.ts";
import { takeSlot } from "./missed/take-slot.ts";
import { type Begun, begin, openBegun } from "./send/begin.ts";
import { Run } from "./send/run.ts";

export type { PublishDeps, PublishResult } from "./deps.ts";

/**
 * Publishes a post whose wake-up came, as far as it goes now.
 * @throws PsnError for a broken configuration (keys); anything else thrown is a bug. The post is safe in either case.
 */
export async function publishPost(deps: PublishDeps, wake: Wake, signal?: AbortSignal): Promise<PublishResult> {
  const { postId } = wake;
  const askedAt = deps.clock.now();
  const first = await begin(deps, wake);
  const taken = first.kind === "late" ? await takeSlot(deps, wake) : first;
  switch (taken.kind) {
    case "not_ours":
      await lookLate(deps, postId);
      return { kind: "not_ours", postId };
    case "missed":
      return { kind: "failed", postId, code: "MISSED_ITS_TIME", reason: "It missed its time and was not sent." };
    case "waits":
      await deps.engine.reconcile(deps.hub, postId);
      return { kind: "resting", postId, subStatus: "catching_up", until: taken.until, note: taken.note };
    case "lease":
      return await publishLeased(deps, taken.lease, signal, askedAt, taken.begun);
  }
}

/**
 * The same, for a post whose lease the caller has: "post now" takes it in the transaction that approves.
 * @param askedAt when the lease was asked for, by `deps.clock`
 * @param begun what was done in the same statement
 */
export async function publishLeased(
  deps: PublishDeps,
  lease: Lease,
  signal?: AbortSignal,
  askedAt: Date = deps.clock.now(),
  begun?: Begun,
): Promise<PublishResult> {
  const held = holdLease(deps, lease, askedAt);
  const notOurs: Ending = { kind: "not_ours", postId: lease.postId };
  try {
    const tweets = begun ? [begun.tweet] : await loadForRun(deps.hub, lease.postId);
    const [root] = tweets;
    if (!root) return notOurs;
    const endings = new Endings(deps, held, root, tweets);
    try {
      const atOnce = begun ? await openBegun(deps, endings, begun, askedAt) : null;
      return await new Run(deps, held, endings, root, tweets, signal, atOnce).publish();
    } catch (error) {
      if (error instanceof LeaseLostError) return notOurs;
      return await endings.broke(error);
    }
  } finally {
    held.stop();
  }
}
