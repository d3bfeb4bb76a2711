/** What the watchdog task does on Trigger.dev every minute. */
import { sql } from "drizzle-orm";
import type { Hub } from "../core/db/connection.ts";
import type { Engine } from "../core/engine.ts";
import { LEASE_MS } from "../core/post/lease.ts";
import { lookLate } from "../core/publish/confirm/late.ts";
import type { PublishDeps } from "../core/publish/deps.ts";
import { sweep } from "../core/publish/watchdog.ts";
import { refreshClock } from "../core/publish/x-clock.ts";
import { reconcile } from "./trigger.ts";

/** Look-ups per watch: each reads X's timeline. The rest waits for the next minute. */
const LOOKS_MAX = 50;

export interface Watched {
  abandoned: number;
  overdue: number;
  /** Posts whose runs were made to agree with their rows. */
  reconciled: number;
  lookedUp: number;
}

/**
 * One watch: enqueues abandoned and overdue posts again, reconciles the posts that Trigger.dev has no run for, and looks
 * up unanswered requests of posts that have no next run.
 * @throws the first error of the look-ups, after all of them have been made
 */
export async function watchOver(deps: PublishDeps, engine: Engine): Promise<Watched> {
  await refreshClock(deps);
  const { abandoned, overdue, unconfirmed } = await sweep(deps.hub, engine, {
    clientId: deps.clientId,
    apiHost: deps.apiHost,
  });
  const reconciled = await reconcile(deps.hub, engine);
  const errors: unknown[] = [];
  const wanted = unconfirmed.slice(0, LOOKS_MAX);
  for (const postId of wanted) await lookLate(deps, postId).catch((error) => errors.push(error));
  if (errors.length > 0) throw errors[0];
  return { abandoned, overdue, reconciled, lookedUp: wanted.length };
}

/** A watch ends before the next one begins, one minute after its own begin. */
const STAY_MS = 50_000;
/** Between two sweeps of one watch. */
const SWEEP_MS_MIN = 1_000;
const SWEEPS_MAX = STAY_MS / SWEEP_MS_MIN;

/**
 * Watches, and stays while posts are publishing or fall due before the next watch. So a post whose process dies is
 * enqueued again when its lease ends, within 15 seconds. A minute without posts costs one sweep.
 */
export async function keepWatch(deps: PublishDeps, engine: Engine, signal?: AbortSignal): Promise<Watched> {
  const { hub, clock } = deps;
  const endMs = clock.now().getTime() + STAY_MS;
  const watched = await watchOver(deps, engine);
  for (let sweeps = 0; sweeps < SWEEPS_MAX && !signal?.aborted; sweeps++) {
    const leftMs = endMs - clock.now().getTime();
    const nextMs = await msUntilLeaseEnds(hub, leftMs);
    if (nextMs === null || nextMs > leftMs) break;
    await clock.sleep(Math.max(nextMs, SWEEP_MS_MIN), signal);
    watched.abandoned += (await sweep(hub, engine, { onlyAbandoned: true })).abandoned;
  }
  return watched;
}

/**
 * Time until the first lease ends if it is not renewed: of a post that is publishing, or that falls due within `leftMs`.
 * @returns milliseconds; null when there is no such post
 */
async function msUntilLeaseEnds(hub: Hub, leftMs: number): Promise<number | null> {
  const { rows } = await hub.db.execute<{ ms: number | null }>(sql`
    select (extract(epoch from least(
      (
        select min(lease_expires_at)
        from psn.posts
        where status = 'publishing'
      ),
      (
        select min(due_at) + make_interval(secs => ${LEASE_MS / 1000})
        from psn.posts
        where due_at between psn.now() - make_interval(secs => ${LEASE_MS / 1000})
          and psn.now() + make_interval(secs => ${Math.max(leftMs, 0) / 1000})
      )
    ) - psn.now()) * 1000)::float8 as ms`);
  return rows[0]?.ms ?? null;
}
