/** What an author should hear at the next interaction: nothing here is e-mailed, and nothing is kept from them. */
import { and, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Db } from "../db/connection.ts";
import { accounts, appHolds, oauthTokens, posts } from "../db/schema.ts";

export interface Notice {
  code: string;
  message: string;
  hint: string;
  postId?: string | undefined;
}

const FAILURE_DAYS = 7;
const NOTICES_MAX = 20;

/** The hold on the app, accounts that must sign in, failures of the last week, and posts that wait for something. */
export async function gatherNotices(db: Db): Promise<Notice[]> {
  const all: Notice[] = [];
  for (const gather of [holds, signedOut, failures, catchingUp, waiting]) all.push(...(await gather(db)));
  return all.slice(0, NOTICES_MAX);
}

/** X, or the hub, refuses these as they are: the same again fails again. */
const EDIT_FIRST = new Set([
  "X_DUPLICATE",
  "X_CASHTAGS",
  "X_INVALID",
  "X_MEDIA_TOO_LONG",
  "X_MEDIA_INVALID",
  "X_MEDIA_REFUSED",
  "MEDIA_GONE",
]);

/** The command that most likely helps a post that failed. */
export function fixFor(failCode: string | null, postId: string): string {
  // Whoever sends it again without a look may post it twice.
  if (failCode === "PERHAPS_ON_X") return `psn post show ${postId}`;
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

async function holds(db: Db): Promise<Notice[]> {
  const rows = await db.select().from(appHolds);
  return rows.map((row) => ({
    code: "OUT_OF_CREDITS",
    message: `Every post waits since ${row.since.toISOString()}: ${row.detail}`,
    hint: "psn post resume",
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
