/** X's rate limits as all workers share them: the last headers per account, and refusals, in the hub. */
import { type SQL, sql } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import { type Hub, hubNow } from "../db/connection.ts";
import { rateLimits } from "../db/schema.ts";
import type { AnswerMeta } from "../platform.ts";
import type { PostSubStatus } from "../types/index.ts";
import { isNamedReset, JUMPED_MS, rateLimitWaitUntil } from "./decide/backoff.ts";

export type Endpoint = "create" | "upload" | "timeline" | "lookup" | "delete";

/** Limits of the whole app are kept under this instead of an account. */
const WHOLE_APP = "";

/** A limit with more left than this stops nobody, and is not worth a write for every tweet. */
const NEARLY_USED_UP = 10;

/** Whether a limit is worth keeping. */
export function isNearlyUsedUp({ remaining }: { remaining: number }): boolean {
  return remaining <= NEARLY_USED_UP;
}

/**
 * Two resets that are nearer than this are of one window. X's parts differ by a second or two; a window lasts a quarter
 * of an hour.
 */
const SAME_WINDOW_SECONDS = 60;

/**
 * When X's word was asked for, by the hub's clock. Answers overtake each other on their way here; of two that differ the
 * one whose request was sent later is X's newest word. `updated_at` keeps it.
 */
const saidAt = (sinceSentMs: number) => sql`psn.now() - make_interval(secs => ${Math.max(0, sinceSentMs) / 1000})`;

/** Written before the hub's clock was set back: its times are of another clock, and X will say anew. */
const isBeforeJump = sql`${rateLimits.updatedAt} > psn.now() + make_interval(secs => ${JUMPED_MS / 1000})`;

/** Said later than what is known, or what is known is over. */
const isNewest = sql`(
    excluded.updated_at >= ${rateLimits.updatedAt}
    or ${rateLimits.resetAt} <= psn.now()
    or ${isBeforeJump}
  )`;

/** X's newest word of another window, which is not over already: its reset counts, be it earlier or later. */
const isNewWindow = sql`(
    abs(extract(epoch from excluded.reset_at - ${rateLimits.resetAt})) >= ${SAME_WINDOW_SECONDS}
    and excluded.reset_at > psn.now()
    and ${isNewest}
  )`;
const newestSaidAt = sql`case
    when ${isBeforeJump} then excluded.updated_at
    else greatest(excluded.updated_at, ${rateLimits.updatedAt})
  end`;

/**
 * Stores what an answer's headers said of limits that are nearly used up. Older news never overwrites newer.
 * @param sinceSentMs how long ago the request was sent, by the caller's clock
 */
export async function noteLimits(
  hub: Hub,
  accountId: string,
  endpoint: Endpoint,
  meta: AnswerMeta,
  sinceSentMs = 0,
): Promise<void> {
  const news = meta.rateLimits.filter(isNearlyUsedUp);
  if (news.length === 0) return;
  await hub.db
    .insert(rateLimits)
    .values(
      news.map((seen) => ({
        accountId: seen.window === "app_24h" ? WHOLE_APP : accountId,
        endpoint,
        window: seen.window,
        limit: seen.limit,
        remaining: seen.remaining,
        resetAt: seen.resetAt,
        updatedAt: saidAt(sinceSentMs),
      })),
    )
    .onConflictDoUpdate({
      target: [rateLimits.accountId, rateLimits.endpoint, rateLimits.window],
      set: {
        limit: sql`excluded."limit"`,
        // Within a window the smallest count left is the truest, whichever answer came first.
        remaining: sql`case
          when ${isNewWindow} then excluded.remaining
          when abs(extract(epoch from excluded.reset_at - ${rateLimits.resetAt})) < ${SAME_WINDOW_SECONDS}
            then least(excluded.remaining, ${rateLimits.remaining})
          else ${rateLimits.remaining}
        end`,
        resetAt: sql`case when ${isNewWindow} then excluded.reset_at else ${rateLimits.resetAt} end`,
        updatedAt: newestSaidAt,
      },
    });
}

