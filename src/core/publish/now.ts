/** "Post now": publishes in this very process, without a worker, and waits out short waits. */
import { eq } from "drizzle-orm";
import { posts } from "../db/schema.ts";
import type { PublishDeps, PublishResult } from "./deps.ts";
import type { Lease } from "./lease/lease.ts";
import { publishLeased, publishPost } from "./publish.ts";

/** Longer waits are left to a worker; the person is told. */
const WAIT_MS_MAX = 60_000;
const ROUNDS_MAX = 50;

/**
 * Publishes a leased post as far as it goes within short waits.
 * @returns where it stands: published, failed, or resting with the time it goes on
 */
export async function publishNow(deps: PublishDeps, lease: Lease, signal?: AbortSignal): Promise<PublishResult> {
  const { postId } = lease;
  let result = await publishLeased(deps, lease, signal);
  for (let round = 0; round < ROUNDS_MAX && !signal?.aborted; round++) {
    if (result.kind !== "resting" || !result.until) break;
    const waitMs = result.until.getTime() - deps.clock.now().getTime();
    if (waitMs > WAIT_MS_MAX) break;
    await deps.clock.sleep(Math.max(0, waitMs) + 20, signal);
    if (signal?.aborted) break;
    const [row] = await deps.hub.db
      .select({ scheduleVersion: posts.scheduleVersion })
      .from(posts)
      .where(eq(posts.id, postId));
    const next = await publishPost(deps, { postId, scheduleVersion: row?.scheduleVersion ?? -1 }, signal);
    // A worker was faster: what it makes of the post stands in the hub.
    if (next.kind === "not_ours") return next;
    result = next;
  }
  return result;
}
