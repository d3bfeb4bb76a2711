/** The tweets of a post as they are written: checked, inserted, replaced as long as they are not on X. */
import { inArray, sql } from "drizzle-orm";
import { anyOf } from "../db/batch.ts";
import type { Db, Tx } from "../db/connection.ts";
import { postMedia, posts, type VersionTweet } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import type { TweetRow } from "../post/rows.ts";
import type { PostMetadata } from "../types/index.ts";
import { newId } from "../utils/id.ts";
import type { Post } from "./read.ts";
import { requireTweets } from "./require-tweets.ts";

/** Rows of one insert; Postgres takes 65,535 parameters a statement. */
const ROWS_MAX = 500;

/** A tweet as its author gives it; an earlier version of a draft is kept in the same shape. */
export type NewTweet = VersionTweet;
export type NewMedia = NewTweet["media"][number];

/** The tweets that are on X and those that are not. The first are never changed. */
export function sentAndUnsent(post: Post): { sent: TweetRow[]; unsent: TweetRow[] } {
  return {
    sent: post.tweets.filter((tweet) => tweet.externalPostId !== null),
    unsent: post.tweets.filter((tweet) => tweet.externalPostId === null),
  };
}

/** A stored tweet as it would be written anew. */
export function asNewTweet(row: TweetRow): NewTweet {
  return { text: row.content, separatorAfter: row.separatorAfter, media: row.media.map(asNewMedia) };
}

/** Writes a post that is new. The first tweet is the root row and carries `root`. */
export async function insertTweets(
  tx: Tx,
  rootId: string,
  accountId: string,
  tweets: readonly NewTweet[],
  root: Pick<typeof posts.$inferInsert, "status" | "source" | "metadata" | "idempotencyKey">,
): Promise<void> {
  const [first, ...others] = tweets;
  if (!first) throw new Error("a post without tweets was not refused before");
  await tx.insert(posts).values({
    ...root,
    id: rootId,
    accountId,
    content: first.text,
    separatorAfter: first.separatorAfter,
    createdAt: sql`psn.now()`,
    updatedAt: sql`psn.now()`,
  });
  await insertMedia(tx, [{ postId: rootId, media: first.media }]);
  await insertChildren(tx, rootId, accountId, 1, others);
}

/**
 * Puts new tweets in the place of all that are not on X. Rows are kept where they can be: attempts of the past hang on
 * them, and so does media that X has already.
 * @throws PsnError POST_EMPTY, POST_UNSETTLED, and what `requireTweets` throws
 */
export async function replaceUnsent(
  tx: Tx,
  post: Post,
  tweets: readonly NewTweet[],
  metadata: PostMetadata,
): Promise<void> {
  const { id, accountId } = post.root;
  const { sent, unsent } = sentAndUnsent(post);
  requireTweets([...sent.map(asNewTweet), ...tweets], metadata);
  if (tweets.length === 0) {
    throw new PsnError("POST_EMPTY", "What is not on X yet needs at least one tweet.", {
      hint: "To publish no more of it, leave it as it is.",
    });
  }
  await requireSettled(tx, id);
  await overwrite(
    tx,
    unsent.flatMap((row, index) => {
      const tweet = tweets[index];
      return tweet ? [{ row, tweet }] : [];
    }),
  );
  const surplus = unsent.slice(tweets.length).map((row) => row.id);
  if (surplus.length > 0) await tx.delete(posts).where(inArray(posts.id, surplus));
  const more = tweets.slice(unsent.length);
  await insertChildren(tx, id, accountId, sent.length + unsent.length, more);
}

/**
 * Takes hold of bytes that were attached before, for as many as are kept, so that they are not cleaned away under a post that uses them
 * again. @returns those that are not
 */
export async function holdKept(tx: Tx, media: readonly NewMedia[]): Promise<NewMedia[]> {
  const wanted = [...new Set(media.map((item) => item.sha256))];
  if (wanted.length === 0) return [];
  const { rows } = await tx.execute<{ sha256: string }>(sql`
    update psn.media_blobs
    set attached_at = psn.now()
    where sha256 = ${anyOf(wanted)}
    returning sha256`);
  const kept = new Set(rows.map(({ sha256 }) => sha256));
  return media.filter((item) => !kept.has(item.sha256));
}

/** When media are removed, in words. */
export const MEDIA_GO = "media that no post can use go after a day, those of a published post after a week";

