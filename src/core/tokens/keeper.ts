/**
 * Keeps every account's token fresh. One function refreshes, whoever asks: publishing on demand, or the cron.
 *
 * X's refresh tokens are single-use. A refresh therefore holds the row's lock from before it reads the token until the
 * commit that stores both new ones: N processes make one call. In the order of what may go wrong:
 *
 * - Before X is asked, an intent is committed beside the lock. Does the process die before its own commit, then the
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
import { decrypt, type EncryptionKey } from "../utils/crypto.ts";
import { sealTokens, tokenPlace } from "./envelopes.ts";
import { chooseKey, sealingKey } from "./hub-key.ts";
import {
  lockDueToken,
  lockToken,
  noteTrouble,
  readToken,
  releasePosts,
  storePair,
  type TokenRow,
  writeIntent,
} from "./rows.ts";

/** A token with less life than this is refreshed before it is used (xurl uses 30 s; X's answer may take 30). */
const FRESH_FOR_MS = 2 * 60_000;
/** What the cron refreshes unless told otherwise: with a run every 30 minutes no two-hour token is missed. */
export const REFRESH_WINDOW_MS = 45 * 60_000;
/** After a failure X is left alone for so long, however many posts of the account are due. */
const REST_MS = 30_000;
/** A caller waits so long for X; the refresh itself goes on. */
const PATIENCE_MS = 30_000;
/** So many failures in a row are an outage: the run ends, and the next one tries again. */
const OUTAGE_AFTER = 20;
const CONCURRENCY = 4;
/** How long a pair that the hub would not take is offered to it again. */
const LATE_STORE_MS = 60_000;

export interface KeeperDeps {
  hub: Hub;
  platform: Platform;
  keyRing: readonly EncryptionKey[];
  clock: Clock;
  /** How near its end the cron refreshes a token, in milliseconds. Default 45 minutes. */
  refreshWindowMs?: number;
}

export type TokenAnswer =
  | { kind: "ok"; credentials: Credentials; version: number }
  /** Only a new sign-in helps. */
  | { kind: "signed_out"; reason: string }
  /** An outage or a wrong client id: the account is not to blame, try again later. */
  | { kind: "unavailable"; reason: string };

export interface RefreshCounts {
  refreshed: number;
  signedOut: number;
  unavailable: number;
}

/**
 * A usable access token for an account, refreshed when it is about to expire or when `refusedVersion` (the version
 * that X has just answered with 401) is still the stored one. Answers within half a minute.
 * @throws PsnError SECRET_KEY_WRONG
 */
export async function credentialsFor(
  deps: KeeperDeps,
  accountId: string,
  options: { refusedVersion?: number } = {},
): Promise<TokenAnswer> {
  const row = await readToken(deps.hub.db, accountId);
  if (!row) return NOT_SIGNED_IN;
  return settled(deps, row, options.refusedVersion) ?? (await refreshAccount(deps, accountId, options));
}

/**
 * Refreshes one account's token under its row lock, unless somebody else has done so meanwhile. Callers in one process
 * share one refresh, so that they do not hold a connection each.
 * @throws PsnError SECRET_KEY_WRONG
 */
export async function refreshAccount(
  deps: KeeperDeps,
  accountId: string,
  options: { refusedVersion?: number } = {},
): Promise<TokenAnswer> {
  const flights = flightsOf(deps.hub);
  const shared = flights.get(accountId);
  if (shared) {
    const answer = await patiently(deps, shared);
    if (answer.kind !== "ok" || answer.version !== options.refusedVersion) return answer;
  }
  const lock = (tx: Tx) => lockToken(tx, accountId);
  const flight = refreshLocked(deps, lock, (row) => settled(deps, row, options.refusedVersion))
    .then((answer) => answer ?? NOT_SIGNED_IN)
    .finally(() => flights.get(accountId) === flight && flights.delete(accountId));
  flights.set(accountId, flight);
  return await patiently(deps, flight);
}

/**
 * Refreshes what expires within the window, one row a transaction, passing over rows that another process holds.
 * `concurrency` calls to X run at once, 1 to 4. Ends early when X fails again and again: then it is down for everyone.
 * @throws PsnError SECRET_KEY_WRONG
 */
export async function refreshDue(
  deps: KeeperDeps,
  options: { windowMs?: number; concurrency?: number; signal?: AbortSignal } = {},
): Promise<RefreshCounts> {
  const startedAt = deps.clock.now();
  const horizon = after(startedAt, options.windowMs ?? deps.refreshWindowMs ?? REFRESH_WINDOW_MS);
  const counts: RefreshCounts = { refreshed: 0, signedOut: 0, unavailable: 0 };
  let failuresInARow = 0;
  const work = async () => {
    while (!options.signal?.aborted && failuresInARow < OUTAGE_AFTER) {
      const restedAt = after(deps.clock.now(), -REST_MS);
      const lock = (tx: Tx) => lockDueToken(tx, { horizon, startedAt, restedAt });
      const answer = await tracked(
        deps.hub,
        refreshLocked(deps, lock, () => null),
      );
      if (answer === null) return;
      failuresInARow = answer.kind === "unavailable" ? failuresInARow + 1 : 0;
      if (answer.kind === "ok") counts.refreshed++;
      else if (answer.kind === "signed_out") counts.signedOut++;
      else counts.unavailable++;
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency ?? CONCURRENCY, CONCURRENCY) }, work));
  return counts;
}

