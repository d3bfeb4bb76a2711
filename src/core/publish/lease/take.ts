/** Taking a post for publishing: one worker gets it, and only when it is due. */
import { and, eq, type SQL, sql } from "drizzle-orm";
import { ask } from "../../db/ask.ts";
import { rowsOf } from "../../db/batch.ts";
import type { Hub, Tx } from "../../db/connection.ts";
import { posts } from "../../db/schema.ts";
import { addEvent, duration } from "../../post/history.ts";
import { runTweetColumns } from "../../post/rows.ts";
import type { PostStatus } from "../../types/index.ts";
import { MISSED_MS } from "../decide/slots.ts";
import type { Begun } from "../send/begin.ts";
import { type Lease, LeaseLostError, leaseUntil } from "./lease.ts";
import { isHeldUp, mayTake } from "./may-take.ts";

/** What came of trying to take a post. */
export type Taken =
  | { kind: "lease"; lease: Lease; begun?: Begun }
  /** Not due, another schedule version, or another worker has it. */
  | { kind: "not_ours" }
  /** Its time is so long past that it is not sent without a word from its author; it is failed now. */
  | { kind: "missed"; lateMs: number }
  /** So late that it was perhaps missed together with others; `takeSlot` says when it goes. Nothing is changed. */
  | { kind: "late" };

/** A wake-up as it came. */
export interface Wake {
  postId: string;
  /** An older one than the row's takes nothing. */
  scheduleVersion: number;
}

/** Who wants a post, on whose word, and what it would be sent with. */
export interface TakeOrder extends Wake {
  owner: string;
  graceMs: number;
  clientId: string | null;
  apiHost: string | null;
}

/**
 * Takes the lease of a post that is due under this schedule version, or whose owner's lease has run out. A post that
 * had not begun and is later than `graceMs` is failed instead: nothing goes out behind its author's back. Waits for the
 * row: its author may hold it for a moment, and a wake-up comes once.
 */
export async function takeLease(hub: Hub, wake: Wake, owner: string, graceMs: number): Promise<Taken> {
  const { postId, scheduleVersion } = wake;
  type Row = { before: PostStatus; late_ms: number; fencing: string | null };
  const statement = sql`
    with ${taking([{ postId, scheduleVersion, owner, graceMs, clientId: null, apiHost: null }], { waits: true })}
    select seen.before, seen.late_ms, granted.fencing
    from seen
    left join granted on granted.id = seen.id`;
  const [seen] = await ask<Row>(hub, "take", statement);
  if (!seen) return { kind: "not_ours" };
  if (seen.fencing !== null) return { kind: "lease", lease: { postId, owner, fencing: Number(seen.fencing) } };
  const lateMs = seen.late_ms;
  if (seen.before !== "scheduled" || lateMs <= graceMs) return { kind: "late" };
  return await hub.db.transaction(async (tx) => {
    const [still] = await tx
      .select({ id: posts.id })
      .from(posts)
      .where(and(eq(posts.id, postId), eq(posts.status, "scheduled"), mayTake(sql`posts`, sql`${scheduleVersion}`)))
      .for("update");
    if (!still) return { kind: "not_ours" };
    await failMissed(tx, postId, lateMs);
    return { kind: "missed", lateMs };
  });
}

/**
 * The parts of a statement that gives leases: `wake` holds the orders, `seen` the posts that may be taken, locked,
 * `granted` those that were, each with the row of `seen` and its fencing number. One that is too late is seen and not
 * granted. History is told.
 */
export function taking(orders: readonly TakeOrder[], { waits }: { waits: boolean }): SQL {
  const wakes = orders.map(({ postId, scheduleVersion, owner, graceMs, clientId, apiHost }) => ({
    post_id: postId,
    wake_version: scheduleVersion,
    owner,
    grace_ms: graceMs,
    client_id: clientId,
    api_host: apiHost,
  }));
  return sql`
    wake as (
      select *
      from ${rowsOf(wakes)} as wake (
        post_id text, wake_version integer, owner text, grace_ms float8, client_id text, api_host text
      )
    ),
    seen as (
      select ${runTweetColumns}, status as before, wake.*, late.ms as late_ms,
        not ${isHeldUp}
          and not (post.status = 'scheduled' and late.ms > least(wake.grace_ms, ${MISSED_MS})) as is_ready
      from wake
      join psn.posts as post on post.id = wake.post_id
      cross join lateral (
        select coalesce(extract(epoch from psn.now() - post.scheduled_at) * 1000, 0)::float8 as ms
      ) as late
      where post.approved_hash is not null
        and ${mayTake(sql`post`, sql`wake.wake_version`)}
      order by post.id
      for update of post ${waits ? sql`` : sql`skip locked`}
    ),
    granted as (
      update psn.posts as post
      set status = 'publishing',
        lease_owner = seen.owner,
        lease_expires_at = ${leaseUntil},
        lease_fencing = post.lease_fencing + 1,
        due_at = null,
        updated_at = psn.now()
      from seen
      where post.id = seen.id
        and seen.is_ready
      returning seen.*, post.lease_fencing as fencing
    ),
    told as (
      insert into psn.post_events (post_id, at, kind, status, note, facts)
      select id, psn.now(),
        case before when 'publishing' then 'taken_over' else 'leased' end,
        'publishing',
        case before when 'publishing' then ${TAKEN_OVER} else ${BEGAN} end,
        jsonb_build_object('owner', owner, 'fencing', fencing)
      from granted
    )`;
}

const TAKEN_OVER = "The worker before went silent; another one took over.";
const BEGAN = "Publishing began.";

export async function failMissed(tx: Tx, postId: string, lateMs: number): Promise<void> {
  const note = `It missed its time by ${duration(lateMs)} because nothing was running, and was not sent behind your back.`;
  await tx
    .update(posts)
    .set({ status: "failed", failCode: "MISSED_ITS_TIME", failReason: note, dueAt: null, updatedAt: sql`psn.now()` })
    .where(eq(posts.id, postId));
  await addEvent(tx, postId, { kind: "failed", status: "failed", note, facts: { code: "MISSED_ITS_TIME" } });
}

/** Gives the lease of a row that the caller has locked and found fit. */
export async function grantLease(tx: Tx, postId: string, owner: string, takeover: boolean): Promise<Lease> {
  const [row] = await tx
    .update(posts)
    .set({
      status: "publishing",
      leaseOwner: owner,
      leaseExpiresAt: leaseUntil,
      leaseFencing: sql`${posts.leaseFencing} + 1`,
      dueAt: null,
      updatedAt: sql`psn.now()`,
    })
    .where(eq(posts.id, postId))
    .returning({ fencing: posts.leaseFencing });
  if (!row) throw new LeaseLostError(`post ${postId} is gone`);
  await addEvent(tx, postId, {
    kind: takeover ? "taken_over" : "leased",
    status: "publishing",
    note: takeover ? TAKEN_OVER : BEGAN,
    facts: { owner, fencing: row.fencing },
  });
  return { postId, owner, fencing: row.fencing };
}
