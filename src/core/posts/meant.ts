/**
 * What a row `post` is meant for, in SQL: when it is to go out though it does not wait for that time, and the tweet that it follows up
 * on though that is taken down.
 */
import { type SQL, sql } from "drizzle-orm";

export const isSynced = sql`exists (select from psn.synced_files as synced where synced.post_id = post.id)`;

/** The time that its file names. */
const plannedAt = sql`(post.metadata #>> '{planned,at}')::timestamptz`;

/** The time that it had when it was last given one or edited: its file said something else since, which was refused. */
const hadAt = sql`case
  when post.schedule_version > 0 and ${isSynced} then (
    select (event.facts ->> 'at')::timestamptz
    from psn.post_events as event
    where event.post_id = post.id and event.kind in ('scheduled', 'edited')
    order by event.id desc
    limit 1
  )
end`;

/** The time for which a person was asked to approve it as it stands, who has not answered. */
const askedAt = sql`(
  select case when asked.sends ~ '^[0-9]{4}-' then asked.sends::timestamptz end
  from psn.approvals as asked
  where asked.post_id = post.id
    and asked.content_version = post.content_version
    and asked.schedule_version = post.schedule_version
    and asked.granted_at is null
    and asked.declined_at is null
    and asked.used_at is null
  order by asked.created_at desc
  limit 1
)`;

/** When a draft is to go out, by its file, by the time that it had, or by the question that a person has not answered; null for none. */
export const meantAt = sql`greatest(${plannedAt}, ${hadAt}, ${askedAt})`;

/** Only a question names that time. */
export const isOnlyAsked = sql`(${plannedAt} is null and ${hadAt} is null)`;

/** Of the events after which a post waits for its time, or does so no more by its author's own command: whether the latest is such a command. */
export const takenBackByHand = (postId: SQL): SQL<boolean> => sql<boolean>`coalesce((
  select event.kind = 'cancelled'
  from psn.post_events as event
  where event.post_id = ${postId}
    and (event.kind = 'cancelled' or event.status in ('scheduled', 'publishing', 'retry'))
  order by event.id desc
  limit 1
), false)`;

/** A draft that is to go out (`meant.at`), or of a synced folder, and that its author has not taken back by hand. */
export const isLeft = sql`((meant.at is not null or ${isSynced}) and not ${takenBackByHand(sql`post.id`)})`;

/** The tweet of the hub that it replies to was taken down, or is to be. */
export const isParentDown = sql`(
  post.metadata ? 'replyToId' and exists (
    select
    from psn.posts as parent
    join psn.deletions as deletion on deletion.tweet_id = parent.id
    where parent.account_id = post.account_id and parent.external_post_id = post.metadata ->> 'replyToId'
  )
)`;
