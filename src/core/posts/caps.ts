/** Whether the author's limits leave room for a post: asked before it is approved, so that nobody approves what would only wait. */
import { type SQL, sql } from "drizzle-orm";
import { threadMicros } from "../compose/cost.ts";
import { anyOf } from "../db/batch.ts";
import { hubNow, type Tx } from "../db/connection.ts";
import { hasLimits, isOnSandbox, type LimitState, limitStates } from "../spend/limits.ts";
import { requireRoom } from "../spend/room.ts";
import { plannedOf } from "./composing.ts";
import type { Sends } from "./person-approval.ts";
import { loadPost, type Post } from "./read.ts";

/** Posts that wait for a time in one window; those beyond are not counted. */
const PLANNED_MAX = 1_000;

/**
 * In the transaction of an act that approves or sends, after its content is written. The window is that of the post's time: the one that
 * it gets, else the one that its file named, else now. Beside what is used, the posts count that wait for a time in that window. A thread
 * of which something is on X goes on, whatever it costs.
 * @param spanMs of a time that counts from the act, as “in 2 hours” does
 * @throws PsnError OVER_CAP, TIME_OVER_CAP, CAP_TOO_SMALL
 */
export async function requireWithinCaps(tx: Tx, postId: string, sends: Sends, spanMs?: number): Promise<void> {
  if (!(await hasLimits(tx))) return;
  const post = await loadPost(tx, postId);
  if (post.tweets.some(({ externalPostId }) => externalPostId !== null)) return;
  const now = await hubNow(tx);
  const fixed = timeOf(post, sends, now);
  const at = fixed ?? now;
  const { accountId } = post.root;
  const isSandbox = await isOnSandbox(tx, accountId);
  const states = await limitStates(tx, { accountId, isSandbox, at, exceptRootId: postId });
  const planned = await plannedIn(tx, states, postId);
  requireRoom(
    states.map((state) => ({ ...state, planned: sumIn(state, planned) })),
    { micros: microsOf(post), posts: 1 },
    {
      // Without its id: a post that is refused as it is made is nowhere.
      what: "The post",
      later: "Give it a time after that, with --at TIME.",
      waitsMs: fixed ? (spanMs ?? null) : 0,
      // Of an act that approves it is the approval as well, of the content that was judged.
      anew: `psn post schedule ${postId} --approve --version ${post.root.contentVersion} --at`,
    },
  );
}

// --- internal ---

/** When it goes out; null: at once, or at any time. */
function timeOf({ root }: Post, sends: Sends, now: Date): Date | null {
  if (sends === "now") return null;
  if (sends !== "draft") return new Date(sends);
  const planned = plannedOf(root.metadata)?.at;
  return planned && planned > now ? planned : null;
}

const microsOf = ({ tweets }: Post): number =>
  threadMicros(tweets.map(({ content, media }) => ({ text: content, media })));

interface PlannedPost {
  accountId: string;
  dueAt: Date;
  micros: number;
}

/** Approved posts that have not begun and go out in a window of these. */
async function plannedIn(tx: Tx, states: readonly LimitState[], exceptPostId: string): Promise<PlannedPost[]> {
  if (states.length === 0) return [];
  const inWindow = states.map(
    ({ from, to }): SQL =>
      sql`(post.due_at >= ${from.toISOString()}::timestamptz and post.due_at < ${to.toISOString()}::timestamptz)`,
  );
  const { rows: posts } = await tx.execute<{ id: string; account_id: string; due_at: string }>(sql`
    select post.id, post.account_id, post.due_at
    from psn.posts as post
    where post.status in ('scheduled', 'retry')
      and post.external_post_id is null
      and post.id <> ${exceptPostId}
      and (${sql.join(inWindow, sql` or `)})
      and not exists (
        select
        from psn.spend_promises as promise
        where promise.root_id = post.id and post.status = 'retry'
      )
    order by post.due_at
    limit ${PLANNED_MAX}`);
  if (posts.length === 0) return [];
  const roots = anyOf(posts.map(({ id }) => id));
  const { rows: tweets } = await tx.execute<{ root_id: string; content: string; alt_texts: number }>(sql`
    select coalesce(tweet.parent_post_id, tweet.id) as root_id, tweet.content,
      (
        select count(*)::int
        from psn.post_media as media
        where media.post_id = tweet.id and media.alt_text <> ''
      ) as alt_texts
    from psn.posts as tweet
    where tweet.id = ${roots} or tweet.parent_post_id = ${roots}`);
  const micros = new Map<string, number>();
  for (const { root_id: rootId, content, alt_texts: count } of tweets) {
    const media = Array.from({ length: count }, () => ({ altText: "counted" }));
    micros.set(rootId, (micros.get(rootId) ?? 0) + threadMicros([{ text: content, media }]));
  }
  return posts.map((post) => ({
    accountId: post.account_id,
    dueAt: new Date(post.due_at),
    micros: micros.get(post.id) ?? 0,
  }));
}

function sumIn({ accountId, unit, from, to }: LimitState, planned: readonly PlannedPost[]): number {
  const inside = planned.filter(
    (post) => post.dueAt >= from && post.dueAt < to && (accountId === null || post.accountId === accountId),
  );
  return unit === "posts" ? inside.length : inside.reduce((sum, { micros }) => sum + micros, 0);
}
