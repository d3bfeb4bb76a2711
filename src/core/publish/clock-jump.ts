/**
 * The hub's clock was set back. What was written before has times to come: a wait of a minute would last for hours, a dead
 * worker's lease too. Each is measured by the time at which it was written, which is known, and begins anew from now.
 * Times that authors gave are left alone.
 */
import { sql } from "drizzle-orm";
import type { Hub } from "../db/connection.ts";
import { LEASE_MS } from "../post/lease.ts";
import { JUMPED_MS } from "./decide/backoff.ts";

const RESTARTED_MAX = 500;

/** @returns how many posts have another time now */
export async function restartWaitsAfterJump(hub: Hub): Promise<number> {
  const { rows } = await hub.db.execute(sql`
    with jumped as (
      select id
      from psn.posts
      where (
          status = 'retry'
          and due_at > psn.now()
          and updated_at > psn.now() + make_interval(secs => ${JUMPED_MS / 1000})
        )
        or (
          status = 'publishing'
          and lease_expires_at > psn.now() + make_interval(secs => ${(LEASE_MS + JUMPED_MS) / 1000})
        )
      order by id
      limit ${RESTARTED_MAX}
      for update skip locked
    )
    update psn.posts as post
    set due_at = case
        when post.status = 'retry' then least(post.due_at, psn.now() + greatest(post.due_at - post.updated_at, interval '0'))
        else post.due_at
      end,
      -- A worker that lives renews it in time.
      lease_expires_at = case
        when post.status = 'publishing' then psn.now() + make_interval(secs => ${LEASE_MS / 1000})
        else post.lease_expires_at
      end,
      updated_at = psn.now()
    from jumped
    where post.id = jumped.id
    returning post.id`);
  return rows.length;
}
