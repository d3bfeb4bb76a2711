/**
 * How many workers are alive on a hub. Each holds a shared advisory lock on a connection of its own: Postgres drops the
 * lock when the process dies, and keeps it while a laptop sleeps.
 */
import { sql } from "drizzle-orm";
import type { Clock } from "../core/clock.ts";
import type { Hub } from "../core/db/connection.ts";

const WORKER_LOCK = 0x70736e02;
const RETAKE_MS = 5_000;

export interface Presence {
  /** Takes the lock again when its connection breaks, until stopped. */
  keep(clock: Clock, stop: AbortSignal, onError: (error: unknown) => void): Promise<void>;
  release(): void;
}

/** Counts this process as a worker, until released. */
export async function announce(hub: Hub): Promise<Presence> {
  let releaseLock: (() => void) | null = null;
  const take = async () => {
    const client = await hub.pool.connect();
    let isGone = false;
    const drop = () => {
      if (isGone) return;
      isGone = true;
      if (releaseLock === drop) releaseLock = null;
      // True closes the session: a connection that goes back to the pool would keep the lock.
      client.release(true);
    };
    client.on("error", drop);
    client.on("end", drop);
    try {
      await client.query("select pg_advisory_lock_shared($1)", [WORKER_LOCK]);
      releaseLock = drop;
    } catch (error) {
      drop();
      throw error;
    }
  };
  await take();
  return {
    async keep(clock, stop, onError) {
      while (!stop.aborted) {
        await clock.sleep(RETAKE_MS, stop);
        if (releaseLock === null && !stop.aborted) await take().catch(onError);
      }
    },
    release: () => releaseLock?.(),
  };
}

/** The sessions of the workers of this hub, as `session`, for a `from`. */
export const workerSessions = sql`pg_locks
    left join pg_stat_activity as session on session.pid = pg_locks.pid
    where locktype = 'advisory' and classid = 0 and objid = ${sql.raw(String(WORKER_LOCK))} and granted
      and database = (select oid from pg_database where datname = current_database())`;

/** The time of the hub's server, by which a session's beginning is recorded. */
export async function serverNow(hub: Hub): Promise<Date> {
  const { rows } = await hub.pool.query<{ now: Date }>("select clock_timestamp() as now");
  return rows[0]?.now ?? new Date(0);
}

/**
 * @param since only those whose session began then or later, by `serverNow`
 * @returns how many workers are alive on this hub now
 */
export async function countWorkers(hub: Hub, since: Date | null = null): Promise<number> {
  const began = since ? sql`and session.backend_start >= ${since.toISOString()}` : sql``;
  const { rows } = await hub.db.execute<{ workers: number }>(sql`
    select count(distinct pg_locks.pid)::int as workers
    from ${workerSessions} ${began}`);
  return rows[0]?.workers ?? 0;
}
