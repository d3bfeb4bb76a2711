/** Posts that wait for a sign-in, or for X to take anything of their account or app again, and need not wait any more. */
import { type SQL, sql } from "drizzle-orm";
import { anyOf } from "../db/batch.ts";
import type { Db, Tx } from "../db/connection.ts";
import { type Engine, enqueueRuns } from "../engine.ts";
import type { NewEvent } from "../types/index.ts";
import { insertEvents } from "./history.ts";
import { isFree } from "./holds.ts";
import { isUsable, type ThisApp } from "./sign-in.ts";

/** Posts at once; the watchdog finds those beyond. */
const RELEASED_MAX = 10_000;

/** Between two posts of one account that go on after a wait: the first shows whether X takes them, and no burst follows. */
export const RELEASE_GAP_MS = 5_000;

/** Those of the account that wait for its sign-in. */
export const awaitsSignIn = (accountId: string) => sql`sub_status = 'awaiting_auth' and account_id = ${accountId}`;
/** Of these, those that wait without a time. */
export const endedSignOut = (accountId: string) => sql`${awaitsSignIn(accountId)} and due_at is null`;
export const awaitsApp = sql`sub_status in ('out_of_credits', 'app_held')`;
/** Those of the account that waited for its hold, which is over. */
export const awaitsEndedHold = (accountId: string) => sql`(
  sub_status = 'account_held'
  and account_id = ${accountId}
  and ${isFree("account", sql`${accountId}`)}
)`;
export const awaitsAccount = sql`sub_status = 'account_held'`;

/**
 * What waits for nothing any more. A run that reads "no credits" or "signed out" and ends just after the person has put
 * that right misses the call that releases all who wait. Without the host, a post of an account that signed in elsewhere
 * would be released, found signed out and put to rest again at every sweep.
 */
export const waitsForNothing = (app: ThisApp) => sql`due_at is null
  and (
    (${awaitsApp} and ${isFree("app", app.clientId === undefined ? null : sql`${app.clientId}::text`)})
    or (${awaitsAccount} and ${isFree("account", sql`posts.account_id`)})
    or (
      sub_status = 'awaiting_auth'
      and exists (
        select
        from psn.oauth_tokens as token
        where token.account_id = posts.account_id
          and ${isUsable(app)}
      )
    )
  )`;

interface Released {
  id: string;
  version: number;
  due_at: string;
}

/**
 * Gives waiting posts a time, so that the watchdog finds them when nothing else runs them: of each account the first at
 * once, the others one after another in the order of their times.
 * @param which a condition on a row of posts that is in `retry`
 */
export async function makeDue(db: Db | Tx, which: SQL): Promise<Released[]> {
  const { rows } = await db.execute<Released & Record<string, unknown>>(sql`
    with waiting as (
      select id, account_id, coalesce(scheduled_at, created_at) as since
      from psn.posts
      where status = 'retry'
        and ${which}
      order by created_at
      limit ${RELEASED_MAX}
      for update
    ),
    placed as (
      select id, row_number() over (partition by account_id order by since, id) - 1 as ahead
      from waiting
    )
    update psn.posts as post
    set due_at = psn.now() + make_interval(secs => ahead * ${RELEASE_GAP_MS / 1000}), updated_at = psn.now()
    from placed
    where post.id = placed.id
    returning post.id, post.schedule_version as version, post.due_at`);
  return rows;
}

/**
 * The same, and has the engine run them then. What they waited for is forgotten; the history says why they go on.
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
  const runs = released.map(({ id, version, due_at }) => ({
    postId: id,
    scheduleVersion: version,
    at: new Date(due_at),
  }));
  await enqueueRuns(engine, tx, runs);
  const event: NewEvent = { kind: "resumed", status: "retry", note };
  await tx.execute(insertEvents(ids.map((postId) => ({ postId, event }))));
  return ids;
}
