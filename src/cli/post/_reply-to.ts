/** The tweet that a post follows up on, as an option, a command or front matter names it. */
import { z } from "zod";
import { readReplyTo } from "../../core/posts/reply-to.ts";
import { requireOwnAddress, requireOwnTweet, requireParent } from "../../core/publish/confirm/parent.ts";
import type { App } from "../_app.ts";
import { orUnchecked } from "../_dry-run.ts";
import { accountFor } from "../_host.ts";

export const REPLY_FIELDS = {
  replyTo: z.string().optional().meta({
    placeholder: "POST|URL",
    description: "Follow up on a tweet of your own: a post's last one, or a tweet's address; none takes it away",
  }),
};

/** What takes a parent away. */
const NONE = "none";

/**
 * The account of a post and the id that it replies to; undefined where nothing was said of it, null where that is taken away.
 * The parent is looked at on X, but for a dry run.
 * @param account a handle, or an id
 * @throws PsnError ACCOUNT_…, POST_…, TWEET_ADDRESS_INVALID, REPLY_NOT_ALLOWED, PARENT_GONE, X_UNAVAILABLE, X_KEYS_MISSING
 */
export async function replyToOf(
  app: App,
  given: string | undefined,
  account: string | undefined,
): Promise<{ accountId: string; replyToId: string | null | undefined }> {
  const named = given === undefined || account !== undefined ? (await accountFor(app, account)).id : null;
  if (given === undefined) return { accountId: named ?? "", replyToId: undefined };
  if (given.trim() === NONE) return { accountId: named ?? (await accountFor(app, account)).id, replyToId: null };
  const parent = await readReplyTo(app.hub.db, named, given);
  const accountId = parent.accountId ?? (await accountFor(app, account)).id;
  const deps = await app.publishDeps();
  const { isKnown, externalPostId } = parent;
  if (!isKnown) await requireOwnAddress(app.hub.db, accountId, parent);
  await orUnchecked(app, `whether tweet ${externalPostId} is there${isKnown ? "" : ", and yours"}`, async () => {
    if (isKnown) await requireParent(deps, accountId, externalPostId);
    else await requireOwnTweet(deps, accountId, externalPostId);
  });
  return { accountId, replyToId: externalPostId };
}

/** As the metadata of a post takes it: what was not said of is not in it. */
export function replyToMetadata(replyToId: string | null | undefined): { replyToId?: string | undefined } {
  return replyToId === undefined ? {} : { replyToId: replyToId ?? undefined };
}
