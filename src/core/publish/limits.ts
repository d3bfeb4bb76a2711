/** X's rate limits as all workers share them: the last headers per account, and refusals, in the hub. */
import { type SQL, sql } from "drizzle-orm";
import type { Hub } from "../db/connection.ts";
import { rateLimits } from "../db/schema.ts";
import { rowsOf, together } from "../db/together.ts";
import type { AnswerMeta } from "../platform.ts";
import type { RateLimitWindow } from "../types/index.ts";

export type Endpoint = "create" | "upload" | "timeline";

/** Limits of the whole app stand under this instead of an account. */
const WHOLE_APP = "";

/** Stores what an answer's headers said. Older news never overwrites newer within one window. */
export async function noteLimits(hub: Hub, accountId: string, endpoint: Endpoint, meta: AnswerMeta): Promise<void> {
  if (meta.rateLimits.length === 0) return;
  await noteSeen(hub, { accountId, endpoint, limits: meta.rateLimits });
}

interface SeenLimits {
  accountId: string;
  endpoint: Endpoint;
  limits: readonly RateLimitWindow[];
}

const noteSeen = together<SeenLimits, true>({
  key: ({ accountId, endpoint }) => `${accountId} ${endpoint}`,
  many: async (hub, seen) => {
    await noteAll(hub, seen);
    return new Map(seen.map(({ accountId, endpoint }) => [`${accountId} ${endpoint}`, true]));
  },
  alone: async (hub, seen) => {
    await noteAll(hub, [seen]);
    return true;
  },
});

/** Answers overtake each other: of one window the latest reset counts, and in it the smallest count left is the truest. */
async function noteAll(hub: Hub, seen: readonly SeenLimits[]): Promise<void> {
  const rows = seen.flatMap(({ accountId, endpoint, limits }) =>
    limits.map(({ window, limit, remaining, resetAt }) => ({
      account_id: window === "app_24h" ? WHOLE_APP : accountId,
      endpoint,
      window,
      limit,
      remaining,
      reset_at: resetAt.toISOString(),
    })),
  );
  await hub.db.execute(sql`
    insert into psn.rate_limits as known (account_id, endpoint, "window", "limit", remaining, reset_at, updated_at)
    -- Always in this order, so that two statements never wait for each other's rows.
    select distinct on (account_id, endpoint, "window") *, psn.now()
    from ${rowsOf(rows)} as seen (
      account_id text, endpoint text, "window" text, "limit" integer, remaining integer, reset_at timestamptz
    )
    order by account_id, endpoint, "window", reset_at desc, remaining
    on conflict (account_id, endpoint, "window") do update
      set "limit" = excluded."limit",
        remaining = case
          when excluded.reset_at > known.reset_at then excluded.remaining
          else least(excluded.remaining, known.remaining)
        end,
        reset_at = greatest(excluded.reset_at, known.reset_at),
        updated_at = excluded.updated_at`);
}

/** Remembers a 429 until it is over, so that no other worker sends what is known to be refused. */
export async function noteRefusal(
  hub: Hub,
  accountId: string,
  endpoint: Endpoint,
  scope: "account" | "app",
  until: Date,
): Promise<void> {
  const row = { limit: 0, remaining: 0, resetAt: until, updatedAt: sql`psn.now()` };
  await hub.db
    .insert(rateLimits)
    .values({ accountId: scope === "app" ? WHOLE_APP : accountId, endpoint, window: "refused", ...row })
    .onConflictDoUpdate({
      target: [rateLimits.accountId, rateLimits.endpoint, rateLimits.window],
      set: { ...row, resetAt: sql`greatest(excluded.reset_at, ${rateLimits.resetAt})` },
    });
}

/** As a subquery: when this endpoint opens again for the account; null when nothing speaks against sending now. */
export function closedUntilSql(accountId: SQL, endpoint: Endpoint): SQL {
  return sql`
    select max(reset_at)
    from ${rateLimits}
    where account_id in (${accountId}, ${WHOLE_APP})
      and endpoint = ${endpoint}
      and remaining = 0
      and reset_at > psn.now()`;
}

/** Between two posts of one account that wait for the same limit; about what one takes to be sent. */
const TURN_MS = 50;
const TURNS_MAX = 1_000;

/**
 * How long after the others that wait for the same account's limit this post takes its turn: the one that was due first
 * goes first, however often the limit closes again, so nobody starves. In ms.
 */
export async function turnDelayMs(hub: Hub, accountId: string, post: { id: string; since: Date }): Promise<number> {
  const { rows } = await hub.db.execute<{ ahead: number }>(sql`
    select count(*)::int as ahead
    from (
      select
      from psn.posts
      where account_id = ${accountId}
        and status = 'retry'
        and sub_status = 'rate_limited'
        and (coalesce(scheduled_at, created_at), id) < (${post.since.toISOString()}::timestamptz, ${post.id})
      limit ${TURNS_MAX}
    ) as waiting`);
  return (rows[0]?.ahead ?? 0) * TURN_MS;
}
