/**
 * Before an act that approves, X is asked for what may have changed since it was read: whether the account has Premium, which long
 * tweets need, and whether the tweet that a follow-up replies to is still there. The media store is looked at, too.
 */
import { entitlementFor } from "../../core/accounts/entitlement.ts";
import { PsnError } from "../../core/errors.ts";
import { requireWhole } from "../../core/media/require-whole.ts";
import { composingOf } from "../../core/posts/composing.ts";
import { loadPost } from "../../core/posts/read.ts";
import { requireParent } from "../../core/publish/confirm/parent.ts";
import type { App } from "../_app.ts";
import { orUnchecked } from "../_dry-run.ts";

/** What the same command replaces, so that it need not be there any more. */
export interface Replaced {
  media?: boolean;
  parent?: boolean;
}

/** What X cannot be asked just now is left as it is known. @throws PsnError PARENT_GONE, MEDIA_GONE, MEDIA_DAMAGED, MEDIA_STORE_UNAVAILABLE */
export async function beforeApproval(app: App, postId: string, replaced: Replaced = {}): Promise<void> {
  const { root, account, tweets } = await loadPost(app.hub.db, postId);
  const unsent = tweets.filter(({ externalPostId }) => externalPostId === null);
  if (root.status === "draft" && !replaced.media) {
    await requireWhole(
      app.media,
      unsent.flatMap(({ media }) => media),
      postId,
    );
  }
  await refresh(app, account.id, composingOf(root.metadata).limit);
  const { replyToId } = root.metadata;
  if (replyToId === undefined || root.externalPostId !== null || replaced.parent) return;
  const deps = await app.publishDeps().catch(unlessPsnError);
  if (!deps) return;
  await orUnchecked(app, `whether tweet ${replyToId} is still there`, () =>
    requireParent(deps, account.id, replyToId, postId),
  );
}

/** Asks for the account's Premium, for a post that is not stored yet. */
export async function refreshEntitlement(app: App, accountId: string, limit: number | undefined): Promise<void> {
  if (limit !== undefined) await refresh(app, accountId, limit);
}

// --- internal ---

async function refresh(app: App, accountId: string, limit: number): Promise<void> {
  await orUnchecked(app, "whether the account has Premium", async () => {
    await entitlementFor(app.hub, () => app.publishDeps(), accountId, limit).catch(unlessPsnError);
  });
}

/** Without keys, or from a hub that is not claimed, nothing is asked; the act itself says what it needs. */
function unlessPsnError(error: unknown): null {
  if (error instanceof PsnError) return null;
  throw error;
}
