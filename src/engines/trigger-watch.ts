/** What the watchdog does on Trigger.dev, every minute. The task itself is a few lines around this. */
import { sql } from "drizzle-orm";
import type { Hub } from "../core/db/connection.ts";
import type { Engine } from "../core/engine.ts";
import { LEASE_MS } from "../core/post/lease.ts";
import { lookLate } from "../core/publish/confirm/late.ts";
import type { PublishDeps } from "../core/publish/deps.ts";
import { sweep } from "../core/publish/watchdog.ts";
import { reconcile } from "./trigger.ts";

/** Each is a read of X's timeline; those beyond wait for the next minute. */
const LOOKS_MAX = 50;

export interface Watched {
  abandoned: number;
  overdue: number;
  settled: number;
  looked: number;
}

/**
 * Hands over again what nobody looks after, tells Trigger.dev what it has not heard of, and looks for tweets of posts
 * that are not going out any more: those want no run, so none would look.
 * @throws the first error of the looks, when all have been made
 */
export async function watchOver(deps: PublishDeps, engine: Engine): Promise<Watched> {
  const { abandoned, overdue, unconfirmed } = await sweep(deps.hub, engine);
  const settled = await reconcile(deps.hub, engine);
  const errors: unknown[] = [];
  const wanted = unconfirmed.slice(0, LOOKS_MAX);
  for (const postId of wanted) await lookLate(deps, postId).catch((error) => errors.push(error));
  if (errors.length > 0) throw errors[0];
  return { abandoned, overdue, settled, looked: wanted.length };
}

/** A watch ends before the next one begins, a minute after it. */
const STAY_MS = 50_000;
/** Between two looks, and to be on the far side of a lease's end. */
const LOOK_MS_MIN = 1_000;
const LOOKS_A_WATCH_MAX = STAY_MS / LOOK_MS_MIN;

/**
 * Watches over the hub, and stays while posts are going out or fall due before the next watch: one whose process dies is
 * handed over when its lease ends, within 15 seconds, and not at the next full minute. A minute without posts costs one look.
 */
export async function keepWatch(deps: PublishDeps, engine: Engine, signal?: AbortSignal): Promise<Watched> {
  const { hub, clock } = deps;
  const endMs = clock.now().getTime() + STAY_MS;
  const watched = await watchOver(deps, engine);
  for (let look = 0; look < LOOKS_A_WATCH_MAX && !signal?.aborted; look++) {
    const leftMs = endMs - clock.now().getTime();
    const nextMs = await msUntilLeaseEnds(hub, leftMs);
    if (nextMs === null || nextMs > leftMs) break;
    await clock.sleep(Math.max(nextMs, LOOK_MS_MIN), signal);
    watched.abandoned += (await sweep(hub, engine, { onlyAbandoned: true })).abandoned;
  }
  return watched;
}

/**
 * Until the first lease runs out unless it is renewed: of a post that is going out, or will be within the time that is
 * left. Null when there is none.
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
