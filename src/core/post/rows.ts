/** The rows of a post's tweets. */
import { asc, eq, getTableColumns, type SQL, sql } from "drizzle-orm";
import { ask } from "../db/ask.ts";
import { anyOf, batched } from "../db/batch.ts";
import type { Db, Hub, Tx } from "../db/connection.ts";
import { postMedia, posts } from "../db/schema.ts";
import { groupBy } from "../utils/group.ts";

export type PostRow = typeof posts.$inferSelect;
export type MediaRow = typeof postMedia.$inferSelect;
/** A tweet of a post with what it carries. */
export type TweetRow = PostRow & { media: MediaRow[] };

/** The tweets of a post in order, each with its media. */
export async function loadTweets(db: Db | Tx, rootId: string): Promise<TweetRow[]> {
  const { rows } = await db.execute<PostRow & { hasMedia: boolean }>(sql`
    select ${postColumns}, ${HAS_MEDIA} as "hasMedia"
    from psn.posts
    where ${ofPosts([rootId])}
    order by thread_position`);
  const media = await mediaOf(
    db,
    rows.flatMap(({ id, hasMedia }) => (hasMedia ? [id] : [])),
  );
  return rows.map(({ hasMedia: _, ...row }) => ({ ...asRead(row), media: media.get(row.id) ?? [] }));
}

/** A tweet as a run sees it, with what it carries: enough to send it. Half of a row's columns are about other things. */
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
  | "approvedAt"
> & { media: MediaRow[] };

/** What a run's tweet is read from: the columns of posts, by the names that they have in `RunTweet`. */
const RUN_TWEET: Record<Exclude<keyof RunTweet, "media">, string> = {
  id: "id",
  accountId: "account_id",
  parentPostId: "parent_post_id",
  threadPosition: "thread_position",
  content: "content",
  externalPostId: "external_post_id",
  publishedAt: "published_at",
  subStatus: "sub_status",
  scheduledAt: "scheduled_at",
  createdAt: "created_at",
  retryCount: "retry_count",
  metadata: "metadata",
  approvedHash: "approved_hash",
  approvedAt: "approved_at",
};
const names = Object.entries(RUN_TWEET);

/** To be selected from posts. */
const runTweetColumns = sql.raw(names.map(([name, column]) => `${column} as "${name}"`).join(", "));

/** The tweets of a post in order, for a run; none when the post is gone. */
export async function loadForRun(hub: Hub, rootId: string): Promise<RunTweet[]> {
  const rows = await loadRows(hub, rootId);
  const media = await mediaOf(
    hub.db,
    rows.flatMap(({ id, hasMedia }) => (hasMedia ? [id] : [])),
  );
  return rows.map(({ hasMedia: _, ...row }) => ({ ...row, media: media.get(row.id) ?? [] }));
}

/** When a waiting post goes on, from now by the hub's clock; null for one that waits for nothing that passes by itself. */
export async function readWaiting(
  db: Db | Tx,
  rootId: string,
): Promise<{ inMs: number; scheduleVersion: number } | null> {
  const { rows } = await db.execute<{ inMs: number; scheduleVersion: number }>(sql`
    select (extract(epoch from due_at - psn.now()) * 1000)::float8 as "inMs", schedule_version as "scheduleVersion"
    from psn.posts
    where id = ${rootId}
      and status = 'retry'
      and due_at is not null`);
  return rows[0] ?? null;
}

/** Where a post stands, for a process that waits for it. @throws Error when there is none */
export async function readSituation(db: Db | Tx, rootId: string) {
  const { status, subStatus, scheduleVersion, dueAt, leaseExpiresAt } = posts;
  const [row] = await db
    .select({ status, subStatus, scheduleVersion, dueAt, leaseExpiresAt })
    .from(posts)
    .where(eq(posts.id, rootId));
  if (!row) throw new Error(`there is no post ${rootId}`);
  return row;
}

// --- internal ---

const COLUMNS = Object.entries(getTableColumns(posts));
/** All of posts, by their names here. */
const postColumns = sql.raw(COLUMNS.map(([name, column]) => `posts.${column.name} as "${name}"`).join(", "));
/** Those that the driver reads otherwise than the schema says, such as times. */
const READ_AGAIN = COLUMNS.filter(([, { columnType }]) => columnType !== "PgText" && columnType !== "PgInteger");

/**
 * A row as the schema says. Drizzle's own way goes through a path for each of forty columns of each tweet: in a process that has just
 * begun, that takes as long as all else of reading a thread.
 */
function asRead(row: PostRow): PostRow {
  const read: Record<string, unknown> = row;
  for (const [name, column] of READ_AGAIN) {
    if (read[name] !== null) read[name] = column.mapFromDriverValue(read[name]);
  }
  return row;
}

/** Of a row of posts. Most carry none, and a second statement is only for those that do. */
const HAS_MEDIA = sql`exists (select from psn.post_media as media where media.post_id = posts.id)`;

type RunRow = Omit<RunTweet, "media"> & { hasMedia: boolean };

/** Runs that begin at the same moment share the statement, and each has rows of its own. */
const loadRows = batched<string, RunRow[]>({
  key: (rootId) => rootId,
  run: async (hub, rootIds, how) => {
    const statement = sql`
      select ${runTweetColumns}, ${HAS_MEDIA} as "hasMedia"
      from psn.posts
      where ${ofPosts(rootIds)}
      order by thread_position`;
    const rows = await ask<RunRow>(hub, "tweets", statement, how);
    return groupBy(rows, (tweet) => tweet.parentPostId ?? tweet.id);
  },
  leftOut: () => [],
});

function ofPosts(rootIds: readonly string[]): SQL {
  return sql`(posts.id = ${anyOf(rootIds)} or posts.parent_post_id = ${anyOf(rootIds)})`;
}

async function mediaOf(db: Db | Tx, tweetIds: readonly string[]): Promise<Map<string, MediaRow[]>> {
  if (tweetIds.length === 0) return new Map();
  const rows = await db
    .select()
    .from(postMedia)
    .where(sql`${postMedia.postId} = ${anyOf(tweetIds)}`)
    .orderBy(asc(postMedia.position));
  return groupBy(rows, ({ postId }) => postId);
}
