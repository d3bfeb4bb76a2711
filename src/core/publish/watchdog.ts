/**
 * Finds posts that nobody is looking after and hands them to the engine again: leased by the dead, or due with no run
 * (a wake-up was lost, or the engine was down). It never publishes itself; the lease decides who does.
 */
import { sql } from "drizzle-orm";
import type { Hub } from "../db/connection.ts";
import type { Engine } from "../engine.ts";
import type { PostStatus } from "../types/index.ts";
import { addEvent } from "./ledger.ts";

/** A wake-up that is this late was lost, not slow. */
const LOST_AFTER_MS = 15_000;
const SWEEP_MAX = 500;

export interface Swept {
  abandoned: number;
  overdue: number;
}

/** One sweep. `onlyAbandoned` looks for dead leases alone, which a worker does whenever one runs out. */
export async function sweep(hub: Hub, engine: Engine, options: { onlyAbandoned?: boolean } = {}): Promise<Swept> {
  const found = await hub.db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ id: string; status: PostStatus; version: number; now: string }>(sql`
      select id, status, schedule_version as version, psn.now() as now
      from psn.posts
      where (status = 'publishing' and lease_expires_at < psn.now())
        or (
          ${!options.onlyAbandoned}
          and status in ('scheduled', 'retry')
          and due_at < psn.now() - make_interval(secs => ${LOST_AFTER_MS / 1000})
        )
      order by id
      limit ${SWEEP_MAX}
      for update skip locked`);
    for (const row of rows) {
      await engine.wake(tx, { postId: row.id, scheduleVersion: row.version, at: new Date(row.now) });
      if (row.status === "publishing") continue;
      await addEvent(tx, row.id, {
        kind: "swept",
        status: row.status,
        note: "Its wake-up did not come; the watchdog handed it to the engine again.",
      });
    }
    return rows;
  });
  for (const row of found) await engine.settle(hub, row.id);
  const abandoned = found.filter((row) => row.status === "publishing").length;
  return { abandoned, overdue: found.length - abandoned };
}
