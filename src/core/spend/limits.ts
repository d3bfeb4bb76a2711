/**
 * What X may bill at most, and how many posts may go out, in a day or a month of the author's: of one account, and of all together.
 * A post is held against every limit that concerns it. What is used is what X billed in that time, and what posts may still need that
 * have begun to go out or to be taken down.
 */
import { sql } from "drizzle-orm";
import { dollarsOf } from "../compose/cost.ts";
import type { Db, Tx } from "../db/connection.ts";
import { spendLimits } from "../db/schema.ts";
import { type Period, windowSql } from "./report.ts";
import { isSandboxHost } from "./sandbox-host.ts";

export const UNITS = ["micros", "posts"] as const;
export type Unit = (typeof UNITS)[number];

/** A limit's name. `accountId` null: of all accounts together. */
export interface LimitKey {
  accountId: string | null;
  period: Period;
  unit: Unit;
}

export interface Limit extends LimitKey {
  /** Millionths of a dollar, or posts. */
  amount: number;
}

/** A limit in the window that an instant lies in. */
export interface LimitState extends Limit {
  from: Date;
  to: Date;
  zone: string;
  /** Whose it is; null: of all. */
  account: string | null;
  used: number;
}

/** Which posts are counted, and when. */
export interface Counted {
  /** Those of one account, or of all. Null: every limit that there is. */
  accountId: string | null;
  isSandbox: boolean;
  /** Null: now. */
  at?: Date | null;
  /** Of whom not what it may need, and which is not counted as a post. */
  exceptRootId?: string | null;
}

export async function hasLimits(db: Db | Tx): Promise<boolean> {
  const { rows } = await db.execute(sql`select from psn.spend_limits limit 1`);
  return rows.length > 0;
}

/** Whether the account signed in at another host than X. */
export async function isOnSandbox(db: Db | Tx, accountId: string): Promise<boolean> {
  const { rows } = await db.execute<{ host: string | null }>(
    sql`select metadata ->> 'apiHost' as host from psn.oauth_tokens where account_id = ${accountId}`,
  );
  const host = rows[0]?.host;
  return typeof host === "string" && isSandboxHost(host);
}

/** The limits that concern an account, with what is used of each. */
export async function limitStates(
  db: Db | Tx,
  { accountId, isSandbox, at = null, exceptRootId = null }: Counted,
): Promise<LimitState[]> {
  const instant = at === null ? sql`psn.now()` : sql`${at.toISOString()}::timestamptz`;
  // Of one account, or of all.
  const concerns = (column: string) => sql`(cap.account_id = '' or ${sql.raw(column)} = cap.account_id)`;
  const { rows } = await db.execute<{
    account_id: string;
    account: string | null;
    period: Period;
    unit: Unit;
    amount: string;
    zone: string;
    starts: string;
    ends: string;
    used: string;
  }>(sql`
    with cap as materialized (
      select limits.*, handles.handle as account, spans.starts, spans.ends
      from psn.spend_limits as limits
      left join psn.accounts as handles on handles.id = limits.account_id
      cross join lateral (${windowSql(sql`limits.period`, instant, sql`limits.zone`)}) as spans
      where ${accountId}::text is null or limits.account_id in ('', ${accountId})
    ),
    promised as materialized (
      select promise.root_id, promise.at, post.account_id, post.status in ('publishing', 'retry') as is_post,
        greatest(0, promise.micros - coalesce((
          select sum(charge.units * charge.unit_micros)
          from psn.spend as charge
          where charge.root_id = promise.root_id
            and charge.at >= promise.at
            and charge.cause in ('create', 'create_with_link', 'alt_text', 'deletion')
        ), 0)) as micros
      from psn.spend_promises as promise
      join psn.posts as post on post.id = promise.root_id
      where (post.status in ('publishing', 'retry') or post.sub_status = 'unpublishing')
        and promise.is_sandbox = ${isSandbox}
        and promise.root_id is distinct from ${exceptRootId}::text
    )
    select cap.account_id, cap.account, cap.period, cap.unit, cap.amount, cap.zone, cap.starts, cap.ends,
      case cap.unit
        when 'micros' then (
          select coalesce(sum(charge.units * charge.unit_micros), 0)
          from psn.spend as charge
          where charge.at >= cap.starts
            and charge.at < cap.ends
            and charge.is_sandbox = ${isSandbox}
            and ${concerns("charge.account_id")}
        ) + (
          select coalesce(sum(promised.micros), 0)
          from promised
          where promised.at >= cap.starts and promised.at < cap.ends and ${concerns("promised.account_id")}
        )
        else (
          select count(*)
          from (
            select charge.root_id
            from psn.spend as charge
            where charge.at >= cap.starts
              and charge.at < cap.ends
              and charge.is_sandbox = ${isSandbox}
              and charge.cause in ('create', 'create_with_link')
              and charge.tweet_id = charge.root_id
              and charge.units > 0
              and charge.root_id is distinct from ${exceptRootId}::text
              and ${concerns("charge.account_id")}
            union
            select promised.root_id
            from promised
            where promised.is_post
              and promised.at >= cap.starts and promised.at < cap.ends and ${concerns("promised.account_id")}
          ) as begun
        )
      end as used
    from cap
    order by cap.account_id, cap.period, cap.unit`);
  return rows.map((row) => ({
    accountId: row.account_id === "" ? null : row.account_id,
    account: row.account,
    period: row.period,
    unit: row.unit,
    amount: Number(row.amount),
    zone: row.zone,
    from: new Date(row.starts),
    to: new Date(row.ends),
    used: Number(row.used),
  }));
}

