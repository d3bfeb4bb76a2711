/**
 * The hub's side of a post: who holds it, where it rests, and its history. `attempts.ts` holds the requests to X.
 * Every function is one statement or one transaction. Whoever writes locks the post's root row first.
 */
import { and, eq, sql } from "drizzle-orm";
import { ask } from "../../db/ask.ts";
import { rowsOf, together } from "../../db/batch.ts";
import type { Hub, Tx } from "../../db/connection.ts";
import { posts } from "../../db/schema.ts";
import { addEvent } from "../../post/history.ts";
import type { PostRow } from "../../post/rows.ts";
import type { PostSubStatus } from "../../types/index.ts";

/** A dead worker's post is free after this; a living one renews its lease three times in it. */
export const LEASE_MS = 10_000;
export const HEARTBEAT_MS = 3_000;

export interface Lease {
  postId: string;
  owner: string;
  /** Fencing number: an attempt bears it, and none is written under an older one. */
  fencing: number;
}

/** Thrown inside a run when the post belongs to another worker now: stop at once, write nothing more. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
}

/** When a lease that is given now runs out, by the hub's clock. After a wait for the row it counts from the end of the wait. */
export const leaseUntil = sql`psn.clock() + make_interval(secs => ${LEASE_MS / 1000})`;

/** Renews the lease. False when it is not ours any more. Runs whose hearts beat at the same moment share the statement. */
export const renewLease = together<Lease, boolean>({
  key: ({ postId }) => postId,
  many: async (hub, leases) => {
    const beating = leases.map(({ postId, owner, fencing }) => ({ post_id: postId, owner, fencing }));
    const rows = await ask<{ id: string }>(
      hub,
      "renew",
      sql`
      with held as (
        select post.id
        from ${rowsOf(beating)} as beating (post_id text, owner text, fencing bigint)
        join psn.posts as post on post.id = beating.post_id
        where post.status = 'publishing'
          and post.lease_owner = beating.owner
          and post.lease_fencing = beating.fencing
        order by post.id
        for update of post skip locked
      )
      update psn.posts as post
      set lease_expires_at = ${leaseUntil}
      from held
      where post.id = held.id
      returning post.id`,
      // One that hangs on a dead connection would hold up every other; the next beat takes another connection.
      { timeoutMs: HEARTBEAT_MS },
    );
    return new Map(rows.map(({ id }) => [id, true]));
  },
  // Not ours, or somebody holds the row: here that is waited for.
  alone: async (hub, lease) => {
    const { rowCount } = await hub.db.update(posts).set({ leaseExpiresAt: leaseUntil }).where(held(lease));
    return rowCount === 1;
  },
});

/** Where a run leaves a post that is not finished. Needs the lease; without it nothing is written. */
export interface Rest {
  status: "retry" | "failed" | "scheduled";
  subStatus: PostSubStatus | null;
  /** When to go on; null waits for a person. */
  dueAt: Date | null;
  spendsRetry: boolean;
  kind: string;
  note: string;
  failCode?: string;
}

/**
 * Gives the lease back and says why, in the transaction of `tx`.
 * @throws LeaseLostError when another worker has the post; the transaction must then be rolled back or hold only an answer.
 */
export async function rest(tx: Tx, lease: Lease, to: Rest): Promise<{ scheduleVersion: number }> {
  const [row] = await tx
    .update(posts)
    .set({
      status: to.status,
      subStatus: to.subStatus,
      dueAt: to.dueAt,
      leaseOwner: null,
      leaseExpiresAt: null,
      updatedAt: sql`psn.now()`,
      failCode: to.failCode ?? null,
      failReason: to.status === "failed" ? to.note : null,
      ...(to.spendsRetry ? { retryCount: sql`${posts.retryCount} + 1` } : {}),
      ...(to.status === "failed" ? { retryCount: 0 } : {}),
    })
    .where(held(lease))
    .returning({ scheduleVersion: posts.scheduleVersion });
  if (!row) throw new LeaseLostError(`post ${lease.postId} has another owner`);
  await addEvent(tx, lease.postId, {
    kind: to.kind,
    status: to.status,
    subStatus: to.subStatus,
    note: to.note,
    facts: { ...(to.dueAt ? { until: to.dueAt.toISOString() } : {}), ...(to.failCode ? { code: to.failCode } : {}) },
  });
  return row;
}

/** Says what a run is at while it holds the lease, for whoever looks at the post. */
export async function setSubStatus(hub: Hub, lease: Lease, subStatus: PostSubStatus | null): Promise<void> {
  await hub.db.update(posts).set({ subStatus }).where(held(lease));
}

export async function lockRoot(tx: Tx, postId: string): Promise<PostRow> {
  const [row] = await tx.select().from(posts).where(eq(posts.id, postId)).for("update");
  if (!row) throw new LeaseLostError(`post ${postId} is gone`);
  return row;
}

/** The condition that the post is still this lease's. */
export function held(lease: Lease) {
  return and(
    eq(posts.id, lease.postId),
    eq(posts.status, "publishing"),
    eq(posts.leaseOwner, lease.owner),
    eq(posts.leaseFencing, lease.fencing),
  );
}
