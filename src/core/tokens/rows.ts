/** What the keeper reads and writes, one statement a function. Times come from the caller's clock. */
import { type SQL, sql } from "drizzle-orm";
import { ask } from "../db/ask.ts";
import { anyOf, batched } from "../db/batch.ts";
import type { Db, Tx } from "../db/connection.ts";
import type { TokenMetadata } from "../db/schema.ts";
import { isUsable, type ThisApp } from "../post/sign-in.ts";
import type { SealedTokens } from "./envelopes.ts";
import { HUB_KEY_ID } from "./hub-key.ts";

/** An account's stored pair, still sealed. A type and not an interface: drizzle wants an index signature. */
export type TokenRow = {
  id: string;
  accountId: string;
  platformUserId: string;
  accessToken: string;
  refreshToken: string | null;
  expiresAtMs: number;
  /** Grows with every stored pair. */
  version: number;
  metadata: TokenMetadata;
};

/** The row as it is now, without a lock; null for an account that is not signed in. */
export async function readToken(db: Db | Tx, accountId: string): Promise<TokenRow | null> {
  return await one(db, sql`where account_id = ${accountId}`);
}

/** The same for many readers at once: runs that ask at the same moment share one statement. */
export const readTokenBatched = batched<string, TokenRow | null>({
  key: (accountId) => accountId,
  isShared: true,
  run: async (hub, accountIds, how) => {
    const rows = await ask<TokenRow>(hub, "tokens", tokens(sql`where account_id = ${anyOf(accountIds)}`), how);
    return new Map(rows.map((row) => [row.accountId, row]));
  },
  leftOut: () => null,
});

/** The row under its lock, which is waited for. What was read before the lock may be another process's past. */
export async function lockToken(tx: Tx, accountId: string): Promise<TokenRow | null> {
  return await one(tx, sql`where account_id = ${accountId} for update`);
}

/**
 * The next row of a cron's run under its lock, passing over those that another process holds: it expires before
 * `horizon`, was not refreshed since `startedAt` (a token that X gives a short life is not asked for twice in one run)
 * and did not fail since `restedAt`. One that signed in at another host than `apiHost`, or with
 * another app than `clientId`, is not for this process.
 */
export async function lockDueToken(
  tx: Tx,
  {
    horizon,
    startedAt,
    restedAt,
    apiHost,
    clientId,
  }: ThisApp & {
    horizon: Date;
    startedAt: Date;
    restedAt: Date;
  },
): Promise<TokenRow | null> {
  const at = (name: string) => sql`(metadata ->> ${name})::timestamptz`;
  return await one(
    tx,
    sql`
    where expires_at < ${horizon.toISOString()}::timestamptz
      and ${isUsable({ apiHost, clientId })}
      and coalesce(${at("lastRefreshAt")} < ${startedAt.toISOString()}::timestamptz, true)
      and coalesce(${at("refreshFailedAt")} < ${restedAt.toISOString()}::timestamptz, true)
    order by expires_at
    limit 1
    for update skip locked`,
  );
}

/**
 * Commits, on a connection beside the one that holds the lock, that X is about to be asked with this version of the
 * token. The commit does not wait for the disk: it explains a lost answer, and no decision hangs on it.
 * @returns when an earlier call with the same version began that never brought an answer, and the hub's key
 */
export async function writeIntent(
  db: Db,
  row: TokenRow,
  now: Date,
): Promise<{ interruptedAt: Date | null; keyId: string | null }> {
  const { rows } = await db.execute<{ interruptedAtMs: number | null; keyId: string | null }>(sql`
    with
      quick as materialized (
        select set_config('synchronous_commit', 'off', true) as setting
      ),
      before as (
        select started_at
        from psn.refresh_intents
        where account_id = ${row.accountId} and token_version = ${row.version}
      ),
      written as (
        insert into psn.refresh_intents as intent (account_id, token_version, started_at)
        select ${row.accountId}, ${row.version}::integer, ${now.toISOString()}::timestamptz
        from quick
        where quick.setting = 'off'
        on conflict (account_id) do update
          set token_version = excluded.token_version, started_at = excluded.started_at
          where intent.token_version <> excluded.token_version
      )
    select
      (extract(epoch from (select started_at from before)) * 1000)::float8 as "interruptedAtMs",
      ${HUB_KEY_ID} as "keyId"`);
  const [written] = rows;
  const ms = written?.interruptedAtMs ?? null;
  return { interruptedAt: ms === null ? null : new Date(ms), keyId: written?.keyId ?? null };
}

/**
 * Puts a new pair in the place of the version in `row`. The intent stays: of another version than the token's, it is
 * history, and the next one takes its row.
 * @returns false when another pair has been stored since
 */
export async function storePair(
  db: Db | Tx,
  row: TokenRow,
  sealed: SealedTokens,
  metadata: TokenMetadata,
): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    update psn.oauth_tokens
    set
      access_token = ${sealed.accessToken},
      refresh_token = ${sealed.refreshToken ?? row.refreshToken},
      expires_at = ${sealed.expiresAt.toISOString()}::timestamptz,
      scopes = ${sql.param(sealed.scopes)}::text[],
      metadata = ${JSON.stringify(metadata)}::jsonb,
      version = version + 1,
      updated_at = psn.now()
    where id = ${row.id} and version = ${row.version}`);
  return rowCount === 1;
}

/** Notes how a refresh went wrong. The intent stays where X may have spent the token, to explain a later refusal. */
export async function noteFailure(
  tx: Tx,
  row: TokenRow,
  metadata: TokenMetadata,
  options: { keepIntent: boolean },
): Promise<void> {
  await tx.execute(sql`
    with answered as (
      delete from psn.refresh_intents where account_id = ${row.accountId} and ${!options.keepIntent}
    )
    update psn.oauth_tokens
    set metadata = ${JSON.stringify(metadata)}::jsonb, updated_at = psn.now()
    where id = ${row.id}`);
}

/** A token with less life than this is refreshed before it is used (xurl uses 30 s; X's answer may take 30). */
export const FRESH_FOR_MS = 2 * 60_000;

// --- internal ---

async function one(db: Db | Tx, rest: SQL): Promise<TokenRow | null> {
  const { rows } = await db.execute<TokenRow>(tokens(rest));
  return rows[0] ?? null;
}

/** Not a join: a planner without statistics would join and sort all rows to lock the first. */
function tokens(rest: SQL): SQL {
  return sql`
    select
      id,
      account_id as "accountId",
      (select platform_user_id from psn.accounts as account where account.id = token.account_id) as "platformUserId",
      access_token as "accessToken",
      refresh_token as "refreshToken",
      (extract(epoch from expires_at) * 1000)::float8 as "expiresAtMs",
      version,
      metadata
    from psn.oauth_tokens as token
    ${rest}`;
}
