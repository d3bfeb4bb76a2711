/**
 * Reading when a post goes out. Every command reads times here, and `core/times` reads the words: one reading or none.
 * Whatever is read is a time on the clock of one zone, and is answered as such.
 */
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { readAuthorNow } from "../core/post/due.ts";
import type { Schedule } from "../core/posts/write.ts";
import { isFromNow, readTime } from "../core/times/read-time.ts";
import { readingOf, readingsOf } from "../core/times/readings.ts";
import { requireNear } from "../core/times/refusals.ts";
import { userTimeToUtc } from "../core/utils/timezone.ts";
import { requireTimezone } from "../core/utils/zone-clock.ts";
import type { App } from "./_app.ts";
import { pickKey } from "./_ask.ts";
import { type Fields, flag, type Io } from "./_command.ts";

/** A day that still lies ahead on the day the help is read, so that the examples work as they stand. */
export const EXAMPLE_DAY = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);

export const WHEN_FIELDS = {
  at: z
    .string()
    .optional()
    .meta({
      placeholder: "TIME",
      description: `“tomorrow 9am”, “friday 18:30”, “in 2 hours”, or ${EXAMPLE_DAY}T09:00+01:00; psn when shows how words are read`,
    }),
  date: z
    .string()
    .optional()
    .meta({ placeholder: "DATE", description: `The day, ${EXAMPLE_DAY}; goes with --time` }),
  time: z.string().optional().meta({ placeholder: "TIME", description: "The time of day, 09:00; goes with --date" }),
  timezone: z
    .string()
    .optional()
    .meta({ placeholder: "ZONE", description: "The zone in which the time is meant (default: yours)" }),
  earlier: flag("When clocks show the time twice, the first one"),
  later: flag("When clocks show the time twice, the second one"),
};
/** The clock by which a command reads times: the one by which the post goes out, and the same in each call that an answer makes again. */
export async function readingClock(io: Io, { hub }: Pick<App, "hub">): Promise<Date> {
  io.readAt ??= await readAuthorNow(hub.db);
  return io.readAt;
}

type AllWhen = Fields<typeof WHEN_FIELDS>;
/** A time as it is given; what is absent was not. */
export type When = { [Name in keyof AllWhen]?: AllWhen[Name] | undefined };

/**
 * The time that the options name, or null when they name none. One that has passed is refused, unless it `mayBePast`: where a
 * command is repeated, the hub knows whether it was kept.
 * @throws PsnError USAGE, TIME_INVALID, TIME_IN_GAP, TIME_AMBIGUOUS, TIME_IN_PAST, TIME_TOO_FAR, TIMEZONE_UNKNOWN; what
 *   could be meant instead is in `readingsOf(error)`
 */
export function readWhen(when: When, zone: string, now: Date, { mayBePast = false } = {}): Schedule | null {
  const { at, date, time, earlier, later } = when;
  const timezone = requireTimezone(when.timezone ?? zone);
  if (at === undefined && date === undefined && time === undefined) {
    if (earlier || later) throw new PsnError("USAGE", "--earlier and --later go with a time.");
    return null;
  }
  if (at !== undefined && (date !== undefined || time !== undefined)) {
    throw new PsnError("USAGE", "Give either --at, or --date with --time.");
  }
  if (earlier && later) throw new PsnError("USAGE", "Give --earlier or --later, not both.");
  const overlap = earlier ? ("earlier" as const) : later ? ("later" as const) : undefined;
  const which = overlap ? { overlap } : {};
  const instant =
    at === undefined
      ? fromClock(date, time, timezone, which)
      : readTime(at, { zone: timezone, now, mayBePast, ...which });
  const shown = (moment: Date) => readingOf(moment, timezone).local;
  if (!mayBePast && instant.getTime() <= now.getTime()) {
    throw new PsnError("TIME_IN_PAST", `${shown(instant)} is in the past: it is ${shown(now)} in ${timezone}.`, {
      hint: "Give a later time.",
    });
  }
  requireNear(instant, { zone: timezone, now });
  const span = at !== undefined && isFromNow(at) ? { spanMs: instant.getTime() - now.getTime() } : {};
  return { at: instant, timezone, ...span };
}

/** As `readWhen`; a person at a terminal is asked which one is meant when a time can be read in several ways. */
export async function askWhen(
  io: Pick<Io, "interactive" | "signal" | "note">,
  when: When,
  zone: string,
  now: Date,
  more: { mayBePast?: boolean } = {},
): Promise<Schedule | null> {
  try {
    return readWhen(when, zone, now, more);
  } catch (error) {
    const at = await askReading(io, error);
    return readWhen({ at, timezone: when.timezone }, zone, now, more);
  }
}

/** The time that a person chooses where an error says that there are several, as it is pasted. @throws the error where nobody chooses */
export async function askReading(io: Pick<Io, "interactive" | "signal" | "note">, error: unknown): Promise<string> {
  if (!(error instanceof PsnError) || error.code !== "TIME_AMBIGUOUS" || !io.interactive) throw error;
  const readings = readingsOf(error);
  if (readings.length === 0) throw error;
  const keys = readings.map(({ at, local }, index): [string, string] => [`${index + 1}`, `${local}  (${at})`]);
  const key = await pickKey(io, `${error.message} Which one is meant?`, keys);
  const choice = key === null ? undefined : readings[Number(key) - 1];
  if (!choice) throw error;
  return choice.at;
}

// --- internal ---

function fromClock(
  date: string | undefined,
  time: string | undefined,
  zone: string,
  which: { overlap?: "earlier" | "later" },
): Date {
  if (date === undefined || time === undefined) {
    throw new PsnError("USAGE", "--date and --time go together.", { hint: `--date ${EXAMPLE_DAY} --time 09:00` });
  }
  return userTimeToUtc(date, time, zone, which);
}
