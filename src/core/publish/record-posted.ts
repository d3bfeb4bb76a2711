/**
 * Recording that a tweet is on X: attempt, tweet, the root's list and history in one transaction. It needs no lease, for
 * a tweet that exists must be known, whoever learns it and whenever.
 */
import { and, eq, sql } from "drizzle-orm";
import type { Hub, Tx } from "../db/connection.ts";
import { posts, publishAttempts } from "../db/schema.ts";
import { rowsOf, together } from "../db/together.ts";
import { type Answered, answerAttempt } from "./attempts.ts";
import { addEvent, held, type Lease, lockRoot } from "./ledger.ts";
import type { PostRow } from "./tweets.ts";

/** Which tweet of which post. */
export interface Place {
  tweetId: string;
  /** 0-based. */
  position: number;
  /** Tweets of the post. */
  count: number;
}

/** A tweet that X took, and who says so. */
export interface PostedTweet {
  /** The post alone for whoever found it without a lease. */
  lease: Pick<Lease, "postId"> & Partial<Lease>;
  place: Place;
  attemptId: number;
  externalPostId: string;
  answered: Answered & { outcome: "posted" | "adopted" };
}

/**
 * Records that a tweet is on X. May be repeated: the second time changes nothing.
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
  return await recordOne(hub, { lease, place, attemptId, externalPostId, answered });
}

const recordOne = together<PostedTweet, { isComplete: boolean }>({
  key: ({ lease }) => lease.postId,
  many: recordPlain,
  alone: recordCarefully,
});

/**
 * The plain case, many at once: the post is ours, its earlier tweets have their ids and this one's turn it is, and the
 * attempt is the open one. Whatever differs in anything is left out, for `recordCarefully`.
 */
async function recordPlain(hub: Hub, tweets: readonly PostedTweet[]): Promise<Map<string, { isComplete: boolean }>> {
  const plain = tweets.map(({ lease, place, attemptId, externalPostId, answered }) => ({
    root_id: lease.postId,
    owner: lease.owner ?? null,
    fencing: lease.fencing ?? null,
    tweet_id: place.tweetId,
    position: place.position,
    count: place.count,
    attempt_id: attemptId,
    external_id: externalPostId,
    outcome: answered.outcome,
    http_status: answered.meta?.httpStatus ?? null,
    transaction_id: answered.meta?.transactionId ?? null,
  }));
  const { rows } = await hub.db.execute<{ id: string; is_last: boolean }>(sql`
    with told as (
      select *
      from ${rowsOf(plain)} as told (
        root_id text, owner text, fencing bigint, tweet_id text, position integer, count integer,
        attempt_id bigint, external_id text, outcome text, http_status integer, transaction_id text
      )
    ),
    root as (
      select told.*, told.position + 1 = told.count as is_last
      from told
      join psn.posts as post on post.id = told.root_id
      where post.status = 'publishing'
        and post.lease_owner = told.owner
        and post.lease_fencing = told.fencing
        and cardinality(post.platform_post_ids) = told.position
      order by post.id
      for update of post skip locked
    ),
    answered as (
      update psn.publish_attempts as attempt
      set outcome = root.outcome,
        external_post_id = root.external_id,
        answered_at = coalesce(attempt.answered_at, psn.now()),
        http_status = coalesce(root.http_status, attempt.http_status),
        transaction_id = coalesce(root.transaction_id, attempt.transaction_id)
      from root
      where attempt.id = root.attempt_id
        and attempt.post_id = root.tweet_id
        and attempt.outcome is null
      returning root.*
    ),
    -- A reply's own row comes before its root's: a root becomes published only when all below it have their ids.
    reply as (
      update psn.posts as tweet
      set external_post_id = answered.external_id, published_at = psn.now(), updated_at = psn.now()
      from answered
      where tweet.id = answered.tweet_id
        and answered.tweet_id <> answered.root_id
      returning tweet.id
    ),
    written as (
      update psn.posts as post
      set external_post_id = case when ready.tweet_id = post.id then ready.external_id else post.external_post_id end,
        published_at = case when ready.tweet_id = post.id then psn.now() else post.published_at end,
        platform_post_ids = array_append(post.platform_post_ids, ready.external_id),
        retry_count = 0,
        sub_status = null,
        status = case when ready.is_last then 'published' else post.status end,
        lease_owner = case when ready.is_last then null else post.lease_owner end,
        lease_expires_at = case when ready.is_last then null else post.lease_expires_at end,
        due_at = case when ready.is_last then null else post.due_at end,
        fail_code = case when ready.is_last then null else post.fail_code end,
        fail_reason = case when ready.is_last then null else post.fail_reason end,
        updated_at = psn.now()
      from (
        select answered.*
        from answered
        left join reply on reply.id = answered.tweet_id
        where answered.tweet_id = answered.root_id or reply.id is not null
      ) as ready
      where post.id = ready.root_id
      returning post.id, ready.position, ready.count, ready.external_id, ready.outcome, ready.is_last
    ),
    history as (
      insert into psn.post_events (post_id, at, kind, status, note, facts)
      select written.id, psn.now(), event.kind, event.status, event.note, event.facts
      from written
      cross join lateral (
        values
          (
            1,
            case outcome when 'adopted' then 'tweet_adopted' else 'tweet_posted' end,
            'publishing',
            format(
              case outcome when 'adopted' then ${ADOPTED} else ${POSTED} end,
              position + 1,
              count
            ),
            jsonb_build_object('externalPostId', external_id, 'position', position)
          ),
          (2, 'published', 'published', ${ALL_ON_X}, '{}'::jsonb)
      ) as event (place, kind, status, note, facts)
      where event.place = 1 or written.is_last
      order by written.id, event.place
    )
    select id, is_last
    from written`);
  return new Map(rows.map((row) => [row.id, { isComplete: row.is_last }]));
}

const POSTED = "Tweet %s/%s is on X.";
const ADOPTED = "Tweet %s/%s was found on X; it is not sent again.";
const ALL_ON_X = "Every tweet is on X.";

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
