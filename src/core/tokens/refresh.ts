/**
 * One refresh of one token: the only place that spends a refresh token. X's are single-use, so it holds the row's lock
 * from before it reads the token until the commit that stores both new ones. In the order of what may go wrong:
 *
 * - Before X is asked, an intent is committed beside the lock. If the process dies before its own commit, the
 *   next refresh tries the same token once more, and if X refuses it, the intent tells why.
 * - X is asked without a signal, and longer than callers wait: an answer that comes late is stored all the same.
 * - Breaks the hub's connection while X answers, then the pair is stored over another one, if its version still stands.
 * - Only X's refusal of the current token, in words, signs an account out. All else is an outage, and passes.
 */
import type { Clock } from "../clock.ts";
import type { Hub, Tx } from "../db/connection.ts";
import type { TokenMetadata } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import type { Credentials, Platform, RefreshAnswer, TokenSet } from "../platform.ts";
import { endedSignOut, makeDue } from "../post/release.ts";
import { decrypt, type EncryptionKey } from "../utils/crypto.ts";
import { sealTokens, tokenPlace } from "./envelopes.ts";
import { chooseKey, sealingKey } from "./hub-key.ts";
import { FRESH_FOR_MS, noteFailure, readToken, storePair, type TokenRow, writeIntent } from "./rows.ts";

/** After a failure X is left alone for so long, however many posts of the account are due. */
export const PAUSE_MS = 30_000;
/** How long a pair that the hub would not take is offered to it again. */
const LATE_STORE_MS = 60_000;

export interface KeeperDeps {
  hub: Hub;
  platform: Platform;
  keyRing: readonly EncryptionKey[];
  clock: Clock;
  /** How near its end the cron refreshes a token, in milliseconds. Default 45 minutes. */
  refreshWindowMs?: number;
  /** Host of the API that `platform` talks to, e.g. api.x.com. An account that signed in elsewhere is left alone. */
  apiHost?: string;
  /** The X app that `platform` speaks for. The tokens of another one are left alone: X refuses them, though they are good. */
  clientId?: string;
}

export type TokenAnswer =
  | { kind: "ok"; credentials: Credentials; version: number }
  /** Only a new sign-in helps. */
  | { kind: "signed_out"; reason: string }
  /** An outage or a wrong client id: the account is not to blame, try again later. */
  | { kind: "unavailable"; reason: string };

export const NOT_SIGNED_IN: TokenAnswer = { kind: "signed_out", reason: "This account is not signed in." };

/** What can be said of a row without asking X; null when it takes a refresh. */
export function cachedAnswer(deps: KeeperDeps, row: TokenRow, refusedVersion?: number): TokenAnswer | null {
  const { requiresReauth, refreshError, refreshFailedAt, apiHost, clientId } = row.metadata;
  if (apiHost !== undefined && deps.apiHost !== undefined && apiHost !== deps.apiHost) {
    return signedOut(
      `This account signed in at ${apiHost}, and PSN talks to ${deps.apiHost} now; nothing was sent there.`,
    );
  }
  if (clientId !== undefined && deps.clientId !== undefined && clientId !== deps.clientId) {
    return signedOut(
      `This account signed in with another X app (client id ${clientId.slice(0, 60)}) than the one that is set up now. Nothing was sent, and the sign-in is kept: with that app's keys in keys.env it goes on.`,
    );
  }
  const now = deps.clock.now().getTime();
  if (requiresReauth) return signedOut(refreshError ?? "X ended this sign-in.");
  if (row.version !== refusedVersion && row.expiresAtMs > now + FRESH_FOR_MS) {
    const accessToken = open(deps, row, "access_token");
    // One that does not open is as good as expired: the other token of the pair makes a new one.
    if (accessToken !== null) return ok(row, accessToken, row.version);
  }
  if (refreshFailedAt && refreshError && Math.abs(now - Date.parse(refreshFailedAt)) < PAUSE_MS) {
    return { kind: "unavailable", reason: refreshError };
  }
  return null;
}

/**
 * The one way a token is refreshed.
 * @param known what can be said of the locked row without asking X
 * @returns null when `lock` found no row
 */
export async function refreshLocked(
  deps: KeeperDeps,
  lock: (tx: Tx) => Promise<TokenRow | null>,
  known: (row: TokenRow) => TokenAnswer | null,
): Promise<TokenAnswer | null> {
  let unsaved: { row: TokenRow; tokens: TokenSet } | undefined;
  try {
    return await deps.hub.lockDb.transaction(async (tx) => {
      const row = await lock(tx);
      if (!row) return null;
      const settledAnswer = known(row);
      if (settledAnswer) return settledAnswer;
      const refreshToken = open(deps, row, "refresh_token");
      if (refreshToken === null) return await signOut(deps, tx, row, unusable(row));

      const { interruptedAt, keyId } = await writeIntent(deps.hub.db, row, deps.clock.now());
      const key = chooseKey(deps.keyRing, keyId);
      // Without a signal: to stop waiting now could be to lose the next pair.
      const answer = await deps.platform.refresh(refreshToken);
      if (answer.kind !== "refreshed") return await fail(deps, tx, row, answer, interruptedAt);
      unsaved = { row, tokens: answer.tokens };
      await storePair(tx, row, sealTokens(row.id, answer.tokens, key), refreshedNow(deps, row));
      return ok(row, answer.tokens.accessToken, row.version + 1);
    });
  } catch (error) {
    if (!unsaved) throw error;
    return await storeLate(deps, unsaved, error);
  }
}

