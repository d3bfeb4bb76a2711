/**
 * Keeps every account's token fresh. One function refreshes, whoever asks: publishing on demand, or the cron.
 *
 * X's refresh tokens are single-use, so a refresh holds the row's lock from before it reads the token until both new
 * tokens are committed: N processes make one call. Just before X is asked, an intent is committed on a connection of
 * its own; if the process dies between X's answer and our commit, the next refresh finds it and can say what happened.
 */
import { and, asc, eq, sql } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import type { Db, Hub, Tx } from "../db/connection.ts";
import { accounts, oauthTokens, refreshIntents, type TokenMetadata } from "../db/schema.ts";
import type { Credentials, Platform, RefreshAnswer, TokenSet } from "../platform.ts";
import { decrypt, type EncryptionKey, encrypt } from "../utils/crypto.ts";

/** A token with less life than this is refreshed before it is used (xurl uses 30 s; X's answer may take 30). */
const FRESH_FOR_MS = 2 * 60_000;
/** The cron refreshes what expires within this: with a run every 30 minutes no two-hour token is missed. */
export const REFRESH_WINDOW_MS = 45 * 60_000;
const REFRESH_BATCH_MAX = 10_000;

export interface KeeperDeps {
  hub: Hub;
  platform: Platform;
  keyRing: readonly EncryptionKey[];
  clock: Clock;
}

export type TokenAnswer =
  | { kind: "ok"; credentials: Credentials; version: number }
  /** Only a new sign-in helps. */
  | { kind: "signed_out"; reason: string }
  /** An outage or a wrong client id: the account is not to blame, try again later. */
  | { kind: "unavailable"; reason: string };

/**
 * A usable access token for an account, refreshed when it is about to expire or when `refusedVersion` (the version
 * that X has just answered with 401) is still the stored one.
 * @throws PsnError SECRET_KEY_WRONG, SECRET_DAMAGED
 */
export async function credentialsFor(
  deps: KeeperDeps,
  accountId: string,
  options: { refusedVersion?: number; signal?: AbortSignal } = {},
): Promise<TokenAnswer> {
  const row = await loadToken(deps.hub.db, accountId);
  if (!row) return { kind: "signed_out", reason: "This account has no stored sign-in." };
  if (isUsable(row, deps.clock.now(), options.refusedVersion)) return opened(deps, row);
  return await refreshAccount(deps, accountId, options);
}

/**
 * Refreshes one account's token under its row lock, unless somebody else has done so meanwhile.
 * `skipLocked` gives up at once when another process is at it (the cron does).
 */
export async function refreshAccount(
  deps: KeeperDeps,
  accountId: string,
  options: { refusedVersion?: number; windowMs?: number; skipLocked?: boolean; signal?: AbortSignal } = {},
): Promise<TokenAnswer> {
  return await deps.hub.db.transaction(async (tx) => {
    const row = await loadToken(tx, accountId, options.skipLocked ? "skip" : "wait");
    if (!row) return { kind: "unavailable", reason: "Another process is refreshing this token." };
    if (isUsable(row, deps.clock.now(), options.refusedVersion, options.windowMs)) return opened(deps, row);
    if (row.token.metadata.requiresReauth) {
      return { kind: "signed_out", reason: row.token.metadata.refreshError ?? "X ended this sign-in." };
    }
    if (row.token.refreshToken === null) {
      return await flag(tx, deps, row, "The sign-in has no refresh token (the offline.access scope was not granted).");
    }
    const refreshToken = decrypt(row.token.refreshToken, deps.keyRing, tokenPlace(row.token.id, "refresh_token"));
    const interrupted = await writeIntent(deps, row);
    const answer = await deps.platform.refresh(refreshToken, options.signal);
    return await store(tx, deps, row, answer, interrupted);
  });
}

/**
 * Refreshes what expires within the window, each account in its own transaction, skipping those that another process
 * holds. `concurrency` calls to X run at once.
 */
export async function refreshDue(
  deps: KeeperDeps,
  options: { windowMs?: number; concurrency?: number; signal?: AbortSignal } = {},
): Promise<{ refreshed: number; signedOut: number; unavailable: number }> {
  const windowMs = options.windowMs ?? REFRESH_WINDOW_MS;
  const horizon = new Date(deps.clock.now().getTime() + windowMs);
  const due = await deps.hub.db
    .select({ accountId: oauthTokens.accountId })
    .from(oauthTokens)
    .where(
      and(
        sql`${oauthTokens.expiresAt} < ${horizon.toISOString()}::timestamptz`,
        sql`not coalesce((${oauthTokens.metadata} ->> 'requiresReauth')::boolean, false)`,
      ),
    )
    .orderBy(asc(oauthTokens.expiresAt))
    .limit(REFRESH_BATCH_MAX);
  const counts = { refreshed: 0, signedOut: 0, unavailable: 0 };
  const queue = due.values();
  const work = async () => {
    for (const { accountId } of queue) {
      if (options.signal?.aborted) return;
      const answer = await refreshAccount(deps, accountId, { windowMs, skipLocked: true });
      if (answer.kind === "ok") counts.refreshed++;
      else if (answer.kind === "signed_out") counts.signedOut++;
      else counts.unavailable++;
    }
  };
  // Each refresh holds a connection and needs a second one for its intent.
  await Promise.all(Array.from({ length: options.concurrency ?? 2 }, work));
  return counts;
}

