/**
 * Recording that a tweet is on X: attempt, tweet, the root's list and history in one transaction. It needs no lease, for
 * a tweet that exists must be known, whichever worker learns it and whenever.
 */
import { type SQL, sql } from "drizzle-orm";
import { type Ask, askInTransaction } from "../../db/ask.ts";
import { anyOf, type BatchRun, batched, lockOfPost, rowsOf } from "../../db/batch.ts";
import type { Hub } from "../../db/connection.ts";
import type { AttemptOutcome } from "../../db/schema.ts";
import type { AnswerMeta } from "../../platform.ts";
import { insertEvents } from "../../post/history.ts";
import type { Lease } from "../../post/lease.ts";
import type { PostStatus, PostSubStatus } from "../../types/index.ts";
import { judgeRecording, type OnX, type Recording } from "../decide/recording.ts";

/** A tweet that is on X, and the request that made it. */
export interface PostedTweet extends OnX {
  tweetId: string;
  attemptId: number;
  /** Of X's answer; null when it was found by looking. */
  meta: AnswerMeta | null;
}

export interface RecordOrder {
  /** The post alone where it was found without a lease. */
  lease: Pick<Lease, "postId"> & Partial<Lease>;
  /** Null only makes the post published if all of its tweets have ids by now. */
  tweet: PostedTweet | null;
}

/**
 * Records that a tweet is on X. May be repeated: the second time changes nothing.
 * When it was the last tweet the post becomes published, unless another worker has it, which will find that out.
 * @returns isComplete: whether every tweet has an id now
 */
export const recordPosted = batched<RecordOrder, { isComplete: boolean }>({
  key: ({ lease }) => lease.postId,
  run: recordAll,
  leftOut: ({ lease, tweet }) => {
    throw new Error(`post ${lease.postId} has no row${tweet ? `, and ${tweet.externalPostId} is on X` : ""}`);
  },
});

// --- internal ---

interface RootRow {
  id: string;
  status: PostStatus;
  subStatus: PostSubStatus | null;
  isApproved: boolean;
  leaseOwner: string | null;
  leaseFencing: string;
}

interface TweetRow {
  rootId: string;
  /** Null when the order names no tweet, or one that has no row. */
  tweetId: string | null;
  knownId: string | null;
  othersLeft: number;
  attemptId: string | null;
  attemptOutcome: AttemptOutcome | null;
  attemptMade: string | null;
}

/** One transaction: the posts are locked, then read, judged and written. */
async function recordAll(hub: Hub, orders: readonly RecordOrder[], how: BatchRun) {
  return await askInTransaction(
    hub,
    async (ask) => {
      const roots = await lockRoots(ask, orders, how);
      const tweets = await readTweets(
        ask,
        orders.filter(({ lease }) => roots.has(lease.postId)),
      );
      const recorded = orders.flatMap((order): Recorded[] => {
        const root = roots.get(order.lease.postId);
        const tweet = tweets.get(order.lease.postId);
        return root && tweet ? [{ order, root, recording: judge(order, root, tweet) }] : [];
      });
      await write(ask, recorded);
      return new Map(
        recorded.map(({ order, recording }) => [order.lease.postId, { isComplete: recording.isComplete }]),
      );
    },
    how,
  );
}

async function lockRoots(ask: Ask, orders: readonly RecordOrder[], how: BatchRun): Promise<Map<string, RootRow>> {
  const statement = sql`
    select post.id, post.status, post.sub_status as "subStatus", post.approved_hash is not null as "isApproved",
      post.lease_owner as "leaseOwner", post.lease_fencing as "leaseFencing"
    from psn.posts as post
    where post.id = ${anyOf(orders.map(({ lease }) => lease.postId))}
    order by post.id
    ${lockOfPost(how)}`;
  const rows = await ask<RootRow>(how.waits ? "record_lock_waiting" : "record_lock", statement);
  return new Map(rows.map((row) => [row.id, row]));
}

/** A statement of its own: what was written while the lock was waited for is seen. */
async function readTweets(ask: Ask, orders: readonly RecordOrder[]): Promise<Map<string, TweetRow>> {
  if (orders.length === 0) return new Map();
  const wanted = orders.map(({ lease, tweet }) => ({
    root_id: lease.postId,
    tweet_id: tweet?.tweetId ?? null,
    attempt_id: tweet?.attemptId ?? null,
  }));
  const statement = sql`
    select wanted.root_id as "rootId", tweet.id as "tweetId", tweet.external_post_id as "knownId",
      (
        select count(*)::int
        from psn.posts as other
        where (other.id = wanted.root_id or other.parent_post_id = wanted.root_id)
          and other.external_post_id is null
          and other.id is distinct from wanted.tweet_id
      ) as "othersLeft",
      attempt.id as "attemptId", attempt.outcome as "attemptOutcome", attempt.external_post_id as "attemptMade"
    from ${rowsOf(wanted)} as wanted (root_id text, tweet_id text, attempt_id bigint)
    left join psn.posts as tweet on tweet.id = wanted.tweet_id
    left join psn.publish_attempts as attempt on attempt.id = wanted.attempt_id`;
  const rows = await ask<TweetRow>("record_read", statement);
  return new Map(rows.map((row) => [row.rootId, row]));
}

