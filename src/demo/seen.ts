/** What X shows: the sandbox's own report, and the account's timeline as its readers get it, by X's API over HTTP. */
import { PsnError } from "../core/errors.ts";
import { XClient } from "../platforms/x/client.ts";
import type { RunningSandbox } from "../sandbox/server.ts";
import type { Seen, SeenPost } from "./facts.ts";

/** X itself shows no more of an account. */
const TIMELINE_MAX = 3_200;
const CREATE = "POST /2/tweets";

/** The account's posts in the order X accepted them, without deleted ones. @throws PsnError SANDBOX_UNREADABLE */
export function postsOnX(x: RunningSandbox, handle: string): SeenPost[] {
  return accountOf(x, handle)
    .posts.filter(({ deletedAt }) => deletedAt === null)
    .map(({ id, text, replyToId, media, createdAt }) => ({
      id,
      text,
      replyToId,
      media: media.map(({ sha256, altText }) => ({ sha256: sha256 ?? "", altText })),
      createdAt: new Date(createdAt),
    }));
}

/** Everything the comparison needs, with a token of the reader's own: nothing comes from the hub. */
export async function readAll(x: RunningSandbox, handle: string): Promise<Seen> {
  const posts = postsOnX(x, handle);
  const { received = 0, acted = 0 } = x.sandbox.report().counts[CREATE] ?? {};
  const client = new XClient({ accessToken: x.sandbox.signIn(handle).access_token, baseUrl: x.url });
  const timeline = await client.getOwnPosts(accountOf(x, handle).id, { sinceId: null, max: TIMELINE_MAX });
  return { posts, creates: { received, acted }, timeline };
}

// --- internal ---

function accountOf(x: RunningSandbox, handle: string) {
  const account = x.sandbox.report().accounts[handle];
  if (account === undefined) throw new PsnError("SANDBOX_UNREADABLE", `The sandbox has no account @${handle}.`);
  return account;
}
