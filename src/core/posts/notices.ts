/** What an author should hear at the next interaction: nothing here is e-mailed, and nothing is kept from them. */
import { and, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Db } from "../db/connection.ts";
import { accounts, oauthTokens, postMedia, posts } from "../db/schema.ts";
import { activeHolds, heldSubStatus } from "../post/holds.ts";

export interface Notice {
  code: string;
  message: string;
  hint: string;
  postId?: string | undefined;
}

const FAILURE_DAYS = 7;
const NOTICES_MAX = 20;
const ALT_TEXTS_MAX = 5;

/** Holds on the app and on accounts, accounts that must sign in, failures of the last week, and posts that wait for something. */
export async function gatherNotices(db: Db, clientId?: string): Promise<Notice[]> {
  const all: Notice[] = await holds(db, clientId);
  all.push(...(await otherApp(db, clientId)));
  for (const gather of [signedOut, failures, altTexts, catchingUp, waiting]) all.push(...(await gather(db)));
  return all.slice(0, NOTICES_MAX);
}

/** X, or the hub, refuses these as they are: the same again fails again. */
const EDIT_FIRST = new Set([
  "X_DUPLICATE",
  "X_CASHTAGS",
  "X_INVALID",
  "X_TOO_LONG",
  "X_MEDIA_TOO_LONG",
  "X_MEDIA_INVALID",
  "X_MEDIA_REFUSED",
  "MEDIA_GONE",
]);

/** The command that most likely helps a post that failed. */
export function fixFor(failCode: string | null, postId: string): string {
  if (!EDIT_FIRST.has(failCode ?? "")) return `psn post retry ${postId}`;
  return `psn post edit ${postId} ${failCode?.includes("MEDIA") ? "--media FILE" : '--text "…"'}`;
}

/** The failed posts of the last week, the latest first. */
export async function failures(db: Db): Promise<Notice[]> {
  const rows = await db
    .select()
    .from(posts)
    .where(
      and(
        isNull(posts.parentPostId),
        eq(posts.status, "failed"),
        sql`${posts.updatedAt} > psn.now() - make_interval(days => ${FAILURE_DAYS})`,
      ),
    )
    .orderBy(desc(posts.updatedAt))
    .limit(NOTICES_MAX);
  return rows.map((row) => ({
    code: row.failCode ?? "FAILED",
    message: `Post ${row.id} failed: ${row.failReason ?? "no reason was recorded"}`,
    hint: EDIT_FIRST.has(row.failCode ?? "")
      ? `${fixFor(row.failCode, row.id)} first: as it is, it would be refused again`
      : `psn post show ${row.id}, then psn post retry ${row.id} or psn post edit ${row.id}`,
    postId: row.id,
  }));
}

// --- internal ---

const HOLD_CODES = { account_held: "ACCOUNT_HELD", app_held: "APP_HELD", out_of_credits: "OUT_OF_CREDITS" } as const;

/** @param clientId of the app that is used now: another one's hold stops nobody. Without it all are told. */
async function holds(db: Db, clientId?: string): Promise<Notice[]> {
  return (await activeHolds(db, clientId)).map((hold) => {
    const who = hold.scope === "app" ? "Every post waits" : `@${hold.handle ?? hold.id} rests`;
    const until = hold.until ? ` until ${hold.until.toISOString()}` : "";
    const waiting = hold.waiting === 1 ? "One post waits." : `${hold.waiting} posts wait.`;
    const count = hold.scope === "app" ? "" : ` ${waiting}`;
    return {
      code: HOLD_CODES[heldSubStatus(hold) as keyof typeof HOLD_CODES],
      message: `${who} since ${hold.since.toISOString()}${until}: ${hold.detail}${count}`,
      hint: "psn post resume",
    };
  });
}

/** Accounts whose posts wait because another app's keys are set up. */
async function otherApp(db: Db, clientId?: string): Promise<Notice[]> {
  if (clientId === undefined) return [];
  const { rows } = await db.execute<{ handle: string; waiting: string }>(sql`
    select account.handle, count(*) as waiting
    from psn.oauth_tokens as token
    join psn.accounts as account on account.id = token.account_id
    join psn.posts as post on post.account_id = account.id
    where token.metadata ->> 'clientId' <> ${clientId}
      and post.status = 'retry'
      and post.sub_status = 'awaiting_auth'
    group by account.handle
    order by account.handle
    limit ${NOTICES_MAX}`);
  return rows.map(({ handle, waiting: count }) => ({
    code: "ACCOUNT_OTHER_APP",
    message: `@${handle} signed in with another X app than the one that is set up now; ${count === "1" ? "one post waits" : `${count} posts wait`}.`,
    hint: `Put that app's keys back into config/keys.env, or: psn setup --account @${handle}`,
  }));
}

