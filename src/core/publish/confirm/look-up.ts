/** One look at the account's own posts for a tweet whose request had no answer. Reads X, writes nothing about the post. */
import { sql } from "drizzle-orm";
import { posts } from "../../db/schema.ts";
import type { OwnPost } from "../../platform.ts";
import type { RunTweet } from "../../post/rows.ts";
import { charged, postsRead } from "../../spend/charge.ts";
import { credentialsFor, type KeeperDeps } from "../../tokens/keeper.ts";
import { mediaKeysSql, type OpenAttempt, pastAttempts } from "../attempts/past.ts";
import { type Finding, findSent, judgeLook, type LookResult, lookSince, type SentTweet } from "../decide/match.ts";
import { closedUntil, noteLimits, noteWait } from "../rate-limits.ts";
import { aheadOfHub, heard } from "../x-clock.ts";

export type LookDeps = KeeperDeps;

/** Posts read at most. Only those since the attempt began are asked for, so more would mean a post every few seconds. */
export const POSTS_MAX = 1_000;
/** For a parent: a page. An old one may lie under any number of newer posts, and each costs. */
const PARENT_POSTS_MAX = 100;

export type Look =
  | { kind: "seen"; verdict: LookResult }
  /** X shows a post that may be the tweet, but not which media it has. */
  | { kind: "unclear"; postId: string }
  | { kind: "unavailable"; cause: string; retryAt: Date | null; isForbidden?: boolean }
  /** The token is not to be had (`reason`), or X refused the one of this version. */
  | { kind: "no_token"; answer: { kind: "signed_out" | "unavailable"; reason: string } }
  | { kind: "token_refused"; version: number };

/** By how much the clocks may be off that were compared, and by how much where nothing is known of them. */
const CLOCKS_KNOWN_MS = 2 * 60 * 60_000;
export const CLOCKS_UNKNOWN_MS = 26 * 60 * 60_000;
/** Enough to see what kind of ids a host makes. */
const SAMPLE_POSTS_MAX = 5;

/**
 * Looks once.
 * @param read `readOwnTwice` where this look alone decides, and no other follows it
 */
export async function lookForTweet(
  deps: LookDeps,
  tweet: RunTweet,
  attempt: OpenAttempt,
  read: typeof readOwn = readOwn,
): Promise<Look> {
  // A reply is newer than its parent. What X calls a duplicate may be older than all that the hub knows.
  const newest = isDuplicate(attempt) ? null : await newestBefore(deps, tweet.accountId, attempt);
  const sinceId = attempt.firstReplyToId ?? newest;
  const aheadMs = await aheadOfHub(deps.hub, deps.platform.host);
  // Words that are sent again are refused by X as a duplicate, a picture is not: no clock is believed for one.
  const isByWords = attempt.allMediaKeys?.length === 0;
  const earlierMs = isByWords ? earlierMsMax(attempt, aheadMs) : CLOCKS_UNKNOWN_MS;
  const floorAt = new Date(byX(attempt.firstStartedAt, attempt.firstXAheadMs, aheadMs).getTime() - earlierMs);
  const since = lookSince({ sinceId, floorAt }, deps.platform.idTime);
  const about = { rootId: tweet.parentPostId ?? tweet.id, tweetId: tweet.id };
  const list = await read(deps, tweet.accountId, since.sinceId, POSTS_MAX, about);
  if (list.kind !== "posts") return list;
  const look = await judgeList(deps, tweet, attempt, list);
  const isAbsent = look.kind === "seen" && look.verdict.kind === "absent";
  if (!isAbsent) return look;
  const whole = await beyondClock(deps, tweet.accountId, since, list, about);
  if (whole === list) return look;
  return whole.kind === "posts" ? await judgeList(deps, tweet, attempt, whole) : whole;
}

/**
 * The account's posts since an instant of the hub's clock, and earlier ones as well where the clocks may differ.
 * @param mustBeWhole an empty list is not believed before it is known that the host's ids hold times, which costs a read
 */
export async function readOwnSince(
  deps: LookDeps,
  accountId: string,
  at: Date,
  mustBeWhole: boolean,
): Promise<OwnList> {
  const aheadMs = await aheadOfHub(deps.hub, deps.platform.host);
  const earlierMs = aheadMs === null ? CLOCKS_UNKNOWN_MS : CLOCKS_KNOWN_MS;
  const floorAt = new Date(byX(at, null, aheadMs).getTime() - earlierMs);
  const since = lookSince({ sinceId: null, floorAt }, deps.platform.idTime);
  const list = await readOwnTwice(deps, accountId, since.sinceId, POSTS_MAX);
  return mustBeWhole && list.kind === "posts" && list.complete ? await beyondClock(deps, accountId, since, list) : list;
}

