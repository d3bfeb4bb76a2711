/** Posts that wait for a sign-in or for credits, and need not wait any more. */
import { type SQL, sql } from "drizzle-orm";
import { anyOf } from "../db/batch.ts";
import type { Db, Tx } from "../db/connection.ts";
import type { Engine } from "../engine.ts";
import { insertEvents, type NewEvent } from "./history.ts";

/** Posts at once; the watchdog finds those beyond. */
const RELEASED_MAX = 10_000;

/** Those of the account that wait for its sign-in. */
export const awaitsSignIn = (accountId: string) => sql`sub_status = 'awaiting_auth' and account_id = ${accountId}`;
/** Of these, those that wait without a time. */
export const endedSignOut = (accountId: string) => sql`${awaitsSignIn(accountId)} and due_at is null`;
export const awaitsCredits = sql`sub_status = 'out_of_credits'`;

interface Released {
  id: string;
  version: number;
  due_at: string;
}

/**
 * Gives waiting posts a time, so that the watchdog finds them when nothing else runs them.
 * @param which a condition on a row of posts that is in `retry`
 */
export async function makeDue(db: Db | Tx, which: SQL): Promise<Released[]> {
  const { rows } = await db.execute<Released & Record<string, unknown>>(sql`
    update psn.posts
    set due_at = psn.now(), updated_at = psn.now()
    where id in (
      select id
      from psn.posts
      where status = 'retry'
        and ${which}
      order by created_at
      limit ${RELEASED_MAX}
      for update
    )
    returning id, schedule_version as version, due_at`);
  return rows;
}

/**
 * The same, and has the engine run them now. What they waited for is forgotten; the history says why they go on.
 * @returns their ids
 */
export async function releasePosts(tx: Tx, engine: Engine, which: SQL, note: string): Promise<string[]> {
  const released = await makeDue(tx, which);
  const ids = released.map(({ id }) => id);
  if (ids.length === 0) return ids;
  await tx.execute(sql`
    update psn.posts
    set sub_status = null
    where id = ${anyOf(ids)}`);
  for (const { id, version, due_at } of released) {
    await engine.enqueue(tx, { postId: id, scheduleVersion: version, at: new Date(due_at) });
  }
  const event: NewEvent = { kind: "resumed", status: "retry", note };
  await tx.execute(insertEvents(ids.map((postId) => ({ postId, event }))));
  return ids;
}
