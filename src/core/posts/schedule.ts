/** When a post goes out: at a time, now, not at all, or again. */
import { eq, sql } from "drizzle-orm";
import type { Db, Hub, Tx } from "../db/connection.ts";
import { posts } from "../db/schema.ts";
import type { Engine } from "../engine.ts";
import { PsnError } from "../errors.ts";
import { readAuthorNow } from "../post/due.ts";
import { addEvent } from "../post/history.ts";
import { grantLease, type Lease } from "../post/lease.ts";
import { utcToUserTime } from "../utils/zone-clock.ts";
import { requireApproved, type Sending } from "./approve.ts";
import { CLEARED, change, type Expecting, requireVersion, toDraft } from "./change.ts";
import { isScheduledFor } from "./changes.ts";
import { plannedOf } from "./composing.ts";
import { isOutBy, isTakenBack, isUnderWay } from "./done-before.ts";
import { requireLeave } from "./leave.ts";
import { loadPost, type Post } from "./read.ts";
import { timeMeant } from "./time-meant.ts";
import { asShown } from "./time-shown.ts";

export interface Schedule {
  at: Date;
  /** The author's zone, kept to show the time as they said it. */
  timezone: string;
  /** From the moment its words were read, where they count from it, as “in 2 hours” does: read again they mean a later instant. */
  spanMs?: number;
}

/**
 * Sets or moves the time of an approved post; null is the time that it has, or else the one that its file named. A thread that was stopped half-way resumes at
 * its first unsent tweet.
 * @throws PsnError POST_NOT_APPROVED, TIME_IN_PAST, TIME_MISSING, TIME_AMBIGUOUS, POST_STATUS …, POST_CHANGED, and what `approvePost` throws
 */
export async function schedulePost(
  hub: Hub,
  engine: Engine,
  postId: string,
  schedule: Schedule | null,
  sending: Sending = {},
): Promise<{ scheduleVersion: number }> {
  const result = await change(hub, postId, "schedule", sending, async (tx, post) => {
    const wanted = schedule ?? (await timeMeant(tx, post));
    await requireApproved(tx, post, sending);
    return await setNewSchedule(tx, hub, engine, post, wanted);
  }).catch(async (error) => {
    if (!isUnderWay(error)) throw error;
    const post = await loadPost(hub.db, postId);
    const wanted = schedule ? await asShown(hub.db, hub, post, schedule) : plannedOf(post.root.metadata);
    if (!isOutBy(post, wanted?.at ?? null, sending)) throw error;
    return { scheduleVersion: post.root.scheduleVersion };
  });
  await engine.reconcile(hub, postId);
  return result;
}

/**
 * Takes an approved post for publishing at once, whatever its schedule was, and gives its lease to the caller, who
 * publishes. When the caller dies, a worker takes over as the lease runs out.
 * @throws PsnError POST_NOT_APPROVED, POST_STATUS …, POST_CHANGED, and what `approvePost` throws
 */
export async function takeNow(
  hub: Hub,
  engine: Engine,
  postId: string,
  owner: string,
  sending: Sending = {},
): Promise<Lease> {
  const lease = await change(hub, postId, "now", sending, async (tx, post) => {
    await requireApproved(tx, post, sending);
    await requireLeave(tx, hub, postId, "now");
    return await takeForNow(tx, engine, post, owner, "now");
  });
  await engine.reconcile(hub, postId);
  return lease;
}

/**
 * Takes a scheduled or waiting post back to draft. What is on X already stays there.
 * @throws PsnError POST_STATUS …
 */
export async function cancelPost(
  hub: Hub,
  engine: Engine,
  postId: string,
  expecting: Expecting = {},
): Promise<{ wasDone: boolean }> {
  const wasDone = await change(hub, postId, "cancel", expecting, async (tx, post) => {
    await toDraft(tx, engine, post);
    await addEvent(tx, postId, {
      kind: "cancelled",
      status: "draft",
      note: "Cancelled by its author; it is a draft again.",
    });
    return false;
  }).catch(async (error) => {
    // Said again it finds its work done.
    if (!(error instanceof PsnError) || error.code !== "POST_STATUS") throw error;
    const post = await loadPost(hub.db, postId);
    if (!(await isTakenBack(hub.db, post))) throw error;
    requireVersion(post, expecting);
    return true;
  });
  await engine.reconcile(hub, postId);
  return { wasDone };
}

/**
 * Lets a failed or waiting post go on at once, from its first tweet without an id.
 * @throws PsnError POST_NOT_APPROVED, POST_STATUS …
 */
export async function retryPost(hub: Hub, engine: Engine, postId: string, expecting: Expecting = {}): Promise<void> {
  await change(hub, postId, "retry", expecting, async (tx, post) => {
    await requireApproved(tx, post);
    await requireLeave(tx, hub, postId, "now");
    await requeue(tx, engine, post, "retried", "Tried again by its author.");
  });
  await engine.reconcile(hub, postId);
}

// --- for the other acts ---

/**
 * For exactly the time that it waits for, or by which it goes out already, nothing is written: the same command again finds its work done.
 * @throws PsnError TIME_IN_PAST
 */
