/**
 * The required name for wall-clock times and instants. People say times in a zone, the hub stores instants; Temporal does the arithmetic with
 * the IANA database, nothing here counts offsets by hand. What a clock shows needs none of that and is in zone-clock.ts: every command
 * loads it.
 */
import { Temporal } from "temporal-polyfill";
import { PsnError } from "../errors.ts";
import { requireTimezone } from "./zone-clock.ts";

export { isValidTimezone, requireTimezone, utcToUserTime, withLocalTimes } from "./zone-clock.ts";

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
