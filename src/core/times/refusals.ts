/**
 * What is said of a phrase that is not taken: why, and the times that it could mean, each of which is taken when it is pasted.
 */
import { Temporal } from "temporal-polyfill";
import { PsnError } from "../errors.ts";
import { type Reading, readingOf } from "./readings.ts";

export interface TimeContext {
  /** The author's zone, an IANA name: the words are read on its clock, and answers are given in it. */
  zone: string;
  now: Date;
  /** Which instant is meant when the clock shows the time twice. Without it such a time is refused. */
  overlap?: "earlier" | "later";
  /** Takes also a time that has gone by, if it is the only reading: for a command that is repeated. */
  mayBePast?: boolean;
}

const READINGS_MAX = 4;
const YEARS_AHEAD_MAX = 3;
const YEAR_MS = 366 * 86_400_000;

/** @throws PsnError TIME_TOO_FAR */
export function requireNear(instant: Date, { now, zone }: Pick<TimeContext, "now" | "zone">): Date {
  if (isNear(instant, now)) return instant;
  const shown = readingOf(instant, zone).local;
  throw new PsnError("TIME_TOO_FAR", `${shown} is more than ${YEARS_AHEAD_MAX} years ahead.`, {
    hint: "Give an earlier time.",
  });
}

/** All of them are taken as they stand. */
export function examples({ now, zone }: TimeContext): string {
  const day = clockIn(zone, now).toPlainDate().add({ days: 14 });
  const month = day.toLocaleString("en", { month: "long" }).toLowerCase();
  const { at } = readingOf(
    new Date(day.toZonedDateTime({ timeZone: zone, plainTime: "09:00" }).epochMilliseconds),
    zone,
  );
  return `Write, for example, "tomorrow 9am", "in 2 hours", "${day.day} ${month} 18:30" or ${at}.`;
}

export function notSure(context: TimeContext, text: string, why: string): PsnError {
  return new PsnError("TIME_INVALID", `${quoted(text)} is not a time that PSN can be sure of. ${why}`, {
    hint: examples(context),
  });
}

export function severalReadings(text: string, why: string, instants: readonly Date[], context: TimeContext): PsnError {
  const choices = choicesOf(instants, context);
  // What lies too far ahead, or behind, is offered to nobody.
  return new PsnError(
    choices.length === 0 ? "TIME_INVALID" : "TIME_AMBIGUOUS",
    `${quoted(text)} is not a time that PSN can be sure of. ${why}`,
    {
      hint:
        choices.length === 0
          ? examples(context)
          : `${choices.length === 1 ? "If this one is meant, write it:" : "Write the one that is meant:"} ${listed(choices)}.`,
      details: { readings: choices },
    },
  );
}

export function inPast(text: string, why: string, instead: readonly Date[], context: TimeContext): PsnError {
  const choices = choicesOf(instead, context);
  const now = readingOf(context.now, context.zone).local;
  return new PsnError("TIME_IN_PAST", `${quoted(text)} is in the past: it is ${now} in ${context.zone}. ${why}`, {
    hint: choices.length > 0 ? `If a later one is meant, write it: ${listed(choices)}.` : examples(context),
    details: { readings: choices },
  });
}

function choicesOf(instants: readonly Date[], { now, zone }: TimeContext): Reading[] {
  return distinct(instants.filter((instant) => instant > now && isNear(instant, now)))
    .slice(0, READINGS_MAX)
    .map((instant) => readingOf(instant, zone));
}

export function listed(choices: readonly Reading[]): string {
  return choices.map(({ at, local }) => `${at} (${local})`).join(" or ");
}

export function clockIn(zone: string, now: Date): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone).toPlainDateTime();
}

/** In the order of time. */
export function distinct(instants: readonly Date[]): Date[] {
  return [...new Set(instants.map((instant) => instant.getTime()))].sort((a, b) => a - b).map((ms) => new Date(ms));
}

// --- internal ---

const isNear = (instant: Date, now: Date) => instant.getTime() <= now.getTime() + YEARS_AHEAD_MAX * YEAR_MS;

const quoted = (text: string) => `"${text.slice(0, 60)}"`;