/** Seals a pair for storage under the row's id. Used by sign-in and refresh alike. */
export function sealTokens(tokenId: string, tokens: TokenSet, key: EncryptionKey) {
  return {
    accessToken: encrypt(tokens.accessToken, key, tokenPlace(tokenId, "access_token")),
    refreshToken:
      tokens.refreshToken === null ? null : encrypt(tokens.refreshToken, key, tokenPlace(tokenId, "refresh_token")),
    expiresAt: tokens.expiresAt,
    scopes: tokens.scopes,
  };
}

/** The place an envelope is bound to. */
export function tokenPlace(tokenId: string, column: "access_token" | "refresh_token"): string {
  return `oauth_tokens/${tokenId}/${column}`;
}

// --- internal ---

interface Loaded {
  token: typeof oauthTokens.$inferSelect;
  platformUserId: string;
}

async function loadToken(db: Db | Tx, accountId: string, lock?: "wait" | "skip"): Promise<Loaded | null> {
  const query = db.select().from(oauthTokens).where(eq(oauthTokens.accountId, accountId));
  const [token] = lock ? await query.for("update", lock === "skip" ? { skipLocked: true } : {}) : await query;
  if (!token) return null;
  const [account] = await db
    .select({ platformUserId: accounts.platformUserId })
    .from(accounts)
    .where(eq(accounts.id, accountId));
  return account ? { token, platformUserId: account.platformUserId } : null;
}

function isUsable(row: Loaded, now: Date, refusedVersion?: number, windowMs = FRESH_FOR_MS): boolean {
  if (row.token.metadata.requiresReauth || row.token.version === refusedVersion) return false;
  return row.token.expiresAt.getTime() > now.getTime() + windowMs;
}

function opened(deps: KeeperDeps, row: Loaded): TokenAnswer {
  const accessToken = decrypt(row.token.accessToken, deps.keyRing, tokenPlace(row.token.id, "access_token"));
  return { kind: "ok", credentials: { accessToken, platformUserId: row.platformUserId }, version: row.token.version };
}

/** Commits the intent beside the transaction that holds the lock. @returns when an earlier one at this token was cut off */
async function writeIntent(deps: KeeperDeps, row: Loaded): Promise<Date | null> {
  const { accountId, version } = row.token;
  const [left] = await deps.hub.db.select().from(refreshIntents).where(eq(refreshIntents.accountId, accountId));
  if (left?.tokenVersion === version) return left.startedAt;
  const intent = { tokenVersion: version, startedAt: deps.clock.now() };
  await deps.hub.db
    .insert(refreshIntents)
    .values({ accountId, ...intent })
    .onConflictDoUpdate({ target: refreshIntents.accountId, set: intent });
  return null;
}

async function store(
  tx: Tx,
  deps: KeeperDeps,
  row: Loaded,
  answer: RefreshAnswer,
  interrupted: Date | null,
): Promise<TokenAnswer> {
  const now = deps.clock.now().toISOString();
  const key = deps.keyRing[0];
  switch (answer.kind) {
    case "refreshed": {
      if (!key) throw new Error("the key ring is empty");
      // X returns a new refresh token every time; should it ever not, the old one stays good.
      const sealed = sealTokens(row.token.id, answer.tokens, key);
      const { refreshError: _e, refreshFailedAt: _f, requiresReauth: _r, ...kept } = row.token.metadata;
      await tx
        .update(oauthTokens)
        .set({
          ...sealed,
          refreshToken: sealed.refreshToken ?? row.token.refreshToken,
          metadata: { ...kept, lastRefreshAt: now },
          version: row.token.version + 1,
          updatedAt: sql`psn.now()`,
        })
        .where(eq(oauthTokens.id, row.token.id));
      await tx.delete(refreshIntents).where(eq(refreshIntents.accountId, row.token.accountId));
      return {
        kind: "ok",
        credentials: { accessToken: answer.tokens.accessToken, platformUserId: row.platformUserId },
        version: row.token.version + 1,
      };
    }
    case "refused":
      return await flag(
        tx,
        deps,
        row,
        interrupted
          ? `A refresh begun at ${interrupted.toISOString()} never brought its answer home (PSN was stopped, or the answer was lost on the way); X had made a new token by then, and the old one is spent.`
          : `X refused the refresh token: ${answer.detail}`,
      );
    case "misconfigured":
    case "unavailable": {
      const reason =
        answer.kind === "misconfigured"
          ? `X does not accept X_CLIENT_ID and X_CLIENT_SECRET: ${answer.detail}`
          : `X could not refresh the token just now: ${answer.cause}`;
      const metadata: TokenMetadata = { ...row.token.metadata, refreshError: reason, refreshFailedAt: now };
      await tx.update(oauthTokens).set({ metadata, updatedAt: sql`psn.now()` }).where(eq(oauthTokens.id, row.token.id));
      // An intent stays only where the token may have been spent, so that a later refusal can be explained.
      if (answer.kind === "misconfigured" || !answer.tokenMayBeSpent) {
        await tx.delete(refreshIntents).where(eq(refreshIntents.accountId, row.token.accountId));
      }
      return { kind: "unavailable", reason };
    }
  }
}

async function flag(tx: Tx, deps: KeeperDeps, row: Loaded, reason: string): Promise<TokenAnswer> {
  const metadata: TokenMetadata = {
    ...row.token.metadata,
    requiresReauth: true,
    refreshError: reason,
    refreshFailedAt: deps.clock.now().toISOString(),
  };
  await tx.update(oauthTokens).set({ metadata, updatedAt: sql`psn.now()` }).where(eq(oauthTokens.id, row.token.id));
  await tx.delete(refreshIntents).where(eq(refreshIntents.accountId, row.token.accountId));
  return { kind: "signed_out", reason };
}
