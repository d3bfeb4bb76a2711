/** What is to be taken down, and what became of it: rows that are written before X is asked. */
import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import { anyOf } from "../../db/batch.ts";
import type { Hub, Tx } from "../../db/connection.ts";
import { deletions, posts } from "../../db/schema.ts";
import { PsnError } from "../../errors.ts";
import { type AnswerMeta, compareIds } from "../../platform.ts";
import { addEvent } from "../../post/history.ts";
import { loadTweets, type TweetRow } from "../../post/rows.ts";
import { statusSaid } from "../../post/status-words.ts";
import { MAY_UNPUBLISH } from "../../post/transitions.ts";
import { type Charge, isSandboxHost, unitMicros, writeCharge } from "../../spend/charge.ts";
import { isOnSandbox, limitStates, lockLimits, promiseRoom } from "../../spend/limits.ts";
import { requireRoom } from "../../spend/room.ts";
import { type PostStatus, unpublishingOf } from "../../types/index.ts";

/** What a person asks for. */
export interface Wanted {
  /** From 1; null takes all of it down. */
  tweets: readonly number[] | null;
  /** Who says it, for the history. */
  by: string;
}

/** A tweet that is to be taken down and is not known to be gone. */
export interface OpenDeletion {
  tweetId: string;
  /** From 1. */
  tweet: number;
  externalPostId: string;
  /** A request was sent, and no answer was recorded. */
  isUnanswered: boolean;
}

/**
 * The tweets of the post that are on X and would be taken down, the last first. Writes nothing.
 * @throws PsnError POST_UNKNOWN, TWEET_NOT_FOUND, POST_NOT_ON_X, POST_STATUS, POST_PUBLISHING, POST_UNSETTLED, OVER_CAP, CAP_TOO_SMALL
 */
export async function planDeletions(hub: Hub, postId: string, tweets: Wanted["tweets"]): Promise<TweetRow[]> {
  return await hub.db.transaction(async (tx) => {
    const wanted = await plan(tx, postId, tweets);
    const accountId = await accountOf(tx, postId);
    await requireRoomFor(tx, postId, { accountId, isSandbox: await isOnSandbox(tx, accountId), wanted });
    return wanted;
  });
}

/**
 * Writes down what is to be taken down, and promises it its room. What was asked for before and is not gone yet is part of it.
 * @throws PsnError as `planDeletions`
 */
export async function wantDeletions(hub: Hub, postId: string, { tweets, by }: Wanted): Promise<void> {
  await hub.db.transaction(async (tx) => {
    const accountId = await accountOf(tx, postId);
    // The limits before the post, as a worker takes them.
    await lockLimits(tx, accountId);
    const wanted = await plan(tx, postId, tweets);
    const isSandbox = await isOnSandbox(tx, accountId);
    const micros = await requireRoomFor(tx, postId, { accountId, isSandbox, wanted });
    await promiseRoom(tx, postId, { micros, isSandbox });
    await tx.execute(sql`
      insert into psn.deletions (tweet_id, root_id, external_post_id, wanted_at, wanted_by)
      select id, coalesce(parent_post_id, id), external_post_id, psn.now(), ${by}
      from psn.posts
      where id = ${anyOf(wanted.map(({ id }) => id))}
      on conflict (tweet_id) do nothing`);
    const root = await rootOf(tx, postId);
    if (unpublishingOf(root.subStatus) === "unpublishing") return;
    await tx.update(posts).set({ subStatus: "unpublishing", updatedAt: sql`psn.now()` }).where(eq(posts.id, postId));
    const numbers = wanted.map(({ threadPosition }) => threadPosition + 1).toSorted((a, b) => a - b);
    const what = tweets === null ? "the post" : `${numbers.length === 1 ? "tweet" : "tweets"} ${numbers.join(", ")}`;
    const note = `${by} asked to take ${what} down at X.`;
    await addEvent(tx, postId, { kind: "unpublish_asked", status: root.status, subStatus: "unpublishing", note });
  });
}

/** What is left to be taken down, the last tweet first. */
export async function openDeletions(hub: Hub, postId: string): Promise<OpenDeletion[]> {
  const rows = await hub.db
    .select({ deletion: deletions, position: posts.threadPosition })
    .from(deletions)
    .innerJoin(posts, eq(posts.id, deletions.tweetId))
    .where(and(eq(deletions.rootId, postId), isNull(deletions.outcome)));
  return rows
    .map(({ deletion, position }) => ({
      tweetId: deletion.tweetId,
      tweet: position + 1,
      externalPostId: deletion.externalPostId,
      isUnanswered: deletion.startedAt !== null && deletion.answeredAt === null,
    }))
    .toSorted((a, b) => b.tweet - a.tweet);
}