/** What a 429 said. */
export interface Refusal {
  scope: "account" | "app";
  until: Date;
  /** X named the time; else it is a guess of ours, which never shortens what X said. */
  isNamed: boolean;
  /** How long ago the request was sent, by the caller's clock. */
  sinceSentMs: number;
}

/**
 * Remembers a 429 until it is over, so that no other worker sends what is known to be refused. X's newest word counts,
 * also where it names an earlier time than the one before.
 */
export async function noteRefusal(hub: Hub, accountId: string, endpoint: Endpoint, refusal: Refusal): Promise<void> {
  const { scope, until, isNamed, sinceSentMs } = refusal;
  const row = { limit: 0, remaining: 0, resetAt: until, updatedAt: saidAt(sinceSentMs) };
  const resetAt = isNamed
    ? sql`case when ${isNewest} then excluded.reset_at else ${rateLimits.resetAt} end`
    : sql`case
        when ${isBeforeJump} then excluded.reset_at
        else greatest(excluded.reset_at, ${rateLimits.resetAt})
      end`;
  await hub.db
    .insert(rateLimits)
    .values({ accountId: scope === "app" ? WHOLE_APP : accountId, endpoint, window: "refused", ...row })
    .onConflictDoUpdate({
      target: [rateLimits.accountId, rateLimits.endpoint, rateLimits.window],
      set: { limit: 0, remaining: 0, resetAt, updatedAt: newestSaidAt },
    });
}

/** The same for a 429 on reading or uploading, after which its run waits. `until` is null when X named no time. */
export async function noteWait(
  { hub, clock }: { hub: Hub; clock: Clock },
  accountId: string,
  endpoint: Endpoint,
  { scope, until }: { scope: "account" | "app"; until: Date | null },
  askedAt: Date,
): Promise<void> {
  // `until` is by the hub's clock, and how long ago the request was sent by this machine's.
  const now = await hubNow(hub.db);
  await noteRefusal(hub, accountId, endpoint, {
    scope,
    until: rateLimitWaitUntil(until, now, 0, 0),
    isNamed: isNamedReset(until, now),
    sinceSentMs: clock.now().getTime() - askedAt.getTime(),
  });
}

/** When this endpoint opens again for the account; null when nothing speaks against asking now. */
export async function closedUntil(hub: Hub, accountId: string, endpoint: Endpoint): Promise<Date | null> {
  const { rows } = await hub.db.execute<{ closed: string | null }>(
    sql`select (${closedUntilSql(sql`${accountId}`, endpoint)}) as closed`,
  );
  const closed = rows[0]?.closed;
  return closed ? new Date(closed) : null;
}

/** As a subquery: when this endpoint opens again for the account; null when nothing speaks against sending now. */
export function closedUntilSql(accountId: SQL, endpoint: Endpoint): SQL {
  return sql`
    select max(reset_at)
    from ${rateLimits}
    where account_id in (${accountId}, ${WHOLE_APP})
      and endpoint = ${endpoint}
      and remaining = 0
      and reset_at > psn.now()
      and not (${isBeforeJump})`;
}

/** Posts of one account that wait for the same thing, and the time between two of them when it has come. */
export interface Queue {
  subStatus: PostSubStatus;
  gapMs: number;
}

/** The gap is about what one post takes to be sent. */
export const LIMITED: Queue = { subStatus: "rate_limited", gapMs: 50 };
const STAGGERED_MAX = 1_000;

/**
 * How long after the others that wait for the same thing this post goes on: the one that was due first goes first,
 * however often it must wait again, so nobody starves. In ms.
 */
export async function staggerMs(
  hub: Hub,
  accountId: string,
  post: { id: string; since: Date },
  queue: Queue,
): Promise<number> {
  const { rows } = await hub.db.execute<{ ahead: number }>(sql`
    select count(*)::int as ahead
    from (
      select
      from psn.posts
      where account_id = ${accountId}
        and status = 'retry'
        and sub_status = ${queue.subStatus}
        and (coalesce(scheduled_at, created_at), id) < (${post.since.toISOString()}::timestamptz, ${post.id})
      limit ${STAGGERED_MAX}
    ) as waiting`);
  return (rows[0]?.ahead ?? 0) * queue.gapMs;
}
