/**
 * The hub's side of publishing: the lease, the write-ahead attempts and the recording of what became of them.
 * Every function is one statement or one transaction. Whoever writes locks the post's root row first.
 */
import { and, asc, eq, or, sql } from "drizzle-orm";
import type { Db, Hub, Tx } from "../db/connection.ts";
import { type AttemptOutcome, postEvents, postMedia, posts, publishAttempts } from "../db/schema.ts";
import type { AnswerMeta } from "../platform.ts";
import type { PostStatus, PostSubStatus } from "../types/index.ts";

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
  | { kind: "missed"; lateMs: number };

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
  return await hub.db.transaction(async (tx) => {
    const due = sql`${posts.status} in ('scheduled', 'retry')
      and ${posts.scheduleVersion} = ${wake.scheduleVersion}
      and ${posts.dueAt} <= psn.now()`;
    const abandoned = sql`${posts.status} = 'publishing' and ${posts.leaseExpiresAt} < psn.now()`;
    const [before] = await tx
      .select({
        status: posts.status,
        lateMs: sql<string>`coalesce(extract(epoch from psn.now() - ${posts.scheduledAt}) * 1000, 0)`,
      })
      .from(posts)
      .where(and(eq(posts.id, wake.postId), sql`${posts.approvedHash} is not null`, or(due, abandoned)))
      .for("update", { skipLocked: true });
    if (!before) return { kind: "not_ours" };
    const lateMs = Number(before.lateMs);
    if (before.status === "scheduled" && lateMs > graceMs) {
      await failMissed(tx, wake.postId, lateMs);
      return { kind: "missed", lateMs };
    }
    return { kind: "lease", lease: await grantLease(tx, wake.postId, owner, before.status === "publishing") };
  });
}

