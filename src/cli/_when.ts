/** Reading when a post shall go out. */
import { Temporal } from "temporal-polyfill";
import { PsnError } from "../core/errors.ts";
import type { Schedule } from "../core/posts/write.ts";
import { requireTimezone, userTimeToUtc } from "../core/utils/timezone.ts";
import type { OptionDef, Parsed } from "./_command.ts";

export const WHEN_OPTIONS: Record<string, OptionDef> = {
  at: { type: "string", value: "TIME", help: "An instant, 2026-03-15T09:00+01:00, or “in 2 hours”" },
  date: { type: "string", value: "DATE", help: "The day, 2026-03-15; goes with --time" },
  time: { type: "string", value: "TIME", help: "The time of day, 09:00; goes with --date" },
  timezone: { type: "string", value: "ZONE", help: "The zone of --date and --time (default: yours)" },
  earlier: { type: "boolean", help: "When clocks show the time twice, the first one" },
  later: { type: "boolean", help: "When clocks show the time twice, the second one" },
};

const UNIT_MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;
const DAYS_AHEAD_MAX = 3 * 366;

/**
 * The time that the options name, or null when they name none.
 * @throws PsnError USAGE, TIME_INVALID, TIME_IN_GAP, TIME_AMBIGUOUS, TIME_IN_PAST, TIME_TOO_FAR, TIMEZONE_UNKNOWN
 */
export function readWhen(options: Parsed["options"], zone: string, now: Date): Schedule | null {
  const text = (name: string) => (typeof options[name] === "string" ? (options[name] as string) : undefined);
  const [at, date, time] = [text("at"), text("date"), text("time")];
  const timezone = requireTimezone(text("timezone") ?? zone);
  if (at === undefined && date === undefined && time === undefined) return null;
  if (at !== undefined && (date !== undefined || time !== undefined)) {
    throw new PsnError("USAGE", "Give either --at, or --date with --time.");
  }
  if (options.earlier && options.later) throw new PsnError("USAGE", "Give --earlier or --later, not both.");
  const overlap = options.earlier ? ("earlier" as const) : options.later ? ("later" as const) : null;
  const instant = at === undefined ? fromClock(date, time, timezone, overlap) : fromPhrase(at, now);
  if (instant.getTime() <= now.getTime()) {
    throw new PsnError("TIME_IN_PAST", `${instant.toISOString()} is in the past; it is ${now.toISOString()}.`, {
      hint: "To publish at once: psn post now ID",
    });
  }
  if (instant.getTime() > now.getTime() + DAYS_AHEAD_MAX * UNIT_MS.day) {
    throw new PsnError("TIME_TOO_FAR", `${instant.toISOString()} is more than three years ahead.`);
  }
  return { at: instant, timezone };
}

// --- internal ---

function fromClock(
  date: string | undefined,
  time: string | undefined,
  zone: string,
  overlap: "earlier" | "later" | null,
) {
  if (date === undefined || time === undefined) {
    throw new PsnError("USAGE", "--date and --time go together.", { hint: "--date 2026-03-15 --time 09:00" });
  }
  return userTimeToUtc(date, time, zone, overlap ? { overlap } : {});
}

function fromPhrase(at: string, now: Date): Date {
  const ahead = /^in\s+(\d{1,6})\s+(second|minute|hour|day|week)s?$/i.exec(at.trim());
  if (ahead) {
    const unit = (ahead[2] ?? "").toLowerCase() as keyof typeof UNIT_MS;
    return new Date(now.getTime() + Number(ahead[1]) * UNIT_MS[unit]);
  }
  try {
    return new Date(Temporal.Instant.from(at.trim()).epochMilliseconds);
  } catch {
    throw new PsnError("TIME_INVALID", `"${at.slice(0, 60)}" is not a time that --at takes.`, {
      hint: 'Write 2026-03-15T09:00+01:00 or "in 2 hours"; for a time in your zone --date 2026-03-15 --time 09:00.',
    });
  }
}
