/** When a post goes out: at a time, now, not at all, or again. */
import { eq, sql } from "drizzle-orm";
import { type Hub, hubNow, type Tx } from "../db/connection.ts";
import { posts } from "../db/schema.ts";
import type { Engine } from "../engine.ts";
import { PsnError } from "../errors.ts";
import { addEvent } from "../post/history.ts";
import { grantLease, type Lease } from "../post/lease.ts";
import { requireApproved } from "./approve.ts";
import { CLEARED, change, type Expecting, toDraft } from "./change.ts";
import type { Post } from "./read.ts";

export interface Schedule {
  at: Date;
  /** The author's zone, kept to show the time as they said it. */
  timezone: string;
}

/**
 * Sets or moves the time of an approved post. A thread that was stopped half-way resumes at its first unsent tweet.
 * @throws PsnError POST_NOT_APPROVED, TIME_IN_PAST, POST_STATUS …, POST_CHANGED
 */
export async function schedulePost(
  hub: Hub,
  engine: Engine,
  postId: string,
  schedule: Schedule,
  expecting: Expecting = {},
): Promise<{ scheduleVersion: number }> {
  const result = await change(hub, postId, "schedule", expecting, async (tx, post) => {
    requireApproved(post);
    await requireFuture(tx, schedule);
    return await setSchedule(tx, engine, post, schedule, `Scheduled for ${schedule.at.toISOString()}.`);
  });
  await engine.reconcile(hub, postId);
  return result;
}

/**
 * Takes an approved post for publishing at once, whatever its schedule was, and gives its lease to the caller, who
 * publishes. Should the caller die, a worker takes over when the lease runs out.
 * @throws PsnError POST_NOT_APPROVED, POST_STATUS …, POST_CHANGED
 */
export async function takeNow(
  hub: Hub,
  engine: Engine,
  postId: string,
  owner: string,
  expecting: Expecting = {},
): Promise<Lease> {
  const lease = await change(hub, postId, "now", expecting, async (tx, post) => {
    requireApproved(post);
    await engine.cancel(tx, postId);
    const taken = await grantLease(tx, postId, owner);
    await tx
      .update(posts)
      .set({
        scheduleVersion: sql`${posts.scheduleVersion} + 1`,
        scheduledAt: null,
        scheduledTimezone: null,
        retryCount: 0,
        ...CLEARED,
      })
      .where(eq(posts.id, postId));
    return taken;
  });
  await engine.reconcile(hub, postId);
  return lease;
}

/**
 * Takes a scheduled or waiting post back to draft. What is on X already stays there.
 * @throws PsnError POST_STATUS …
 */
export async function cancelPost(hub: Hub, engine: Engine, postId: string, expecting: Expecting = {}): Promise<void> {
  await change(hub, postId, "cancel", expecting, async (tx, post) => {
    await toDraft(tx, engine, post);
    await addEvent(tx, postId, {
      kind: "cancelled",
      status: "draft",
      note: "Cancelled by its author; it is a draft again.",
    });
  });
  await engine.reconcile(hub, postId);
}

/**
 * Lets a failed or waiting post go on at once, from its first tweet without an id.
 * @throws PsnError POST_NOT_APPROVED, POST_STATUS …
 */
export async function retryPost(hub: Hub, engine: Engine, postId: string, expecting: Expecting = {}): Promise<void> {
  await change(hub, postId, "retry", expecting, async (tx, post) => {
    requireApproved(post);
    await goOn(tx, engine, post, "retried", "Tried again by its author.");
  });
  await engine.reconcile(hub, postId);
}

// --- for the other acts ---

/** The past is an error, not "now". @throws PsnError TIME_IN_PAST */
export async function requireFuture(tx: Tx, schedule: Schedule): Promise<void> {
  const now = await hubNow(tx);
  if (schedule.at.getTime() > now.getTime()) return;
  throw new PsnError("TIME_IN_PAST", `${schedule.at.toISOString()} is in the past (it is ${now.toISOString()}).`, {
    hint: "Give a later time, or publish at once with: psn post now ID",
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
  kind: "scheduled" | "edited" = "scheduled",
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
  const facts = { at: schedule.at.toISOString(), timezone: schedule.timezone, scheduleVersion };
  await addEvent(tx, id, { kind, status: "scheduled", note, facts });
  return { scheduleVersion };
}

/** Due at once, from the first tweet without an id. */
export async function goOn(tx: Tx, engine: Engine, post: Post, kind: string, note: string): Promise<void> {
  const [row] = await tx
    .update(posts)
    .set({
      status: "retry",
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
  await addEvent(tx, post.root.id, { kind, status: "retry", note });
}
