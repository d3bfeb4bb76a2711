/** When to try again. Pure: no clock, no randomness; `random` is a number in [0, 1) from the caller. */

/** Tries after the first that are spent on failures which cannot have posted anything. */
export const RETRIES_MAX = 3;

const BACKOFF_BASE_MS = 2_000;
const BACKOFF_MS_MAX = 60_000;

/** Exponential with full jitter (retry 1: 0–4 s, 2: 0–8 s, 3: 0–16 s), never under half a second. */
export function retryDelayMs(retry: number, random: number): number {
  const ceilingMs = Math.min(BACKOFF_BASE_MS * 2 ** retry, BACKOFF_MS_MAX);
  return Math.max(500, Math.round(ceilingMs * random));
}

const RATE_LIMIT_MARGIN_MS = 1_000;
const RATE_LIMIT_SPREAD_MS = 2_000;
const UNNAMED_WAIT_MS = 60_000;
const UNNAMED_WAIT_MS_MAX = 15 * 60_000;

/** Whether X named a time that is to come, or was a moment ago: its clock and ours differ. */
export function isNamedReset(until: Date | null, now: Date): until is Date {
  return until !== null && until.getTime() > now.getTime() - 60_000;
}

/**
 * When to go on after a 429: one to three seconds after the reset that X named (its clock and ours differ, and all who
 * wait would come at once), or a growing wait when it named none. `waits` counts earlier waits in a row.
 */
export function rateLimitWaitUntil(until: Date | null, now: Date, waits: number, random: number): Date {
  const spreadMs = RATE_LIMIT_MARGIN_MS + RATE_LIMIT_SPREAD_MS * random;
  if (isNamedReset(until, now)) {
    return new Date(Math.max(until.getTime(), now.getTime()) + spreadMs);
  }
  const waitMs = Math.min(UNNAMED_WAIT_MS * 2 ** Math.min(waits, 10), UNNAMED_WAIT_MS_MAX);
  return new Date(now.getTime() + waitMs + spreadMs);
}

/** Before another reply to a parent that X does not show yet: 10, 40, 160 s, ± 25 %. Replicas of X may be that slow. */
export function parentDelayMs(retry: number, random: number): number {
  return Math.round(10_000 * 4 ** Math.min(Math.max(retry - 1, 0), 2) * (0.75 + random / 2));
}

/** A row that was written so long after now was written before the hub's clock was set back. */
export const JUMPED_MS = 60_000;

/**
 * When to look at X for a tweet that may exist, in ms after the attempt began. X does not say how long a new post takes
 * to show in its author's timeline, and a second send cannot be taken back: five minutes and four looks come first.
 */
export const LOOKS_AFTER_MS: readonly number[] = [5_000, 30_000, 120_000, 300_000];

/**
 * The least time between two looks that count. It matters when the attempt is old already (every worker was down) or
 * the hub's clock jumped: one jump can then shorten one gap, and not the whole wait.
 */
export const LOOK_GAPS_MS: readonly number[] = [0, 20_000, 60_000, 60_000];

/** Until the next look while X's timeline itself cannot be read: half of the time that has passed, 10 s to 10 min. */
export function unavailableLookDelayMs(elapsedMs: number, random: number): number {
  return Math.round(Math.min(Math.max(elapsedMs / 2, 10_000), 10 * 60_000) * (0.75 + random / 2));
}

/** A request leaves this soon after its attempt was written, or not at all. */
export const SEND_WITHIN_MS = 5_000;

/** No request for a tweet is left running longer than this by the wall clock, however long the machine slept. */
export const SEND_MS_MAX = 60_000;
