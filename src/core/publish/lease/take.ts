/** Taking a post for publishing: one worker gets it, and only when it is due. */
import { type SQL, sql } from "drizzle-orm";
import { ask } from "../../db/ask.ts";
import { type BatchRun, batched, lockOfPost, rowsOf } from "../../db/batch.ts";
import type { Hub } from "../../db/connection.ts";
import { authorNow } from "../../post/due.ts";
import { grantingLeases, type Lease } from "../../post/lease.ts";
import { MISSED_MS } from "../decide/slots.ts";

/** What came of trying to take a post. */
export type Taken =
  | { kind: "lease"; lease: Lease }
  /** Not due, another schedule version, or another worker has it. */
  | { kind: "not_ours" }
  /** So late that it was perhaps missed together with others; `missed/` decides. Nothing is changed. */
  | { kind: "late" };

/** A run that the engine began. */
export interface DueRun {
  postId: string;
  /** An older one than the row's takes nothing. */
  scheduleVersion: number;
}

export interface TakeOrder extends DueRun {
  owner: string;
  graceMs: number;
}

/**
 * Takes the lease of a post that is due under this schedule version, or whose owner's lease has run out. Waits for the
 * row: its author may hold it for a moment, and a run comes once.
 */
export const takeLease = batched<TakeOrder, Taken>({
  key: ({ postId }) => postId,
  run: takeAll,
  leftOut: () => ({ kind: "not_ours" }),
});

/** The condition on a row of posts that it is due under this schedule version, or that its owner's lease has run out. */
export function mayTake(row: SQL, scheduleVersion: SQL): SQL {
  return sql`(
          (
            ${row}.schedule_version = ${scheduleVersion}
            and (
              (${row}.status = 'scheduled' and ${row}.due_at <= ${authorNow})
              or (${row}.status = 'retry' and ${row}.due_at <= psn.now())
            )
          )
          or (${row}.status = 'publishing' and ${row}.lease_expires_at < psn.now())
        )`;
}

/**
 * The condition on a row of posts that it is in the queue of missed posts: nothing of it is on X, and it waits for its slot
 * or was not run at its time. One that its author sent by hand has no time, and is not.
 */
export function isQueued(row: SQL): SQL {
  return sql`(
          ${row}.status = 'retry'
          and ${row}.external_post_id is null
          and (
            ${row}.sub_status is not distinct from 'catching_up'
            or (
              ${row}.scheduled_at is not null
              and ${row}.due_at < psn.now() - make_interval(secs => ${MISSED_MS / 1000})
            )
          )
        )`;
}

// --- internal ---

async function takeAll(hub: Hub, orders: readonly TakeOrder[], how: BatchRun): Promise<Map<string, Taken>> {
  const wanted = orders.map(({ postId, scheduleVersion, owner, graceMs }) => ({
    post_id: postId,
    schedule_version: scheduleVersion,
    owner,
    // What is later than this is not taken here.
    late_ms: Math.min(graceMs, MISSED_MS),
  }));
  const post = sql`post`;
  const statement = sql`
    with wanted as (
      select *
      from ${rowsOf(wanted)} as wanted (post_id text, schedule_version integer, owner text, late_ms float8)
    ),
    seen as (
      select post.id, wanted.owner, post.status as before,
        ${isQueued(post)}
          or (
            post.status = 'scheduled'
            and post.scheduled_at < ${authorNow} - make_interval(secs => wanted.late_ms / 1000)
          ) as is_late
      from wanted
      join psn.posts as post on post.id = wanted.post_id
      where post.approved_hash is not null
        and ${mayTake(post, sql`wanted.schedule_version`)}
      order by post.id
      ${lockOfPost(how)}
    ),
    ${grantingLeases(sql`select id, owner, before from seen where not is_late`)}
    select seen.id, seen.owner, granted.fencing
    from seen
    left join granted on granted.id = seen.id`;
  type Row = { id: string; owner: string; fencing: string | null };
  const rows = await ask<Row>(hub, how.waits ? "take_waiting" : "take", statement, how);
  return new Map(
    rows.map(({ id, owner, fencing }) => [
      id,
      fencing === null ? { kind: "late" } : { kind: "lease", lease: { postId: id, owner, fencing: Number(fencing) } },
    ]),
  );
}
