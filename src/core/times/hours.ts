/** Which times of the day the facts of a phrase may mean. Pure. */
import { Temporal } from "temporal-polyfill";
import type { ClockFact, Facts, TimeFact } from "./facts.ts";
import type { DayPart } from "./words.ts";

/** A time of the day; `daysLater` 1 when it belongs to the night after the day that was named. */
export interface Hour {
  time: Temporal.PlainTime;
  daysLater: 0 | 1;
}

export type Hours =
  | { hours: Hour[] }
  /** Part of the day and hour do not go together. */
  | { contradiction: Hour[] }
  | { invalid: string };

export interface HoursContext {
  /** A day was named by a word or a date. */
  isNamed: boolean;
  /** "tonight" */
  isTonight: boolean;
  /** It is night now, before five in the morning: "tonight" has begun. */
  isNightNow: boolean;
  /** The day is written in full, 2026-12-01: 12am is its beginning, and 9:00 is of the 24-hour clock. */
  isWrittenOut: boolean;
  /** The day is written in figures, also 1.12.: 9:00 is of the 24-hour clock. */
  isInFigures: boolean;
}

export function hoursOf(clock: ClockFact, part: Facts["part"], context: HoursContext): Hours {
  if (clock.kind === "midnight") return midnight(part?.part ?? null, context);
  if (clock.kind === "noon") {
    return fits(part?.part ?? null, 12 * 60) || part?.part === "morning"
      ? { hours: [sameDay(12)] }
      : { contradiction: [sameDay(12), nextDay(0)] };
  }
  const { hour, minute, second, meridiem } = clock;
  // "tonight at 7:30" is said as "tonight at 7" is.
  const isBare = clock.isBare || (part !== undefined ? clock.isTwelveHour === true : isOfEitherHalf(clock, context));
  // ISO 8601's end of a day.
  if (hour === 24 && minute === 0 && second === 0 && meridiem === null && (!part || part.part === "night"))
    return { hours: [nextDay(0)] };
  if (minute > 59 || second > 59 || hour > 23) return { invalid: "No clock shows that." };
  if (meridiem !== null && (hour > 12 || hour === 0)) return { invalid: `${hour} o'clock is neither am nor pm.` };
  if (meridiem === "am" && hour === 12 && minute === 0 && !context.isWrittenOut) {
    return midnight(part?.part ?? null, context);
  }
  const onClock = (at: number): Hour => ({ time: new Temporal.PlainTime(at, minute, second), daysLater: 0 });
  const written =
    meridiem === null
      ? isBare
        ? [hour % 12, (hour % 12) + 12]
        : [hour]
      : [(hour % 12) + (meridiem === "pm" ? 12 : 0)];
  const hours = written.map(onClock);
  if (meridiem === "am" && hour === 12 && context.isNamed && !context.isWrittenOut && part === undefined) {
    return { hours: hours.flatMap((each) => [each, { ...each, daysLater: 1 as const }]) };
  }
  if (!part) return { hours };
  return inPart(part.part, hours, { ...context, isBare });
}

// --- internal ---

/**
 * "at 5:30" is said as "at 5" is. Of the 24-hour clock are 07:30 and 17:30; 10:30, unless it is
 * said after "at"; and whatever stands beside a day in figures.
 */
function isOfEitherHalf({ hour, isTwelveHour, isAfterAt }: TimeFact, { isInFigures }: HoursContext): boolean {
  return isTwelveHour === true && !isInFigures && (hour < 10 || isAfterAt === true);
}

const sameDay = (hour: number): Hour => ({ time: new Temporal.PlainTime(hour), daysLater: 0 });
const nextDay = (hour: number): Hour => ({ time: new Temporal.PlainTime(hour), daysLater: 1 });
const minuteOf = ({ time }: Hour) => time.hour * 60 + time.minute;

/** Minutes of the day; a night goes on after midnight. */
function fits(part: DayPart | null, minute: number): boolean {
  switch (part) {
    case null:
      return true;
    case "morning":
      return minute < 12 * 60;
    case "afternoon":
      return minute >= 12 * 60 && minute < 18 * 60;
    case "evening":
      return minute >= 17 * 60;
    case "night":
      return minute >= 17 * 60 || minute < 6 * 60;
  }
}

function midnight(part: DayPart | null, { isNamed, isTonight, isNightNow }: HoursContext): Hours {
  if (part !== null && part !== "night") return { contradiction: [sameDay(0), nextDay(0)] };
  // Of a day that is named, both its beginning and its end are called midnight.
  if (isNamed) return { hours: [sameDay(0), nextDay(0)] };
  return { hours: [isTonight && !isNightNow ? nextDay(0) : sameDay(0)] };
}

function inPart(part: DayPart, hours: readonly Hour[], context: HoursContext & { isBare: boolean }): Hours {
  // "tomorrow morning at 12" and "tonight at 5" are said by nobody who means one thing.
  const isOdd =
    context.isBare &&
    ((part === "morning" && hours.some(({ time }) => time.hour === 0)) ||
      (part === "night" && hours.some(({ time }) => time.hour === 4 || time.hour === 5)));
  const fitting = hours.filter((each) => fits(part, minuteOf(each)));
  const afterNight = (each: Hour): Hour[] => {
    if (part !== "night" || minuteOf(each) >= 12 * 60) return [each];
    if (context.isTonight) return [context.isNightNow ? each : { ...each, daysLater: 1 }];
    return context.isNamed ? [each, { ...each, daysLater: 1 }] : [each];
  };
  if (isOdd) return { hours: hours.flatMap(afterNight) };
  if (fitting.length > 0) return { hours: fitting.flatMap(afterNight) };
  const other = hours.map((each) => ({ ...each, time: each.time.add({ hours: 12 }) }));
  const all = [...hours, ...(context.isBare ? [] : other)];
  // An evening goes on after midnight, on the day that follows.
  const late = (each: Hour): Hour => (part === "evening" && minuteOf(each) < 6 * 60 ? { ...each, daysLater: 1 } : each);
  return { contradiction: all.map(late) };
}