/**
 * X refused a tweet as a duplicate, whose request is written and not answered. Without another request the hub's record may
 * be older than X: the tweet that X has may be this one.
 * @returns the post, when it is no other's
 */
export async function lookForDuplicate(deps: LookDeps, tweet: RunTweet): Promise<OwnPost | "absent" | "not_known"> {
  const { open } = await pastAttempts(deps.hub, tweet.id);
  if (!open) return "not_known";
  const look = await lookForTweet(deps, tweet, { ...open, refusedReason: "duplicate" }, readOwnTwice);
  if (look.kind !== "seen") return "not_known";
  return look.verdict.kind === "found" ? look.verdict.post : "absent";
}

/** Whether the account's own list shows one of its posts. */
export async function lookForParent(
  deps: LookDeps,
  accountId: string,
  parentId: string,
  about: About = {},
): Promise<"there" | "absent" | "not_known"> {
  const list = await readOwnTwice(deps, accountId, String(BigInt(parentId) - 1n), PARENT_POSTS_MAX, about);
  if (list.kind !== "posts") return "not_known";
  if (list.posts.some((post) => post.id === parentId)) return "there";
  return list.complete ? "absent" : "not_known";
}

interface SeenList {
  kind: "posts";
  posts: OwnPost[];
  complete: boolean;
}
/** For which post X is looked at. */
export interface About {
  rootId?: string;
  tweetId?: string;
}

export type OwnList = SeenList | Exclude<Look, { kind: "seen" | "unclear" }>;

/** The account's own posts newer than an id, unless the limit on reading is known to be closed. Null asks for the newest. */
export async function readOwn(
  deps: LookDeps,
  accountId: string,
  sinceId: string | null,
  max: number,
  about: About = {},
): Promise<OwnList> {
  const closed = await closedUntil(deps.hub, accountId, "timeline");
  if (closed) return { kind: "unavailable", cause: "X's rate limit on reading is used up", retryAt: closed };
  const token = await credentialsFor(deps, accountId);
  if (token.kind !== "ok") return { kind: "no_token", answer: token };
  const askedAt = deps.clock.now();
  const { host } = deps.platform;
  const said = await charged(
    deps.hub,
    { cause: "timeline", host, accountId, ...about },
    () => deps.platform.ownPosts(token.credentials, { sinceId, max }),
    postsRead,
  );
  const { answer, meta } = await heard(deps, said);
  await noteLimits(deps.hub, accountId, "timeline", meta);
  if (answer.kind === "unavailable" && answer.retryAt) {
    await noteWait(deps, accountId, "timeline", { scope: "account", until: answer.retryAt }, askedAt);
  }
  if (answer.kind === "signed_out") return { kind: "token_refused", version: token.version };
  return answer;
}

/**
 * The same, asked for twice: a page of X's may lack a post that the next read shows, so a post is there that either read shows. For
 * where one look decides; X bills a post once a day.
 */
export async function readOwnTwice(...asked: Parameters<typeof readOwn>): Promise<OwnList> {
  const first = await readOwn(...asked);
  if (first.kind !== "posts") return first;
  const second = await readOwn(...asked);
  if (second.kind !== "posts") return second;
  const seen = new Set(first.posts.map(({ id }) => id));
  const posts = [...first.posts, ...second.posts.filter(({ id }) => !seen.has(id))];
  return { kind: "posts", posts, complete: first.complete && second.complete };
}

// --- internal ---

/**
 * Nothing is newer than an id that was made from a clock: that says something only where ids hold times.
 * @returns the list itself, or the whole one where it says nothing
 */
async function beyondClock(
  deps: LookDeps,
  accountId: string,
  { isByClock }: { isByClock: boolean },
  list: SeenList,
  about: About = {},
): Promise<OwnList> {
  if (!isByClock || list.posts.length > 0) return list;
  const sample = await readOwn(deps, accountId, null, SAMPLE_POSTS_MAX, about);
  if (sample.kind !== "posts") return sample;
  if (sample.posts.every(({ id }) => deps.platform.idTime(id) !== null)) return list;
  return await readOwn(deps, accountId, null, POSTS_MAX, about);
}

async function judgeList(deps: LookDeps, tweet: RunTweet, attempt: OpenAttempt, list: SeenList): Promise<Look> {
  const { posts: own, complete } = list;
  const finding = own.length === 0 ? ({ kind: "none" } as const) : await findAmong(deps, tweet, attempt, own);
  // A tweet that is there is proof, whatever the list lacks; absence needs the whole list.
  if (finding.kind === "found") return { kind: "seen", verdict: judgeLook(finding.post, attempt) };
  if (finding.kind === "unclear") return { kind: "unclear", postId: finding.post.id };
  if (!complete) return { kind: "unavailable", cause: "X's list was cut short", retryAt: null };
  return { kind: "seen", verdict: judgeLook(null, attempt) };
}

