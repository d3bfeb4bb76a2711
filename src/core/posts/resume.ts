/** Many posts that waited for one thing go on. */
import { eq } from "drizzle-orm";
import type { Hub } from "../db/connection.ts";
import { appHolds } from "../db/schema.ts";
import type { Engine } from "../engine.ts";
import { awaitsCredits, awaitsSignIn, releasePosts } from "../post/release.ts";

/** Ends the hold on the whole app; every post that waited for it is due at once. @returns how many */
export async function resumeApp(hub: Hub, engine: Engine, clientId: string): Promise<number> {
  const released = await hub.db.transaction(async (tx) => {
    await tx.delete(appHolds).where(eq(appHolds.clientId, clientId));
    return await releasePosts(tx, engine, awaitsCredits, "The hold on the app was lifted.");
  });
  return await reconciled(hub, engine, released);
}

/** An account signed in again: what waited for that is due at once. @returns how many */
export async function resumeAccount(hub: Hub, engine: Engine, accountId: string): Promise<number> {
  const released = await hub.db.transaction((tx) =>
    releasePosts(tx, engine, awaitsSignIn(accountId), "The account signed in again."),
  );
  return await reconciled(hub, engine, released);
}

// --- internal ---

async function reconciled(hub: Hub, engine: Engine, postIds: readonly string[]): Promise<number> {
  for (const postId of postIds) await engine.reconcile(hub, postId);
  return postIds.length;
}
