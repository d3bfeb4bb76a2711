/** One look at the account's own posts for a tweet whose request had no answer. Reads X, writes nothing about the post. */
import { sql } from "drizzle-orm";
import { posts } from "../../db/schema.ts";
import type { OwnPost } from "../../platform.ts";
import type { RunTweet } from "../../post/rows.ts";
import { credentialsFor, type KeeperDeps } from "../../tokens/keeper.ts";
import type { OpenAttempt } from "../attempts/attempts.ts";
import { findSent, judgeLook, type LookResult, lookSince } from "../decide/match.ts";
import { closedUntil, noteLimits, noteWait } from "../rate-limits.ts";

export type LookDeps = KeeperDeps;

/** Posts read at most. Only those since the attempt began are asked for, so more would mean a post every few seconds. */
const POSTS_MAX = 1_000;
/** For a parent: a page. An old one may lie under any number of newer posts, and each costs. */
const PARENT_POSTS_MAX = 100;

export type Look =
  | { kind: "seen"; verdict: LookResult }
  | { kind: "unavailable"; cause: string; retryAt: Date | null }
  /** The token is not to be had (`reason`), or X refused the one of this version. */
  | { kind: "no_token"; answer: { kind: "signed_out" | "unavailable"; reason: string } }
  | { kind: "token_refused"; version: number };

/** Looks once. */
export async function lookForTweet(deps: LookDeps, tweet: RunTweet, attempt: OpenAttempt): Promise<Look> {
  // A reply is newer than its parent.
  const sinceId = attempt.firstReplyToId ?? (await newestBefore(deps, tweet.accountId, attempt));
  const sent = { sinceId, startedAt: attempt.firstStartedAt };
  const list = await readOwn(deps, tweet.accountId, lookSince(sent, deps.platform.idTime), POSTS_MAX);
  if (list.kind !== "posts") return list;
  const found = findSent(
    {
      text: tweet.content,
      replyToId: attempt.replyToId,
      mediaCount: attempt.mediaCount,
      startedAt: attempt.firstStartedAt,
    },
    list.posts,
    await takenIds(deps, tweet, list.posts),
    deps.platform.sameText,
  );
  // A tweet that is there is proof, whatever the list lacks; absence needs the whole list.
  if (!found && !list.complete) return { kind: "unavailable", cause: "X's list was cut short", retryAt: null };
  return { kind: "seen", verdict: judgeLook(found, attempt) };
}

/** Whether the account's own list shows one of its posts. */
export async function lookForParent(
  deps: LookDeps,
  accountId: string,
  parentId: string,
): Promise<"there" | "absent" | "not_known"> {
  const list = await readOwn(deps, accountId, String(BigInt(parentId) - 1n), PARENT_POSTS_MAX);
  if (list.kind !== "posts") return "not_known";
  if (list.posts.some((post) => post.id === parentId)) return "there";
  return list.complete ? "absent" : "not_known";
}

export type OwnList = { kind: "posts"; posts: OwnPost[]; complete: boolean } | Exclude<Look, { kind: "seen" }>;

/** The account's own posts newer than an id, unless the limit on reading is known to be closed. */
export async function readOwn(deps: LookDeps, accountId: string, sinceId: string, max: number): Promise<OwnList> {
  const closed = await closedUntil(deps.hub, accountId, "timeline");
  if (closed) return { kind: "unavailable", cause: "X's rate limit on reading is used up", retryAt: closed };
  const token = await credentialsFor(deps, accountId);
  if (token.kind !== "ok") return { kind: "no_token", answer: token };
  const askedAt = deps.clock.now();
  const { answer, meta } = await deps.platform.ownPosts(token.credentials, { sinceId, max });
  await noteLimits(deps.hub, accountId, "timeline", meta);
  if (answer.kind === "unavailable" && answer.retryAt) {
    await noteWait(deps, accountId, "timeline", { scope: "account", until: answer.retryAt }, askedAt);
  }
  if (answer.kind === "signed_out") return { kind: "token_refused", version: token.version };
  return answer;
}

// --- internal ---

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
