/**
 * X's clock, the hub's and this machine's. They differ, by hours where a zone is wrong. X's `Date` tells by how much, and
 * the hub keeps it for each host; what X says in its own time is brought to the hub's here, and nowhere else in the core.
 */
import { sql } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import { type Hub, hubNow } from "../db/connection.ts";
import { isHubOutage } from "../db/errors.ts";
import { type AnswerMeta, type ClockReading, clockAhead, type Platform } from "../platform.ts";
import { needsClock, SKEW_TOLD_MS } from "../post/due.ts";
import { isNearlyUsedUp } from "./rate-limits.ts";

/** How far a host's clock is ahead of the hub's; negative: behind. In ms. */
export interface ClockSkew {
  host: string;
  aheadMs: number;
  /** The truth is within so many ms. */
  boundMs: number;
  measuredAt: Date;
}

/** How far a host's clock was from the hub's when it last answered; null while it has not answered. */
export async function clockSkew(hub: Hub, host: string): Promise<ClockSkew | null> {
  const { rows } = await hub.db.execute<{ host: string; aheadMs: number; boundMs: number; measuredAt: string }>(sql`
    select host, ahead_ms as "aheadMs", bound_ms as "boundMs", measured_at as "measuredAt"
    from psn.clock_offsets
    where host = ${host}`);
  const [row] = rows;
  return row ? { ...row, measuredAt: new Date(row.measuredAt) } : null;
}

/** In words, where a clock is off by more than a minute beyond what the measure leaves open; else null. */
export function skewInWords({ host, aheadMs, boundMs }: ClockSkew): string | null {
  if (Math.abs(aheadMs) - boundMs <= SKEW_TOLD_MS) return null;
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.round((seconds % 3600) / 60)];
  const span = hours > 0 ? `${hours} h ${minutes} min` : `${Math.round(seconds / 60)} min`;
  return `The hub's clock is ${span} ${aheadMs < 0 ? "ahead of" : "behind"} the clock of ${host}. Posts go out by the latter, up to a minute late: set the hub's right.`;
}

/** What a person should hear of a host's clock; null when it is right, or not known. */
export async function skewOf(hub: Hub, host: string): Promise<string | null> {
  const skew = await clockSkew(hub, host);
  return skew && skewInWords(skew);
}

/** A host's clock ahead of the hub's, in ms; null while it has not answered yet. */
export async function aheadOfHub(hub: Hub, host: string): Promise<number | null> {
  return (await clockSkew(hub, host))?.aheadMs ?? null;
}

/** Asks the platform for its time where a waiting post hangs on it and what it said is old; nothing to do as a rule. */
export async function refreshClock({ platform, ...deps }: HeardDeps & { platform: Platform }): Promise<void> {
  if (!(await needsClock(deps.hub.db))) return;
  const reading = await platform.readClock();
  if (reading) await noteClock(deps, reading);
}

type HeardDeps = { hub: Hub; clock: Clock };
type Heard = { meta: AnswerMeta };

/**
 * An answer of the platform with its times by the hub's clock, and what it says of X's clock kept. Never throws for a hub
 * that is away: what X answered counts more.
 */
export async function heard<T extends Heard>(deps: HeardDeps, answered: T): Promise<T> {
  try {
    if (answered.meta.clock) await noteClock(deps, answered.meta.clock);
    const aheadMs = hasTimes(answered) ? await hubAheadMs(deps) : 0;
    return aheadMs === 0 ? answered : onHubClock(answered, aheadMs);
  } catch (error) {
    if (isHubOutage(error)) return answered;
    throw error;
  }
}

/** Keeps what an answer said of its host's clock; an answer without a readable `Date` says nothing. */
export async function noteClock({ hub, clock }: HeardDeps, reading: ClockReading): Promise<void> {
  const { aheadMs, boundMs } = clockAhead(reading);
  const { host } = reading;
  const known = noted.get(hub) ?? new Map();
  noted.set(hub, known);
  const last = known.get(host);
  const now = clock.now().getTime();
  const isFresh =
    last && Math.abs(now - last.atMs) < NOTE_EVERY_MS && Math.abs(aheadMs - last.aheadMs) < NOTE_CHANGE_MS;
  if (isFresh) return;
  const theirNow = new Date(now + aheadMs).toISOString();
  await hub.db.execute(sql`
    insert into psn.clock_offsets (host, ahead_ms, bound_ms, measured_at)
    values (${host}, extract(epoch from ${theirNow}::timestamptz - psn.now()) * 1000, ${boundMs}, psn.now())
    on conflict (host) do update
    set ahead_ms = excluded.ahead_ms, bound_ms = excluded.bound_ms, measured_at = excluded.measured_at`);
  known.set(host, { atMs: now, aheadMs });
}

// --- internal ---

/** What this process last wrote of a host, so that not every answer is a write. */
const noted = new WeakMap<Hub, Map<string, { atMs: number; aheadMs: number }>>();
const NOTE_EVERY_MS = 60_000;
const NOTE_CHANGE_MS = 5_000;

/** Less is the way to the hub and back. */
const HUB_AHEAD_MS_MIN = 2_000;

async function hubAheadMs({ hub, clock }: HeardDeps): Promise<number> {
  const before = clock.now().getTime();
  const hubMs = (await hubNow(hub.db)).getTime();
  const middleMs = (before + clock.now().getTime()) / 2;
  return Math.abs(hubMs - middleMs) < HUB_AHEAD_MS_MIN ? 0 : hubMs - middleMs;
}

/** The fields of an answer, whichever it is, that name a time to wait for. */
interface Timed {
  until?: Date;
  retryAt?: Date;
}

function hasTimes(answered: Heard): boolean {
  const parts: unknown[] = Object.values(answered);
  return answered.meta.rateLimits.some(isNearlyUsedUp) || parts.some((part) => timesOf(part) !== null);
}

function timesOf(part: unknown): Timed | null {
  if (typeof part !== "object" || part === null) return null;
  const { until, retryAt } = part as Timed;
  return until || retryAt ? { ...(until ? { until } : {}), ...(retryAt ? { retryAt } : {}) } : null;
}

function onHubClock<T extends Heard>(answered: T, aheadMs: number): T {
  const moved = (date: Date) => new Date(date.getTime() + aheadMs);
  const entries = Object.entries(answered).map(([name, part]) => {
    const times = Object.entries(timesOf(part) ?? {}).map(([field, date]) => [field, moved(date)]);
    return [name, times.length > 0 ? { ...part, ...Object.fromEntries(times) } : part];
  });
  const { meta } = answered;
  const rateLimits = meta.rateLimits.map((window) => ({ ...window, resetAt: moved(window.resetAt) }));
  return { ...Object.fromEntries(entries), meta: { ...meta, rateLimits } };
}
