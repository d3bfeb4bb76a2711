/** Taking a post for publishing: one worker gets it, and only when it is due. */
import { and, eq, type SQL, sql } from "drizzle-orm";
import { ask } from "../db/ask.ts";
import type { Hub, Tx } from "../db/connection.ts";
import { posts } from "../db/schema.ts";
import { rowsOf, together } from "../db/together.ts";
import type { PostStatus } from "../types/index.ts";
import { addEvent, duration, type Lease, LeaseLostError, leaseUntil } from "./ledger.ts";
import { MISSED_MS } from "./turn.ts";

/** What came of trying to take a post. */
export type Taken =
  | { kind: "lease"; lease: Lease }
  /** Not due, another schedule version, or another worker has it. */
  | { kind: "not_ours" }
  /** Its time is so long past that it is not sent without a word from its author; it is failed now. */
  | { kind: "missed"; lateMs: number }
  /** So late that it was perhaps missed together with others; `takeInTurn` says when it goes. Nothing is changed. */
  | { kind: "late" };

/** Who wants a post, and on whose word. */
export interface TakeOrder {
  postId: string;
  /** The wake-up's; an older one than the row's takes nothing. */
  scheduleVersion: number;
  owner: string;
  graceMs: number;
}

/**
 * Takes the lease of a post that is due under this schedule version, or whose owner's lease has run out. A post that
 * had not begun and is later than `graceMs` is failed instead: nothing goes out behind its author's back.
 */
export async function takeLease(
  hub: Hub,
  wake: { postId: string; scheduleVersion: number },
  owner: string,
  graceMs: number,
): Promise<Taken> {
  const order: TakeOrder = { postId: wake.postId, scheduleVersion: wake.scheduleVersion, owner, graceMs };
  const seen = await seeAndTake(hub, order);
  if (seen === null) return { kind: "not_ours" };
  if (seen.fencing !== null) return { kind: "lease", lease: { postId: order.postId, owner, fencing: seen.fencing } };
  if (seen.before !== "scheduled" || seen.lateMs <= graceMs) return { kind: "late" };
  return await hub.db.transaction(async (tx) => {
    const [still] = await tx
      .select({ id: posts.id })
      .from(posts)
      .where(
        and(
          eq(posts.id, order.postId),
          eq(posts.status, "scheduled"),
          mayTake(sql`posts`, sql`${order.scheduleVersion}`),
        ),
      )
      .for("update");
    if (!still) return { kind: "not_ours" };
    await failMissed(tx, order.postId, seen.lateMs);
    return { kind: "missed", lateMs: seen.lateMs };
  });
}

/** A post that may be taken; `fencing` is null when it was left because it is too late. */
interface Seen {
  before: PostStatus;
  lateMs: number;
  fencing: number | null;
}

const seeAndTake = together<TakeOrder, Seen | null>({
  key: ({ postId }) => postId,
  many: async (hub, orders) => await seeAndTakeAll(hub, orders, false),
  // The author may hold the row for a moment, and this wake-up comes once: here it waits.
  alone: async (hub, order) => (await seeAndTakeAll(hub, [order], true)).get(order.postId) ?? null,
});

async function seeAndTakeAll(hub: Hub, orders: readonly TakeOrder[], waits: boolean): Promise<Map<string, Seen>> {
  const wakes = orders.map(({ postId, scheduleVersion, owner, graceMs }) => ({
    post_id: postId,
    schedule_version: scheduleVersion,
    owner,
    grace_ms: graceMs,
  }));
  type Row = { id: string; before: PostStatus; late_ms: number; fencing: string | null };
  const statement = sql`
    with wake as (
      select *
      from ${rowsOf(wakes)} as wake (post_id text, schedule_version integer, owner text, grace_ms float8)
    ),
    seen as (
      select post.id, post.status as before, wake.owner, late.ms as late_ms,
        not ${isHeldUp}
          and not (post.status = 'scheduled' and late.ms > least(wake.grace_ms, ${MISSED_MS})) as is_ready
      from wake
      join psn.posts as post on post.id = wake.post_id
      cross join lateral (
        select coalesce(extract(epoch from psn.now() - post.scheduled_at) * 1000, 0)::float8 as ms
      ) as late
      where post.approved_hash is not null
        and ${mayTake(sql`post`, sql`wake.schedule_version`)}
      order by post.id
      for update of post ${waits ? sql`` : sql`skip locked`}
    ),
    granted as (
      update psn.posts as post
      set status = 'publishing',
        lease_owner = seen.owner,
        lease_expires_at = ${leaseUntil},
        lease_fencing = lease_fencing + 1,
        due_at = null,
        updated_at = psn.now()
      from seen
      where post.id = seen.id
        and seen.is_ready
      returning post.id, seen.before, seen.late_ms, post.lease_owner as owner, post.lease_fencing as fencing
    ),
    told as (
      insert into psn.post_events (post_id, at, kind, status, note, facts)
      select id, psn.now(),
        case before when 'publishing' then 'taken_over' else 'leased' end,
        'publishing',
        case before when 'publishing' then ${TAKEN_OVER} else ${BEGAN} end,
        jsonb_build_object('owner', owner, 'fencing', fencing)
      from granted
    )
    select id, before, late_ms, fencing
    from granted
    union all
    select id, before, late_ms, null
    from seen
    where not is_ready`;
  const rows = await ask<Row>(hub, waits ? "take_waiting" : "take", statement);
  return new Map(
    rows.map(({ id, before, late_ms: lateMs, fencing }) => [
      id,
      { before, lateMs, fencing: fencing === null ? null : Number(fencing) },
    ]),
  );
}

const TAKEN_OVER = "The worker before went silent; another one took over.";
const BEGAN = "Publishing began.";

/**
 * A waiting post of which nothing is on X, and that waits for its turn or was not woken at its time: it takes its turn
 * with those that were missed. One that its author sent by hand (it has no time) does not.
 */
export const isHeldUp = sql`(
    status = 'retry'
    and external_post_id is null
    and (
      sub_status is not distinct from 'catching_up'
      or (
        scheduled_at is not null
        and due_at < psn.now() - make_interval(secs => ${MISSED_MS / 1000})
      )
    )
  )`;

/** As a condition on a row of posts: due under this schedule version, or its owner's lease has run out. */
export function mayTake(row: SQL, scheduleVersion: SQL): SQL {
  return sql`(
          (
            ${row}.status in ('scheduled', 'retry')
            and ${row}.schedule_version = ${scheduleVersion}
            and ${row}.due_at <= psn.now()
          )
          or (${row}.status = 'publishing' and ${row}.lease_expires_at < psn.now())
        )`;
}

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
