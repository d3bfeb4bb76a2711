/**
 * What became of a request that X does not tell of (its timeline is forbidden, the account protected), said by a person.
 * X is asked all the same: what it shows overrules what is said.
 */
import { sql } from "drizzle-orm";
import { posts } from "../../db/schema.ts";
import type { Engine } from "../../engine.ts";
import { PsnError } from "../../errors.ts";
import { compareIds } from "../../platform.ts";
import { readTweetAddress } from "../../post/address.ts";
import { addEvent } from "../../post/history.ts";
import { releasePosts } from "../../post/release.ts";
import { loadTweets, type TweetRow } from "../../post/rows.ts";
import { answerAttempt } from "../attempts/attempts.ts";
import { type OpenAttempt, pastAttempts } from "../attempts/past.ts";
import { recordPosted } from "../attempts/record.ts";
import { LOOKS_AFTER_MS } from "../decide/backoff.ts";
import { type LookDeps, lookForParent, lookForTweet, readOwnTwice } from "./look-up.ts";

/** What a person says of one tweet. */
export interface Said {
  /** From 1. */
  tweet: number;
  /** Its address on X, or its id; null: it is not on X. */
  posted: string | null;
  /** Who says it, for the history. */
  by: string;
}

type ResolveDeps = LookDeps & { engine: Engine };

/**
 * Takes a person's word for what became of an unanswered request. Afterwards the post goes on, or is published.
 * @throws PsnError TWEET_NOT_FOUND, POST_SETTLED, POST_UNSETTLED, TWEET_ADDRESS_INVALID, TWEET_NOT_YOURS, TWEET_TAKEN,
 *   TWEET_NOT_ON_X, TWEET_ON_X
 */
export async function resolveTweet(deps: ResolveDeps, postId: string, said: Said): Promise<void> {
  const tweets = await loadTweets(deps.hub.db, postId);
  const tweet = tweets[said.tweet - 1];
  if (!tweet) {
    throw new PsnError("TWEET_NOT_FOUND", `Post ${postId} has no tweet ${said.tweet}; it has ${tweets.length}.`, {
      hint: `psn post show ${postId}`,
      next: [`psn post show ${postId}`],
    });
  }
  const { open } = await pastAttempts(deps.hub, tweet.id);
  if (!open || tweet.externalPostId !== null) {
    const where = tweet.externalPostId === null ? "it is not on X" : `it is on X as ${tweet.externalPostId}`;
    throw new PsnError("POST_SETTLED", `What became of tweet ${said.tweet} of post ${postId} is known: ${where}.`, {
      hint: `psn post show ${postId}`,
      next: [`psn post show ${postId}`],
    });
  }
  const place = { tweet, count: tweets.length, open };
  if (said.posted === null) await sayNotPosted(deps, postId, place, said);
  else await sayPosted(deps, postId, place, said, said.posted);
  await goOn(deps, postId, said);
}

// --- internal ---

interface Place {
  tweet: TweetRow;
  count: number;
  open: OpenAttempt;
}

async function sayPosted(deps: ResolveDeps, postId: string, place: Place, said: Said, posted: string): Promise<void> {
  const { tweet, count, open } = place;
  const externalPostId = await readAddress(deps, tweet, posted);
  await requirePossible(deps, tweet, open, externalPostId);
  const seen = await lookForParent(deps, tweet.accountId, externalPostId);
  if (seen === "absent") {
    throw new PsnError("TWEET_NOT_ON_X", `X does not show ${externalPostId} among the account's own posts.`, {
      hint: "Open the tweet on X, copy its address and try again.",
    });
  }
  const proof = seen === "there" ? "X shows it." : "X could not be asked.";
  await tell(deps, postId, `${said.by} said that tweet ${said.tweet} is on X: ${externalPostId}. ${proof}`);
  const made = { attemptId: open.id, externalPostId, how: "adopted" as const, meta: null };
  await recordPosted(deps.hub, {
    lease: { postId },
    tweet: { ...made, tweetId: tweet.id, position: tweet.threadPosition, count },
  });
}

