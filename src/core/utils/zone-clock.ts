/**
 * Time zones, and what a clock in one shows. People say times in a zone, the hub stores instants; what a time that was said means is in
 * timezone.ts.
 */
import { PsnError } from "../errors.ts";

/** True for an IANA zone name this runtime knows, such as `Europe/Berlin` or `UTC`. Bare offsets are not zones. */
export function isValidTimezone(zone: string): boolean {
  // A first clock takes 25 ms of a process, and the list of zones 4; it lacks other names of the same zones.
  return (
    zone === "UTC" || clocks.has(zone) || Intl.supportedValuesOf("timeZone").includes(zone) || clockOf(zone) !== null
  );
}

/** @throws PsnError TIMEZONE_UNKNOWN */
export function requireTimezone(zone: string): string {
  const known = requireClock(zone).resolvedOptions().timeZone;
  // As the database writes it; but a name that is only another one's alias stays the author's.
  return known.toLowerCase() === zone.toLowerCase() ? known : zone;
}

export interface UserTime {
  /** YYYY-MM-DD */
  date: string;
  /** HH:MM, or HH:MM:SS when the seconds are not zero. */
  time: string;
  /** Offset from UTC at that instant, e.g. +02:00. */
  offset: string;
  zone: string;
  weekday: string;
  /** For a person: `Sun 2026-03-15 09:00 Europe/Berlin (+01:00)`. */
  text: string;
}

/**
 * What a clock in `zone` shows at an instant.
 * @throws PsnError TIMEZONE_UNKNOWN
 */
export function utcToUserTime(instant: Date, zone: string): UserTime {
  const wall = wallOf(instant, zone);
  // The same clock, as if it were UTC's.
  const [date = "", clock = ""] = wall.toISOString().split("T");
  const time = clock.slice(0, wall.getUTCSeconds() === 0 ? 5 : 8);
  const weekday = WEEKDAYS[wall.getUTCDay()] ?? "";
  const offset = offsetText(Math.round((wall.getTime() - instant.getTime()) / 1000));
  return { date, time, offset, zone, weekday, text: `${weekday} ${date} ${time} ${zone} (${offset})` };
}

/** A sentence whose instants, as `Date.toISOString` writes them, are told on the clock of `zone` instead. */
export function withLocalTimes(text: string, zone: string): string {
  return text.replace(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{3})?Z/g, (instant) => {
    const at = new Date(instant);
    return Number.isNaN(at.getTime()) ? instant : utcToUserTime(at, zone).text;
  });
}

// --- internal ---

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** Making one reads the zone's rules, so each is kept; a process meets few zones. */
const clocks = new Map<string, Intl.DateTimeFormat>();
const CLOCKS_MAX = 100;

/** Null for a name that is no zone's. */
function clockOf(zone: string): Intl.DateTimeFormat | null {
  const known = clocks.get(zone);
  if (known) return known;
  if (!/^[A-Za-z]/.test(zone) || zone.length > 64) return null;
  try {
    const clock = new Intl.DateTimeFormat("en", { ...CLOCK, timeZone: zone });
    if (clocks.size < CLOCKS_MAX) clocks.set(zone, clock);
    return clock;
  } catch {
    return null;
  }
}

const CLOCK: Intl.DateTimeFormatOptions = {
  hourCycle: "h23",
  era: "short",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
  second: "numeric",
};

function requireClock(zone: string): Intl.DateTimeFormat {
  const clock = clockOf(zone);
  if (clock) return clock;
  throw new PsnError("TIMEZONE_UNKNOWN", `"${zone.slice(0, 64)}" is not a time zone that this machine knows.`, {
    hint: "Use an IANA name such as Europe/Berlin, America/New_York or UTC.",
  });
}

/** The instant at which UTC's clock shows what the zone's shows at this one. */
function wallOf(instant: Date, zone: string): Date {
  if (zone === "UTC") return instant;
  const parts = Object.fromEntries(
    requireClock(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  const of = (name: Intl.DateTimeFormatPartTypes) => Number(parts[name]);
  const wall = new Date(instant);
  // The year before 1 AD is 1 BC.
  wall.setUTCFullYear(parts.era === "BC" ? 1 - of("year") : of("year"), of("month") - 1, of("day"));
  wall.setUTCHours(of("hour"), of("minute"), of("second"));
  return wall;
}

/** `+02:00`; with seconds where the zone has such, as before 1900. */
function offsetText(seconds: number): string {
  const clock = new Date(Math.abs(seconds) * 1000).toISOString().slice(11, seconds % 60 === 0 ? 16 : 19);
  return `${seconds < 0 ? "-" : "+"}${clock}`;
}
