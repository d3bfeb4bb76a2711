/** A preview that knows the account: what it may post, and what it has said before. Apart, for it alone loads the hub. */

import type { AccountRow } from "../../core/accounts/choose.ts";
import type { Preview, PreviewInput } from "../../core/compose/preview.ts";
import { type InspectedMedia, requireEntitled } from "../../core/media/inspect.ts";
import { requireLimit } from "../../core/posts/composing.ts";
import { type FactsOfPost, previewFor, previewIn } from "../../core/posts/preview.ts";
import { withApp } from "../_app.ts";
import type { Io } from "../_command.ts";
import { accountFor } from "../_host.ts";

/** @throws PsnError ACCOUNT_UNKNOWN, LIMIT_NOT_ALLOWED, MEDIA_LIMIT, MEDIA_TOO_LARGE, HUB_… */
export async function previewAs(
  io: Io,
  handle: string,
  tweets: readonly PreviewInput[],
  facts: FactsOfPost,
  media: readonly InspectedMedia[],
): Promise<{ preview: Preview; account: AccountRow }> {
  return await withApp(io, async (app) => {
    const account = await accountFor(app, handle);
    requireLimit(facts.limit, account);
    requireEntitled(media, account.subscription);
    return { account, preview: previewIn(app.hubEnv.timezone, await previewFor(app.hub.db, account, tweets, facts)) };
  });
}