// --- internal ---

const NOT_SIGNED_IN: TokenAnswer = { kind: "signed_out", reason: "This account is not signed in." };

/** The refreshes that run in this process, by account. */
const flightsByHub = new WeakMap<Hub, Map<string, Promise<TokenAnswer>>>();

function flightsOf(hub: Hub): Map<string, Promise<TokenAnswer>> {
  const flights = flightsByHub.get(hub) ?? new Map();
  flightsByHub.set(hub, flights);
  return flights;
}

/** Makes `hub.close` wait for a refresh. */
async function tracked<T>(hub: Hub, work: Promise<T>): Promise<T> {
  hub.unfinished.add(work);
  try {
    return await work;
  } finally {
    hub.unfinished.delete(work);
  }
}

/** The answer, or after a while that there is none yet. The refresh goes on and stores what X answers. */
async function patiently({ hub, clock }: KeeperDeps, flight: Promise<TokenAnswer>): Promise<TokenAnswer> {
  const left = new AbortController();
  const late = async (): Promise<TokenAnswer> => {
    await clock.sleep(PATIENCE_MS, left.signal);
    return { kind: "unavailable", reason: `X has not answered a refresh for ${PATIENCE_MS / 1000} seconds.` };
  };
  const whole = tracked(hub, flight);
  whole.catch(() => {}); // Nobody may be waiting any more when it fails.
  try {
    return await Promise.race([whole, late()]);
  } finally {
    left.abort();
  }
}

/** What can be said of a row without asking X; null when it takes a refresh. */
function settled(deps: KeeperDeps, row: TokenRow, refusedVersion?: number): TokenAnswer | null {
  const { requiresReauth, refreshError, refreshFailedAt } = row.metadata;
  const now = deps.clock.now().getTime();
  if (requiresReauth) return signedOut(refreshError ?? "X ended this sign-in.");
  if (row.version !== refusedVersion && row.expiresAtMs > now + FRESH_FOR_MS) {
    const accessToken = open(deps, row, "access_token");
    // One that does not open is as good as expired: the other token of the pair makes a new one.
    if (accessToken !== null) return ok(row, accessToken, row.version);
  }
  if (refreshFailedAt && refreshError && Math.abs(now - Date.parse(refreshFailedAt)) < REST_MS) {
    return { kind: "unavailable", reason: refreshError };
  }
  return null;
}

/**
 * The one way a token is refreshed.
 * @param known what can be said of the locked row without asking X
 * @returns null when `lock` found no row
 */
async function refreshLocked(
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
          : `The answer to a refresh at ${interruptedAt.toISOString()} never arrived: PSN was stopped in that moment, or the connection broke. X had replaced the token by then and refuses the old one.`,
      );
    case "misconfigured":
    case "unavailable": {
      const isOurs = answer.kind === "misconfigured";
      const reason = isOurs
        ? `X does not accept X_CLIENT_ID and X_CLIENT_SECRET: ${answer.detail}`
        : `X could not refresh the token just now: ${answer.cause}`;
      const keepIntent = interruptedAt !== null || (!isOurs && answer.tokenMayBeSpent);
      await noteTrouble(tx, row, troubled(deps, row, reason), { keepIntent });
      return { kind: "unavailable", reason };
    }
  }
}

async function signOut(deps: KeeperDeps, tx: Tx, row: TokenRow, reason: string): Promise<TokenAnswer> {
  await noteTrouble(tx, row, { ...troubled(deps, row, reason), requiresReauth: true }, { keepIntent: false });
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
        if (await storePair(tx, row, sealed, refreshedNow(deps, row))) await releasePosts(tx, row.accountId);
        return await readToken(tx, row.accountId);
      });
      return current ? (settled(deps, current) ?? NOT_SIGNED_IN) : NOT_SIGNED_IN;
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

function refreshedNow({ clock }: KeeperDeps, row: TokenRow): TokenMetadata {
  const { refreshError: _error, refreshFailedAt: _at, requiresReauth: _flag, ...kept } = row.metadata;
  return { ...kept, lastRefreshAt: clock.now().toISOString() };
}

function troubled({ clock }: KeeperDeps, row: TokenRow, reason: string): TokenMetadata {
  return { ...row.metadata, refreshError: reason, refreshFailedAt: clock.now().toISOString() };
}

function after(instant: Date, ms: number): Date {
  return new Date(instant.getTime() + ms);
}