async function failMissed(tx: Tx, postId: string, lateMs: number): Promise<void> {
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
    note: takeover ? "The worker before went silent; another one took over." : "Publishing began.",
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

/** An attempt whose outcome is not known, with its age by the hub's clock. */
export interface OpenAttempt extends AttemptRow {
  elapsedMs: number;
}

export async function openAttempt(hub: Hub, tweetId: string): Promise<OpenAttempt | null> {
  const [row] = await hub.db
    .select({
      attempt: publishAttempts,
      elapsedMs: sql<string>`extract(epoch from psn.now() - ${publishAttempts.startedAt}) * 1000`,
    })
    .from(publishAttempts)
    .where(and(eq(publishAttempts.postId, tweetId), sql`${publishAttempts.outcome} is null`));
  return row ? { ...row.attempt, elapsedMs: Number(row.elapsedMs) } : null;
}

/** What earlier attempts at this tweet tell: whether it may exist all the same, and rate limits met in a row. */
export async function attemptHistory(hub: Hub, tweetId: string): Promise<{ mayExist: boolean; waitCount: number }> {
  const rows = await hub.db
    .select({ outcome: publishAttempts.outcome })
    .from(publishAttempts)
    .where(eq(publishAttempts.postId, tweetId))
    .orderBy(sql`${publishAttempts.number} desc`)
    .limit(50);
  const firstOther = rows.findIndex((row) => row.outcome !== "wait");
  return {
    mayExist: rows.some((row) => row.outcome === "absent"),
    waitCount: firstOther < 0 ? rows.length : firstOther,
  };
}

/**
 * Writes the attempt before its request is sent, under the lease, and commits. From here on the tweet may exist.
 * @throws LeaseLostError when the lease is not ours, the tweet has an id by now, or another attempt is not settled.
 */
export async function writeAttempt(
  hub: Hub,
  lease: Lease,
  attempt: {
    tweetId: string;
    fingerprint: string;
    replyToId: string | null;
    mediaCount: number;
    sinceId: string | null;
  },
): Promise<number> {
  try {
    const { rows } = await hub.db.execute<{ id: string }>(sql`
      with root as (
        select id
        from psn.posts
        where id = ${lease.postId}
          and status = 'publishing'
          and lease_owner = ${lease.owner}
          and lease_fencing = ${lease.fencing}
          and lease_expires_at > psn.now()
          and not exists (
            select from psn.posts as tweet where tweet.id = ${attempt.tweetId} and tweet.external_post_id is not null
          )
        for update
      )
      insert into psn.publish_attempts
        (post_id, root_id, number, lease_fencing, fingerprint, reply_to_id, media_count, since_id, started_at)
      select ${attempt.tweetId}, root.id,
        1 + coalesce((select max(number) from psn.publish_attempts where post_id = ${attempt.tweetId}), 0),
        ${lease.fencing}, ${attempt.fingerprint}, ${attempt.replyToId}, ${attempt.mediaCount}, ${attempt.sinceId}, psn.now()
      from root
      returning id`);
    const id = rows[0]?.id;
    if (id === undefined) throw new LeaseLostError(`post ${lease.postId} has another owner`);
    return Number(id);
  } catch (error) {
    // The unique index on open attempts refused: another worker's request is under way, or waits to be settled.
    if (pgCode(error) === "23505") throw new LeaseLostError(`post ${lease.postId} has an unsettled attempt`);
    throw error;
  }
}

/** What an answer told, beside its outcome. */
export interface Answered {
  outcome: AttemptOutcome | null;
  detail: string | null;
  meta: AnswerMeta | null;
}

/** Writes what is known of an attempt; an outcome of null leaves it open, to be settled by looking. */
export async function answerAttempt(
  tx: Tx,
  attemptId: number,
  answered: Answered,
  externalPostId?: string,
): Promise<boolean> {
  const { rowCount } = await tx
    .update(publishAttempts)
    .set({
      answeredAt: sql`coalesce(${publishAttempts.answeredAt}, psn.now())`,
      outcome: answered.outcome,
      detail: answered.detail?.slice(0, 1000) ?? null,
      ...(answered.meta ? { httpStatus: answered.meta.httpStatus, transactionId: answered.meta.transactionId } : {}),
      ...(externalPostId ? { externalPostId } : {}),
    })
    .where(
      and(
        eq(publishAttempts.id, attemptId),
        // A late success overrules "absent"; anything else answers an open attempt only.
        answered.outcome === "posted"
          ? sql`(${publishAttempts.outcome} is null or ${publishAttempts.outcome} = 'absent')`
          : sql`${publishAttempts.outcome} is null`,
      ),
    );
  return rowCount === 1;
}

/**
 * Records that a tweet is on X: attempt, tweet, the root's list and history in one transaction. It needs no lease, for
 * a tweet that exists must be known, whoever learns it. When it was the last one the post becomes published, which does
 * need the lease.
 * @returns published: whether the whole post is
 */
export async function recordPosted(
  hub: Hub,
  lease: Lease,
  tweet: { id: string; position: number; count: number },
  attemptId: number,
  externalPostId: string,
  answered: Answered,
): Promise<{ published: boolean }> {
  return await hub.db.transaction(async (tx) => {
    const root = await lockRoot(tx, lease.postId);
    await answerAttempt(tx, attemptId, answered, externalPostId);
    const { rowCount } = await tx
      .update(posts)
      .set({ externalPostId, publishedAt: sql`psn.now()`, updatedAt: sql`psn.now()` })
      .where(and(eq(posts.id, tweet.id), sql`${posts.externalPostId} is null`));
    if (rowCount === 1) {
      await tx
        .update(posts)
        .set({
          platformPostIds: sql`array_append(${posts.platformPostIds}, ${externalPostId})`,
          retryCount: 0,
          subStatus: null,
        })
        .where(eq(posts.id, lease.postId));
      await addEvent(tx, lease.postId, {
        kind: answered.outcome === "adopted" ? "tweet_adopted" : "tweet_posted",
        status: root.status ?? "publishing",
        note:
          answered.outcome === "adopted"
            ? `Tweet ${tweet.position + 1}/${tweet.count} was found on X; it is not sent again.`
            : `Tweet ${tweet.position + 1}/${tweet.count} is on X.`,
        facts: { externalPostId, position: tweet.position },
      });
    } else {
      await noteSecondId(tx, root, tweet, externalPostId);
    }
    return { published: await finishWhenComplete(tx, lease) };
  });
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

// --- internal ---

function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}

function held(lease: Lease) {
  return and(
    eq(posts.id, lease.postId),
    eq(posts.status, "publishing"),
    eq(posts.leaseOwner, lease.owner),
    eq(posts.leaseFencing, lease.fencing),
  );
}

async function finishWhenComplete(tx: Tx, lease: Lease): Promise<boolean> {
  const { rows } = await tx.execute<{ left: number }>(sql`
    select count(*)::int as left
    from psn.posts
    where (id = ${lease.postId} or parent_post_id = ${lease.postId})
      and external_post_id is null`);
  if (rows[0]?.left !== 0) return false;
  const { rowCount } = await tx
    .update(posts)
    .set({
      status: "published",
      subStatus: null,
      dueAt: null,
      leaseOwner: null,
      leaseExpiresAt: null,
      failCode: null,
      failReason: null,
      updatedAt: sql`psn.now()`,
    })
    .where(held(lease));
  if (rowCount !== 1) return false;
  await addEvent(tx, lease.postId, { kind: "published", status: "published", note: "Every tweet is on X." });
  return true;
}

/** The tweet had an id already. The same id is a second worker's word for the same thing; another one is a double on X. */
async function noteSecondId(
  tx: Tx,
  root: PostRow,
  tweet: { id: string; position: number },
  externalPostId: string,
): Promise<void> {
  const [known] = await tx.select({ id: posts.externalPostId }).from(posts).where(eq(posts.id, tweet.id));
  if (!known || known.id === externalPostId) return;
  await addEvent(tx, root.id, {
    kind: "double_on_x",
    status: root.status ?? "publishing",
    subStatus: root.subStatus,
    note: `Tweet ${tweet.position + 1} is on X twice: ${known.id} and ${externalPostId}. Delete the second one on X.`,
    facts: { kept: known.id, second: externalPostId },
  });
}
