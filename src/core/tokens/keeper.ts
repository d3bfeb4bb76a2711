/**
 * Keeps every account's token fresh. One function refreshes (`refresh.ts`), no matter what asks: publishing on demand,
 * or the cron. N processes make one call to X, by the row's lock; within a process, callers share the refresh that
 * runs.
 */
import type { Hub, Tx } from "../db/connection.ts";
import {
  after,
  cachedAnswer,
  type KeeperDeps,
  NOT_SIGNED_IN,
  PAUSE_MS,
  refreshLocked,
  type TokenAnswer,
} from "./refresh.ts";
import { lockDueToken, lockToken, readTokenBatched } from "./rows.ts";

export type { KeeperDeps, TokenAnswer } from "./refresh.ts";

/** What the cron refreshes by default: with a run every 30 minutes no two-hour token is missed. */
const REFRESH_WINDOW_MS = 45 * 60_000;
/** A caller waits so long for X; the refresh itself goes on. */
const PATIENCE_MS = 30_000;
/** So many failures in a row are an outage: the run ends, and the next one tries again. */
const OUTAGE_AFTER = 20;
const CONCURRENCY = 4;

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
  const row = await readTokenBatched(deps.hub, accountId);
  if (!row) return NOT_SIGNED_IN;
  return cachedAnswer(deps, row, options.refusedVersion) ?? (await refreshAccount(deps, accountId, options));
}

/**
 * Refreshes one account's token under its row lock, unless somebody else has done so meanwhile. Callers in one process
 * share one refresh, so that they do not hold a connection each.
 * @throws PsnError SECRET_KEY_WRONG
 */
async function refreshAccount(
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
  const flight = refreshLocked(deps, lock, (row) => cachedAnswer(deps, row, options.refusedVersion))
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
  const { apiHost, clientId } = deps;
  let failuresInARow = 0;
  const work = async () => {
    while (!options.signal?.aborted && failuresInARow < OUTAGE_AFTER) {
      const restedAt = after(deps.clock.now(), -PAUSE_MS);
      const lock = (tx: Tx) => lockDueToken(tx, { horizon, startedAt, restedAt, apiHost, clientId });
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
