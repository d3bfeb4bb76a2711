/** Recording that tweets are on X, where nothing out of the ordinary has happened: one statement for many posts. */
import { sql } from "drizzle-orm";
import { ask } from "../../db/ask.ts";
import { rowsOf } from "../../db/batch.ts";
import type { Hub } from "../../db/connection.ts";
import type { Lease } from "../lease/lease.ts";
import type { Answered } from "./attempts.ts";

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

/** What history says; `%s` are the tweet's number and their count. */
export const POSTED = "Tweet %s/%s is on X.";
export const ADOPTED = "Tweet %s/%s was found on X; it is not sent again.";
export const ALL_ON_X = "Every tweet is on X.";
const IT_IS_ON_X = "It is on X.";

/**
 * The plain case, many at once: the post is ours, its earlier tweets have their ids and this one's turn it is, and the
 * attempt is the open one. Whatever differs in anything is left out, for `recordCarefully`.
 */
export async function recordPlain(
  hub: Hub,
  tweets: readonly PostedTweet[],
): Promise<Map<string, { isComplete: boolean }>> {
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
  const statement = sql`
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
        record_number = nextval('psn.publish_attempts_id_seq'),
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
    -- Of a post that is one tweet, its end says all there is to say.
    history as (
      insert into psn.post_events (post_id, at, kind, status, note, facts)
      select id, psn.now(),
        case outcome when 'adopted' then 'tweet_adopted' else 'tweet_posted' end,
        'publishing',
        format(
          case outcome when 'adopted' then ${ADOPTED} else ${POSTED} end,
          position + 1,
          count
        ),
        jsonb_build_object('externalPostId', external_id, 'position', position)
      from written
      where count > 1 or outcome = 'adopted'
      union all
      select id, psn.now(), 'published', 'published',
        case when count > 1 or outcome = 'adopted' then ${ALL_ON_X} else ${IT_IS_ON_X} end,
        case
          when count > 1 or outcome = 'adopted' then '{}'
          else jsonb_build_object('externalPostId', external_id, 'position', position)
        end
      from written
      where is_last
    )
    select id, is_last
    from written`;
  const rows = await ask<{ id: string; is_last: boolean }>(hub, "record", statement);
  return new Map(rows.map((row) => [row.id, { isComplete: row.is_last }]));
}
