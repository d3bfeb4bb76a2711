/** The rows of a post's tweets. */
import { asc, type SQL, sql } from "drizzle-orm";
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

/** What a run knows of a post: enough to send it. Half of a row's columns tell of other things. */
const RUN_COLUMNS = {
  id: posts.id,
  accountId: posts.accountId,
  parentPostId: posts.parentPostId,
  threadPosition: posts.threadPosition,
  content: posts.content,
  externalPostId: posts.externalPostId,
  publishedAt: posts.publishedAt,
  subStatus: posts.subStatus,
  scheduledAt: posts.scheduledAt,
  createdAt: posts.createdAt,
  retryCount: posts.retryCount,
  metadata: posts.metadata,
  approvedHash: posts.approvedHash,
};

/** A tweet as a run sees it, with what it carries. */
export type RunTweet = Pick<PostRow, keyof typeof RUN_COLUMNS> & { media: MediaRow[] };

/** The tweets of a post in order, for a run. Runs that begin at the same moment share the statement. */
export const loadForRun = together<string, RunTweet[]>({
  key: (rootId) => rootId,
  many: async ({ db }, rootIds) => {
    const rows = await db
      .select({
        ...RUN_COLUMNS,
        hasMedia: sql<boolean>`exists (select from psn.post_media as media where media.post_id = posts.id)`,
      })
      .from(posts)
      .where(ofPosts(rootIds))
      .orderBy(asc(posts.threadPosition));
    const withMedia = rows.flatMap(({ id, hasMedia }) => (hasMedia ? [id] : []));
    const media = withMedia.length > 0 ? await mediaOf(db, withMedia) : new Map<string, MediaRow[]>();
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
  return sql`(${posts.id} = ${anyOf(rootIds)} or ${posts.parentPostId} = ${anyOf(rootIds)})`;
}

async function mediaOf(db: Db | Tx, tweetIds: readonly string[]): Promise<Map<string, MediaRow[]>> {
  const rows = await db
    .select()
    .from(postMedia)
    .where(sql`${postMedia.postId} = ${anyOf(tweetIds)}`)
    .orderBy(asc(postMedia.position));
  return groupBy(rows, ({ postId }) => postId);
}