function judge({ lease, tweet }: RecordOrder, root: RootRow, row: TweetRow): Recording {
  if (tweet && row.tweetId === null) {
    throw new Error(`post ${root.id}: tweet ${tweet.tweetId} on X (${tweet.externalPostId}) has no row`);
  }
  return judgeRecording(tweet, {
    status: root.status,
    subStatus: root.subStatus,
    isApproved: root.isApproved,
    isOurs: lease.owner === root.leaseOwner && lease.fencing === Number(root.leaseFencing),
    othersLeft: row.othersLeft,
    knownId: row.knownId,
    attempt: row.attemptId === null ? null : { outcome: row.attemptOutcome, externalPostId: row.attemptMade },
  });
}

interface Recorded {
  order: RecordOrder;
  root: RootRow;
  recording: Recording;
}

async function write(ask: Ask, recorded: readonly Recorded[]): Promise<void> {
  // No way leads from waiting, failed or draft to published but through `publishing`.
  const waiting = recorded.filter(({ root, recording }) => recording.publishes && root.status !== "publishing");
  if (waiting.length > 0) {
    const ids = waiting.map(({ root }) => root.id);
    const reopen = sql`update psn.posts set status = 'publishing', lease_owner = 'late success' where id = ${anyOf(ids)}`;
    await ask("record_reopen", reopen);
  }
  const changed = recorded.filter(({ recording }) => recording.attempt || recording.newId || recording.publishes);
  if (changed.length > 0) await ask("record_write", writing(changed));
}

/** One row of what is written. */
function inputOf({ order: { tweet }, root, recording }: Recorded) {
  const { attempt } = recording;
  return {
    root_id: root.id,
    tweet_id: tweet?.tweetId ?? null,
    attempt_id: attempt ? (tweet?.attemptId ?? null) : null,
    outcome: attempt?.outcome ?? null,
    detail: attempt?.detail ?? null,
    made_id: attempt?.externalPostId ?? null,
    is_success: attempt?.isSuccess ?? false,
    http_status: tweet?.meta?.httpStatus ?? null,
    transaction_id: tweet?.meta?.transactionId ?? null,
    new_id: recording.newId,
    makes_progress: recording.makesProgress,
    publishes: recording.publishes,
  };
}

function writing(recorded: readonly Recorded[]): SQL {
  const rows = recorded.map(inputOf);
  const events = recorded.flatMap(({ root, recording }) =>
    recording.events.map((event) => ({ postId: root.id, event })),
  );
  return sql`
    with input as (
      select *
      from ${rowsOf(rows)} as input (
        root_id text, tweet_id text, attempt_id bigint, outcome text, detail text, made_id text, is_success boolean,
        http_status integer, transaction_id text, new_id text, makes_progress boolean, publishes boolean
      )
    ),
    attempt as (
      update psn.publish_attempts as attempt
      set outcome = input.outcome,
        detail = coalesce(input.detail, attempt.detail),
        external_post_id = coalesce(input.made_id, attempt.external_post_id),
        record_number = case
          when input.is_success then nextval('psn.publish_attempts_id_seq')
          else attempt.record_number
        end,
        answered_at = coalesce(attempt.answered_at, psn.now()),
        http_status = coalesce(input.http_status, attempt.http_status),
        transaction_id = coalesce(input.transaction_id, attempt.transaction_id)
      from input
      where attempt.id = input.attempt_id
    ),
    -- A reply's own row comes before its root's: a root becomes published only when all below it have their ids.
    reply as (
      update psn.posts as tweet
      set external_post_id = input.new_id, published_at = psn.now(), updated_at = psn.now()
      from input
      where tweet.id = input.tweet_id
        and input.new_id is not null
        and input.tweet_id <> input.root_id
      returning tweet.id
    ),
    root as (
      update psn.posts as post
      set external_post_id = case when ready.is_root then ready.new_id else post.external_post_id end,
        published_at = case when ready.is_root then psn.now() else post.published_at end,
        platform_post_ids = case
          when ready.new_id is null then post.platform_post_ids
          else array_append(post.platform_post_ids, ready.new_id)
        end,
        retry_count = case when ready.makes_progress then 0 else post.retry_count end,
        sub_status = case when ready.makes_progress or ready.publishes then null else post.sub_status end,
        status = case when ready.publishes then 'published' else post.status end,
        lease_owner = case when ready.publishes then null else post.lease_owner end,
        lease_expires_at = case when ready.publishes then null else post.lease_expires_at end,
        due_at = case when ready.publishes then null else post.due_at end,
        fail_code = case when ready.publishes then null else post.fail_code end,
        fail_reason = case when ready.publishes then null else post.fail_reason end,
        updated_at = psn.now()
      from (
        select input.*, input.new_id is not null and input.tweet_id = input.root_id as is_root
        from input
        left join reply on reply.id = input.tweet_id
        where input.new_id is null
          or input.tweet_id = input.root_id
          or reply.id is not null
      ) as ready
      where post.id = ready.root_id
        and (ready.new_id is not null or ready.publishes)
    )
    ${insertEvents(events)}`;
}
