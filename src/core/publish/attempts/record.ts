/**
 * Recording that a tweet is on X: attempt, tweet, the root's list and history in one transaction. It needs no lease, for
 * a tweet that exists must be known, whoever learns it and whenever.
 */
import { and, eq, sql } from "drizzle-orm";
import { together } from "../../db/batch.ts";
import type { Hub, Tx } from "../../db/connection.ts";
import { posts, publishAttempts } from "../../db/schema.ts";
import { addEvent } from "../../post/history.ts";
import type { PostRow } from "../../post/rows.ts";
import { held, type Lease, lockRoot } from "../lease/lease.ts";
import { type Answered, answerAttempt } from "./attempts.ts";
import { ADOPTED, ALL_ON_X, type Place, POSTED, type PostedTweet, recordPlain } from "./record-plain.ts";

/**
 * Records that a tweet is on X. May be repeated: the second time changes nothing.
 * When it was the last tweet the post becomes published, unless another worker has it, who will find that out.
 * @returns isComplete: whether every tweet has an id now
 */
export const recordPosted = together<PostedTweet, { isComplete: boolean }>({
  key: ({ lease }) => lease.postId,
  many: recordPlain,
  alone: recordCarefully,
});

/** One at a time, waiting for the row: also for whoever has no lease, and for what was recorded before. */
async function recordCarefully(
  hub: Hub,
  { lease, place, attemptId, externalPostId, answered }: PostedTweet,
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
      recordNumber: sql`nextval('psn.publish_attempts_id_seq')`,
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
  const note = how === "adopted" ? ADOPTED : POSTED;
  await addEvent(tx, root.id, {
    kind: how === "adopted" ? "tweet_adopted" : "tweet_posted",
    status: root.status ?? "publishing",
    note: note.replace("%s", String(place.position + 1)).replace("%s", String(place.count)),
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
  await addEvent(tx, root.id, { kind: "published", status: "published", note: ALL_ON_X });
  return true;
}
