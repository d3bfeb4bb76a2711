/** The author's word. Binding: what is sent later equals what was approved to the byte, or nothing is sent. */
import { eq, sql } from "drizzle-orm";
import { tweetWarnings } from "../compose/warnings.ts";
import { TWEET_LIMIT } from "../compose/weighted-length.ts";
import type { Hub, Tx } from "../db/connection.ts";
import { posts } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import { requireEntitled } from "../media/inspect.ts";
import { approvalHash, approvalsAlike, isApprovalOf } from "../post/content-hash.ts";
import { addEvent } from "../post/history.ts";
import { statusSaid } from "../post/status-words.ts";
import { change, type Expecting } from "./change.ts";
import { composingOf, requireLimit } from "./composing.ts";
import { requireLeave } from "./leave.ts";
import type { Post } from "./read.ts";
import { requireTweets } from "./require-tweets.ts";
import { lockApprovals, requireNew } from "./said-before.ts";
import { asNewTweet } from "./tweets.ts";
import { requireAllowed } from "./verbs.ts";

export interface Approving extends Expecting {
  /** Also when another post of the account says exactly the same. */
  force?: boolean;
}

/**
 * Approves exactly what is stored.
 * @throws PsnError POST_DUPLICATE, POST_REFUSABLE (X would refuse it as it is), LIMIT_NOT_ALLOWED, POST_STATUS …, POST_CHANGED,
 *   APPROVAL_NEEDED, APPROVAL_STALE
 */
export async function approvePost(
  hub: Hub,
  postId: string,
  approving: Approving = {},
): Promise<{ approvedHash: string }> {
  return await change(hub, postId, "approve", approving, async (tx, post) => {
    const approvedHash = await approveByAuthor(tx, post, approving);
    // Said again it approves nothing more.
    if (!isApproved(post)) await requireLeave(tx, hub, postId, "draft");
    return { approvedHash };
  });
}

/** For an act that sends: what is not approved yet is approved with it when its author says so in the same breath. */
export interface Sending extends Approving {
  /** An approval that is there already stays. */
  approve?: boolean;
  /** A post that waits for its time is a draft again: whatever the edit is, or if it changes anything. Its time stays its plan. */
  takesBack?: "always" | "if_changed" | undefined;
  /** A draft that waited for its next try until it was set aside for this edit waits for it again. */
  goesOn?: boolean;
  /** Gives the post back the approval and the time that it had, where it can; what the edit itself means for them counts else. */
  asBefore?: ((tx: Tx, postId: string) => Promise<boolean>) | undefined;
  /** What is written in the same transaction, when all else is. */
  alongside?: (tx: Tx, postId: string) => Promise<void>;
}

/**
 * In the transaction of an act that sends.
 * @throws PsnError POST_NOT_APPROVED, and what `approvePost` throws
 */
export async function requireApproved(tx: Tx, post: Post, { approve: isWanted, ...more }: Sending = {}): Promise<void> {
  const { id } = post.root;
  if (isApproved(post)) return;
  if (!isWanted) throw notApproved(id);
  requireAllowed("approve", id, post.root.status);
  await approveByAuthor(tx, post, more);
}

/** Approves exactly what is stored; history names it where that is another content than before. @returns the hash */
export async function approveByAuthor(tx: Tx, post: Post, approving: { force?: boolean } = {}): Promise<string> {
  const approvedHash = await approve(tx, post, approving);
  if (approvedHash !== post.root.approvedHash) {
    const facts = { hash: approvedHash };
    const note = "Approved by its author.";
    await addEvent(tx, post.root.id, { kind: "approved", status: post.root.status, note, facts });
  }
  return approvedHash;
}

/** Checks and approves in the transaction of another act, which writes the history. @returns the hash */
export async function approve(tx: Tx, post: Post, { force = false }: { force?: boolean } = {}): Promise<string> {
  const { id, accountId, metadata } = post.root;
  const tweets = post.tweets.map(asNewTweet);
  requireTweets(tweets, metadata);
  requireAcceptable(post);
  const approvedHash = approvalHash(accountId, tweets, metadata);
  // Only a new content is asked whether it was said before: moving a time says nothing new.
  if (!force && approvedHash !== post.root.approvedHash) {
    await lockApprovals(tx, accountId);
    await requireNew(tx, accountId, approvalsAlike(accountId, tweets, metadata), id);
  }
  await tx.update(posts).set({ approvedHash, approvedAt: sql`psn.now()` }).where(eq(posts.id, id));
  return approvedHash;
}

/** Whether what is stored is exactly what was approved. */
export function isApproved({ root, tweets }: Post): boolean {
  return isApprovalOf(root.approvedHash, root.accountId, tweets.map(asNewTweet), root.metadata);
}

/** The same after an edit. An approval of a post that may go without its alt texts is none of one that may not. */
export function isStillApproved(before: Post, after: Post): boolean {
  const isNewlyRequired = after.root.metadata.altRequired === true && before.root.metadata.altRequired !== true;
  return isApproved(after) && !isNewlyRequired;
}

/** Nothing is sent unapproved. */
export function notApproved(postId: string): PsnError {
  return new PsnError("POST_NOT_APPROVED", `Post ${postId} is not approved; nothing is sent unapproved.`, {
    hint: `psn post show ${postId}, then psn post approve ${postId}`,
    next: [`psn post show ${postId}`, `psn post approve ${postId}`],
  });
}

/** A change of what waits for its time, by somebody who does not say that its author approves it. */
export function changeNotApproved({ id, status }: { id: string; status: string }): PsnError {
  return new PsnError(
    "POST_NOT_APPROVED",
    `Post ${id} ${statusSaid(status)} as it was approved, and what it would be now was not. Nothing was changed.`,
    {
      hint: `Once its author approves the change, give it with --approve. To change it first and approve it later: psn post cancel ${id}`,
      next: [`psn post show ${id}`, `psn post cancel ${id}`],
    },
  );
}

/** The first tweet that X would refuse for certain, and why; null when there is none. */
export function firstRefusable(post: Post): { position: number; code: string; message: string } | null {
  const { limit } = composingOf(post.root.metadata);
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
    if (blocking) return { position: tweet.threadPosition, code: blocking.code, message: blocking.message };
  }
  return null;
}

// --- internal ---

/** What X would refuse for certain is not approved: it would only fail later. */
function requireAcceptable(post: Post): void {
  requireLimit(composingOf(post.root.metadata).limit, post.account);
  // Premium may have lapsed since a video was attached.
  for (const { media, externalPostId } of post.tweets) {
    if (externalPostId === null) requireEntitled(media, post.account.subscription);
  }
  const refusable = firstRefusable(post);
  if (!refusable) return;
  const { position, code, message } = refusable;
  throw new PsnError("POST_REFUSABLE", `Tweet ${position + 1}: ${message}`, {
    hint: `X would refuse it. Change it first: psn post text ${post.root.id} ${position + 1} "…"`,
    next: [`psn post text ${post.root.id} ${position + 1} "…"`],
    details: { position, warning: code },
  });
}
