/** Making a post, making a copy of one, and removing a draft. */
import { and, eq } from "drizzle-orm";
import type { Hub } from "../db/connection.ts";
import { pgCode } from "../db/errors.ts";
import { posts } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import type { MediaStore } from "../media/store.ts";
import { contentHash } from "../post/content-hash.ts";
import { addEvent } from "../post/history.ts";
import type { TweetRow } from "../post/rows.ts";
import type { PostMetadata } from "../types/index.ts";
import { newId } from "../utils/id.ts";
import { change } from "./change.ts";
import { loadPost } from "./read.ts";
import { requireNew } from "./said-before.ts";
import {
  asNewTweet,
  holdMedia,
  insertTweets,
  mediaGone,
  type NewTweet,
  requireSettled,
  requireTweets,
} from "./tweets.ts";

export interface NewPost {
  accountId: string;
  tweets: NewTweet[];
  /** The author's text before it was cut. */
  source: string;
  metadata?: PostMetadata;
  /** A second create with the same key answers with the first post. */
  idempotencyKey?: string;
  /** Refuse what another post of the account says to the byte, and that waits or went out in the last days. */
  refuseDuplicate?: boolean;
}

/**
 * Stores a draft. With an idempotency key that was used before, answers with that post and writes nothing.
 * @throws PsnError POST_EMPTY, POST_TOO_MANY_TWEETS, MEDIA_…, POST_DUPLICATE, IDEMPOTENCY_KEY_REUSED (the same key, other content)
 */
export async function createPost(hub: Hub, post: NewPost): Promise<{ postId: string; created: boolean }> {
  const metadata = post.metadata ?? {};
  requireTweets(post.tweets, metadata);
  const hash = contentHash(post.tweets, metadata);
  const earlier = await findByKey(hub, post.idempotencyKey, hash);
  if (earlier) return { postId: earlier, created: false };
  if (post.refuseDuplicate) await requireNew(hub.db, post.accountId, hash, null);
  try {
    return { postId: await insertDraft(hub, post), created: true };
  } catch (error) {
    // Two processes with one key at the same moment: the index lets one through.
    const winner = pgCode(error) === "23505" ? await findByKey(hub, post.idempotencyKey, hash) : null;
    if (winner) return { postId: winner, created: false };
    throw error;
  }
}

/**
 * A new draft with the same content. The original is not touched. `store` is asked whether it still has the media: a copy
 * that lacks them would fail at its time, long after its author has left.
 * @throws PsnError POST_UNKNOWN, MEDIA_GONE; nothing is written then
 */
export async function copyPost(hub: Hub, postId: string, store?: MediaStore): Promise<{ postId: string }> {
  const { root, tweets } = await loadPost(hub.db, postId);
  if (store) await requireKept(store, tweets);
  // What was planned was planned for the original.
  const { planned: _, ...metadata } = root.metadata;
  const copy = { accountId: root.accountId, source: root.source ?? "", metadata, tweets: tweets.map(asNewTweet) };
  return { postId: await insertDraft(hub, copy, true) };
}

/**
 * Removes a draft that has nothing on X.
 * @throws PsnError POST_STATUS …, POST_PARTLY_SENT, POST_UNSETTLED
 */
export async function deletePost(hub: Hub, postId: string): Promise<void> {
  await change(hub, postId, "delete", {}, async (tx, post) => {
    if (post.tweets.some((tweet) => tweet.externalPostId)) {
      throw new PsnError("POST_PARTLY_SENT", `Part of post ${postId} is on X, so its record is kept.`, {
        hint: `psn post show ${postId} tells which part.`,
      });
    }
    await requireSettled(tx, postId);
    await tx.delete(posts).where(eq(posts.id, postId));
  });
}

/**
 * The post that a key made before.
 * @throws PsnError IDEMPOTENCY_KEY_REUSED when that has other content than `hash` says
 */
export async function findByKey(hub: Hub, key: string | undefined, hash: string): Promise<string | null> {
  if (key === undefined) return null;
  const [row] = await hub.db
    .select({ id: posts.id })
    .from(posts)
    .where(and(eq(posts.idempotencyKey, key), eq(posts.userId, "local")));
  if (!row) return null;
  const { root, tweets } = await loadPost(hub.db, row.id);
  // An edited post keeps its key; only a first version that was never touched can be compared.
  if (root.contentVersion > 1 || contentHash(tweets.map(asNewTweet), root.metadata) === hash) return row.id;
  throw new PsnError("IDEMPOTENCY_KEY_REUSED", `The key belongs to post ${row.id}, which has other content.`, {
    hint: "Use a new key for a new post.",
    details: { postId: row.id },
  });
}

// --- internal ---

async function requireKept(store: MediaStore, tweets: readonly TweetRow[]): Promise<void> {
  for (const item of tweets.flatMap((tweet) => tweet.media)) {
    try {
      await store.source(item);
    } catch (error) {
      // A store that cannot be asked just now says nothing about the media.
      if (error instanceof PsnError) throw mediaGone(item.fileName, error);
    }
  }
}

/** A copy takes over bytes that were attached long ago; those of a new post were attached a moment before. */
async function insertDraft(hub: Hub, post: NewPost, isCopy = false): Promise<string> {
  const postId = newId();
  const { length } = post.tweets;
  await hub.db.transaction(async (tx) => {
    if (isCopy) {
      await holdMedia(
        tx,
        post.tweets.flatMap((tweet) => tweet.media),
      );
    }
    await insertTweets(tx, postId, post.accountId, post.tweets, {
      status: "draft",
      source: post.source,
      metadata: post.metadata ?? {},
      idempotencyKey: post.idempotencyKey ?? null,
    });
    const note = `Draft with ${length} ${length === 1 ? "tweet" : "tweets"}.`;
    await addEvent(tx, postId, { kind: "created", status: "draft", note });
  });
  return postId;
}
