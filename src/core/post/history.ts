/** A post's history: every change with its reason, in words for a person. Append-only; `psn post show` prints it. */
import { type SQL, sql } from "drizzle-orm";
import { rowsOf } from "../db/batch.ts";
import type { Tx } from "../db/connection.ts";
import type { NewEvent } from "../types/index.ts";

/** Adds one event, in the transaction of the change that it tells of. */
export async function addEvent(tx: Tx, postId: string, event: NewEvent): Promise<void> {
  await tx.execute(insertEvents([{ postId, event }]));
}

/** The statement that adds events of any number of posts, in their order. */
export function insertEvents(events: readonly { postId: string; event: NewEvent }[]): SQL {
  const rows = events.map(({ postId, event }, place) => ({
    place,
    post_id: postId,
    kind: event.kind,
    status: event.status,
    sub_status: event.subStatus ?? null,
    note: event.note,
    facts: event.facts ?? {},
  }));
  return sql`
    insert into psn.post_events (post_id, at, kind, status, sub_status, note, facts)
    select post_id, psn.now(), kind, status, sub_status, note, facts
    from ${rowsOf(rows)} as event (
      place integer, post_id text, kind text, status text, sub_status text, note text, facts jsonb
    )
    order by place`;
}
