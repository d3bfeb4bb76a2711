/**
 * The hub's side of a post: who holds it, where it rests, and its history. `attempts.ts` holds the requests to X.
 * Every function is one statement or one transaction. Whoever writes locks the post's root row first.
 */
import { and, asc, eq, or, sql } from "drizzle-orm";
import type { Db, Hub, Tx } from "../db/connection.ts";
import { postEvents, postMedia, posts, type publishAttempts } from "../db/schema.ts";
import type { PostStatus, PostSubStatus } from "../types/index.ts";
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
  const { rows } = await hub.db.execute<{ late_ms: string; before: PostStatus; fencing: string | null }>(sql`
    with seen as (
      select id, status as before,
        ${isHeldUp} as held_up,
        coalesce(extract(epoch from psn.now() - scheduled_at) * 1000, 0) as late_ms
      from ${posts}
      where id = ${wake.postId}
        and approved_hash is not null
        and ${mayTake(wake)}
      -- It waits for a lock instead of skipping: the author may hold the row for a moment, and this wake-up comes once.
      for update
    ),
    granted as (
      update ${posts}
      set status = 'publishing',
        lease_owner = ${owner},
        lease_expires_at = ${leaseUntil},
        lease_fencing = lease_fencing + 1,
        due_at = null,
        updated_at = psn.now()
      from seen
      where posts.id = seen.id
        and not (seen.before = 'scheduled' and seen.late_ms > ${Math.min(graceMs, MISSED_MS)})
        and not seen.held_up
      returning posts.id, posts.lease_fencing as fencing, seen.before
    ),
    told as (
      insert into ${postEvents} (post_id, at, kind, status, note, facts)
      select id, psn.now(),
        case before when 'publishing' then 'taken_over' else 'leased' end,
        'publishing',
        case before when 'publishing' then ${TAKEN_OVER} else ${BEGAN} end,
        jsonb_build_object('owner', ${owner}::text, 'fencing', fencing)
      from granted
    )
    select seen.late_ms, seen.before, granted.fencing
    from seen
    left join granted on granted.id = seen.id`);
  const [row] = rows;
  if (!row) return { kind: "not_ours" };
  if (row.fencing !== null)
    return { kind: "lease", lease: { postId: wake.postId, owner, fencing: Number(row.fencing) } };
  const lateMs = Number(row.late_ms);
  if (row.before !== "scheduled" || lateMs <= graceMs) return { kind: "late" };
  return await hub.db.transaction(async (tx) => {
    const [still] = await tx
      .select({ id: posts.id })
      .from(posts)
      .where(and(eq(posts.id, wake.postId), eq(posts.status, "scheduled"), mayTake(wake)))
      .for("update");
    if (!still) return { kind: "not_ours" };
    await failMissed(tx, wake.postId, lateMs);
    return { kind: "missed", lateMs };
  });
}

const TAKEN_OVER = "The worker before went silent; another one took over.";
const BEGAN = "Publishing began.";

/**
 * A waiting post of which nothing is on X, and that waits for its turn or was not woken at its time: it takes its turn
 * with those that were missed. One that its author sent by hand (it has no time) does not.
 */
export const isHeldUp = sql`(
    status = 'retry'
    and (
      sub_status is not distinct from 'catching_up'
      or (
        scheduled_at is not null
        and external_post_id is null
        and due_at < psn.now() - make_interval(secs => ${MISSED_MS / 1000})
      )
    )
  )`;

/** Due under this schedule version, or its owner's lease has run out. */
export function mayTake(wake: { scheduleVersion: number }) {
  const due = sql`${posts.status} in ('scheduled', 'retry')
      and ${posts.scheduleVersion} = ${wake.scheduleVersion}
      and ${posts.dueAt} <= psn.now()`;
  return or(due, sql`${posts.status} = 'publishing' and ${posts.leaseExpiresAt} < psn.now()`);
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
  const rows = await db
    .select()
    .from(posts)
    .where(or(eq(posts.id, rootId), eq(posts.parentPostId, rootId)))
    .orderBy(asc(posts.threadPosition));
  const media = await db
    .select({ media: postMedia })
    .from(postMedia)
    .innerJoin(posts, eq(posts.id, postMedia.postId))
    .where(or(eq(posts.id, rootId), eq(posts.parentPostId, rootId)))
    .orderBy(asc(postMedia.position));
  return rows.map((row) => ({ ...row, media: media.flatMap((m) => (m.media.postId === row.id ? [m.media] : [])) }));
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

/** The code of the Postgres error under a drizzle error, e.g. 23505 for a unique violation. */
export function pgCode(error: unknown): string | undefined {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return cause?.code ?? code;
}

/**
 * True for a hub that went away or was busy in the middle of things: the same again may work, and nobody is to blame.
 * Connection errors, a server that stops or starts, too many clients, deadlocks.
 */
export function isHubTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const root = error.cause instanceof Error ? error.cause : error;
  return (
    /^(08|53|57P0|40001|40P01|25P03|EPIPE$|ECONN|ETIMEDOUT$|ENOENT$)/.test(pgCode(error) ?? "") ||
    /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection)/.test(
      root.message,
    )
  );
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
