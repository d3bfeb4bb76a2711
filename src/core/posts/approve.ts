/** The author's word. Binding: what is sent later equals what was approved to the byte, or nothing is sent. */
import { eq, sql } from "drizzle-orm";
import { tweetWarnings } from "../compose/warnings.ts";
import { TWEET_LIMIT } from "../compose/weighted-length.ts";
import type { Hub, Tx } from "../db/connection.ts";
import { posts } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import { contentHash } from "../post/content-hash.ts";
import { addEvent } from "../post/history.ts";
import { change, type Expecting } from "./change.ts";
import { composingOf, requireLimit } from "./composing.ts";
import type { Post } from "./read.ts";
import { lockApprovals, requireNew } from "./said-before.ts";
import { asNewTweet, requireTweets } from "./tweets.ts";

export interface Approving extends Expecting {
  /** Also when another post of the account says exactly the same. */
  force?: boolean;
}

/**
 * Approves exactly what is stored.
 * @throws PsnError POST_DUPLICATE, POST_REFUSABLE (X would refuse it as it is), LIMIT_NOT_ALLOWED, POST_STATUS …, POST_CHANGED
 */
export async function approvePost(
  hub: Hub,
  postId: string,
  approving: Approving = {},
): Promise<{ approvedHash: string }> {
  return await change(hub, postId, "approve", approving, async (tx, post) => {
    const approvedHash = await approve(tx, post, approving);
    await addEvent(tx, postId, {
      kind: "approved",
      status: post.root.status,
      note: "Approved by its author.",
      facts: { hash: approvedHash },
    });
    return { approvedHash };
  });
}

/** Checks and approves in the transaction of another act, which tells of it. @returns the hash */
export async function approve(tx: Tx, post: Post, { force = false }: { force?: boolean } = {}): Promise<string> {
  const { id, accountId, metadata } = post.root;
  const tweets = post.tweets.map(asNewTweet);
  requireTweets(tweets, metadata);
  requireAcceptable(post);
  const approvedHash = contentHash(tweets, metadata);
  // Only a new content is asked whether it was said before: moving a time says nothing new.
  if (!force && approvedHash !== post.root.approvedHash) {
    await lockApprovals(tx, accountId);
    await requireNew(tx, accountId, approvedHash, id);
  }
  await tx.update(posts).set({ approvedHash, approvedAt: sql`psn.now()` }).where(eq(posts.id, id));
  return approvedHash;
}

/** @throws PsnError POST_NOT_APPROVED */
export function requireApproved(post: Post): void {
  if (post.root.approvedHash !== null) return;
  throw new PsnError("POST_NOT_APPROVED", `Post ${post.root.id} is not approved; nothing is sent unapproved.`, {
    hint: `psn post show ${post.root.id}, then psn post approve ${post.root.id}`,
  });
}

// --- internal ---

/** What X would refuse for certain is not approved: it would only fail later. */
function requireAcceptable(post: Post): void {
  const { limit } = composingOf(post.root.metadata);
  requireLimit(limit, post.account);
  for (const tweet of post.tweets) {
    if (tweet.externalPostId !== null) continue;
    const warnings = tweetWarnings(tweet.content, {
      limit: Math.max(limit, TWEET_LIMIT),
      hasMedia: tweet.media.length > 0,
      breakKind: null,
      ownHandle: post.account.handle,
      postedRecentlyAt: null,
    });
    const blocking = warnings.find((warning) => warning.blocking);
    if (!blocking) continue;
    throw new PsnError("POST_REFUSABLE", `Tweet ${tweet.threadPosition + 1}: ${blocking.message}`, {
      hint: `X would refuse it. Change it first: psn post text ${post.root.id} ${tweet.threadPosition + 1} "…"`,
      details: { position: tweet.threadPosition, warning: blocking.code },
    });
  }
}