async function signedOut(db: Db): Promise<Notice[]> {
  const rows = await db
    .select({
      handle: accounts.handle,
      metadata: oauthTokens.metadata,
      waiting: sql<string>`(select count(*) from psn.posts as post where post.account_id = ${accounts.id} and post.status = 'retry' and post.sub_status = 'awaiting_auth')`,
    })
    .from(oauthTokens)
    .innerJoin(accounts, eq(accounts.id, oauthTokens.accountId))
    .where(sql`(${oauthTokens.metadata} ->> 'requiresReauth')::boolean`)
    .limit(NOTICES_MAX);
  return rows.map(({ handle, metadata, waiting: count }) => {
    const since = metadata.refreshFailedAt ? ` since ${metadata.refreshFailedAt}` : "";
    const reason = (metadata.refreshError ?? "X ended the sign-in").replace(/\.*$/, ".");
    const held = Number(count) > 0 ? ` ${count} of its posts wait and go out afterwards.` : "";
    return {
      code: "ACCOUNT_SIGNED_OUT",
      message: `@${handle} must sign in again${since}: ${reason}${held}`,
      hint: `psn setup --account @${handle}`,
    };
  });
}

/** Tweets of the last week that went out without their alt text, because X did not take it. */
async function altTexts(db: Db): Promise<Notice[]> {
  const rows = await db
    .select({ tweet: posts, media: postMedia })
    .from(postMedia)
    .innerJoin(posts, eq(posts.id, postMedia.postId))
    .where(
      and(
        sql`${postMedia.altTextRefused} is not null`,
        sql`${posts.publishedAt} > psn.now() - make_interval(days => ${FAILURE_DAYS})`,
      ),
    )
    .orderBy(desc(posts.publishedAt))
    .limit(ALT_TEXTS_MAX);
  return rows.map(({ tweet, media }) => {
    const postId = tweet.parentPostId ?? tweet.id;
    return {
      code: "ALT_TEXT_REFUSED",
      message: `Tweet ${tweet.threadPosition + 1} of post ${postId} went out without the alt text of ${media.fileName}: ${media.altTextRefused}`,
      hint: `psn post show ${postId}`,
      postId,
    };
  });
}

/** One an account: what was missed while nothing ran, and goes out one after another. */
async function catchingUp(db: Db): Promise<Notice[]> {
  const rows = await db
    .select({ handle: accounts.handle, count: sql<string>`count(*)`, last: sql<string>`max(${posts.dueAt})` })
    .from(posts)
    .innerJoin(accounts, eq(accounts.id, posts.accountId))
    .where(and(eq(posts.status, "retry"), eq(posts.subStatus, "catching_up")))
    .groupBy(accounts.handle)
    .orderBy(accounts.handle)
    .limit(NOTICES_MAX);
  return rows.map(({ handle, count, last }) => ({
    code: "CATCHING_UP",
    message:
      Number(count) === 1
        ? `A post of @${handle} was missed while nothing was running; it goes out at ${new Date(last).toISOString()}.`
        : `${count} posts of @${handle} were missed while nothing was running; they go out one after another, the last at ${new Date(last).toISOString()}.`,
    hint: "psn post list --status retry",
  }));
}

async function waiting(db: Db): Promise<Notice[]> {
  const rows = await db
    .select()
    .from(posts)
    .where(and(eq(posts.status, "retry"), inArray(posts.subStatus, ["rate_limited", "confirming"])))
    .orderBy(posts.dueAt)
    .limit(5);
  return rows.map((row) => ({
    code: row.subStatus === "confirming" ? "CONFIRMING" : "RATE_LIMITED",
    message:
      row.subStatus === "confirming"
        ? `Post ${row.id}: PSN is finding out whether X took a tweet whose answer was lost.`
        : `Post ${row.id} waits for X's rate limit and goes on by itself at ${row.dueAt?.toISOString() ?? "an unknown time"}.`,
    hint: `psn post show ${row.id}`,
    postId: row.id,
  }));
}
