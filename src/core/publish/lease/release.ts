/** Giving a lease back, and what a run says of a post while it holds one. Each needs the lease; without it nothing is written. */
import { sql } from "drizzle-orm";
import type { Hub, Tx } from "../../db/connection.ts";
import { posts } from "../../db/schema.ts";
import { addEvent } from "../../post/history.ts";
import { held, type Lease, LeaseLostError } from "../../post/lease.ts";
import type { PostSubStatus } from "../../types/index.ts";

/** Where a run leaves a post that is not finished. */
export interface Left {
  status: "retry" | "failed";
  subStatus: PostSubStatus | null;
  /** When to go on; null waits for a person. */
  dueAt: Date | null;
  spendsRetry: boolean;
  /** Of the event in its history. */
  kind: string;
  note: string;
  failCode?: string;
}

/**
 * Gives the lease back and says why, in the transaction of `tx`.
 * @throws LeaseLostError when another worker has the post; the transaction must then be rolled back or hold only an answer.
 */
export async function releaseLease(tx: Tx, lease: Lease, left: Left): Promise<{ scheduleVersion: number }> {
  const [row] = await tx
    .update(posts)
    .set({
      status: left.status,
      subStatus: left.subStatus,
      dueAt: left.dueAt,
      leaseOwner: null,
      leaseExpiresAt: null,
      updatedAt: sql`psn.now()`,
      failCode: left.failCode ?? null,
      failReason: left.status === "failed" ? left.note : null,
      ...(left.spendsRetry ? { retryCount: sql`${posts.retryCount} + 1` } : {}),
      ...(left.status === "failed" ? { retryCount: 0 } : {}),
    })
    .where(held(lease))
    .returning({ scheduleVersion: posts.scheduleVersion });
  if (!row) throw new LeaseLostError(`post ${lease.postId} has another owner`);
  await addEvent(tx, lease.postId, {
    kind: left.kind,
    status: left.status,
    subStatus: left.subStatus,
    note: left.note,
    facts: {
      ...(left.dueAt ? { until: left.dueAt.toISOString() } : {}),
      ...(left.failCode ? { code: left.failCode } : {}),
    },
  });
  return row;
}

/** Says what a run is at while it holds the lease. */
export async function setSubStatus(hub: Hub, lease: Lease, subStatus: PostSubStatus | null): Promise<void> {
  await hub.db.update(posts).set({ subStatus }).where(held(lease));
}