// --- internal ---

async function fail(
  deps: KeeperDeps,
  tx: Tx,
  row: TokenRow,
  answer: Exclude<RefreshAnswer, { kind: "refreshed" }>,
  interruptedAt: Date | null,
): Promise<TokenAnswer> {
  switch (answer.kind) {
    case "refused":
      return await signOut(
        deps,
        tx,
        row,
        interruptedAt === null
          ? `X refused the refresh token: ${answer.detail}`
          : `The answer to a refresh at ${interruptedAt.toISOString()} never arrived: PSN was stopped in that moment, or the connection broke. Most likely X had replaced the token by then; it refuses the old one.`,
      );
    case "misconfigured":
    case "unavailable": {
      const isOurs = answer.kind === "misconfigured";
      const reason = isOurs
        ? `X does not accept X_CLIENT_ID and X_CLIENT_SECRET: ${answer.detail}`
        : `X could not refresh the token just now: ${answer.cause}`;
      const keepIntent = interruptedAt !== null || (!isOurs && answer.tokenMayBeSpent);
      await noteFailure(tx, row, failureOf(deps, row, reason), { keepIntent });
      return { kind: "unavailable", reason };
    }
  }
}

async function signOut(deps: KeeperDeps, tx: Tx, row: TokenRow, reason: string): Promise<TokenAnswer> {
  await noteFailure(tx, row, { ...failureOf(deps, row, reason), requiresReauth: true }, { keepIntent: false });
  return signedOut(reason);
}

/**
 * The hub went away between X's answer and our commit, and this process holds the only copy of the pair. It is offered
 * again for a while; the version tells whether the commit had worked after all, or somebody has signed in anew. Whoever
 * met the spent token meanwhile has signed the account out, which this undoes.
 * @throws PsnError TOKEN_NOT_STORED
 */
async function storeLate(
  deps: KeeperDeps,
  { row, tokens }: { row: TokenRow; tokens: TokenSet },
  cause: unknown,
): Promise<TokenAnswer> {
  const { hub, clock, keyRing } = deps;
  const deadline = after(clock.now(), LATE_STORE_MS);
  for (let delayMs = 200; clock.now() < deadline; delayMs = Math.min(delayMs * 2, 5_000)) {
    try {
      const current = await hub.db.transaction(async (tx) => {
        const sealed = sealTokens(row.id, tokens, await sealingKey(tx, keyRing));
        if (await storePair(tx, row, sealed, refreshedNow(deps, row))) await makeDue(tx, endedSignOut(row.accountId));
        return await readToken(tx, row.accountId);
      });
      return current ? (cachedAnswer(deps, current) ?? NOT_SIGNED_IN) : NOT_SIGNED_IN;
    } catch (error) {
      if (error instanceof PsnError) throw error;
      await clock.sleep(delayMs);
    }
  }
  throw new PsnError("TOKEN_NOT_STORED", "X refreshed a token, but the hub could not take it for a minute.", {
    hint: "When the hub is back, psn setup tells whether the account must sign in again.",
    cause,
  });
}

/** @returns null when the account has no such token, or one that is damaged. @throws PsnError SECRET_KEY_WRONG */
function open(deps: KeeperDeps, row: TokenRow, column: "access_token" | "refresh_token"): string | null {
  const envelope = column === "access_token" ? row.accessToken : row.refreshToken;
  if (envelope === null) return null;
  try {
    return decrypt(envelope, deps.keyRing, tokenPlace(row.id, column));
  } catch (error) {
    if (error instanceof PsnError && error.code === "SECRET_DAMAGED") return null;
    throw error;
  }
}

function ok(row: TokenRow, accessToken: string, version: number): TokenAnswer {
  return { kind: "ok", credentials: { accessToken, platformUserId: row.platformUserId }, version };
}

function signedOut(reason: string): TokenAnswer {
  return { kind: "signed_out", reason };
}

function unusable(row: TokenRow): string {
  return row.refreshToken === null
    ? "The sign-in has no refresh token (the offline.access scope was not granted)."
    : "The stored refresh token does not open: it was changed, or belongs to another row.";
}

function refreshedNow({ clock, clientId }: KeeperDeps, row: TokenRow): TokenMetadata {
  const { refreshError: _error, refreshFailedAt: _at, requiresReauth: _flag, ...kept } = row.metadata;
  // X has just proven whose token it is.
  return { ...kept, ...(clientId === undefined ? {} : { clientId }), lastRefreshAt: clock.now().toISOString() };
}

function failureOf({ clock }: KeeperDeps, row: TokenRow, reason: string): TokenMetadata {
  return { ...row.metadata, refreshError: reason, refreshFailedAt: clock.now().toISOString() };
}

export function after(instant: Date, ms: number): Date {
  return new Date(instant.getTime() + ms);
}
