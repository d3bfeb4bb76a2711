/**
 * The Trigger.dev engine. The row is written first; then `reconcile` makes Trigger.dev agree with it: one run, delayed
 * until the row's due time. A crash, an outage or a lost run in between leaves the row right and Trigger.dev wrong.
 * `trigger_due_at` shows that, and the watchdog reconciles again.
 *
 * `trigger_run_id` names the post's run. Any other run that comes does nothing.
 */

import { and, eq, isNull, sql } from "drizzle-orm";
import { type Hub, hubNow } from "../core/db/connection.ts";
import { posts } from "../core/db/schema.ts";
import type { Engine } from "../core/engine.ts";
import { readAuthorNow } from "../core/post/due.ts";
import { isWaiting } from "../core/post/transitions.ts";
import { type TriggerApi, type TriggerConfig, TriggerError, triggerApi } from "./trigger-api.ts";

export interface TriggerEngineOptions extends TriggerConfig {
  /** Instead of the real API of `secretKey` and `apiUrl`. */
  api?: TriggerApi;
  /** The run that this process is: it must not cancel itself. */
  ownRunId?: string;
  /** Called when Trigger.dev could not be made to agree this time. */
  onError?: (message: string) => void;
}

/** The state of a run that has not begun is read when it is this late. */
const LATE_MS = 15_000;
/** A run that waits in Trigger.dev's queue for longer than this after its time is replaced. */
const STUCK_MS = 10 * 60_000;
/** The row may change during the calls to Trigger.dev; then it is read again, this often. */
const ROUNDS_MAX = 4;
const KEY_LIFE_SECONDS = 30 * 86_400;
/** The watchdog reconciles what is due within this; later posts have time. */
const RECONCILE_AHEAD_MS = 60 * 60_000;
const RECONCILE_MAX = 500;

export function triggerEngine(options: TriggerEngineOptions = {}): Engine {
  const api = options.api ?? triggerApi(options);
  return {
    name: "trigger",
    async enqueue() {},
    async cancel() {},
    async reconcile(hub, postId) {
      try {
        for (let round = 0; round < ROUNDS_MAX; round++) {
          if (await reconcileOnce(hub, api, postId, options.ownRunId ?? null)) return;
        }
      } catch (error) {
        if (!(error instanceof TriggerError)) throw error;
        options.onError?.(error.message);
      }
    },
  };
}

/**
 * Reconciles the posts of the next hour whose run is missing or wrong: a process died, or Trigger.dev was away.
 * @returns how many
 */
export async function reconcile(hub: Hub, engine: Engine): Promise<number> {
  const { rows } = await hub.db.execute<{ id: string }>(sql`
    select id
    from psn.posts
    where due_at < psn.now() + make_interval(secs => ${RECONCILE_AHEAD_MS / 1000})
      and status in ('scheduled', 'retry')
      and trigger_due_at is distinct from due_at
    order by due_at
    limit ${RECONCILE_MAX}`);
  for (const { id } of rows) await engine.reconcile(hub, id);
  return rows.length;
}

/** What the hub says about a post's run. */
export interface RunRow {
  status: string | null;
  scheduleVersion: number;
  runId: string | null;
  /** When the run comes, as Trigger.dev knows it; null when it has none to come. */
  scheduledFor: Date | null;
  /** When the post needs a run; null when it needs none. */
  wantedAt: Date | null;
  now: Date;
}

export async function readRunRow(hub: Hub, postId: string): Promise<RunRow | null> {
  const [row] = await hub.db
    .select()
    .from(posts)
    .where(and(eq(posts.id, postId), isNull(posts.parentPostId)));
  if (!row) return null;
  // An author's time may have come sooner than by the hub's clock, and its run been lost.
  const now = row.status === "scheduled" ? await readAuthorNow(hub.db) : await hubNow(hub.db);
  // A lease that ended is a post whose process died: it needs a run since then.
  const abandonedAt = row.status === "publishing" && row.leaseExpiresAt && row.leaseExpiresAt <= now;
  return {
    status: row.status,
    scheduleVersion: row.scheduleVersion,
    runId: row.triggerRunId,
    scheduledFor: row.triggerDueAt,
    wantedAt: isWaiting(row) ? row.dueAt : abandonedAt ? row.leaseExpiresAt : null,
    now,
  };
}

/** Writes which run the post has, and for when. @returns false when the row has changed since it was read */
export async function noteRun(
  hub: Hub,
  postId: string,
  read: RunRow,
  run: { runId: string | null; scheduledFor: Date | null },
): Promise<boolean> {
  const { rowCount } = await hub.db
    .update(posts)
    .set({ triggerRunId: run.runId, triggerDueAt: run.scheduledFor })
    .where(
      and(
        eq(posts.id, postId),
        eq(posts.scheduleVersion, read.scheduleVersion),
        sql`${posts.status} is not distinct from ${read.status}`,
        sql`${posts.triggerRunId} is not distinct from ${read.runId}`,
        read.status === "publishing"
          ? sql`true`
          : sql`${posts.dueAt} is not distinct from ${read.wantedAt?.toISOString() ?? null}::timestamptz`,
      ),
    );
  return rowCount === 1;
}

// --- internal ---

/** @returns true when row and Trigger.dev agree; false when the row changed meanwhile, so it must be read again */
async function reconcileOnce(hub: Hub, api: TriggerApi, postId: string, ownRunId: string | null): Promise<boolean> {
  const row = await readRunRow(hub, postId);
  if (!row) return true;
  const { runId, wantedAt, scheduledFor, now } = row;
  const isOwn = runId !== null && runId === ownRunId;

  if (wantedAt === null) {
    if (scheduledFor === null) return true;
    if (runId !== null && !isOwn) await api.cancel(runId);
    return await noteRun(hub, postId, row, { runId, scheduledFor: null });
  }

  const isFuture = wantedAt > now;
  if (runId !== null && scheduledFor !== null && !isOwn) {
    if (scheduledFor.getTime() === wantedAt.getTime()) {
      if (await isComing(api, runId, now.getTime() - wantedAt.getTime())) return true;
    } else if (isFuture && (await api.move(runId, wantedAt))) {
      return await noteRun(hub, postId, row, { runId, scheduledFor: wantedAt });
    }
    // A run cannot be moved between its due time and its start. A lost run says that it was moved, and is not.
    await api.cancel(runId);
  }
  const aheadSeconds = Math.max(0, Math.ceil((wantedAt.getTime() - now.getTime()) / 1000));
  const started = await api.start({
    postId,
    scheduleVersion: row.scheduleVersion,
    at: isFuture ? wantedAt : null,
    // The previous run is part of the key: two processes that read the same row start one run, and a lost run is replaced.
    key: `psn:${postId}:${row.scheduleVersion}:${wantedAt.getTime()}:${runId ?? "first"}`,
    keyTtlSeconds: aheadSeconds + KEY_LIFE_SECONDS,
  });
  return await noteRun(hub, postId, row, { runId: started, scheduledFor: wantedAt });
}

/** Whether the run still comes. Trigger.dev is asked only when the run is late. */
async function isComing(api: TriggerApi, runId: string, lateMs: number): Promise<boolean> {
  if (lateMs < LATE_MS) return true;
  const state = await api.state(runId);
  return state === "alive" && lateMs < STUCK_MS;
}
