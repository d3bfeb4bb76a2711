/**
 * The Trigger.dev engine. The row is written first, and alone; `settle` then makes Trigger.dev agree with it: one run,
 * delayed until the row's due time. Whatever goes wrong in between (a crash, an outage, a lost run) leaves the row
 * right and Trigger.dev wrong, which `trigger_due_at` shows, and the watchdog settles it again.
 *
 * `trigger_run_id` is the row's present wake-up; any other run that comes does nothing.
 */
import { and, eq, isNull, sql } from "drizzle-orm";
import { type Hub, hubNow } from "../core/db/connection.ts";
import { posts } from "../core/db/schema.ts";
import type { Engine } from "../core/engine.ts";
import { type TriggerApi, type TriggerConfig, TriggerTrouble, triggerApi } from "./trigger-api.ts";

export interface TriggerEngineOptions extends TriggerConfig {
  /** Instead of the real API of `secretKey` and `apiUrl`. */
  api?: TriggerApi;
  /** The run this process is, which must never cancel itself. */
  ownRunId?: string;
  /** Told when Trigger.dev could not be made to agree just now. */
  onTrouble?: (message: string) => void;
}

/** A run that is this late without having begun is looked at. */
const LATE_MS = 15_000;
/** A run that waits in Trigger.dev's own queue for longer than this after its time is started anew. */
const STUCK_MS = 10 * 60_000;
/** What may change under us while we talk to Trigger.dev is looked at again, this often. */
const ROUNDS_MAX = 4;
const KEY_LIFE_SECONDS = 30 * 86_400;
/** The watchdog settles what is due within this; later posts have time. */
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
          if (await settleOnce(hub, api, postId, options.ownRunId ?? null)) return;
        }
      } catch (error) {
        if (!(error instanceof TriggerTrouble)) throw error;
        options.onTrouble?.(error.message);
      }
    },
  };
}

/**
 * Settles the posts of the next hour that Trigger.dev has not heard of: their process died, or Trigger.dev was away.
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

/** What the hub says of a post's wake-up. */
export interface WakeRow {
  status: string | null;
  scheduleVersion: number;
  runId: string | null;
  /** When the run was told to come. */
  toldAt: Date | null;
  /** When the post wants to be woken; null when it does not. */
  wantedAt: Date | null;
  now: Date;
}

export async function readWakeRow(hub: Hub, postId: string): Promise<WakeRow | null> {
  const [row] = await hub.db
    .select()
    .from(posts)
    .where(and(eq(posts.id, postId), isNull(posts.parentPostId)));
  if (!row) return null;
  const now = await hubNow(hub.db);
  const isWaiting = row.status === "scheduled" || row.status === "retry";
  // A lease that ran out is a post whose worker died: it wants to be woken since then.
  const abandonedAt = row.status === "publishing" && row.leaseExpiresAt && row.leaseExpiresAt <= now;
  return {
    status: row.status,
    scheduleVersion: row.scheduleVersion,
    runId: row.triggerRunId,
    toldAt: row.triggerDueAt,
    wantedAt: isWaiting ? row.dueAt : abandonedAt ? row.leaseExpiresAt : null,
    now,
  };
}

/** Writes which run wakes the post, and when, unless the row has moved on since it was read. */
export async function noteRun(
  hub: Hub,
  postId: string,
  read: WakeRow,
  run: { runId: string | null; toldAt: Date | null },
): Promise<boolean> {
  const { rowCount } = await hub.db
    .update(posts)
    .set({ triggerRunId: run.runId, triggerDueAt: run.toldAt })
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

/** @returns true when row and Trigger.dev agree; false when the row changed meanwhile, or an old run is out of the way now */
async function settleOnce(hub: Hub, api: TriggerApi, postId: string, ownRunId: string | null): Promise<boolean> {
  const row = await readWakeRow(hub, postId);
  if (!row) return true;
  const { runId, wantedAt, toldAt, now } = row;
  const isOwn = runId !== null && runId === ownRunId;

  if (wantedAt === null) {
    if (toldAt === null) return true;
    if (runId !== null && !isOwn) await api.cancel(runId);
    return await noteRun(hub, postId, row, { runId, toldAt: null });
  }

  const isFuture = wantedAt > now;
  if (runId !== null && toldAt !== null && !isOwn) {
    if (toldAt.getTime() === wantedAt.getTime()) {
      if (await isComing(api, runId, now.getTime() - wantedAt.getTime())) return true;
    } else if (isFuture && (await api.move(runId, wantedAt))) {
      return await noteRun(hub, postId, row, { runId, toldAt: wantedAt });
    }
    // Between its due time and its start a run cannot be moved; a lost one says it was, and stays where it is.
    await api.cancel(runId);
  }
  const aheadSeconds = Math.max(0, Math.ceil((wantedAt.getTime() - now.getTime()) / 1000));
  const started = await api.start({
    postId,
    scheduleVersion: row.scheduleVersion,
    at: isFuture ? wantedAt : null,
    // The run before is part of the key: two processes that see the same row start one run, and a lost run is replaced.
    key: `psn:${postId}:${row.scheduleVersion}:${wantedAt.getTime()}:${runId ?? "first"}`,
    keyTtlSeconds: aheadSeconds + KEY_LIFE_SECONDS,
  });
  return await noteRun(hub, postId, row, { runId: started, toldAt: wantedAt });
}

/** Whether the run will wake the post: not asked of Trigger.dev before it is late. */
async function isComing(api: TriggerApi, runId: string, lateMs: number): Promise<boolean> {
  if (lateMs < LATE_MS) return true;
  const state = await api.state(runId);
  return state === "alive" && lateMs < STUCK_MS;
}
