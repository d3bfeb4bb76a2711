/** Many posts that waited for one thing go on together. */
import { eq, sql } from "drizzle-orm";
import type { Hub, Tx } from "../db/connection.ts";
import { appHolds } from "../db/schema.ts";
import type { Engine } from "../engine.ts";
import { addEvent } from "../post/history.ts";

const WAKE_MAX = 10_000;

/** Lets go of the hold on the whole app; every post that waited for it is due at once. @returns how many */
export async function resumeApp(hub: Hub, engine: Engine, clientId: string): Promise<number> {
  const isHeld = sql`sub_status = 'out_of_credits'`;
  return await wakeAll(hub, engine, isHeld, "The hold on the app was lifted.", async (tx) => {
    await tx.delete(appHolds).where(eq(appHolds.clientId, clientId));
  });
}

/** An account signed in again: what waited for that is due at once. @returns how many */
export async function resumeAccount(hub: Hub, engine: Engine, accountId: string): Promise<number> {
  const isWaiting = sql`sub_status = 'awaiting_auth' and account_id = ${accountId}`;
  return await wakeAll(hub, engine, isWaiting, "The account signed in again.");
}

// --- internal ---

async function wakeAll(
  hub: Hub,
  engine: Engine,
  which: ReturnType<typeof sql>,
  note: string,
  also: (tx: Tx) => Promise<void> = async () => {},
): Promise<number> {
  const woken = await hub.db.transaction(async (tx) => {
    await also(tx);
    const { rows } = await tx.execute<{ id: string; version: number; due_at: string }>(sql`
      update psn.posts
      set due_at = psn.now(), sub_status = null, updated_at = psn.now()
      where id in (
        select id from psn.posts where status = 'retry' and ${which} order by created_at limit ${WAKE_MAX} for update
      )
      returning id, schedule_version as version, due_at`);
    for (const row of rows) {
      await engine.enqueue(tx, { postId: row.id, scheduleVersion: row.version, at: new Date(row.due_at) });
      await addEvent(tx, row.id, { kind: "resumed", status: "retry", note });
    }
    return rows;
  });
  for (const row of woken) await engine.reconcile(hub, row.id);
  return woken.length;
}
