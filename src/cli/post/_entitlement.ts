/** Before an act that approves: long tweets need the account's Premium, which may have been bought, or have lapsed, since it was read. */
import { entitlementFor } from "../../core/accounts/entitlement.ts";
import { PsnError } from "../../core/errors.ts";
import { composingOf } from "../../core/posts/composing.ts";
import { loadPost } from "../../core/posts/read.ts";
import type { App } from "../_app.ts";

/** Asks X anew where the post's limit depends on it. What X cannot be asked just now is left as it is known. */
export async function refreshEntitlementOf(app: App, postId: string): Promise<void> {
  const { root, account } = await loadPost(app.hub.db, postId);
  await refresh(app, account.id, composingOf(root.metadata).limit);
}

/** The same for a post that is not stored yet. */
export async function refreshEntitlement(app: App, accountId: string, limit: number | undefined): Promise<void> {
  if (limit !== undefined) await refresh(app, accountId, limit);
}

// --- internal ---

async function refresh(app: App, accountId: string, limit: number): Promise<void> {
  try {
    await entitlementFor(app.hub, () => app.publishDeps(), accountId, limit);
  } catch (error) {
    // Without keys, or from a hub that is not claimed, nothing is asked; the act itself says what it needs.
    if (!(error instanceof PsnError)) throw error;
  }
}