/**
 * Before the request is sent, with what X bills for it. The room is judged again: the day may be another one, the request one more for the
 * same tweet, or another process about to send it as well.
 * @returns the charge, or null when another process has had its answer meanwhile
 * @throws PsnError OVER_CAP, CAP_TOO_SMALL
 */
export async function writeDeletion(
  hub: Hub,
  postId: string,
  { tweetId }: OpenDeletion,
  { accountId, host }: { accountId: string; host: string },
): Promise<number | null> {
  return await hub.db.transaction(async (tx) => {
    await lockLimits(tx, accountId);
    const isSandbox = isSandboxHost(host);
    const micros = await requireRoomFor(tx, postId, { accountId, isSandbox, wanted: [] });
    await promiseRoom(tx, postId, { micros, isSandbox });
    const written = await tx
      .update(deletions)
      .set({ startedAt: sql`psn.now()`, answeredAt: null, tries: sql`${deletions.tries} + 1` })
      .where(and(eq(deletions.tweetId, tweetId), isNull(deletions.outcome)))
      .returning({ tweetId: deletions.tweetId });
    if (written.length === 0) return null;
    const charge: Charge = { cause: "deletion", host, accountId, rootId: postId, tweetId };
    return await writeCharge(tx, charge);
  });
}

/** X has answered, and the tweet is still there as far as is known. */
export async function noteStillThere(
  hub: Hub,
  { tweetId }: OpenDeletion,
  detail: string,
  meta: AnswerMeta | null,
): Promise<void> {
  await hub.db
    .update(deletions)
    .set({ answeredAt: sql`psn.now()`, detail, httpStatus: meta?.httpStatus ?? null })
    .where(and(eq(deletions.tweetId, tweetId), isNull(deletions.outcome)));
}

/**
 * The tweet is gone: its deletion, its row and the history in one transaction, and the post's sub-status when it was the last
 * that was asked for. May be repeated.
 */
export async function recordGone(
  hub: Hub,
  postId: string,
  { tweetId, tweet }: OpenDeletion,
  how: "deleted" | "gone",
  meta: AnswerMeta | null,
): Promise<void> {
  await hub.db.transaction(async (tx) => {
    const root = await rootOf(tx, postId);
    const recorded = await tx
      .update(deletions)
      .set({
        outcome: how,
        // What was found gone by a look of another process was asked for by this one, too.
        startedAt: sql`coalesce(${deletions.startedAt}, psn.now())`,
        answeredAt: sql`psn.now()`,
        httpStatus: meta?.httpStatus ?? null,
        transactionId: meta?.transactionId ?? null,
      })
      .where(and(eq(deletions.tweetId, tweetId), isNull(deletions.outcome)))
      .returning({ externalPostId: deletions.externalPostId });
    const [made] = recorded;
    if (!made) return;
    await tx.update(posts).set({ deletedAt: sql`psn.now()`, updatedAt: sql`psn.now()` }).where(eq(posts.id, tweetId));
    const { count } = await countOf(tx, postId);
    const found = how === "gone" ? "is gone: X does not know it any more" : "was taken down at X";
    const note = `Tweet ${tweet}${count > 1 ? `/${count}` : ""} (${made.externalPostId}) ${found}.`;
    await addEvent(tx, postId, {
      kind: "tweet_deleted",
      status: root.status,
      subStatus: "unpublishing",
      note,
      facts: { externalPostId: made.externalPostId, position: tweet - 1, how },
    });
    await endIfDone(tx, postId, root.status);
  });
}

// --- internal ---

/** The root row, locked. */
async function rootOf(tx: Tx, postId: string) {
  const [root] = await tx
    .select({ status: posts.status, subStatus: posts.subStatus })
    .from(posts)
    .where(and(eq(posts.id, postId), isNull(posts.parentPostId)))
    .for("update");
  if (!root?.status) throw new PsnError("POST_UNKNOWN", `There is no post ${postId}.`, { hint: "psn post list" });
  return { ...root, status: root.status };
}

async function accountOf(tx: Tx, postId: string): Promise<string> {
  const [root] = await tx.select({ accountId: posts.accountId }).from(posts).where(eq(posts.id, postId));
  if (!root) throw new PsnError("POST_UNKNOWN", `There is no post ${postId}.`, { hint: "psn post list" });
  return root.accountId;
}

