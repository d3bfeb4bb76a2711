/**
 * The frame of every act on a post: one transaction that locks it, asks whether the act is allowed, and writes.
 * Against a run that fires at the same moment one of the two wins and the other is refused.
 */
import { eq, sql } from "drizzle-orm";
import type { Hub, Tx } from "../db/connection.ts";
import { posts } from "../db/schema.ts";
import type { Engine } from "../engine.ts";
import { PsnError } from "../errors.ts";
import { loadPost, type Post } from "./read.ts";
import { sentAndUnsent } from "./tweets.ts";
import { requireAllowed, requireNotUnpublished, type Verb } from "./verbs.ts";

/** What the author must have seen for an act to be theirs: refuses when the post has changed since. */
export interface Expecting {
  contentVersion?: number;
  /** Each cancel and new time makes another one. */
  scheduleVersion?: number;
  /** Tweets that were on X. An edit that gives all others anew would say once more what has gone out since. */
  sentCount?: number;
  /** Statuses in which it was shown: what waits for its time is taken back before it is changed on a page, for there an act counts at once. */
  statuses?: readonly Post["root"]["status"][];
}

/** A post that begins anew has no reason to wait and none to have failed. */
export const CLEARED = { failCode: null, failReason: null, subStatus: null } as const;

/** @throws PsnError POST_UNKNOWN, POST_PUBLISHED, POST_PUBLISHING, POST_STATUS, POST_CHANGED, and what `act` throws */
export async function change<T>(
  hub: Hub,
  postId: string,
  verb: Verb,
  expecting: Expecting,
  act: (tx: Tx, post: Post) => Promise<T>,
): Promise<T> {
  return await hub.db.transaction(async (tx) => {
    const post = await loadPost(tx, postId, true);
    requireAllowed(verb, postId, post.root.status);
    requireNotUnpublished(postId, post.root.subStatus);
    requireVersion(post, expecting);
    requireScheduleVersion(post, expecting);
    if (expecting.statuses !== undefined && !expecting.statuses.includes(post.root.status)) {
      throw new PsnError("POST_STATUS", "The post waits for its time; take it back to a draft first.");
    }
    const { length: sentCount } = sentAndUnsent(post).sent;
    if (expecting.sentCount !== undefined && expecting.sentCount !== sentCount) {
      throw new PsnError(
        "POST_CHANGED",
        `More of post ${postId} has gone out since you saw it: ${sentCount} of its tweets are on X now.`,
        {
          hint: `Look at it again: psn post show ${postId}`,
          next: [`psn post show ${postId}`],
          details: { sentCount },
        },
      );
    }
    return await act(tx, post);
  });
}

/** @throws PsnError POST_CHANGED when the post is not the one that was shown any more */
export function requireVersion({ root: { id, contentVersion } }: Post, expecting: Expecting): void {
  if (expecting.contentVersion === undefined || expecting.contentVersion === contentVersion) return;
  throw new PsnError(
    "POST_CHANGED",
    `Post ${id} has changed since you saw it (version ${expecting.contentVersion}, now ${contentVersion}).`,
    {
      hint: `Look at it again: psn post show ${id}`,
      next: [`psn post show ${id}`],
      details: { contentVersion },
    },
  );
}

/** @throws PsnError POST_CHANGED when it was cancelled or given a time meanwhile */
function requireScheduleVersion({ root: { id, scheduleVersion } }: Post, expecting: Expecting): void {
  if (expecting.scheduleVersion === undefined || expecting.scheduleVersion === scheduleVersion) return;
  throw new PsnError("POST_CHANGED", `Post ${id} was cancelled or given a time since it was read.`, {
    hint: `Look at it again: psn post show ${id}`,
    next: [`psn post show ${id}`],
  });
}

/** Back to draft, with no time and no run of the engine. */
export async function toDraft(tx: Tx, engine: Engine, post: Post): Promise<void> {
  await tx
    .update(posts)
    .set({
      status: "draft",
      ...CLEARED,
      scheduledAt: null,
      scheduledTimezone: null,
      dueAt: null,
      scheduleVersion: sql`${posts.scheduleVersion} + 1`,
      retryCount: 0,
      updatedAt: sql`psn.now()`,
    })
    .where(eq(posts.id, post.root.id));
  await engine.cancel(tx, post.root.id);
}
