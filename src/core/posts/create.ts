/** Making a post, making a copy of one, and removing a draft. */
import { and, desc, eq, isNull, sql } from "drizzle-orm";
import type { Hub, Tx } from "../db/connection.ts";
import { deletedKeys, posts } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import { approvalsAlike, contentHash, hashOfStored } from "../post/content-hash.ts";
import { addEvent } from "../post/history.ts";
import type { PostMetadata } from "../types/index.ts";
import { newId } from "../utils/id.ts";
import { change, type Expecting } from "./change.ts";
import { requireNewFile, type SourceFile } from "./from-file.ts";
import { loadPost } from "./read.ts";
import { requireTweets } from "./require-tweets.ts";
import { requireNew } from "./said-before.ts";
import { insertTweets, type NewTweet, requireSettled } from "./tweets.ts";

/** Of the two keys of an advisory lock; the other one is the idempotency key. */
const KEY_LOCK = 0x706b;

export interface NewPost {
  accountId: string;
  tweets: NewTweet[];
  /** The author's text before it was cut. */
  source: string;
  metadata?: PostMetadata;
  /** A second create with the same key answers with the first post. */
  idempotencyKey?: string;
  /** A draft of the last day with the same content, with which nobody has done anything, is the post. */
  orUntouched?: boolean;
  /** Refuse what another post of the account says to the byte, and that waits or went out in the last days. */
  refuseDuplicate?: boolean;
  /** Refuse a file that is a post of the account already. */
  refuseFile?: SourceFile;
}

/**
 * Stores a draft. With an idempotency key that was used before, answers with that post and writes nothing.
 * @throws PsnError POST_EMPTY, POST_TOO_MANY_TWEETS, MEDIA_…, POST_DUPLICATE, FILE_IS_POST, IDEMPOTENCY_KEY_REUSED (the same key,
 *   other content), POST_DELETED (what the key made was deleted)
 */
export async function createPost(hub: Hub, post: NewPost): Promise<{ postId: string; created: boolean }> {
  return await createAnd(hub, post, async (_tx, created) => created);
}

/**
 * Stores a draft and goes on with it in the same transaction, so that a crash leaves nothing or all of it.
 * @throws PsnError as `createPost`, and what `act` throws
 */
export async function createAnd<T>(
  hub: Hub,
  post: NewPost,
  act: (tx: Tx, made: { postId: string; created: boolean }) => Promise<T>,
): Promise<T> {
  const metadata = post.metadata ?? {};
  requireTweets(post.tweets, metadata);
  const hash = contentHash(post.tweets, metadata);
  return await hub.db.transaction(async (tx) => {
    const earlier = await findByKey(tx, post.idempotencyKey, hash);
    if (earlier) return await act(tx, { postId: earlier, created: false });
    const untouched = post.orUntouched ? await findUntouched(tx, post, hash) : null;
    if (untouched) return await act(tx, { postId: untouched, created: false });
    if (post.refuseFile) await requireNewFile(tx, post.accountId, post.refuseFile, hash);
    if (post.refuseDuplicate)
      await requireNew(tx, post.accountId, approvalsAlike(post.accountId, post.tweets, metadata), null);
    return await act(tx, { postId: await insertDraft(tx, post), created: true });
  });
}

/**
 * Removes a draft that has nothing on X.
 * @throws PsnError POST_STATUS …, POST_CHANGED, POST_PARTLY_SENT, POST_UNSETTLED
 */
export async function deletePost(hub: Hub, postId: string, expecting: Expecting = {}): Promise<void> {
  await change(hub, postId, "delete", expecting, async (tx, post) => {
    if (post.tweets.some((tweet) => tweet.externalPostId)) {
      throw new PsnError("POST_PARTLY_SENT", `Part of post ${postId} is on X, so its record is kept.`, {
        hint: `psn post show ${postId} shows which part.`,
        next: [`psn post show ${postId}`],
      });
    }
    await requireSettled(tx, postId);
    await tx.delete(posts).where(eq(posts.id, postId));
  });
}

