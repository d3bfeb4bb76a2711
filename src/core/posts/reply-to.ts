/** Which tweet a follow-up replies to, from what its author names: a post of the hub, an address on X, or a tweet's number. */
import { and, eq, sql } from "drizzle-orm";
import { anyOf } from "../db/batch.ts";
import type { Db, Tx } from "../db/connection.ts";
import { posts } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import { isNumericId } from "../platform.ts";
import { readTweetAddress } from "../post/address.ts";
import { statusSaid } from "../post/status-words.ts";
import { unpublishingOf } from "../types/index.ts";
import { findPostId, loadPost } from "./read.ts";

export interface ReplyTo {
  externalPostId: string;
  /** Whose it is; null where the hub does not know it and no account was named. */
  accountId: string | null;
  /** The hub has it as the account's own; of any other X must say whose it is. */
  isKnown: boolean;
  /** Whose it is by its address; null where nothing says so. */
  handle: string | null;
}

/** Ids of X have so many digits since 2010; the hub's have 12 characters. */
const X_ID_DIGITS_MIN = 13;

/**
 * The last tweet that is there of a published post of the account, or the tweet that is named by its address or number.
 * @param accountId null takes the account that the hub has the tweet of
 * @throws PsnError POST_UNKNOWN, POST_AMBIGUOUS, POST_NOT_PUBLISHED, PARENT_GONE, ACCOUNT_DIFFERS, TWEET_ADDRESS_INVALID, REPLY_NOT_ALLOWED
 */
export async function readReplyTo(db: Db | Tx, accountId: string | null, given: string): Promise<ReplyTo> {
  const text = given.trim();
  const isPostId = /^[0-9a-z]+$/i.test(text) && !(isNumericId(text) && text.length >= X_ID_DIGITS_MIN);
  if (isPostId) return { ...(await lastTweetOf(db, accountId, text)), isKnown: true, handle: null };
  const address = readTweetAddress(text);
  if (!address) {
    throw new PsnError("TWEET_ADDRESS_INVALID", `“${text.slice(0, 80)}” is neither a post nor an address of a tweet.`, {
      hint: "Give a post's id, or an address such as https://x.com/NAME/status/1989000000000000001.",
    });
  }
  const { externalPostId, handle } = address;
  const isOfAccount = accountId === null ? undefined : eq(posts.accountId, accountId);
  const [own] = await db
    .select({ accountId: posts.accountId })
    .from(posts)
    .where(and(eq(posts.externalPostId, externalPostId), isOfAccount))
    .limit(1);
  return { externalPostId, accountId: own?.accountId ?? accountId, isKnown: own !== undefined, handle };
}

/** So many are named at most. */
const FOLLOW_UPS_MAX = 10;

/** Posts that are not on X yet and reply to one of these tweets of X. */
export async function followUpsOf(
  db: Db | Tx,
  externalPostIds: readonly string[],
): Promise<{ id: string; status: string }[]> {
  const { rows } = await db.execute<{ id: string; status: string }>(sql`
    select id, status
    from psn.posts
    where parent_post_id is null
      and external_post_id is null
      and status in ('draft', 'scheduled', 'retry')
      and metadata ->> 'replyToId' = ${anyOf(externalPostIds)}
    order by created_at, id
    limit ${FOLLOW_UPS_MAX}`);
  return rows;
}

// --- internal ---

async function lastTweetOf(
  db: Db | Tx,
  accountId: string | null,
  id: string,
): Promise<{ externalPostId: string; accountId: string }> {
  const postId = await findPostId(db, id);
  const { root, tweets, account } = await loadPost(db, postId);
  if (accountId !== null && account.id !== accountId) {
    throw new PsnError("ACCOUNT_DIFFERS", `Post ${postId} is @${account.handle}'s; a follow-up is its own account's.`, {
      hint: `Give --account @${account.handle}.`,
    });
  }
  const down = unpublishingOf(root.subStatus);
  if (down === "unpublishing" || down === "unpublished") {
    const isDone = down === "unpublished";
    throw new PsnError("PARENT_GONE", `Post ${postId} ${isDone ? "was" : "is being"} taken down at X.`, {
      hint: isDone ? "Say it as a post of its own." : `See what stays of it: psn post show ${postId}`,
    });
  }
  // What its author took down is not replied to.
  const last = tweets.findLast(({ deletedAt }) => deletedAt === null)?.externalPostId;
  if (root.status !== "published" || !last) {
    throw new PsnError(
      "POST_NOT_PUBLISHED",
      `Post ${postId} is not on X as a whole: it ${statusSaid(root.status, root.subStatus)}.`,
      {
        hint: `A follow-up comes after its last tweet: psn post show ${postId}`,
      },
    );
  }
  return { externalPostId: last, accountId: account.id };
}
