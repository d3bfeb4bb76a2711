/** What was spent in a day or a month of the author's, by cause and by account. */
import { type SQL, sql } from "drizzle-orm";
import type { Db, Tx } from "../db/connection.ts";
import type { Cause } from "./charge.ts";

export const PERIODS = ["day", "month"] as const;
export type Period = (typeof PERIODS)[number];

export interface Window {
  from: Date;
  to: Date;
}

export interface Spent {
  /** Requests that were made, billed or not. */
  requests: number;
  /** Millionths of a dollar. */
  micros: number;
}

export interface SpendReport extends Window, Spent {
  byCause: (Spent & { cause: Cause })[];
  /** `account` is a handle; null for sign-ins, which have no account yet. */
  byAccount: (Spent & { account: string | null })[];
  /** What was asked of another host than X and cost nothing, by X's prices; in none of the sums above. */
  sandbox: Spent;
}

export interface SpendRow {
  at: Date;
  cause: Cause;
  account: string | null;
  postId: string | null;
  tweetId: string | null;
  units: number;
  unitMicros: number;
  micros: number;
  isSandbox: boolean;
}

/** From when to when the day, or the month, is in `zone` that an instant lies in. As two columns, `starts` and `ends`. */
export const windowSql = (period: SQL, at: SQL, zone: SQL): SQL => sql`
      select date_trunc(${period}, ${at}, ${zone}) as starts,
        ((date_trunc(${period}, ${at} at time zone ${zone}) + ('1 ' || ${period})::interval) at time zone ${zone}) as ends`;

/** The totals of the window that `at` lies in; now unless said. @param accountId of one account alone */
export async function spendReport(
  db: Db | Tx,
  {
    period,
    zone,
    accountId = null,
    at = null,
  }: { period: Period; zone: string; accountId?: string | null; at?: Date | null },
): Promise<SpendReport> {
  const { from, to } = await windowAt(db, period, zone, at);
  const { rows } = await db.execute<{
    cause: Cause;
    account: string | null;
    is_sandbox: boolean;
    requests: number;
    micros: string;
  }>(sql`
    select spend.cause, account.handle as account, spend.is_sandbox, count(*)::int as requests,
      coalesce(sum(spend.units * spend.unit_micros), 0) as micros
    from psn.spend as spend
    left join psn.accounts as account on account.id = spend.account_id
    where spend.at >= ${from.toISOString()}::timestamptz
      and spend.at < ${to.toISOString()}::timestamptz
      and (${accountId}::text is null or spend.account_id = ${accountId})
    group by spend.cause, account.handle, spend.is_sandbox
    order by spend.cause, account.handle`);
  const real = rows.filter((row) => !row.is_sandbox);
  const sum = (some: typeof rows): Spent => ({
    requests: some.reduce((total, row) => total + row.requests, 0),
    micros: some.reduce((total, row) => total + Number(row.micros), 0),
  });
  const by = <Key extends "cause" | "account">(key: Key) =>
    [...new Set(real.map((row) => row[key]))]
      .map(
        (value) =>
          ({ [key]: value, ...sum(real.filter((row) => row[key] === value)) }) as Spent &
            Record<Key, (typeof real)[number][Key]>,
      )
      .toSorted((one, other) => other.micros - one.micros);
  return {
    from,
    to,
    ...sum(real),
    byCause: by("cause"),
    byAccount: by("account"),
    sandbox: sum(rows.filter((row) => row.is_sandbox)),
  };
}

/** The latest requests of a window, the newest first, those of the sandbox among them. */
export async function spendRows(
  db: Db | Tx,
  { from, to }: Window,
  { accountId = null, limit }: { accountId?: string | null; limit: number },
): Promise<SpendRow[]> {
  const { rows } = await db.execute<{
    at: string;
    cause: Cause;
    account: string | null;
    root_id: string | null;
    tweet_id: string | null;
    units: number;
    unit_micros: string;
    is_sandbox: boolean;
  }>(sql`
    select spend.at, spend.cause, account.handle as account, spend.root_id, spend.tweet_id, spend.units, spend.unit_micros,
      spend.is_sandbox
    from psn.spend as spend
    left join psn.accounts as account on account.id = spend.account_id
    where spend.at >= ${from.toISOString()}::timestamptz
      and spend.at < ${to.toISOString()}::timestamptz
      and (${accountId}::text is null or spend.account_id = ${accountId})
    order by spend.at desc, spend.id desc
    limit ${limit}`);
  return rows.map((row) => ({
    at: new Date(row.at),
    cause: row.cause,
    account: row.account,
    postId: row.root_id,
    tweetId: row.tweet_id,
    units: row.units,
    unitMicros: Number(row.unit_micros),
    micros: row.units * Number(row.unit_micros),
    isSandbox: row.is_sandbox,
  }));
}

// --- internal ---

async function windowAt(db: Db | Tx, period: Period, zone: string, at: Date | null): Promise<Window> {
  const instant = at === null ? sql`psn.now()` : sql`${at.toISOString()}::timestamptz`;
  const { rows } = await db.execute<{ starts: string; ends: string }>(
    windowSql(sql`${period}::text`, instant, sql`${zone}::text`),
  );
  const [row] = rows;
  if (!row) throw new Error("a select without a table has one row");
  return { from: new Date(row.starts), to: new Date(row.ends) };
}
