/**
 * Wall-clock times and instants. People say times in a zone, the hub stores instants; Temporal does the arithmetic
 * with the IANA database, nothing here counts offsets by hand.
 */
import { Temporal } from "temporal-polyfill";
import { PsnError } from "../errors.ts";

/** True for an IANA zone name this runtime knows, such as `Europe/Berlin` or `UTC`. Bare offsets are not zones. */
export function isValidTimezone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone) || zone.length > 64) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** @throws PsnError TIMEZONE_UNKNOWN */
export function requireTimezone(zone: string): string {
  if (isValidTimezone(zone)) {
    // As the database writes it; but a name that is only another one's alias stays the author's.
    const known = new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
    return known.toLowerCase() === zone.toLowerCase() ? known : zone;
  }
  throw new PsnError("TIMEZONE_UNKNOWN", `"${zone.slice(0, 64)}" is not a time zone that this machine knows.`, {
    hint: "Use an IANA name such as Europe/Berlin, America/New_York or UTC.",
  });
}

export interface WallTimeOptions {
  /** Which instant is meant when the clock shows this time twice. Without it an ambiguous time is refused. */
  overlap?: "earlier" | "later";
}

/**
 * The instant at which a clock in `zone` shows `date` (YYYY-MM-DD) and `time` (HH:MM or HH:MM:SS).
 * @throws PsnError TIMEZONE_UNKNOWN; TIME_INVALID for a date or time that no calendar has; TIME_IN_GAP for a time that
 *   is skipped when clocks go forward (`details.before`, `details.after`: the nearest real times); TIME_AMBIGUOUS for a
 *   time that happens twice (`details.earlier`, `details.later`: both instants).
 */
export function userTimeToUtc(date: string, time: string, zone: string, options: WallTimeOptions = {}): Date {
  requireTimezone(zone);
  const local = parseLocal(date, time);
  const earlier = local.toZonedDateTime(zone, { disambiguation: "earlier" });
  const later = local.toZonedDateTime(zone, { disambiguation: "later" });
  if (earlier.epochMilliseconds === later.epochMilliseconds) return new Date(earlier.epochMilliseconds);

  const shown = (when: Temporal.ZonedDateTime) => when.toString({ timeZoneName: "never", smallestUnit: "second" });
  if (!earlier.toPlainDateTime().equals(local)) {
    // Clocks that go forward at midnight skip the beginning of a day: the time before is of the day before.
    const near = (when: Temporal.ZonedDateTime) =>
      when.toPlainDate().toString() === date ? clockTime(when) : `${when.toPlainDate()} ${clockTime(when)}`;
    throw new PsnError(
      "TIME_IN_GAP",
      `${date} ${time} does not exist in ${zone}: clocks go forward over it. The nearest times are ${near(earlier)} and ${near(later)}.`,
      {
        hint: `Use one of them: --date ${later.toPlainDate()} --time ${clockTime(later)}.`,
        details: { before: shown(earlier), after: shown(later) },
      },
    );
  }
  if (options.overlap) return new Date((options.overlap === "earlier" ? earlier : later).epochMilliseconds);
  throw new PsnError(
    "TIME_AMBIGUOUS",
    `${date} ${time} happens twice in ${zone}: ${shown(earlier)} and ${shown(later)}.`,
    { hint: "Say which with --earlier or --later.", details: { earlier: shown(earlier), later: shown(later) } },
  );
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
  requireTimezone(zone);
  const zoned = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(zone);
  const date = zoned.toPlainDate().toString();
  const time = clockTime(zoned);
  const weekday = zoned.toLocaleString("en", { weekday: "short" });
  return {
    date,
    time,
    offset: zoned.offset,
    zone,
    weekday,
    text: `${weekday} ${date} ${time} ${zone} (${zoned.offset})`,
  };
}

/** A sentence whose instants, as `Date.toISOString` writes them, are told on the clock of `zone` instead. */
export function withLocalTimes(text: string, zone: string): string {
  return text.replace(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{3})?Z/g, (instant) => {
    const at = new Date(instant);
    return Number.isNaN(at.getTime()) ? instant : utcToUserTime(at, zone).text;
  });
}

// --- internal ---

function clockTime(zoned: Temporal.ZonedDateTime): string {
  return zoned.toPlainTime().toString({ smallestUnit: zoned.second === 0 ? "minute" : "second" });
}

function parseLocal(date: string, time: string): Temporal.PlainDateTime {
  const invalid = (what: string) =>
    new PsnError("TIME_INVALID", what, {
      hint: "Write the day as YYYY-MM-DD and the time as HH:MM (24-hour clock), or words such as “tomorrow 9am”.",
    });
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) throw invalid(`"${date.slice(0, 40)}" is not a date of the form YYYY-MM-DD.`);
  // Temporal would read a 60th second as the 59th.
  if (!/^\d{2}:\d{2}(:[0-5]\d)?$/.test(time)) throw invalid(`"${time.slice(0, 40)}" is not a time of the form HH:MM.`);
  try {
    return Temporal.PlainDate.from(date, { overflow: "reject" }).toPlainDateTime(
      Temporal.PlainTime.from(time, { overflow: "reject" }),
    );
  } catch {
    throw invalid(`${date} ${time} is on no calendar or clock.`);
  }
}
