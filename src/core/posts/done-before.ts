/** An act that is given again, as after an answer that was lost: whether the first one did what it asks. Nothing is done twice by it. */
import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Db, Hub, Tx } from "../db/connection.ts";
import { PsnError } from "../errors.ts";
import { type Expecting, requireVersion } from "./change.ts";
import { loadPost, type Post } from "./read.ts";
import { requireNotUnpublished } from "./verbs.ts";

/**
 * Does an act that publishes at once. Where the post is on X already, and its author's last word before that was such an act, there is
 * nothing to do.
 * @returns null then
 * @throws PsnError POST_PUBLISHED where it went out by another act, POST_UNPUBLISHED, POST_CHANGED, and what `act` throws
 */
export async function unlessSent<T>(
  hub: Hub,
  postId: string,
  expecting: Expecting,
  act: () => Promise<T>,
): Promise<T | null> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof PsnError) || error.code !== "POST_PUBLISHED") throw error;
    const post = await loadPost(hub.db, postId);
    requireNotUnpublished(postId, post.root.subStatus);
    requireVersion(post, expecting);
    const last = await lastAct(hub.db, postId);
    if (last !== "now" && last !== "retried") throw error;
    return null;
  }
}

/** An act that changed the content, as history keeps it for who says it again. */
export interface Made {
  /** `actKey` of it. */
  act: string;
  /** What it answered beside the post. */
  answer?: unknown;
}

/** The same for two acts exactly when the same is asked. */
export const actKey = (
  act: unknown,
  { approve = false, force = false }: { approve?: boolean; force?: boolean },
): string =>
  createHash("sha256")
    .update(JSON.stringify([act, approve, force]))
    .digest("base64url");

/**
 * Does an act on the content that its author saw, whose version they name. Where the post is what exactly this act made of that version,
 * there is nothing to do.
 * @param answerOf what the act answered then, from `Made`
 * @throws what `act` throws
 */
export async function unlessMade<T>(
  hub: Hub,
  postId: string,
  key: string,
  { contentVersion }: Expecting,
  { act, answerOf }: { act: () => Promise<T>; answerOf: (answer: unknown) => T },
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (contentVersion === undefined || !(error instanceof PsnError)) throw error;
    const { rows } = await hub.db.execute<{ answer: unknown }>(sql`
      select event.facts #> '{made,answer}' as answer
      from psn.post_events as event
      join psn.posts as post on post.id = event.post_id
      where event.post_id = ${postId}
        and event.kind = 'edited'
        and event.facts #>> '{made,act}' = ${key}
        and event.facts #>> '{made,of}' = ${String(contentVersion)}
        and post.content_version = ${contentVersion + 1}`);
    const [made] = rows;
    if (!made) throw error;
    return answerOf(made.answer);
  }
}

/** Whether an act was refused for a post that goes out at this moment or is on X. */
export const isUnderWay = (error: unknown): boolean =>
  error instanceof PsnError && (error.code === "POST_PUBLISHED" || error.code === "POST_PUBLISHING");

/**
 * Of such a post: whether it is so by the time that the act asks for.
 * @throws PsnError POST_UNPUBLISHED, POST_CHANGED
 */
export function isOutBy(post: Post, at: Date | null, expecting: Expecting): boolean {
  if (at === null || post.root.scheduledAt?.getTime() !== at.getTime()) return false;
  requireNotUnpublished(post.root.id, post.root.subStatus);
  requireVersion(post, expecting);
  return true;
}

/** Whether the draft is one because its author took it back, and nothing was done with it since. */
export async function isTakenBack(db: Db | Tx, { root }: Post): Promise<boolean> {
  return root.status === "draft" && (await lastAct(db, root.id)) === "cancelled";
}

/**
 * Whether the post, approved within the last day, is as it was made: with other words, or taken back, it is another wish.
 * @param byYes only where a person's own yes approved it
 */
export async function isAsMade(db: Db | Tx, { root }: Post, { byYes }: { byYes: boolean }): Promise<boolean> {
  if (root.contentVersion !== 1) return false;
  const counts = byYes ? sql`facts ? 'how'` : sql`true`;
  const { rows } = await db.execute<{ is_it: boolean }>(sql`
    select count(*) filter (where kind = 'approved' and ${counts} and at > psn.now() - interval '1 day') > 0
      and count(*) filter (where kind in ('edited', 'cancelled', 'retried')) = 0 as is_it
    from psn.post_events
    where post_id = ${root.id}`);
  return rows[0]?.is_it === true;
}

// --- internal ---

/** What the author did last with the post, by its history. */
async function lastAct(db: Db | Tx, postId: string): Promise<string | null> {
  const { rows } = await db.execute<{ act: string }>(sql`
    select coalesce(facts ->> 'act', kind) as act
    from psn.post_events
    where post_id = ${postId}
      and (facts ? 'act' or kind in ('created', 'edited', 'scheduled', 'cancelled', 'retried'))
    order by id desc
    limit 1`);
  return rows[0]?.act ?? null;
}