async function sayNotPosted(deps: ResolveDeps, postId: string, { tweet, open }: Place, said: Said): Promise<void> {
  const look = await lookForTweet(deps, tweet, open, readOwnTwice);
  if (look.kind === "seen" && look.verdict.kind === "found") {
    throw new PsnError(
      "TWEET_ON_X",
      `Tweet ${said.tweet} is on X: ${look.verdict.post.id}. It is taken up by itself.`,
      {
        hint: `psn post show ${postId}`,
        next: [`psn post show ${postId}`],
      },
    );
  }
  // The request may still be on its way, and X may still be slow to show it.
  const isEarly = open.elapsedMs < (LOOKS_AFTER_MS.at(-1) ?? 0);
  if (isEarly || (look.kind === "seen" && look.verdict.kind === "look_again")) {
    throw new PsnError(
      "POST_UNSETTLED",
      `It is not known yet whether tweet ${said.tweet} is on X; PSN is still looking.`,
      {
        hint: `Wait until that is known, five minutes at most: psn post show ${postId}`,
        next: [`psn post show ${postId}`],
      },
    );
  }
  await tell(deps, postId, `${said.by} said that tweet ${said.tweet} is not on X.`);
  const answered = { outcome: "absent" as const, detail: `${said.by} said that it is not on X`, meta: null };
  await deps.hub.db.transaction((tx) => answerAttempt(tx, open.id, answered));
}

async function tell({ hub }: ResolveDeps, postId: string, note: string): Promise<void> {
  await hub.db.transaction(async (tx) => {
    const [root] = await tx.select({ status: posts.status }).from(posts).where(sql`id = ${postId}`);
    await addEvent(tx, postId, { kind: "resolved", status: root?.status ?? "draft", note });
  });
}

/** A post that waited for this goes on at once. */
async function goOn({ hub, engine }: ResolveDeps, postId: string, { by }: Said): Promise<void> {
  const waits = sql`sub_status = 'confirming' and id = ${postId}`;
  const note = `It goes on with what ${by} said.`;
  const released = await hub.db.transaction(async (tx) => {
    // Who says what is on X has looked: the post need not wait for a look of the hub's own (see look-back.ts).
    await tx
      .update(posts)
      .set({ approvedAt: sql`psn.now()` })
      .where(sql`id = ${postId} and approved_at is not null and status in ('scheduled', 'retry')`);
    return await releasePosts(tx, engine, waits, note);
  });
  if (released.length > 0) await engine.reconcile(hub, postId);
}

/** The id in a tweet's address, which must be the account's. */
async function readAddress({ hub }: ResolveDeps, tweet: TweetRow, posted: string): Promise<string> {
  const address = readTweetAddress(posted);
  if (address === null) {
    throw new PsnError("TWEET_ADDRESS_INVALID", "This is no address of a tweet.", {
      hint: "It looks like https://x.com/NAME/status/1989000000000000001; its number alone will do.",
    });
  }
  const { externalPostId: id, handle: whose } = address;
  if (whose === null) return id;
  const { rows } = await hub.db.execute<{ handle: string }>(sql`
    select handle from psn.accounts where id = ${tweet.accountId}`);
  const handle = rows[0]?.handle ?? "";
  if (whose.toLowerCase() === handle.toLowerCase()) return id;
  throw new PsnError("TWEET_NOT_YOURS", `This is a tweet of @${whose}, and the post is @${handle}'s.`, {
    hint: "Give the address of the account's own tweet, or its number alone if the account had that name then.",
  });
}

const DAY_MS = 24 * 60 * 60_000;

/** Refuses what cannot be the tweet, whether X answers or not. */
async function requirePossible(deps: ResolveDeps, tweet: TweetRow, open: OpenAttempt, id: string): Promise<void> {
  const { rows } = await deps.hub.db.execute<{ root: string }>(sql`
    select coalesce(parent_post_id, id) as root from psn.posts where external_post_id = ${id} limit 1`);
  if (rows[0]) {
    throw new PsnError("TWEET_TAKEN", `${id} is a tweet of post ${rows[0].root} already.`, {
      hint: `psn post show ${rows[0].root}`,
      next: [`psn post show ${rows[0].root}`],
    });
  }
  const madeAt = deps.platform.idTime(id);
  const isTooOld = madeAt !== null && madeAt.getTime() < open.firstStartedAt.getTime() - 2 * DAY_MS;
  const isBeforeParent = open.replyToId !== null && compareIds(id, open.replyToId) <= 0;
  if (!isTooOld && !isBeforeParent) return;
  throw new PsnError("TWEET_NOT_YOURS", `${id} is older than this tweet of post ${tweet.parentPostId ?? tweet.id}.`, {
    hint: "Look for the tweet on X by its words, and copy its address.",
  });
}
