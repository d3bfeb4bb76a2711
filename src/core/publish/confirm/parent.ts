/**
 * The tweet that a follow-up replies to: one of the account's own, and still there. It is looked at when it is named, before the
 * approval, and once more before the send.
 */
import { eq } from "drizzle-orm";
import { sameHandle } from "../../accounts/choose.ts";
import type { Db, Tx } from "../../db/connection.ts";
import { accounts } from "../../db/schema.ts";
import { PsnError } from "../../errors.ts";
import { lookById } from "./look-by-id.ts";
import type { LookDeps } from "./look-up.ts";

export const PARENT_GONE = "PARENT_GONE";

export const parentGoneNote = (externalPostId: string) =>
  `The tweet that it replies to (${externalPostId}) is not on X any more, so nothing is sent.`;

/** X's rule of February 2026, and what there is instead. */
export const OTHERS_HINT =
  "Since February 2026 X takes a reply to another account's post by API only if that post mentions or quotes the account, so PSN follows up on own tweets alone.";

/**
 * For a tweet that the hub does not know, before X is asked whose it is, and in a dry run, which does not ask: an address that names
 * somebody else is not the account's own.
 * @throws PsnError REPLY_NOT_ALLOWED
 */
export async function requireOwnAddress(
  db: Db | Tx,
  accountId: string,
  { externalPostId, handle }: { externalPostId: string; handle: string | null },
): Promise<void> {
  if (handle === null) return;
  const [account] = await db
    .select({ handle: accounts.handle, formerHandles: accounts.formerHandles })
    .from(accounts)
    .where(eq(accounts.id, accountId));
  if (!account || [account.handle, ...account.formerHandles].some((own) => sameHandle(own, handle))) return;
  throw new PsnError(
    "REPLY_NOT_ALLOWED",
    `Tweet ${externalPostId} is @${handle}'s by its address, not @${account.handle}'s.`,
    {
      hint: `${OTHERS_HINT} Should @${handle} be an earlier name of the account, give the tweet's number alone.`,
    },
  );
}

/**
 * For a tweet that an author names and of which the hub has no record.
 * @throws PsnError PARENT_GONE, REPLY_NOT_ALLOWED for another account's tweet, X_UNAVAILABLE where X does not say whose it is
 */
export async function requireOwnTweet(deps: LookDeps, accountId: string, externalPostId: string): Promise<void> {
  const seen = await lookById(deps, accountId, externalPostId);
  if (seen.kind === "gone") throw parentGone(externalPostId);
  if (seen.kind === "not_known" || seen.isOwn === null) {
    const cause = seen.kind === "not_known" ? seen.cause : "it does not name the author";
    throw new PsnError("X_UNAVAILABLE", `X does not say whose tweet ${externalPostId} is (${cause}).`, {
      hint: "Nothing was written. Try again in a while.",
    });
  }
  if (!seen.isOwn) {
    throw new PsnError("REPLY_NOT_ALLOWED", `Tweet ${externalPostId} is another account's.`, { hint: OTHERS_HINT });
  }
}

/**
 * Before an approval. Where X cannot be asked just now, the look before the send decides.
 * @param postId of the follow-up, where it is written already
 * @throws PsnError PARENT_GONE
 */
export async function requireParent(
  deps: LookDeps,
  accountId: string,
  externalPostId: string,
  postId?: string,
): Promise<void> {
  const seen = await lookById(deps, accountId, externalPostId);
  if (seen.kind === "gone") throw parentGone(externalPostId, postId);
}

// --- internal ---

function parentGone(externalPostId: string, postId?: string): PsnError {
  const hint =
    postId === undefined
      ? "Name another tweet of yours, or say it as a post of its own."
      : `To say it as a post of its own, or under another tweet: psn post edit ${postId} --reply-to none, or --reply-to TWEET.`;
  return new PsnError(PARENT_GONE, parentGoneNote(externalPostId), { hint });
}