/** In the transaction of a new post, or of a copy, which has taken hold of its media. @returns its id */
export async function insertDraft(tx: Tx, post: NewPost): Promise<string> {
  const postId = newId();
  const { length } = post.tweets;
  await insertTweets(tx, postId, post.accountId, post.tweets, {
    status: "draft",
    source: post.source,
    metadata: post.metadata ?? {},
    idempotencyKey: post.idempotencyKey ?? null,
  });
  const note = `Draft with ${length} ${length === 1 ? "tweet" : "tweets"}.`;
  await addEvent(tx, postId, { kind: "created", status: "draft", note });
  return postId;
}

// --- internal ---

/** Drafts of the same text that are compared, the latest first. */
const ALIKE_MAX = 10;

/** A draft as it was made, of the same account and text, that X would be sent the same of; the latest. */
async function findUntouched(tx: Tx, { accountId, source }: NewPost, hash: string): Promise<string | null> {
  // Two calls at the same moment: the second waits, and finds the draft of the first.
  await tx.execute(sql`select pg_advisory_xact_lock(${KEY_LOCK}, hashtext(${hash}))`);
  const drafts = await tx
    .select({ id: posts.id })
    .from(posts)
    .where(
      and(
        eq(posts.accountId, accountId),
        eq(posts.status, "draft"),
        eq(posts.source, source),
        eq(posts.contentVersion, 1),
        eq(posts.scheduleVersion, 0),
        isNull(posts.approvedHash),
        sql`${posts.createdAt} > psn.now() - interval '1 day'`,
      ),
    )
    .orderBy(desc(posts.createdAt), posts.id)
    .limit(ALIKE_MAX);
  for (const { id } of drafts) {
    if (hashOfStored(await loadPost(tx, id, true)) === hash) return id;
  }
  return null;
}

/**
 * The post that a key made before.
 * @throws PsnError IDEMPOTENCY_KEY_REUSED when that has other content than `hash` says, POST_DELETED when that was deleted
 */
async function findByKey(tx: Tx, key: string | undefined, hash: string): Promise<string | null> {
  if (key === undefined) return null;
  // Two processes with one key at the same moment: the second waits, and finds the post of the first.
  await tx.execute(sql`select pg_advisory_xact_lock(${KEY_LOCK}, hashtext(${key}))`);
  const [row] = await tx
    .select({ id: posts.id })
    .from(posts)
    .where(and(eq(posts.idempotencyKey, key), eq(posts.userId, "local")));
  if (!row) return await requireNotDeleted(tx, key);
  const post = await loadPost(tx, row.id, true);
  // An edited post keeps its key; only a first version that was never touched can be compared.
  if (post.root.contentVersion > 1 || hashOfStored(post) === hash) return row.id;
  throw new PsnError("IDEMPOTENCY_KEY_REUSED", `The key belongs to post ${row.id}, which has other content.`, {
    hint: "Use a new key for a new post.",
    details: { postId: row.id },
  });
}

/**
 * A key makes one post. Its author deleted that, and a program that repeats its call does not know: nothing is made in its place.
 * @throws PsnError POST_DELETED
 */
async function requireNotDeleted(tx: Tx, key: string): Promise<null> {
  const [deleted] = await tx
    .select()
    .from(deletedKeys)
    .where(and(eq(deletedKeys.idempotencyKey, key), eq(deletedKeys.userId, "local")));
  if (!deleted) return null;
  const { postId, deletedAt } = deleted;
  throw new PsnError(
    "POST_DELETED",
    `This key made post ${postId}, which was deleted at ${deletedAt.toISOString()}. Nothing was made in its place.`,
    {
      hint: "Ask its author. Only if they want the post after all, make it anew with another key.",
      details: { postId, deletedAt: deletedAt.toISOString() },
    },
  );
}