export async function setNewSchedule(tx: Tx, hub: Hub, engine: Engine, post: Post, wanted: Schedule) {
  const schedule = await asShown(tx, hub, post, wanted);
  const goesOutBy = post.root.status === "retry" && post.root.scheduledAt?.getTime() === schedule.at.getTime();
  if (goesOutBy || isScheduledFor(post, schedule)) return { scheduleVersion: post.root.scheduleVersion };
  await requireFuture(tx, schedule);
  await requireLeave(tx, hub, post.root.id, schedule.at.toISOString(), schedule.spanMs);
  return await setSchedule(
    tx,
    engine,
    post,
    schedule,
    `Scheduled for ${utcToUserTime(schedule.at, schedule.timezone).text}.`,
  );
}

/**
 * X could not be compared with the record, so its author looked there before saying this: what was posted before this moment is
 * not looked for again.
 */
const HAS_LOOKED = {
  approvedAt: sql`case when ${posts.failCode} = 'RECORD_NOT_COMPARED' then psn.now() else ${posts.approvedAt} end`,
};

/** The lease of an approved post, in the transaction that allowed it. */
export async function takeForNow(tx: Tx, engine: Engine, post: Post, owner: string, act?: "now"): Promise<Lease> {
  const { id } = post.root;
  await engine.cancel(tx, id);
  const taken = await grantLease(tx, id, owner, act);
  await tx
    .update(posts)
    .set({
      scheduleVersion: sql`${posts.scheduleVersion} + 1`,
      scheduledAt: null,
      scheduledTimezone: null,
      retryCount: 0,
      ...HAS_LOOKED,
      ...CLEARED,
    })
    .where(eq(posts.id, id));
  return taken;
}

/** The past is an error, not "now". @throws PsnError TIME_IN_PAST */
export async function requireFuture(db: Db | Tx, schedule: Schedule): Promise<void> {
  const now = await readAuthorNow(db);
  if (schedule.at.getTime() > now.getTime()) return;
  const shown = (at: Date) => utcToUserTime(at, schedule.timezone).text;
  throw new PsnError("TIME_IN_PAST", `${shown(schedule.at)} is in the past: it is ${shown(now)}.`, {
    hint: "Give a later time.",
  });
}

/** The time that the post waits for now. */
export function scheduleOf(post: Post): Schedule | null {
  const { scheduledAt, scheduledTimezone } = post.root;
  return scheduledAt ? { at: scheduledAt, timezone: scheduledTimezone ?? "UTC" } : null;
}

export async function setSchedule(
  tx: Tx,
  engine: Engine,
  post: Post,
  schedule: Schedule,
  note: string,
  kind: "scheduled" | "edited" | "retried" = "scheduled",
  more: Record<string, unknown> = {},
): Promise<{ scheduleVersion: number }> {
  const { id } = post.root;
  const [row] = await tx
    .update(posts)
    .set({
      status: "scheduled",
      ...CLEARED,
      scheduledAt: schedule.at,
      scheduledTimezone: schedule.timezone,
      dueAt: schedule.at,
      scheduleVersion: sql`${posts.scheduleVersion} + 1`,
      retryCount: 0,
      updatedAt: sql`psn.now()`,
    })
    .where(eq(posts.id, id))
    .returning({ scheduleVersion: posts.scheduleVersion });
  const scheduleVersion = row?.scheduleVersion ?? 0;
  await engine.enqueue(tx, { postId: id, scheduleVersion, at: schedule.at });
  const { spanMs } = schedule;
  const span = spanMs === undefined ? {} : { spanMs };
  const facts = { at: schedule.at.toISOString(), timezone: schedule.timezone, scheduleVersion, ...span, ...more };
  await addEvent(tx, id, { kind, status: "scheduled", note, facts });
  return { scheduleVersion };
}

/** Due at once, from the first tweet without an id. A draft, which no way leads to another try, gets a time for that, which is now. */
export async function requeue(
  tx: Tx,
  engine: Engine,
  post: Post,
  kind: "edited" | "retried",
  note: string,
  facts: Record<string, unknown> = {},
): Promise<void> {
  if (post.root.status === "draft") {
    const timezone = plannedOf(post.root.metadata)?.timezone ?? "UTC";
    await setSchedule(tx, engine, post, { at: await readAuthorNow(tx), timezone }, note, kind, facts);
    return;
  }
  const [row] = await tx
    .update(posts)
    .set({
      status: "retry",
      ...HAS_LOOKED,
      ...CLEARED,
      dueAt: sql`psn.now()`,
      scheduleVersion: sql`${posts.scheduleVersion} + 1`,
      retryCount: 0,
      // The author has spoken, so the time that was missed no longer counts.
      scheduledAt: null,
      updatedAt: sql`psn.now()`,
    })
    .where(eq(posts.id, post.root.id))
    .returning({ scheduleVersion: posts.scheduleVersion, dueAt: posts.dueAt });
  if (!row?.dueAt) throw new Error(`post ${post.root.id} vanished under its lock`);
  await engine.enqueue(tx, { postId: post.root.id, scheduleVersion: row.scheduleVersion, at: row.dueAt });
  await addEvent(tx, post.root.id, { kind, status: "retry", note, facts });
}