/** Bytes of media that an earlier version, or another post, had. */
export function mediaGone(fileName: string, cause?: unknown): PsnError {
  return new PsnError("MEDIA_GONE", `${fileName} is not kept any more: ${MEDIA_GO}.`, {
    hint: 'Give the file again: psn post create "…" --media FILE makes a new post, psn post edit ID --media FILE changes this one.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * No request for this post is without an outcome: what it may have made must not lose its record.
 * @throws PsnError POST_UNSETTLED
 */
export async function requireSettled(tx: Tx, rootId: string): Promise<void> {
  if (await isSettled(tx, rootId)) return;
  throw new PsnError("POST_UNSETTLED", `PSN is still finding out whether a tweet of post ${rootId} is on X.`, {
    hint: `Wait until that is known: psn post show ${rootId}`,
    next: [`psn post show ${rootId}`],
  });
}

/** Whether each request for this post has its outcome. */
export async function isSettled(db: Db | Tx, rootId: string): Promise<boolean> {
  const { rows } = await db.execute<{ open: number }>(sql`
    select count(*)::int as open
    from psn.publish_attempts
    where root_id = ${rootId} and outcome is null`);
  return (rows[0]?.open ?? 0) === 0;
}

// --- internal ---

function asNewMedia(item: NewMedia): NewMedia {
  const { sha256, mime, byteLength, fileName, width, height, altText } = item;
  // What a version before wrote has neither.
  const { durationMs = null, notes = [], captions = [] } = item;
  return { sha256, mime, byteLength, fileName, width, height, durationMs, notes, altText, captions };
}

/** A row, and the tweet that takes its place. */
interface Pair {
  row: TweetRow;
  tweet: NewTweet;
}

/** All rows in a few statements: after a join, every tweet behind it has the next one's words. */
async function overwrite(tx: Tx, pairs: readonly Pair[]): Promise<void> {
  const idsOf = (some: readonly Pair[]) => some.map(({ row }) => row.id);
  const reworded = pairs.filter(({ row, tweet }) => row.content !== tweet.text && row.media.length > 0);
  const changed = pairs.filter(
    ({ row, tweet }) => row.content !== tweet.text || row.separatorAfter !== tweet.separatorAfter,
  );
  if (changed.length > 0) {
    const texts = changed.map(({ tweet }) => tweet.text);
    const separators = changed.map(({ tweet }) => tweet.separatorAfter);
    await tx.execute(sql`
      update psn.posts as post
      set content = item.content, separator_after = item.separator_after, updated_at = psn.now()
      from unnest(${sql.param(idsOf(changed))}::text[], ${sql.param(texts)}::text[], ${sql.param(separators)}::text[])
        as item (id, content, separator_after)
      where post.id = item.id`);
  }
  // An upload belongs to one tweet, which is known by it: other words are another tweet.
  if (reworded.length > 0) {
    const forgotten = {
      platformMediaId: null,
      platformMediaKey: null,
      platformMediaExpiresAt: null,
      altTextSet: false,
      captionsSet: {},
      upload: null,
    };
    await tx
      .update(postMedia)
      .set(forgotten)
      .where(inArray(postMedia.postId, idsOf(reworded)));
  }
  const wordsOf = (media: readonly NewMedia[]) => JSON.stringify(media.map(asNewMedia));
  const reillustrated = pairs.filter(({ row, tweet }) => wordsOf(row.media) !== wordsOf(tweet.media));
  if (reillustrated.length === 0) return;
  await tx.delete(postMedia).where(inArray(postMedia.postId, idsOf(reillustrated)));
  await insertMedia(
    tx,
    reillustrated.map(({ row, tweet }) => ({ postId: row.id, media: tweet.media })),
  );
}

async function insertChildren(
  tx: Tx,
  rootId: string,
  accountId: string,
  from: number,
  tweets: readonly NewTweet[],
): Promise<void> {
  if (tweets.length === 0) return;
  const rows = tweets.map((tweet, index) => ({
    id: newId(),
    accountId,
    parentPostId: rootId,
    threadPosition: from + index,
    content: tweet.text,
    separatorAfter: tweet.separatorAfter,
    createdAt: sql`psn.now()`,
    updatedAt: sql`psn.now()`,
  }));
  for (let start = 0; start < rows.length; start += ROWS_MAX) {
    await tx.insert(posts).values(rows.slice(start, start + ROWS_MAX));
  }
  await insertMedia(
    tx,
    rows.map(({ id }, index) => ({ postId: id, media: tweets[index]?.media ?? [] })),
  );
}

async function insertMedia(tx: Tx, carriers: readonly { postId: string; media: readonly NewMedia[] }[]): Promise<void> {
  const rows = carriers.flatMap(({ postId, media }) =>
    media.map((item, position) => ({ id: newId(), postId, position, ...asNewMedia(item) })),
  );
  for (let start = 0; start < rows.length; start += ROWS_MAX) {
    await tx.insert(postMedia).values(rows.slice(start, start + ROWS_MAX));
  }
}