async function findAmong(deps: LookDeps, tweet: RunTweet, attempt: OpenAttempt, own: OwnPost[]): Promise<Finding> {
  // The look itself has brought X's time, if nothing had before.
  const aheadMs = await aheadOfHub(deps.hub, deps.platform.host);
  const sent: SentTweet = {
    text: tweet.content,
    replyToId: attempt.replyToId,
    mediaKeys: attempt.allMediaKeys,
    startedAt: byX(attempt.firstStartedAt, attempt.firstXAheadMs, aheadMs),
  };
  return findSent(sent, await otherOpen(deps, tweet, aheadMs), own, {
    taken: await takenIds(deps, tweet, own),
    earlierMsMax: earlierMsMax(attempt, aheadMs),
    sameText: deps.platform.sameText,
  });
}

const isDuplicate = ({ refusedReason }: OpenAttempt) => refusedReason === "duplicate";

/** Clocks are known when X had said its time before the request as well: in between one may have jumped. */
function earlierMsMax(attempt: OpenAttempt, aheadMs: number | null): number {
  const areKnown = attempt.firstXAheadMs !== null && aheadMs !== null && !isDuplicate(attempt);
  return areKnown ? CLOCKS_KNOWN_MS : CLOCKS_UNKNOWN_MS;
}

/**
 * An instant of the hub's clock by X's. A clock that jumped between then and now leaves two answers, of which the earlier
 * makes the list longer and loses nothing.
 */
function byX(at: Date, thenAheadMs: number | null, nowAheadMs: number | null): Date {
  const aheadMs = Math.min(thenAheadMs ?? nowAheadMs ?? 0, nowAheadMs ?? thenAheadMs ?? 0);
  return new Date(at.getTime() + aheadMs);
}

const OTHERS_MAX = 50;

/** The account's other requests without an outcome: what one of them made is not this one's. */
async function otherOpen({ hub }: LookDeps, tweet: RunTweet, aheadMs: number | null): Promise<SentTweet[]> {
  type Row = Omit<SentTweet, "startedAt"> & { startedAt: string; xAheadMs: number | null };
  const { rows } = await hub.db.execute<Row & Record<string, unknown>>(sql`
    select tweet.content as text, attempt.reply_to_id as "replyToId", ${mediaKeysSql("attempt")} as "mediaKeys",
      attempt.started_at as "startedAt", attempt.x_ahead_ms as "xAheadMs"
    from psn.publish_attempts as attempt
    join psn.posts as tweet on tweet.id = attempt.post_id
    where attempt.outcome is null
      and tweet.account_id = ${tweet.accountId}
      and tweet.id <> ${tweet.id}
    order by attempt.id
    limit ${OTHERS_MAX}`);
  return rows.map(({ startedAt, xAheadMs, ...sent }) => ({
    ...sent,
    startedAt: byX(new Date(startedAt), xAheadMs, aheadMs),
  }));
}

/** What is older than this cannot be the newest that matters, see `lookSince`; a clock that jumped only makes the list longer. */
const NEWEST_WITHIN_HOURS = 24;

/**
 * The newest of the account's tweets that the hub knew before the first request was written: what that one makes is newer.
 * The order of numbers decides and not clocks, which jump.
 */
async function newestBefore({ hub }: LookDeps, accountId: string, attempt: OpenAttempt): Promise<string | null> {
  const { rows } = await hub.db.execute<{ id: string }>(sql`
    select made.external_post_id as id
    from psn.posts as tweet
    join psn.publish_attempts as made on made.post_id = tweet.id
    where tweet.account_id = ${accountId}
      and tweet.external_post_id is not null
      and tweet.published_at > ${attempt.firstStartedAt.toISOString()}::timestamptz - make_interval(hours => ${NEWEST_WITHIN_HOURS})
      and made.outcome in ('posted', 'adopted')
      and made.record_number < ${attempt.firstId}
    order by length(made.external_post_id) desc, made.external_post_id desc
    limit 1`);
  return rows[0]?.id ?? null;
}

/** Which of these X posts are known already: other tweets of the hub, and this one's own, where only a second copy is looked for. */
async function takenIds({ hub }: LookDeps, tweet: RunTweet, own: readonly OwnPost[]): Promise<Set<string>> {
  if (own.length === 0) return new Set();
  const { rows } = await hub.db.execute<{ id: string }>(sql`
    select external_post_id as id
    from ${posts}
    where account_id = ${tweet.accountId}
      and (id <> ${tweet.id} or ${tweet.externalPostId !== null})
      and external_post_id in (select jsonb_array_elements_text(${JSON.stringify(own.map((post) => post.id))}::jsonb))`);
  return new Set(rows.map((row) => row.id));
}
