/** Limits are set and taken away; what waited for them is judged anew. */
import { sql } from "drizzle-orm";
import type { Hub } from "../db/connection.ts";
import type { Engine } from "../engine.ts";
import { releasePosts } from "../post/release.ts";
import { type Limit, type LimitKey, removeLimits, writeLimits } from "./limits.ts";

export interface LimitChange {
  set?: readonly Limit[];
  remove?: readonly LimitKey[];
  /** By whose clock a day begins. */
  zone: string;
}

/**
 * In one transaction. Posts that wait for a limit go on, of each account one after another, and are held against the limits again.
 * @returns how many limits were taken away, and how many posts go on
 */
export async function changeLimits(
  hub: Hub,
  engine: Engine,
  { set = [], remove = [], zone }: LimitChange,
): Promise<{ removed: number; resumed: number }> {
  const { removed, released } = await hub.db.transaction(async (tx) => {
    // The limits before the posts, as a worker takes them.
    const gone = await removeLimits(tx, remove);
    await writeLimits(tx, set, zone);
    return {
      removed: gone,
      released: await releasePosts(tx, engine, sql`sub_status = 'over_cap'`, "The caps were changed."),
    };
  });
  for (const postId of released) await engine.reconcile(hub, postId);
  return { removed, resumed: released.length };
}