/**
 * Keeps what is decided by the limits of an account from being decided by two at once, until the end of the transaction. To be followed by
 * a statement of its own that reads them.
 */
export async function lockLimits(tx: Tx, accountId: string): Promise<void> {
  await tx.execute(sql`
    select
    from psn.spend_limits
    where account_id in ('', ${accountId})
    order by account_id, period, unit
    for update`);
}

/**
 * Keeps all limits, and that there are no others, from being changed by anybody else until the end of the transaction. In the order of
 * `lockLimits`, so that neither waits for the other.
 */
export async function lockAllLimits(tx: Tx): Promise<(Limit & { zone: string })[]> {
  // A limit that is not there yet has no row to lock. Who only judges by them is not kept out.
  await tx.execute(sql`lock table psn.spend_limits in share row exclusive mode`);
  const { rows } = await tx.execute<{
    account_id: string;
    period: Period;
    unit: Unit;
    amount: string;
    zone: string;
  }>(sql`
    select account_id, period, unit, amount, zone
    from psn.spend_limits
    order by account_id, period, unit
    for update`);
  return rows.map(({ account_id: accountId, period, unit, amount, zone }) => ({
    accountId: accountId === "" ? null : accountId,
    period,
    unit,
    amount: Number(amount),
    zone,
  }));
}

/**
 * Room that was judged to be there, in the same transaction, after `lockLimits`: what X may still bill for a post that goes out, or is
 * taken down. Takes the place of the post's earlier promise, and is used up by what X bills from now on.
 */
export async function promiseRoom(
  tx: Tx,
  rootId: string,
  { micros, isSandbox }: { micros: number; isSandbox: boolean },
): Promise<void> {
  await tx.execute(sql`
    insert into psn.spend_promises (root_id, at, micros, is_sandbox)
    values (${rootId}, psn.now(), ${micros}, ${isSandbox})
    on conflict (root_id) do update
    set at = excluded.at, micros = excluded.micros, is_sandbox = excluded.is_sandbox`);
}

/** Writes limits; each takes the place of an earlier one, and its days begin by `zone`. The others keep theirs. */
export async function writeLimits(tx: Tx, limits: readonly Limit[], zone: string): Promise<void> {
  for (const { accountId, period, unit, amount } of limits) {
    await tx
      .insert(spendLimits)
      .values({ accountId: accountId ?? "", period, unit, amount, zone })
      .onConflictDoUpdate({
        target: [spendLimits.accountId, spendLimits.period, spendLimits.unit],
        set: { amount, zone, updatedAt: sql`psn.now()` },
      });
  }
}

/** Takes limits away. @returns how many there were */
export async function removeLimits(tx: Tx, keys: readonly LimitKey[]): Promise<number> {
  let removed = 0;
  for (const { accountId, period, unit } of keys) {
    const { rowCount } = await tx.execute(sql`
      delete from psn.spend_limits
      where account_id = ${accountId ?? ""} and period = ${period} and unit = ${unit}`);
    removed += rowCount ?? 0;
  }
  return removed;
}

/** What a post, or whatever else X bills, needs. */
export interface Need {
  micros: number;
  posts: 0 | 1;
}

/** The limit that leaves no room for it: the one that opens last; one that is too small for it alone before all others. */
export function limitInTheWay<State extends LimitState>(states: readonly State[], need: Need): State | null {
  const over = states.filter((state) => state.used + needOf(state, need) > state.amount && needOf(state, need) > 0);
  const opens = (state: LimitState) => (isTooSmall(state, need) ? Number.POSITIVE_INFINITY : state.to.getTime());
  return over.toSorted((one, other) => opens(other) - opens(one))[0] ?? null;
}

/** It will never fit. */
export const isTooSmall = (limit: Limit, need: Need): boolean => needOf(limit, need) > limit.amount;

export const needOf = ({ unit }: LimitKey, need: Need): number => (unit === "micros" ? need.micros : need.posts);

/** `$5.000 a day (all accounts)`. */
export function limitInWords({
  period,
  unit,
  amount,
  account,
}: Omit<Limit, "accountId"> & { account: string | null }): string {
  const whose = account === null ? "all accounts" : `@${account}`;
  return `${amountInWords(unit, amount)} a ${period} (${whose})`;
}

export const amountInWords = (unit: Unit, amount: number): string =>
  unit === "micros" ? dollarsOf(amount) : `${amount} ${amount === 1 ? "post" : "posts"}`;
