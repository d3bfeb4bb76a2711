/**
 * The lease of a post: the right of one worker to send its tweets, for a short time, which it renews while it works. When
 * its worker dies the lease runs out, and another one takes over.
 */
import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/connection.ts";
import { posts } from "../db/schema.ts";

/** A dead worker's post is free after this; a living one renews its lease three times in it. */
export const LEASE_MS = 10_000;

export interface Lease {
  postId: string;
  owner: string;
  /** Fencing token: an attempt bears it, and none is written under an older one. */
  fencing: number;
}

/** Thrown inside a run when the post belongs to another worker now: stop at once, write nothing more. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
}

/** When a lease that is given now runs out, by the hub's clock. After a wait for the row it counts from the end of the wait. */
export const leaseUntil = sql`psn.clock() + make_interval(secs => ${LEASE_MS / 1000})`;

/** The condition that the post is still this lease's. */
export function held(lease: Lease) {
  return and(
    eq(posts.id, lease.postId),
    eq(posts.status, "publishing"),
    eq(posts.leaseOwner, lease.owner),
    eq(posts.leaseFencing, lease.fencing),
  );
}

/**
 * Parts of a statement that gives leases and writes the history of it. `granted (id, fencing)` has the posts that got one.
 * @param facts for the history, beside who has the lease
 * @param wanted selects `id`, `owner` and `before` (the status) of posts that are locked and may be taken
 */
export function grantingLeases(wanted: SQL, facts: Record<string, string> = {}): SQL {
  return sql`
    granted as (
      update psn.posts as post
      set status = 'publishing',
        lease_owner = wanted.owner,
        lease_expires_at = ${leaseUntil},
        lease_fencing = post.lease_fencing + 1,
        due_at = null,
        updated_at = psn.now()
      from (${wanted}) as wanted
      where post.id = wanted.id
      returning post.id, wanted.owner, wanted.before, post.lease_fencing as fencing
    ),
    history as (
      insert into psn.post_events (post_id, at, kind, status, note, facts)
      select id, psn.now(),
        case before when 'publishing' then 'taken_over' else 'leased' end,
        'publishing',
        case before when 'publishing' then ${TAKEN_OVER} else ${BEGAN} end,
        jsonb_build_object('owner', owner, 'fencing', fencing) || ${JSON.stringify(facts)}::jsonb
      from granted
    )`;
}

const TAKEN_OVER = "The worker before went silent; another one took over.";
const BEGAN = "Publishing began.";

/**
 * Gives the lease of one post that the caller has locked and found fit.
 * @param act of its author, for its history, where one asked for it
 */
export async function grantLease(tx: Tx, postId: string, owner: string, act?: "now"): Promise<Lease> {
  const { rows } = await tx.execute<{ fencing: string }>(sql`
    with ${grantingLeases(sql`select id, ${owner}::text as owner, status as before from psn.posts where id = ${postId}`, act ? { act } : {})}
    select fencing
    from granted`);
  const [granted] = rows;
  if (!granted) throw new LeaseLostError(`post ${postId} is gone`);
  return { postId, owner, fencing: Number(granted.fencing) };
}
