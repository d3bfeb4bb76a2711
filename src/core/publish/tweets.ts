/** The rows of a post's tweets. */
import { asc, type SQL, sql } from "drizzle-orm";
import { ask } from "../db/ask.ts";
import type { Db, Tx } from "../db/connection.ts";
import { postMedia, posts } from "../db/schema.ts";
import { anyOf, together } from "../db/together.ts";
import { groupBy } from "../utils/group.ts";

export type PostRow = typeof posts.$inferSelect;
export type MediaRow = typeof postMedia.$inferSelect;
/** A tweet of a post with what it carries. */
export type TweetRow = PostRow & { media: MediaRow[] };

/** The tweets of a post in order, each with its media. */
export async function loadTweets(db: Db | Tx, rootId: string): Promise<TweetRow[]> {
  const rows = await db
    .select()
    .from(posts)
    .where(ofPosts([rootId]))
    .orderBy(asc(posts.threadPosition));
  const media = await mediaOf(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({ ...row, media: media.get(row.id) ?? [] }));
}

/** A tweet as a run sees it, with what it carries: enough to send it. Half of a row's columns tell of other things. */
export type RunTweet = Pick<
  PostRow,
  | "id"
  | "accountId"
  | "parentPostId"
  | "threadPosition"
  | "content"
  | "externalPostId"
  | "publishedAt"
  | "subStatus"
  | "scheduledAt"
  | "createdAt"
  | "retryCount"
  | "metadata"
  | "approvedHash"
> & { media: MediaRow[] };

/** What a run's tweet is read from, of a row of posts. */
export const runTweetColumns = sql`
        id,
        account_id as "accountId",
        parent_post_id as "parentPostId",
        thread_position as "threadPosition",
        content,
        external_post_id as "externalPostId",
        published_at as "publishedAt",
        sub_status as "subStatus",
        scheduled_at as "scheduledAt",
        created_at as "createdAt",
        retry_count as "retryCount",
        metadata,
        approved_hash as "approvedHash"`;

/** The tweets of a post in order, for a run. Runs that begin at the same moment share the statement. */
export const loadForRun = together<string, RunTweet[]>({
  key: (rootId) => rootId,
  many: async (hub, rootIds) => {
    const rows = await ask<Omit<RunTweet, "media"> & { hasMedia: boolean }>(
      hub,
      "tweets",
      sql`
      select ${runTweetColumns},
        exists (
          select
          from psn.post_media as media
          where media.post_id = posts.id
        ) as "hasMedia"
      from psn.posts
      where ${ofPosts(rootIds)}
      order by thread_position`,
    );
    const withMedia = rows.flatMap(({ id, hasMedia }) => (hasMedia ? [id] : []));
    const media = withMedia.length > 0 ? await mediaOf(hub.db, withMedia) : new Map<string, MediaRow[]>();
    return groupBy(
      rows.map(({ hasMedia: _, ...row }) => ({ ...row, media: media.get(row.id) ?? [] })),
      (tweet) => tweet.parentPostId ?? tweet.id,
    );
  },
  // The post is gone.
  alone: async () => [],
});

// --- internal ---

function ofPosts(rootIds: readonly string[]): SQL {
  return sql`(posts.id = ${anyOf(rootIds)} or posts.parent_post_id = ${anyOf(rootIds)})`;
}

async function mediaOf(db: Db | Tx, tweetIds: readonly string[]): Promise<Map<string, MediaRow[]>> {
  const rows = await db
    .select()
    .from(postMedia)
    .where(sql`${postMedia.postId} = ${anyOf(tweetIds)}`)
    .orderBy(asc(postMedia.position));
  return groupBy(rows, ({ postId }) => postId);
}
