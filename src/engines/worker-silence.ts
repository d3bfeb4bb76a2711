/**
 * A worker that is there and does nothing: its process is frozen (a debugger, Ctrl-Z, a machine without memory), and Postgres keeps its
 * lock as long as the connection stands. Its sweeps, which it notes in the hub, tell it from one that works.
 */
import { sql } from "drizzle-orm";
import type { Hub } from "../core/db/connection.ts";
import { lastAlive, SILENCE } from "../core/publish/worker-liveness.ts";
import { workerSessions } from "./presence.ts";

/** The workers of a hub. */
export interface Workers {
  /** How many are there. */
  workers: number;
  /** Since when they have given no sign of life; null while one does, and where none is there. */
  silentSince: Date | null;
}

export async function workersOf(hub: Hub): Promise<Workers> {
  const { rows } = await hub.db.execute<{ workers: number; seen: string | null; silent: boolean | null }>(sql`
    -- One that began a moment ago had no time to sweep yet.
    select count(distinct pg_locks.pid)::int as workers,
      greatest(${lastAlive}, max(session.backend_start)) as seen,
      greatest(${lastAlive}, max(session.backend_start)) < psn.now() - ${SILENCE} as silent
    from ${workerSessions}`);
  const [row] = rows;
  const workers = row?.workers ?? 0;
  return { workers, silentSince: workers > 0 && row?.silent && row.seen ? new Date(row.seen) : null };
}
