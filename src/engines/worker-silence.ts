/**
 * A worker that is there and does nothing: its process is frozen (a debugger, Ctrl-Z, a machine without memory), and Postgres keeps its
 * lock as long as the connection stands. Its sweeps, which it notes in the hub, tell it from one that works.
 */
import { sql } from "drizzle-orm";
import type { Hub } from "../core/db/connection.ts";
import { lastAlive, SILENCE } from "../core/publish/worker-liveness.ts";
import { workerSessions } from "./presence.ts";

/** Since when the workers of this hub have given no sign of life; null while one does, and where none is there. */
export async function workersSilentSince(hub: Hub): Promise<Date | null> {
  const { rows } = await hub.db.execute<{ since: string | null }>(sql`
    -- One that began a moment ago had no time to sweep yet.
    select greatest(${lastAlive}, max(session.backend_start)) as since
    from ${workerSessions}
    having count(*) > 0
      and greatest(${lastAlive}, max(session.backend_start)) < psn.now() - ${SILENCE}`);
  const since = rows[0]?.since;
  return since ? new Date(since) : null;
}
