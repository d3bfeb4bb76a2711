/** Reading when a post shall go out. Whatever is read is a time on the clock of one zone, and is answered as such. */
import * as clack from "@clack/prompts";
import { PsnError } from "../core/errors.ts";
import type { Schedule } from "../core/posts/write.ts";
import { requireTimezone, userTimeToUtc } from "../core/utils/timezone.ts";
import type { Io } from "./_command.ts";
import type { OptionDef, Parsed } from "./_command-old.ts";
import { readPhrase } from "./_phrase.ts";

export const WHEN_OPTIONS: Record<string, OptionDef> = {
  at: {
    type: "string",
    value: "TIME",
    help: "“tomorrow 9am”, “next friday 18:30”, “in 2 hours”, or 2026-03-15T09:00+01:00",
  },
  date: { type: "string", value: "DATE", help: "The day, 2026-03-15; goes with --time" },
  time: { type: "string", value: "TIME", help: "The time of day, 09:00; goes with --date" },
  timezone: { type: "string", value: "ZONE", help: "The zone in which the time is meant (default: yours)" },
  earlier: { type: "boolean", help: "When clocks show the time twice, the first one" },
  later: { type: "boolean", help: "When clocks show the time twice, the second one" },
};

const YEARS_AHEAD_MAX = 3;
const YEAR_MS = 366 * 86_400_000;

/**
 * The time that the options name, or null when they name none.
 * @throws PsnError USAGE, TIME_INVALID, TIME_IN_GAP, TIME_AMBIGUOUS, TIME_IN_PAST, TIME_TOO_FAR, TIMEZONE_UNKNOWN
 */
export function readWhen(options: Parsed["options"], zone: string, now: Date): Schedule | null {
  const text = (name: string) => (typeof options[name] === "string" ? (options[name] as string) : undefined);
  const [at, date, time] = [text("at"), text("date"), text("time")];
  const timezone = requireTimezone(text("timezone") ?? zone);
  if (at === undefined && date === undefined && time === undefined) {
    if (options.earlier || options.later) throw new PsnError("USAGE", "--earlier and --later go with a time.");
    return null;
  }
  if (at !== undefined && (date !== undefined || time !== undefined)) {
    throw new PsnError("USAGE", "Give either --at, or --date with --time.");
  }
  if (options.earlier && options.later) throw new PsnError("USAGE", "Give --earlier or --later, not both.");
  const overlap = options.earlier ? ("earlier" as const) : options.later ? ("later" as const) : undefined;
  const which = overlap ? { overlap } : {};
  const instant =
    at === undefined ? fromClock(date, time, timezone, which) : readPhrase(at, { zone: timezone, now, ...which });
  if (instant.getTime() <= now.getTime()) {
    throw new PsnError("TIME_IN_PAST", `${instant.toISOString()} is in the past; it is ${now.toISOString()}.`, {
      hint: "To publish at once: psn post now ID",
    });
  }
  if (instant.getTime() > now.getTime() + YEARS_AHEAD_MAX * YEAR_MS) {
    throw new PsnError("TIME_TOO_FAR", `${instant.toISOString()} is more than ${YEARS_AHEAD_MAX} years ahead.`);
  }
  return { at: instant, timezone };
}

/** The same; a person at a terminal is asked which one is meant when clocks show the time twice. */
export async function askWhen(
  io: Pick<Io, "interactive">,
  options: Parsed["options"],
  zone: string,
  now: Date,
): Promise<Schedule | null> {
  try {
    return readWhen(options, zone, now);
  } catch (error) {
    if (!(error instanceof PsnError) || error.code !== "TIME_AMBIGUOUS" || !io.interactive) throw error;
    const choice = await clack.select({
      message: error.message,
      options: (["earlier", "later"] as const).map((value) => ({
        value,
        label: `the ${value} one, ${String(error.details?.[value])}`,
      })),
    });
    if (choice !== "earlier" && choice !== "later") throw error;
    return readWhen({ ...options, [choice]: true }, zone, now);
  }
}

// --- internal ---

function fromClock(
  date: string | undefined,
  time: string | undefined,
  zone: string,
  which: { overlap?: "earlier" | "later" },
): Date {
  if (date === undefined || time === undefined) {
    throw new PsnError("USAGE", "--date and --time go together.", { hint: "--date 2026-03-15 --time 09:00" });
  }
  return userTimeToUtc(date, time, zone, which);
}
