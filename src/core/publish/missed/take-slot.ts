/**
 * Posts that were missed because nothing was running (a laptop slept, no worker ran) do not go out as a burst: of each
 * account one at a time, in the order of their times, with a gap between them. The first goes at once; the others wait
 * as `retry (catching_up)` until their slot and spend no try. One that is later than the grace fails and waits for a word.
 *
 * The rule is `lateStep`. Who asks it holds the account's row, so two workers never let two of one account go at the same
 * moment. What it decides by are the posts themselves; decision and lease (or wait) are one transaction, so a crash leaves
 * a post either untouched or decided. A slot that comes late, after another sleep, is decided anew.
 */
import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "../../db/connection.ts";
import { posts } from "../../db/schema.ts";
import { authorNow, correction } from "../../post/due.ts";
import { addEvent } from "../../post/history.ts";
import { grantLease } from "../../post/lease.ts";
import type { PostRow } from "../../post/rows.ts";
import { duration } from "../decide/duration.ts";
import { type LatePost, lateStep, MISSED_MS, type SlotQueue } from "../decide/slots.ts";
import type { PublishDeps } from "../deps.ts";
import { type DueRun, isQueued, mayTake, type Taken } from "../lease/take.ts";
import { workerWasAlive } from "../worker-liveness.ts";

/** Between two missed posts of one account, unless set otherwise. */
export const CATCH_UP_MS = 5 * 60_000;
/** More than these are not counted; the last ones' slots are then decided anew when they come. */
const AHEAD_MAX = 1_000;

export type SlotTaken =
  | Exclude<Taken, { kind: "late" }>
  /** Its time is so long past that it is not sent without a word from its author; it is failed now. */
  | { kind: "failed"; code: string; reason: string }
  | { kind: "waits"; until: Date; note: string };

/** Decides about a post that is late: takes its lease if its slot is now, has it wait for its slot, or fails it. */
export async function takeSlot(deps: PublishDeps, due: DueRun): Promise<SlotTaken> {
  const { hub, graceMs, workerId } = deps;
  const gapMs = deps.catchUpMs ?? CATCH_UP_MS;
  return await hub.db.transaction(async (tx): Promise<SlotTaken> => {
    // The account's row before the post's. Nobody takes them in the other order.
    if (gapMs > 0) await lockAccountOf(tx, due.postId);
    const [post] = await tx
      .select()
      .from(posts)
      .where(and(eq(posts.id, due.postId), mayTake(sql`posts`, sql`${due.scheduleVersion}`)))
      .for("update");
    if (!post) return { kind: "not_ours" };
    const late = await readLatePost(tx, post);
    const step = lateStep(late, await readQueue(tx, post, gapMs, graceMs), graceMs);
    switch (step.do) {
      case "publish": {
        const lease = await grantLease(tx, post.id, workerId);
        if (step.wasMissed) {
          const note = `${missedBy(late.lateMs)} it goes out now.`;
          await addEvent(tx, post.id, { kind: "catching_up", status: "publishing", note });
        }
        return { kind: "lease", lease };
      }
      case "wait":
        return await waitForSlot(deps, tx, post, step.until, `${missedBy(late.lateMs)} ${follows(gapMs)}`);
      case "fail":
        return await failMissed(tx, post.id, late.lateMs);
    }
  });
}

// --- internal ---

const missedBy = (lateMs: number) => `It was missed by ${duration(lateMs)} while nothing was running;`;
const follows = (gapMs: number) => `it follows the one before by ${duration(gapMs)}.`;

async function waitForSlot(
  { engine }: PublishDeps,
  tx: Tx,
  post: PostRow,
  until: Date,
  note: string,
): Promise<SlotTaken> {
  await tx
    .update(posts)
    .set({ status: "retry", subStatus: "catching_up", dueAt: until, updatedAt: sql`psn.now()` })
    .where(eq(posts.id, post.id));
  await addEvent(tx, post.id, {
    kind: "catching_up",
    status: "retry",
    subStatus: "catching_up",
    facts: { until: until.toISOString() },
    note,
  });
  await engine.enqueue(tx, { postId: post.id, scheduleVersion: post.scheduleVersion, at: until });
  return { kind: "waits", until, note };
}

async function failMissed(tx: Tx, postId: string, lateMs: number): Promise<SlotTaken> {
  const code = "MISSED_ITS_TIME";
  const reason = `It missed its time by ${duration(lateMs)} because nothing was running, and was not sent behind your back.`;
  await tx
    .update(posts)
    .set({ status: "failed", failCode: code, failReason: reason, dueAt: null, updatedAt: sql`psn.now()` })
    .where(eq(posts.id, postId));
  await addEvent(tx, postId, { kind: "failed", status: "failed", note: reason, facts: { code } });
  return { kind: "failed", code, reason };
}

