/**
 * The hub's side of a post: who holds it, where it rests, and its history. `attempts.ts` holds the requests to X.
 * Every function is one statement or one transaction. Whoever writes locks the post's root row first.
 */
import { and, asc, eq, type SQL, sql } from "drizzle-orm";
import type { Db, Hub, Tx } from "../db/connection.ts";
import { postEvents, postMedia, posts, type publishAttempts } from "../db/schema.ts";
import { anyOf, rowsOf, together } from "../db/together.ts";
import type { PostStatus, PostSubStatus } from "../types/index.ts";
import { groupBy } from "../utils/group.ts";
import { MISSED_MS } from "./turn.ts";

/** A dead worker's post is free after this; a living one renews its lease three times in it. */
export const LEASE_MS = 10_000;
export const HEARTBEAT_MS = 3_000;

export type PostRow = typeof posts.$inferSelect;
export type MediaRow = typeof postMedia.$inferSelect;
export type AttemptRow = typeof publishAttempts.$inferSelect;
/** A tweet of a post with what it carries. */
export type TweetRow = PostRow & { media: MediaRow[] };

export interface Lease {
  postId: string;
  owner: string;
  /** Fencing number: an attempt bears it, and none is written under an older one. */
  fencing: number;
}

/** Thrown inside a run when the post belongs to another worker now: stop at once, write nothing more. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
}

const leaseUntil = sql`psn.now() + make_interval(secs => ${LEASE_MS / 1000})`;

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
  const { rows } = await hub.db.execute<{
    id: string;
    before: PostStatus;
    late_ms: number;
    fencing: string | null;
  }>(sql`
    with wake as (
      select *
      from ${rowsOf(wakes)} as wake (post_id text, schedule_version integer, owner text, grace_ms float8)
    ),
    seen as (
      select post.id, post.status as before, wake.owner, wake.grace_ms,
        post.sub_status is not distinct from 'catching_up' as waits_for_turn,
        coalesce(extract(epoch from psn.now() - post.scheduled_at) * 1000, 0)::float8 as late_ms
      from wake
      join psn.posts as post on post.id = wake.post_id
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
        and not (seen.before = 'scheduled' and seen.late_ms > least(seen.grace_ms, ${MISSED_MS}))
        and not seen.waits_for_turn
      returning post.id, post.lease_owner as owner, post.lease_fencing as fencing, seen.before
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
    select seen.id, seen.before, seen.late_ms, granted.fencing
    from seen
    left join granted on granted.id = seen.id`);
  return new Map(
    rows.map(({ id, before, late_ms: lateMs, fencing }) => [
      id,
      { before, lateMs, fencing: fencing === null ? null : Number(fencing) },
    ]),
  );
}

const TAKEN_OVER = "The worker before went silent; another one took over.";
const BEGAN = "Publishing began.";

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

/** Renews the lease. False when it is not ours any more. */
export async function renewLease(hub: Hub, lease: Lease): Promise<boolean> {
  const { rowCount } = await hub.db.update(posts).set({ leaseExpiresAt: leaseUntil }).where(held(lease));
  return rowCount === 1;
}

/** The tweets of a post in order, each with its media. */
export async function loadTweets(db: Db | Tx, rootId: string): Promise<TweetRow[]> {
  return (await loadAllTweets(db, [rootId])).get(rootId) ?? [];
}

/** The same for many runs at once, which share one statement. */
export const loadTweetsTogether = together<string, TweetRow[]>({
  key: (rootId) => rootId,
  many: async (hub, rootIds) => await loadAllTweets(hub.db, rootIds),
  alone: async (hub, rootId) => await loadTweets(hub.db, rootId),
});

