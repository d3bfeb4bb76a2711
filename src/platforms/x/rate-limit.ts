/**
 * X's rate-limit headers. Three families, each with limit, remaining and reset (epoch seconds): the documented
 * 15-minute one, and two undocumented 24-hour ones. Any of them may be absent, and absent is never zero: a missing
 * `remaining` read as 0 would stop a healthy account for a day.
 */
import type { RateLimitWindow } from "../../core/platform.ts";
import { httpDate } from "./transport.ts";

/** What one family of headers says; null where X said nothing usable. */
export interface RateLimitReading {
  window: RateLimitWindow["window"];
  limit: number | null;
  remaining: number | null;
  resetAt: Date | null;
}

const FAMILIES: ReadonlyArray<{ window: RateLimitWindow["window"]; prefix: string }> = [
  { window: "15min", prefix: "x-rate-limit" },
  { window: "user_24h", prefix: "x-user-limit-24hour" },
  { window: "app_24h", prefix: "x-app-limit-24hour" },
];

/** Epoch seconds between 2001 and 2286: a reset in milliseconds, or a small count of seconds, is no reset. */
const EPOCH_SECONDS_MIN = 1_000_000_000;
const EPOCH_SECONDS_MAX = 9_999_999_999;

/** The longest window that X has is a day; an hour more allows for clocks that differ. */
const WAIT_MS_MAX = 25 * 60 * 60_000;

/**
 * Each family of which at least one header is usable. Resets are by this machine's clock.
 * @param aheadMs how far X's is ahead of it, by which X names them
 */
export function readRateLimits(headers: Headers, aheadMs = 0): RateLimitReading[] {
  const readings: RateLimitReading[] = [];
  for (const { window, prefix } of FAMILIES) {
    const resetSeconds = wholeNumber(headers.get(`${prefix}-reset`));
    const reading: RateLimitReading = {
      window,
      limit: wholeNumber(headers.get(`${prefix}-limit`)),
      remaining: wholeNumber(headers.get(`${prefix}-remaining`)),
      resetAt:
        resetSeconds !== null && resetSeconds >= EPOCH_SECONDS_MIN && resetSeconds <= EPOCH_SECONDS_MAX
          ? new Date(resetSeconds * 1000 - aheadMs)
          : null,
    };
    if (reading.limit !== null || reading.remaining !== null || reading.resetAt !== null) readings.push(reading);
  }
  return readings;
}

/** The families that X described in full, as the core stores them. */
export function rateLimitWindows(headers: Headers, aheadMs = 0): RateLimitWindow[] {
  const windows: RateLimitWindow[] = [];
  for (const { window, limit, remaining, resetAt } of readRateLimits(headers, aheadMs)) {
    if (limit !== null && remaining !== null && resetAt !== null) windows.push({ window, limit, remaining, resetAt });
  }
  return windows;
}

/**
 * How long a 429 asks us to wait: the latest of the 15-minute reset, a 24-hour reset whose remaining is 0, and
 * `Retry-After`. A healthy 15-minute window proves nothing, since X sends it beside an exhausted 24-hour one.
 *
 * `until` is null when X named no time, or only times that have passed or lie further off than its longest window; the
 * caller then backs off by itself. `scope` is "app" only when the app's own window is known to be used up and the
 * user's is not.
 */
export function readWait(headers: Headers, now: Date, aheadMs = 0): { until: Date | null; scope: "account" | "app" } {
  const readings = readRateLimits(headers, aheadMs);
  const usedUp = (window: RateLimitWindow["window"]) =>
    readings.some((reading) => reading.window === window && reading.remaining === 0);

  const candidates: (Date | null)[] = [retryAfter(headers, now, aheadMs)];
  for (const reading of readings) {
    if (reading.window === "15min" || reading.remaining === 0) candidates.push(reading.resetAt);
  }
  let until: Date | null = null;
  for (const candidate of candidates) {
    if (candidate === null) continue;
    const waitMs = candidate.getTime() - now.getTime();
    if (waitMs <= 0 || waitMs > WAIT_MS_MAX) continue;
    if (until === null || candidate > until) until = candidate;
  }
  return { until, scope: usedUp("app_24h") && !usedUp("user_24h") ? "app" : "account" };
}

/** `Retry-After` in both of its forms: seconds from now, or an HTTP date. Null when absent or unreadable. */
function retryAfter(headers: Headers, now: Date, aheadMs: number): Date | null {
  const value = headers.get("retry-after");
  const seconds = wholeNumber(value);
  if (seconds !== null) return new Date(now.getTime() + Math.min(seconds, EPOCH_SECONDS_MAX) * 1000);
  const date = httpDate(value);
  return date && new Date(date.getTime() - aheadMs);
}

/**
 * A count without sign, fraction or exponent, small enough to be exact; null for all else, such as two values in one
 * header. (`Headers` has taken the blanks around it away.)
 */
function wholeNumber(value: string | null): number | null {
  if (value === null || !/^\d{1,15}$/.test(value)) return null;
  return Number(value);
}