/**
 * Deletions cost as well: those that are wanted now, and those that are open, which go with them.
 * @returns what X may bill for all of it, in millionths of a dollar
 */
async function requireRoomFor(
  tx: Tx,
  postId: string,
  { accountId, isSandbox, wanted }: { accountId: string; isSandbox: boolean; wanted: readonly TweetRow[] },
): Promise<number> {
  const open = await tx
    .select({ id: deletions.tweetId })
    .from(deletions)
    .where(and(eq(deletions.rootId, postId), isNull(deletions.outcome)));
  const asked = new Set([...open, ...wanted].map(({ id }) => id));
  const micros = asked.size * unitMicros("deletion");
  // What was promised to this post before is part of what it needs now.
  const states = await limitStates(tx, { accountId, isSandbox, exceptRootId: postId });
  requireRoom(
    states,
    { micros, posts: 0 },
    { what: `Taking down post ${postId}`, later: "Take it down after that.", waitsMs: 0 },
  );
  return micros;
}

async function plan(tx: Tx, postId: string, numbers: Wanted["tweets"]): Promise<TweetRow[]> {
  const { status, subStatus } = await rootOf(tx, postId);
  requireMayUnpublish(postId, status);
  const { rows: unsettled } = await tx.execute(sql`
    select from psn.publish_attempts where root_id = ${postId} and outcome is null limit 1`);
  if (unsettled.length > 0) {
    throw new PsnError("POST_UNSETTLED", `PSN is still finding out whether a tweet of post ${postId} is on X.`, {
      hint: `Wait until that is known: psn post show ${postId}`,
    });
  }
  const tweets = await loadTweets(tx, postId);
  for (const number of numbers ?? []) {
    const tweet = tweets[number - 1];
    if (tweet?.externalPostId) continue;
    const why = tweet ? "is not on X" : `does not exist; the thread has ${tweets.length}`;
    throw new PsnError("TWEET_NOT_FOUND", `Tweet ${number} of post ${postId} ${why}.`, {
      hint: `psn post show ${postId}`,
    });
  }
  const isAsked = (tweet: TweetRow) => numbers === null || numbers.includes(tweet.threadPosition + 1);
  const wanted = tweets.filter((tweet) => tweet.externalPostId && !tweet.deletedAt && isAsked(tweet));
  // Asked for before, it is gone on with, whatever is named now.
  if (wanted.length === 0 && unpublishingOf(subStatus) !== "unpublishing") {
    throw new PsnError("POST_NOT_ON_X", `Nothing of that is on X any more, or ever was.`, {
      hint: `psn post show ${postId}`,
    });
  }
  return wanted.toSorted((a, b) => compareIds(b.externalPostId ?? "0", a.externalPostId ?? "0"));
}

function requireMayUnpublish(postId: string, status: PostStatus): void {
  if (MAY_UNPUBLISH.includes(status)) return;
  if (status === "publishing") {
    throw new PsnError("POST_PUBLISHING", `Post ${postId} is being published at this moment.`, {
      hint: `Look again in a moment: psn post show ${postId}`,
    });
  }
  throw new PsnError("POST_STATUS", `Post ${postId} is still to go out: it ${statusSaid(status)}.`, {
    hint: `First take it back: psn post cancel ${postId}`,
    details: { status, allowed: [...MAY_UNPUBLISH] },
  });
}

async function countOf(tx: Tx, postId: string): Promise<{ count: number; left: number }> {
  const { rows } = await tx.execute<{ count: number; left: number }>(sql`
    select count(*)::int as count, (count(*) filter (where external_post_id is not null and deleted_at is null))::int as left
    from psn.posts
    where id = ${postId} or parent_post_id = ${postId}`);
  return rows[0] ?? { count: 0, left: 0 };
}

/** Once nothing that was asked for is left. */
async function endIfDone(tx: Tx, postId: string, status: PostStatus): Promise<void> {
  const open = await tx
    .select({ tweetId: deletions.tweetId })
    .from(deletions)
    .where(and(eq(deletions.rootId, postId), isNull(deletions.outcome)))
    .limit(1);
  if (open.length > 0) return;
  const { left } = await countOf(tx, postId);
  const subStatus = left > 0 ? "partly_unpublished" : "unpublished";
  await tx
    .update(posts)
    .set({ subStatus, updatedAt: sql`psn.now()` })
    .where(and(eq(posts.id, postId), isNotNull(posts.status)));
  const note =
    left > 0 ? `What was asked for is gone from X; ${left} of its tweets stay.` : "Nothing of it is on X any more.";
  await addEvent(tx, postId, { kind: "unpublished", status, subStatus, note });
}
