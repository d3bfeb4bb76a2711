/**
 * Posts that were missed because nothing was running (a laptop slept, no worker ran) do not go out as a burst: of each
 * account one at a time, in the order of their times, with a gap between them. The first goes at once; the others rest
 * as `retry (catching_up)` until their turn and spend no try.
 *
 * Whoever decides holds the account's row, so two workers never let two of one account go at the same moment. What it
 * decides by are the posts themselves; decision and lease (or rest) are one transaction, so a crash leaves a post either
 * untouched or decided. A turn that comes late, after another sleep, is decided anew.
 */
import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "../../db/connection.ts";
import { posts } from "../../db/schema.ts";
import { addEvent, duration } from "../../post/history.ts";
import type { PostRow } from "../../post/rows.ts";
import { MISSED_MS, turnOf } from "../decide/slots.ts";
import type { PublishDeps } from "../deps.ts";
import { isHeldUp, mayTake } from "../lease/may-take.ts";
import { failMissed, grantLease, type Taken, type Wake } from "../lease/take.ts";
import { noWorkerAt } from "./worker-liveness.ts";

export const CATCH_UP_MS = 5 * 60_000;
/** More than these are not counted; the last ones' turns are then decided anew when they come. */
const AHEAD_MAX = 1_000;

export type Turn = Exclude<Taken, { kind: "late" }> | { kind: "waits"; until: Date; note: string };

/** Takes the lease of a post that is late, if it is its turn. Else it rests until then. */
export async function takeSlot(deps: PublishDeps, wake: Wake): Promise<Turn> {
  const { hub, engine, graceMs, workerId } = deps;
  const gapMs = deps.catchUpMs ?? CATCH_UP_MS;
  return await hub.db.transaction(async (tx): Promise<Turn> => {
    // The account's row before the post's. Nobody takes them in the other order.
    if (gapMs > 0) await lockAccountOf(tx, wake.postId);
    const [post] = await tx
      .select()
      .from(posts)
      .where(and(eq(posts.id, wake.postId), mayTake(sql`posts`, sql`${wake.scheduleVersion}`)))
      .for("update");
    if (!post) return { kind: "not_ours" };
    const { now, lateMs, wakeLateMs, isMissed, ...queue } = await look(tx, post, gapMs, graceMs);
    // What waits was judged by its own time when it was first looked at; its wake-up may be missed as well, by another night.
    const tooLateMs = post.status === "scheduled" ? lateMs : wakeLateMs;
    if (isMissed && tooLateMs > graceMs) {
      await failMissed(tx, post.id, lateMs);
      return { kind: "missed", lateMs };
    }
    const turn = isMissed ? turnOf({ now, gapMs, ...queue }) : null;
    if (!turn) {
      const lease = await grantLease(tx, post.id, workerId, post.status === "publishing");
      if (isMissed) await tell(tx, post, `${missedBy(lateMs)} it goes out now.`, null);
      return { kind: "lease", lease };
    }
    const note = `${missedBy(lateMs)} it follows the one before by ${duration(gapMs)}.`;
    await tx
      .update(posts)
      .set({ status: "retry", subStatus: "catching_up", dueAt: turn, updatedAt: sql`psn.now()` })
      .where(eq(posts.id, post.id));
    await tell(tx, post, note, turn);
    await engine.enqueue(tx, { postId: post.id, scheduleVersion: post.scheduleVersion, at: turn });
    return { kind: "waits", until: turn, note };
  });
}

// --- internal ---

const missedBy = (lateMs: number) => `It was missed by ${duration(lateMs)} while nothing was running;`;

async function tell(tx: Tx, { id }: PostRow, note: string, until: Date | null): Promise<void> {
  await addEvent(tx, id, {
    kind: "catching_up",
    ...(until
      ? { status: "retry", subStatus: "catching_up", facts: { until: until.toISOString() } }
      : { status: "publishing" }),
    note,
  });
}

async function lockAccountOf(tx: Tx, postId: string): Promise<void> {
  await tx.execute(sql`
    select id
    from psn.accounts
    where id = (select account_id from psn.posts where id = ${postId})
    for no key update`);
}

/**
 * Of `other`: it was missed. One that is late for a reason of its own (a limit, a long upload) does not count: an account
 * that has such a post every few minutes would put the turn of a missed one off for ever.
 */
const hadATurn = sql`exists (
            select
            from psn.post_events as event
            where event.post_id = other.id
              and event.kind = 'catching_up'
          )`;

/** The post's lateness and the account's other missed posts, as one statement sees them. */
async function look(tx: Tx, post: PostRow, gapMs: number, graceMs: number) {
  const scheduledAt = sql`${(post.scheduledAt ?? post.createdAt).toISOString()}::timestamptz`;
  const dueAt = sql`${(post.dueAt ?? post.scheduledAt ?? post.createdAt).toISOString()}::timestamptz`;
  const before = (ms: number) => sql`psn.now() - make_interval(secs => ${ms / 1000})`;
  const { rows } = await tx.execute<{
    now: string;
    late_ms: string;
    wake_late_ms: string;
    is_missed: boolean;
    ahead: number;
    last_at: string | null;
    is_busy: boolean;
    goes_on_at: string | null;
  }>(sql`
    select psn.now() as now,
      extract(epoch from psn.now() - ${scheduledAt}) * 1000 as late_ms,
      extract(epoch from psn.now() - ${dueAt}) * 1000 as wake_late_ms,
      -- A request without an answer is looked for at once; what is on X already is not kept waiting for the rest.
      (
        ${post.status === "scheduled"}
        or (
          (select ${isHeldUp} from psn.posts where id = ${post.id})
          and not exists (select from psn.publish_attempts where root_id = ${post.id} and outcome is null)
        )
      )
      and (${post.subStatus === "catching_up"} or ${noWorkerAt(dueAt)}) as is_missed,
      (
        select count(*)::int
        from (
          select
          from psn.posts as other
          where other.account_id = ${post.accountId}
            and (other.scheduled_at, other.id) < (${scheduledAt}, ${post.id})
            and ((other.status = 'scheduled' and other.scheduled_at > ${before(graceMs)}) or ${isHeldUp})
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
          and ${hadATurn}
      ) as last_at,
      exists (
        select
        from psn.posts as other
        where other.account_id = ${post.accountId}
          and other.status = 'publishing'
          and other.id <> ${post.id}
          and other.scheduled_at < ${before(MISSED_MS)}
          and ${hadATurn}
      ) as is_busy,
      -- Its turn came before the network did, or before a limit opened. What waits for a person has no time and holds up
      -- nobody; nor does a lost answer, which is looked for as long as X's timeline is down.
      (
        select max(other.due_at)
        from psn.posts as other
        where other.account_id = ${post.accountId}
          and other.status = 'retry'
          and coalesce(other.sub_status, '') not in ('catching_up', 'confirming')
          and other.due_at > ${before(gapMs)}
          and other.scheduled_at < ${before(MISSED_MS)}
          and other.id <> ${post.id}
          and ${hadATurn}
      ) as goes_on_at`);
  const [row] = rows;
  if (!row) throw new Error("a select without a table has one row");
  return {
    now: new Date(row.now),
    lateMs: Number(row.late_ms),
    wakeLateMs: Number(row.wake_late_ms),
    isMissed: row.is_missed,
    ahead: row.ahead,
    lastAt: row.last_at === null ? null : new Date(row.last_at),
    isBusy: row.is_busy,
    goesOnAt: row.goes_on_at === null ? null : new Date(row.goes_on_at),
  };
}
