/**
 * Finds posts that nobody is looking after and hands them to the engine again. It never publishes itself; the lease
 * decides which worker does. What a crash or a race between two transactions of PSN can leave behind is listed here:
 *
 *   - leased by the dead;
 *   - due with no run: the engine lost it, or was down;
 *   - waiting for a sign-in, or for the end of a hold, that has come meanwhile, between the run's look and its end;
 *   - a post at its end, or back with its author, of which a request is still unanswered: its author should know whether
 *     the tweet is on X, or there twice.
 */

import { sql } from "drizzle-orm";
import { anyOf } from "../db/batch.ts";
import type { Hub, Tx } from "../db/connection.ts";
import { type Engine, enqueueRuns } from "../engine.ts";
import { authorNow } from "../post/due.ts";
import { insertEvents } from "../post/history.ts";
import { releasePosts, waitsForNothing } from "../post/release.ts";
import type { ThisApp } from "../post/sign-in.ts";
import { isWaiting } from "../post/transitions.ts";
import type { PostStatus } from "../types/index.ts";
import { restartWaitsAfterJump } from "./clock-jump.ts";
import { ENDED } from "./confirm/late.ts";
import { noteWorkerAlive } from "./worker-liveness.ts";

/** A run that is this late was lost, not slow. */
const LOST_AFTER_MS = 15_000;
/** Between two looks for a tweet of a post that is at its end: each costs money, so after an hour ever longer, and not for ever. */
const LATE_LOOK_SECONDS = 60;
const LATE_LOOK_HOURS_MAX = 6;
const LATE_LOOK_DAYS = 30;
const SWEEP_MAX = 500;

export interface Swept {
  abandoned: number;
  overdue: number;
  /** Posts at an end, or drafts again, of which a request is unanswered. No run comes for them where an engine goes by the row's time. */
  unconfirmed: string[];
}

/**
 * One sweep. What waits for an account of another host or app goes on waiting. `onlyAbandoned` looks for dead leases alone, which
 * a worker does whenever one runs out.
 */
export async function sweep(
  hub: Hub,
  engine: Engine,
  options: ThisApp & { onlyAbandoned?: boolean } = {},
): Promise<Swept> {
  if (!options.onlyAbandoned) await noteWorkerAlive(hub);
  if (!options.onlyAbandoned) await restartWaitsAfterJump(hub);
  const released = options.onlyAbandoned ? [] : await releaseForgotten(hub, engine, options);
  const found = await hub.db.transaction((tx) => takeUp(tx, engine, options.onlyAbandoned ?? false));
  await reconcileAll(hub, engine, [...released, ...found.map((row) => row.id)]);
  const abandoned = found.filter((row) => row.status === "publishing").length;
  const late = found.filter(isWaiting);
  const overdue = released.length + late.length;
  const unconfirmed = found.filter((row) => ENDED.includes(row.status)).map((row) => row.id);
  return { abandoned, overdue, unconfirmed };
}

// --- internal ---

interface Found extends Record<string, unknown> {
  id: string;
  status: PostStatus;
  version: number;
  at: string;
}

/** Finds what has no run, the first due first, and gives it one: three statements, however many there are. */
async function takeUp(tx: Tx, engine: Engine, onlyAbandoned: boolean): Promise<Found[]> {
  const { rows } = await tx.execute<Found>(sql`
    select id, status, schedule_version as version,
      -- An author's time may come sooner than by the hub's clock, by which the engine runs.
      case when status in ('scheduled', 'retry') then least(due_at, psn.now()) else psn.now() end as at
    from psn.posts
    where (status = 'publishing' and lease_expires_at < psn.now())
      or (
        ${!onlyAbandoned}
        and (
          (status = 'scheduled' and due_at < ${authorNow} - make_interval(secs => ${LOST_AFTER_MS / 1000}))
          or (status = 'retry' and due_at < psn.now() - make_interval(secs => ${LOST_AFTER_MS / 1000}))
        )
        and not ${engine.isInQueue ?? sql`false`}
      )
      or (
        ${!onlyAbandoned}
        and status = ${anyOf(ENDED)}
        and id = any(array(
          select root_id
          from psn.publish_attempts
          where outcome is null
            and started_at > psn.now() - make_interval(days => ${LATE_LOOK_DAYS})
            and coalesce(last_look_at, started_at) < psn.now() - greatest(
              make_interval(secs => ${LATE_LOOK_SECONDS}),
              least((coalesce(last_look_at, started_at) - started_at - make_interval(hours => 1)) / 4, make_interval(hours => ${LATE_LOOK_HOURS_MAX}))
            )
        ))
      )
    order by due_at, id
    limit ${SWEEP_MAX}
    for update skip locked`);
  const runs = rows.map((row) => ({ postId: row.id, scheduleVersion: row.version, at: new Date(row.at) }));
  await enqueueRuns(engine, tx, runs);
  const lost = rows.filter(isWaiting);
  if (lost.length > 0) {
    const note = "Its run did not come; the watchdog handed it to the engine again.";
    await tx.execute(
      insertEvents(lost.map(({ id, status }) => ({ postId: id, event: { kind: "swept", status, note } }))),
    );
  }
  return rows;
}

/** An engine outside the hub is asked over the network: some at a time, and no row is locked meanwhile. */
const RECONCILED_AT_ONCE = 10;

async function reconcileAll(hub: Hub, engine: Engine, ids: readonly string[]): Promise<void> {
  for (let start = 0; start < ids.length; start += RECONCILED_AT_ONCE) {
    await Promise.all(ids.slice(start, start + RECONCILED_AT_ONCE).map((id) => engine.reconcile(hub, id)));
    // Hundreds take minutes, in which a worker is here all the same.
    if (start > 0 && engine.name === "trigger") await noteWorkerAlive(hub);
  }
}

async function releaseForgotten(hub: Hub, engine: Engine, app: ThisApp): Promise<string[]> {
  const note = "What it waited for has come; the watchdog handed it to the engine again.";
  return await hub.db.transaction((tx) => releasePosts(tx, engine, waitsForNothing(app), note));
}
