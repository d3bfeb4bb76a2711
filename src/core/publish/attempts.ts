/**
 * The write-ahead ledger: every request that asks X to create a tweet is a row before it is sent, and the row tells what
 * became of it. An attempt without an outcome is a tweet that may exist; nothing is sent for that tweet until it is settled.
 */
import { and, eq, sql } from "drizzle-orm";
import type { Hub, Tx } from "../db/connection.ts";
import { type AttemptOutcome, posts, publishAttempts } from "../db/schema.ts";
import type { AnswerMeta } from "../platform.ts";
import {
  type AttemptRow,
  addEvent,
  held,
  type Lease,
  LeaseLostError,
  lockRoot,
  type PostRow,
  pgCode,
} from "./ledger.ts";

/** An attempt whose outcome is not known, as it has to be looked for. */
export interface OpenAttempt extends AttemptRow {
  /** Since the attempt began, by the hub's clock. */
  elapsedMs: number;
  /** Since the last look that counted; null before the first. */
  sinceLookMs: number | null;
  /**
   * When the first of this tweet's requests without an answer began, and what X held then. An earlier one that was not
   * found in time may turn up late, and then it is the tweet.
   */
  firstStartedAt: Date;
  firstSinceId: string | null;
}

export async function openAttempt(hub: Hub, tweetId: string): Promise<OpenAttempt | null> {
  const rows = await hub.db
    .select({
      attempt: publishAttempts,
      elapsedMs: sql<string>`extract(epoch from psn.now() - ${publishAttempts.startedAt}) * 1000`,
      sinceLookMs: sql<string | null>`extract(epoch from psn.now() - ${publishAttempts.lastLookAt}) * 1000`,
    })
    .from(publishAttempts)
    .where(
      and(
        eq(publishAttempts.postId, tweetId),
        sql`(${publishAttempts.outcome} is null or ${publishAttempts.outcome} = 'absent')`,
      ),
    )
    .orderBy(publishAttempts.number);
  const open = rows.find((row) => row.attempt.outcome === null);
  const first = rows[0]?.attempt;
  if (!open || !first) return null;
  return {
    ...open.attempt,
    elapsedMs: Number(open.elapsedMs),
    sinceLookMs: open.sinceLookMs === null ? null : Number(open.sinceLookMs),
    firstStartedAt: first.startedAt,
    firstSinceId: first.sinceId,
  };
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

export interface NewAttempt {
  tweetId: string;
  /** 0-based. All tweets before it must be on X, and it must not: tweets are sent in order. */
  position: number;
  fingerprint: string;
  replyToId: string | null;
  mediaCount: number;
  sinceId: string | null;
}

/**
 * Writes the attempt before its request is sent, under the lease, and commits. From here on the tweet may exist.
 * @throws LeaseLostError when the lease is not ours, the tweet has an id by now, or another attempt is not settled.
 */
export async function writeAttempt(hub: Hub, lease: Lease, attempt: NewAttempt): Promise<number> {
  try {
    // The count of ids stands on the locked row itself, so it is read anew after a wait for the lock: a success that a
    // worker without a lease records at this moment is seen.
    const { rows } = await hub.db.execute<{ id: string }>(sql`
      with root as (
        select id
        from psn.posts
        where id = ${lease.postId}
          and status = 'publishing'
          and lease_owner = ${lease.owner}
          and lease_fencing = ${lease.fencing}
          and lease_expires_at > psn.now()
          and cardinality(platform_post_ids) = ${attempt.position}
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

/** Writes what is known of an open attempt; an outcome of null leaves it open, to be settled by looking. */
export async function answerAttempt(tx: Tx, attemptId: number, answered: Answered): Promise<void> {
  await tx
    .update(publishAttempts)
    .set({
      answeredAt: sql`coalesce(${publishAttempts.answeredAt}, psn.now())`,
      outcome: answered.outcome,
      detail: answered.detail?.slice(0, 1000) ?? null,
      ...(answered.meta ? { httpStatus: answered.meta.httpStatus, transactionId: answered.meta.transactionId } : {}),
    })
    .where(and(eq(publishAttempts.id, attemptId), sql`${publishAttempts.outcome} is null`));
}

/** Counts a look, unless somebody else counted one meanwhile. */
export async function countLook(hub: Hub, attempt: Pick<OpenAttempt, "id" | "lookCount">): Promise<void> {
  await hub.db.execute(sql`
    update psn.publish_attempts
    set look_count = look_count + 1, last_look_at = psn.now()
    where id = ${attempt.id}
      and look_count = ${attempt.lookCount}`);
}

/** Which tweet of which post. */
export interface Place {
  tweetId: string;
  /** 0-based. */
  position: number;
  /** Tweets of the post. */
  count: number;
}

/**
 * Records that a tweet is on X: attempt, tweet, the root's list and history in one transaction. It needs no lease, for
 * a tweet that exists must be known, whoever learns it and whenever. May be repeated: the second time changes nothing.
 * When it was the last tweet the post becomes published, unless another worker has it, who will find that out.
 * @returns isComplete: whether every tweet has an id now
 */
export async function recordPosted(
  hub: Hub,
  lease: Pick<Lease, "postId"> & Partial<Lease>,
  place: Place,
  attemptId: number,
  externalPostId: string,
  answered: Answered & { outcome: "posted" | "adopted" },
): Promise<{ isComplete: boolean }> {
  return await hub.db.transaction(async (tx) => {
    const root = await lockRoot(tx, lease.postId);
    const [tweet] = await tx
      .select({ externalPostId: posts.externalPostId })
      .from(posts)
      .where(eq(posts.id, place.tweetId));
    if (!tweet) throw new Error(`post ${lease.postId}: tweet ${place.tweetId} on X (${externalPostId}) has no row`);
    if (tweet.externalPostId === null) {
      await succeed(tx, attemptId, externalPostId, answered);
      await addTweet(tx, root, place, externalPostId, answered.outcome);
    } else if (tweet.externalPostId !== externalPostId) {
      await noteSecond(tx, root, place, tweet.externalPostId, attemptId, externalPostId);
    } else {
      // Known already, through another worker's eyes: an attempt that is still open made nothing besides.
      await answerAttempt(tx, attemptId, { outcome: "absent", detail: "this tweet was known by then", meta: null });
    }
    return { isComplete: await finishWhenComplete(tx, root, lease) };
  });
}

/** Makes a post published whose tweets all have ids by now, recorded by whoever. @returns false when one has none. */
export async function finish(hub: Hub, lease: Lease): Promise<boolean> {
  return await hub.db.transaction(async (tx) => finishWhenComplete(tx, await lockRoot(tx, lease.postId), lease));
}

// --- internal ---

async function succeed(tx: Tx, attemptId: number, externalPostId: string, answered: Answered): Promise<void> {
  await tx
    .update(publishAttempts)
    .set({
      answeredAt: sql`coalesce(${publishAttempts.answeredAt}, psn.now())`,
      outcome: answered.outcome,
      externalPostId,
      ...(answered.meta ? { httpStatus: answered.meta.httpStatus, transactionId: answered.meta.transactionId } : {}),
    })
    // A late success overrules "absent".
    .where(
      and(
        eq(publishAttempts.id, attemptId),
        answered.outcome === "posted"
          ? sql`(${publishAttempts.outcome} is null or ${publishAttempts.outcome} = 'absent')`
          : sql`${publishAttempts.outcome} is null`,
      ),
    );
}

async function addTweet(
  tx: Tx,
  root: PostRow,
  place: Place,
  externalPostId: string,
  how: "posted" | "adopted",
): Promise<void> {
  await tx
    .update(posts)
    .set({ externalPostId, publishedAt: sql`psn.now()`, updatedAt: sql`psn.now()` })
    .where(eq(posts.id, place.tweetId));
  const isRunning = root.status === "publishing";
  await tx
    .update(posts)
    .set({
      platformPostIds: sql`array_append(${posts.platformPostIds}, ${externalPostId})`,
      // What a resting post waits for, or failed of, is still to be read.
      ...(isRunning ? { retryCount: 0, subStatus: null } : {}),
    })
    .where(eq(posts.id, root.id));
  const which = `Tweet ${place.position + 1}/${place.count}`;
  await addEvent(tx, root.id, {
    kind: how === "adopted" ? "tweet_adopted" : "tweet_posted",
    status: root.status ?? "publishing",
    note: how === "adopted" ? `${which} was found on X; it is not sent again.` : `${which} is on X.`,
    facts: { externalPostId, position: place.position },
  });
}

/** The tweet has another id: it is on X twice. That must not happen; when it does, the author hears of it. */
async function noteSecond(
  tx: Tx,
  root: PostRow,
  place: Place,
  kept: string,
  attemptId: number,
  second: string,
): Promise<void> {
  const { rows } = await tx.execute(sql`
    update psn.publish_attempts
    set external_post_id = ${second},
      answered_at = coalesce(answered_at, psn.now()),
      outcome = coalesce(outcome, 'double')
    where id = ${attemptId}
      and external_post_id is null
    returning id`);
  if (rows.length === 0) return;
  await addEvent(tx, root.id, {
    kind: "double_on_x",
    status: root.status ?? "publishing",
    subStatus: root.subStatus,
    note: `Tweet ${place.position + 1} is on X twice: ${kept} and ${second}. Delete the second one on X.`,
    facts: { kept, second },
  });
}

async function finishWhenComplete(tx: Tx, root: PostRow, lease: Partial<Lease>): Promise<boolean> {
  const { rows } = await tx.execute<{ left: number }>(sql`
    select count(*)::int as left
    from psn.posts
    where (id = ${root.id} or parent_post_id = ${root.id})
      and external_post_id is null`);
  if (rows[0]?.left !== 0) return false;
  const done = {
    subStatus: null,
    dueAt: null,
    leaseOwner: null,
    leaseExpiresAt: null,
    failCode: null,
    failReason: null,
    updatedAt: sql`psn.now()`,
  };
  if (root.status === "publishing") {
    const { owner, fencing } = lease;
    if (owner === undefined || fencing === undefined) return true;
    const { rowCount } = await tx
      .update(posts)
      .set({ status: "published", ...done })
      .where(held({ postId: root.id, owner, fencing }));
    if (rowCount !== 1) return true;
  } else if (root.status !== "published" && root.approvedHash !== null) {
    // It rests: in `retry`, failed, or cancelled too late. All of it is on X, so it is published.
    await tx.update(posts).set({ status: "publishing", leaseOwner: "late success" }).where(eq(posts.id, root.id));
    await tx
      .update(posts)
      .set({ status: "published", ...done })
      .where(eq(posts.id, root.id));
  } else {
    return true;
  }
  await addEvent(tx, root.id, { kind: "published", status: "published", note: "Every tweet is on X." });
  return true;
}
