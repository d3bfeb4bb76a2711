/** Reading posts: one whole, many in short, and the life of one in words. */
import { and, asc, desc, eq, inArray, isNotNull, isNull, like, or, sql } from "drizzle-orm";
import type { Db, Tx } from "../db/connection.ts";
import { accounts, oauthTokens, postEvents, posts, publishAttempts } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import { loadTweets, type TweetRow } from "../post/rows.ts";
import { isSandboxHost } from "../spend/sandbox-host.ts";
import type { PostStatus } from "../types/index.ts";

const LIST_MAX = 200;

const unknownPost = (id: string) => new PsnError("POST_UNKNOWN", `There is no post ${id}.`, { hint: "psn post list" });
const HISTORY_MAX = 2_000;

export interface Post {
  root: TweetRow & { status: PostStatus };
  tweets: TweetRow[];
  account: typeof accounts.$inferSelect;
  /** Host of the API that it was published at, else that the account signed in at; null when that is not known. */
  apiHost: string | null;
}

/**
 * The full id of a root row, from the id, a unique beginning of it, or the address at X of one of its tweets.
 * @throws PsnError POST_UNKNOWN, POST_AMBIGUOUS, USAGE for an id that holds control characters
 */
export async function findPostId(db: Db | Tx, idOrBeginning: string): Promise<string> {
  const wanted = idOrBeginning.trim().toLowerCase();
  const unknown = unknownPost(idOrBeginning.slice(0, 64));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f-\u009f]/.test(wanted)) {
    throw new PsnError("USAGE", "An id holds no control characters.", {
      hint: "psn post list",
      next: ["psn post list"],
    });
  }
  const onX = /^https?:\/\/[^/\s]+\/(?:[^/\s]+|i\/web)\/status\/(\d{1,20})(?:[/?#]\S*)?$/.exec(wanted)?.[1];
  if (onX !== undefined) {
    const [tweet] = await db
      .select({ id: posts.id, parentPostId: posts.parentPostId })
      .from(posts)
      .where(eq(posts.externalPostId, onX))
      .limit(1);
    if (!tweet) throw unknown;
    return tweet.parentPostId ?? tweet.id;
  }
  if (!/^[0-9a-z]{1,64}$/.test(wanted)) throw unknown;
  const rows = await db
    .select({ id: posts.id })
    .from(posts)
    .where(and(like(posts.id, `${wanted}%`), isNull(posts.parentPostId)))
    .orderBy(posts.id)
    .limit(5);
  const exact = rows.find((row) => row.id === wanted);
  const [only, another] = rows;
  if (exact) return exact.id;
  if (!only) throw unknown;
  if (another) {
    throw new PsnError(
      "POST_AMBIGUOUS",
      `Several posts begin with ${wanted}: ${rows.map((row) => row.id).join(", ")}.`,
      {
        hint: "Give more characters of the id.",
      },
    );
  }
  return only.id;
}

/** What a beginning of an id has at least where its post is changed by it, as with Git's commits: a slip of the hand is shorter. */
const BEGINNING_LENGTH_MIN = 4;

/**
 * The same for an act that changes, sends or removes the post: a beginning has at least four characters.
 * @throws PsnError as `findPostId`, USAGE
 */
export async function findPostToChange(db: Db | Tx, idOrBeginning: string): Promise<string> {
  const postId = await findPostId(db, idOrBeginning);
  const given = idOrBeginning.trim();
  if (given.length >= BEGINNING_LENGTH_MIN || given.toLowerCase() === postId) return postId;
  throw new PsnError(
    "USAGE",
    `“${given}” is too short to change a post by; give at least ${BEGINNING_LENGTH_MIN} characters of its id.`,
    { hint: `psn post show ${given} shows which post begins so.`, next: [`psn post show ${given}`] },
  );
}

/**
 * A post whole. `lock` holds its root row until the transaction ends, which every change needs.
 * @throws PsnError POST_UNKNOWN
 */
export async function loadPost(db: Db | Tx, postId: string, lock = false): Promise<Post> {
  const isRoot = and(eq(posts.id, postId), isNull(posts.parentPostId));
  if (lock) await db.select({ id: posts.id }).from(posts).where(isRoot).for("update");
  const [row] = await db
    .select({
      account: accounts,
      apiHost: sql<string | null>`coalesce(${publishAttempts.host}, ${oauthTokens.metadata} ->> 'apiHost')`,
    })
    .from(posts)
    .innerJoin(accounts, eq(accounts.id, posts.accountId))
    .leftJoin(oauthTokens, eq(oauthTokens.accountId, accounts.id))
    .leftJoin(
      publishAttempts,
      and(eq(publishAttempts.postId, posts.id), inArray(publishAttempts.outcome, ["posted", "adopted"])),
    )
    .where(isRoot);
  const tweets = await loadTweets(db, postId);
  const [root] = tweets;
  if (!row || !root?.status) throw unknownPost(postId);
  return { root: { ...root, status: root.status }, tweets, account: row.account, apiHost: row.apiHost };
}

/** What tells of every change that the page of a post shows: of content, time, state, approval, and what has gone out. */
export interface PostState {
  contentVersion: number;
  scheduleVersion: number;
  status: PostStatus;
  subStatus: string | null;
  isApproved: boolean;
  sentCount: number;
}

export function postState({ root, tweets }: Pick<Post, "root" | "tweets">): PostState {
  const { contentVersion, scheduleVersion, status, subStatus, approvedHash } = root;
  const sentCount = tweets.filter(({ externalPostId }) => externalPostId !== null).length;
  return { contentVersion, scheduleVersion, status, subStatus, isApproved: approvedHash !== null, sentCount };
}

/** The same in one row, for those who ask again and again. @throws PsnError POST_UNKNOWN */
export async function loadPostState(db: Db | Tx, postId: string): Promise<PostState> {
  const [row] = await db
    .select({
      contentVersion: posts.contentVersion,
      scheduleVersion: posts.scheduleVersion,
      status: posts.status,
      subStatus: posts.subStatus,
      isApproved: sql<boolean>`${posts.approvedHash} is not null`,
      sentCount: sql<string>`(select count(tweet.external_post_id) from psn.posts as tweet where ${postId} in (tweet.id, tweet.parent_post_id))`,
    })
    .from(posts)
    .where(and(eq(posts.id, postId), isNull(posts.parentPostId)));
  if (!row?.status) throw unknownPost(postId);
  return { ...row, status: row.status, sentCount: Number(row.sentCount) };
}

/** Where a person sees a tweet: at X's site, or on the sandbox's own page. */
export function tweetUrl({ apiHost, account }: Pick<Post, "apiHost" | "account">, externalPostId: string): string {
  const site = apiHost === null || !isSandboxHost(apiHost) ? "https://x.com" : `http://${apiHost}`;
  return `${site}/${account.handle}/status/${externalPostId}`;
}

/** The command that makes PSN talk to a host again; the sandbox's usual port needs no option. */
export function commandTo(apiHost: string): string {
  if (!isSandboxHost(apiHost)) return "psn setup --x";
  const port = /:(\d+)$/.exec(apiHost)?.[1] ?? "4010";
  return `psn setup --sandbox${port === "4010" ? "" : ` --port ${port}`}`;
}

export interface PostSummary {
  id: string;
  account: string;
  status: PostStatus;
  subStatus: string | null;
  beginning: string;
  tweetCount: number;
  postedCount: number;
  scheduledAt: Date | null;
  scheduledTimezone: string | null;
  dueAt: Date | null;
  publishedAt: Date | null;
  approved: boolean;
  failCode: string | null;
  failReason: string | null;
  updatedAt: Date;
}

/** Posts in short, the latest changed first, or in the order in which they are due. */
export async function listPosts(
  db: Db | Tx,
  filter: { statuses?: readonly PostStatus[]; accountId?: string; limit?: number; order?: "changed" | "due" } = {},
): Promise<PostSummary[]> {
  const rows = await db
    .select({
      post: posts,
      handle: accounts.handle,
      rest: sql<string>`(select count(*) from psn.posts as tweet where tweet.parent_post_id = ${posts.id})`,
    })
    .from(posts)
    .innerJoin(accounts, eq(accounts.id, posts.accountId))
    .where(
      and(
        isNull(posts.parentPostId),
        filter.statuses ? inArray(posts.status, [...filter.statuses]) : undefined,
        filter.order === "due" ? isNotNull(posts.dueAt) : undefined,
        filter.accountId ? eq(posts.accountId, filter.accountId) : undefined,
      ),
    )
    .orderBy(...(filter.order === "due" ? [asc(posts.dueAt)] : [desc(posts.updatedAt)]), asc(posts.id))
    .limit(Math.min(filter.limit ?? 50, LIST_MAX));
  return rows.map(({ post, handle, rest }) => ({
    id: post.id,
    account: handle,
    status: post.status ?? "draft",
    subStatus: post.subStatus,
    beginning: post.content.replace(/\s+/g, " ").slice(0, 60),
    tweetCount: Number(rest) + 1,
    postedCount: post.platformPostIds.length,
    scheduledAt: post.scheduledAt,
    scheduledTimezone: post.scheduledTimezone,
    dueAt: post.dueAt,
    publishedAt: post.publishedAt,
    approved: post.approvedHash !== null,
    failCode: post.failCode,
    failReason: post.failReason,
    updatedAt: post.updatedAt,
  }));
}

/** What happened to a post, oldest first: its latest events and attempts, at most 2,000 of each. */
export async function historyOf(db: Db | Tx, postId: string) {
  const events = await db
    .select()
    .from(postEvents)
    .where(eq(postEvents.postId, postId))
    .orderBy(desc(postEvents.id))
    .limit(HISTORY_MAX);
  const attempts = await db
    .select({ attempt: publishAttempts, position: posts.threadPosition })
    .from(publishAttempts)
    .innerJoin(posts, eq(posts.id, publishAttempts.postId))
    .where(or(eq(posts.id, postId), eq(posts.parentPostId, postId)))
    .orderBy(desc(publishAttempts.id))
    .limit(HISTORY_MAX);
  const [root] = await db.select({ runId: posts.triggerRunId }).from(posts).where(eq(posts.id, postId));
  return {
    /** Its run at Trigger.dev; null where it has had none. */
    triggerRunId: root?.runId ?? null,
    events: events.reverse(),
    attempts: attempts.reverse().map(({ attempt, position }) => ({ ...attempt, position })),
  };
}