async function loadAllTweets(db: Db | Tx, rootIds: readonly string[]): Promise<Map<string, TweetRow[]>> {
  const wanted = anyOf(rootIds);
  const rows = await db
    .select({
      row: posts,
      hasMedia: sql<boolean>`exists (select from psn.post_media as media where media.post_id = posts.id)`,
    })
    .from(posts)
    .where(sql`${posts.id} = ${wanted} or ${posts.parentPostId} = ${wanted}`)
    .orderBy(asc(posts.threadPosition));
  const withMedia = rows.flatMap(({ row, hasMedia }) => (hasMedia ? [row.id] : []));
  const media =
    withMedia.length === 0
      ? []
      : await db
          .select()
          .from(postMedia)
          .where(sql`${postMedia.postId} = ${anyOf(withMedia)}`)
          .orderBy(asc(postMedia.position));
  const mediaOf = groupBy(media, ({ postId }) => postId);
  return groupBy(
    rows.map(({ row }) => ({ ...row, media: mediaOf.get(row.id) ?? [] })),
    (tweet) => tweet.parentPostId ?? tweet.id,
  );
}

/** Where a run leaves a post that is not finished. Needs the lease; without it nothing is written. */
export interface Rest {
  status: "retry" | "failed" | "scheduled";
  subStatus: PostSubStatus | null;
  /** When to go on; null waits for a person. */
  dueAt: Date | null;
  spendsRetry: boolean;
  kind: string;
  note: string;
  failCode?: string;
}

/**
 * Gives the lease back and says why, in the transaction of `tx`.
 * @throws LeaseLostError when another worker has the post; the transaction must then be rolled back or hold only an answer.
 */
export async function rest(tx: Tx, lease: Lease, to: Rest): Promise<{ scheduleVersion: number }> {
  const [row] = await tx
    .update(posts)
    .set({
      status: to.status,
      subStatus: to.subStatus,
      dueAt: to.dueAt,
      leaseOwner: null,
      leaseExpiresAt: null,
      updatedAt: sql`psn.now()`,
      failCode: to.failCode ?? null,
      failReason: to.status === "failed" ? to.note : null,
      ...(to.spendsRetry ? { retryCount: sql`${posts.retryCount} + 1` } : {}),
      ...(to.status === "failed" ? { retryCount: 0 } : {}),
    })
    .where(held(lease))
    .returning({ scheduleVersion: posts.scheduleVersion });
  if (!row) throw new LeaseLostError(`post ${lease.postId} has another owner`);
  await addEvent(tx, lease.postId, {
    kind: to.kind,
    status: to.status,
    subStatus: to.subStatus,
    note: to.note,
    facts: { ...(to.dueAt ? { until: to.dueAt.toISOString() } : {}), ...(to.failCode ? { code: to.failCode } : {}) },
  });
  return row;
}

/** Says what a run is at while it holds the lease, for whoever looks at the post. */
export async function setSubStatus(hub: Hub, lease: Lease, subStatus: PostSubStatus | null): Promise<void> {
  await hub.db.update(posts).set({ subStatus }).where(held(lease));
}

export async function lockRoot(tx: Tx, postId: string): Promise<PostRow> {
  const [row] = await tx.select().from(posts).where(eq(posts.id, postId)).for("update");
  if (!row) throw new LeaseLostError(`post ${postId} is gone`);
  return row;
}

export interface NewEvent {
  kind: string;
  status: PostStatus;
  subStatus?: PostSubStatus | null;
  note: string;
  facts?: Record<string, unknown>;
}

export async function addEvent(tx: Tx, postId: string, event: NewEvent): Promise<void> {
  await tx.insert(postEvents).values({
    postId,
    at: sql`psn.now()`,
    kind: event.kind,
    status: event.status,
    subStatus: event.subStatus ?? null,
    note: event.note,
    facts: event.facts ?? {},
  });
}

/** The condition that the post is still this lease's. */
export function held(lease: Lease) {
  return and(
    eq(posts.id, lease.postId),
    eq(posts.status, "publishing"),
    eq(posts.leaseOwner, lease.owner),
    eq(posts.leaseFencing, lease.fencing),
  );
}

/** In words, e.g. "5 minutes". */
export function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return minutes === 1 ? "1 minute" : `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