async function lockAccountOf(tx: Tx, postId: string): Promise<void> {
  await tx.execute(sql`
    select id
    from psn.accounts
    where id = (select account_id from psn.posts where id = ${postId})
    for no key update`);
}

const before = (ms: number) => sql`psn.now() - make_interval(secs => ${ms / 1000})`;

async function readLatePost(tx: Tx, { id, status, subStatus }: PostRow): Promise<LatePost> {
  const { rows } = await tx.execute<{
    late_ms: string;
    due_late_ms: string;
    is_queued: boolean;
    has_open_attempt: boolean;
    worker_was_alive: boolean;
  }>(sql`
    select extract(epoch from ${authorNow} - times.scheduled) * 1000 as late_ms,
      extract(epoch from psn.now() - times.due) * 1000 as due_late_ms,
      ${isQueued(sql`post`)} as is_queued,
      exists (select from psn.publish_attempts where root_id = post.id and outcome is null) as has_open_attempt,
      ${workerWasAlive(sql`times.due`)} as worker_was_alive
    from psn.posts as post
    cross join lateral (
      select coalesce(post.scheduled_at, post.created_at) as scheduled,
        -- By the hub's clock, as what is compared with it: an author's time comes at another one where that clock is off.
        coalesce(post.due_at, post.scheduled_at, post.created_at)
          - case when post.status = 'scheduled' then ${correction} else interval '0' end as due
    ) as times
    where post.id = ${id}`);
  const [row] = rows;
  if (!row || !status) throw new Error(`post ${id} vanished under its lock`);
  return {
    status,
    subStatus,
    lateMs: Number(row.late_ms),
    dueLateMs: Number(row.due_late_ms),
    isQueued: row.is_queued,
    hasOpenAttempt: row.has_open_attempt,
    workerWasAlive: row.worker_was_alive,
  };
}

/**
 * Of `other`: it had a slot. One that is late for a reason of its own (a limit, a long upload) does not count: an account
 * that has such a post every few minutes would put the slot of a missed one off without end.
 */
const hadSlot = sql`exists (
            select
            from psn.post_events as event
            where event.post_id = other.id
              and event.kind = 'catching_up'
          )`;

/** The account's other missed posts, as one statement sees them. */
async function readQueue(tx: Tx, post: PostRow, gapMs: number, graceMs: number): Promise<SlotQueue> {
  const scheduledAt = sql`${(post.scheduledAt ?? post.createdAt).toISOString()}::timestamptz`;
  const { rows } = await tx.execute<{
    now: string;
    ahead: number;
    last_at: string | null;
    is_busy: boolean;
    goes_on_at: string | null;
  }>(sql`
    select psn.now() as now,
      (
        select count(*)::int
        from (
          select
          from psn.posts as other
          where other.account_id = ${post.accountId}
            and (other.scheduled_at, other.id) < (${scheduledAt}, ${post.id})
            and (
              (other.status = 'scheduled' and other.scheduled_at > ${authorNow} - make_interval(secs => ${graceMs / 1000}))
              or ${isQueued(sql`other`)}
            )
          limit ${AHEAD_MAX}
        ) as waiting
      ) as ahead,
      (
        select max(other.published_at)
        from psn.posts as other
        where other.account_id = ${post.accountId}
          and other.external_post_id is not null
          and other.published_at > ${before(gapMs)}
          and other.published_at > other.scheduled_at + make_interval(secs => ${MISSED_MS / 1000})
          and ${hadSlot}
      ) as last_at,
      exists (
        select
        from psn.posts as other
        where other.account_id = ${post.accountId}
          and other.status = 'publishing'
          and other.id <> ${post.id}
          and other.scheduled_at < ${before(MISSED_MS)}
          and ${hadSlot}
      ) as is_busy,
      -- Its slot came before the network did, or before a limit opened. What waits for a person has no time and keeps
      -- nobody waiting; nor does a lost answer, which is looked for as long as X's timeline is down.
      (
        select max(other.due_at)
        from psn.posts as other
        where other.account_id = ${post.accountId}
          and other.status = 'retry'
          and coalesce(other.sub_status, '') not in ('catching_up', 'confirming')
          and other.due_at > ${before(gapMs)}
          and other.scheduled_at < ${before(MISSED_MS)}
          and other.id <> ${post.id}
          and ${hadSlot}
      ) as goes_on_at`);
  const [row] = rows;
  if (!row) throw new Error("a select without a table has one row");
  const dateOf = (text: string | null) => (text === null ? null : new Date(text));
  return {
    now: new Date(row.now),
    gapMs,
    ahead: row.ahead,
    lastAt: dateOf(row.last_at),
    isBusy: row.is_busy,
    goesOnAt: dateOf(row.goes_on_at),
  };
}
