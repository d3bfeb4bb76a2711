/**
 * A post that waited for its time, and whose file says something else now that cannot be taken: nobody wants its old words sent, and
 * nobody has approved the new ones. It is held back as a draft, and history keeps what it was. When its file says again exactly what was
 * approved, it is that again, as long as nobody did anything with it in between.
 */

import { eq, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db, Hub, Tx } from "../db/connection.ts";
import { posts } from "../db/schema.ts";
import type { Engine } from "../engine.ts";
import { isApprovalOf } from "../post/content-hash.ts";
import { readAuthorNow } from "../post/due.ts";
import { addEvent } from "../post/history.ts";
import { isWaiting } from "../post/transitions.ts";
import { utcToUserTime } from "../utils/zone-clock.ts";
import { approve } from "./approve.ts";
import { requireWithinCaps } from "./caps.ts";
import { change, type Expecting, toDraft } from "./change.ts";
import { loadPost, type Post } from "./read.ts";
import { requeue, type Schedule, scheduleOf, setSchedule } from "./schedule.ts";
import { asNewTweet } from "./tweets.ts";

const HeldSchema = z.object({
  /** Of the content that was approved. */
  hash: z.string(),
  /** The time that it waited for; null for one that waited for another try. */
  schedule: z.object({ at: z.coerce.date(), timezone: z.string() }).nullable(),
});
export type Held = z.infer<typeof HeldSchema>;

/** What a post, a row named `posts`, was before it was held back, of its latest event; null when something happened to it since. */
export const heldSql: SQL<unknown> = sql`(
  select event.facts -> 'held'
  from psn.post_events as event
  where event.post_id = ${posts.id}
  order by event.id desc
  limit 1
)`;

/** What `heldSql` has found. */
export function readHeld(value: unknown): Held | null {
  return HeldSchema.safeParse(value).data ?? null;
}

/**
 * Takes a post's approval, and one that waits for its time back to a draft: what it would say is not what its author wants said.
 * @param why as a sentence without its full stop
 * @throws PsnError POST_STATUS …, POST_CHANGED
 */
export async function holdBack(
  hub: Hub,
  engine: Engine,
  postId: string,
  why: string,
  expecting: Expecting,
): Promise<void> {
  await change(hub, postId, "edit", expecting, async (tx, post) => {
    const { approvedHash } = post.root;
    if (isWaiting(post.root)) await toDraft(tx, engine, post);
    await tx.update(posts).set({ approvedHash: null, approvedAt: null }).where(eq(posts.id, postId));
    await addEvent(tx, postId, {
      kind: "unapproved",
      status: "draft",
      note: `${why}; it waits for approval.`,
      // A draft waited for nothing, and is not given back as one that goes on.
      facts:
        approvedHash === null || !isWaiting(post.root)
          ? {}
          : { held: { hash: approvedHash, schedule: scheduleOf(post) } },
    });
  });
  await engine.reconcile(hub, postId);
}

/** Whether a time that it waited for is still to come. */
export const isAhead = async (db: Db | Tx, { schedule }: Held): Promise<boolean> =>
  schedule === null || schedule.at > (await readAuthorNow(db));

/**
 * In the transaction of an edit, after its content is written: approves and schedules a post as it was before it was held back. Its author
 * has approved exactly this content for exactly this time.
 * @returns false where it says something else, or its time has passed; nothing is written then
 * @throws PsnError OVER_CAP, TIME_OVER_CAP, POST_DUPLICATE, and what `approve` throws
 */
export async function giveBack(tx: Tx, engine: Engine, postId: string, held: Held): Promise<boolean> {
  const post = await loadPost(tx, postId);
  const { accountId, metadata } = post.root;
  if (!isApprovalOf(held.hash, accountId, post.tweets.map(asNewTweet), metadata)) return false;
  if (!(await isAhead(tx, held))) return false;
  await requireWithinCaps(tx, postId, held.schedule?.at.toISOString() ?? "now");
  await approve(tx, post);
  await waitAsBefore(tx, engine, post, held.schedule);
  return true;
}

// --- internal ---

async function waitAsBefore(tx: Tx, engine: Engine, post: Post, schedule: Schedule | null): Promise<void> {
  const note = "Its file says again what was approved";
  if (schedule === null) return await requeue(tx, engine, post, "retried", `${note}; it goes on.`);
  const { text } = utcToUserTime(schedule.at, schedule.timezone);
  await setSchedule(tx, engine, post, schedule, `${note}; scheduled for ${text}.`);
}
