/** Many posts that waited for one thing go on. */
import { sql } from "drizzle-orm";
import type { Hub } from "../db/connection.ts";
import type { Engine } from "../engine.ts";
import { liftAllHolds } from "../post/holds.ts";
import { awaitsAccount, awaitsApp, awaitsEndedHold, awaitsSignIn, releasePosts } from "../post/release.ts";

/**
 * Ends the hold on the app, and those on accounts. Of each account the first post that waited is due at once, the others
 * follow one after another: should X still refuse, it is asked once.
 * @returns how many posts
 */
export async function resumeApp(hub: Hub, engine: Engine, clientId: string): Promise<number> {
  const released = await hub.db.transaction(async (tx) => {
    await liftAllHolds(tx, clientId);
    return await releasePosts(tx, engine, sql`(${awaitsApp} or ${awaitsAccount})`, "The hold was lifted.");
  });
  return await reconciled(hub, engine, released);
}

/** An account signed in again: what waited for that goes on, and what the sign-in let go. @returns how many posts */
export async function resumeAccount(hub: Hub, engine: Engine, accountId: string): Promise<number> {
  const released = await hub.db.transaction(async (tx) => {
    const which = sql`(${awaitsSignIn(accountId)} or ${awaitsEndedHold(accountId)})`;
    return await releasePosts(tx, engine, which, "The account signed in again.");
  });
  return await reconciled(hub, engine, released);
}

// --- internal ---

async function reconciled(hub: Hub, engine: Engine, postIds: readonly string[]): Promise<number> {
  for (const postId of postIds) await engine.reconcile(hub, postId);
  return postIds.length;
}
