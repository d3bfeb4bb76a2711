/** Which days of the calendar the facts of a phrase may mean, seen from today. Pure. */
import { Temporal } from "temporal-polyfill";
import type { DayFact, Facts } from "./facts.ts";

export type Days =
  | {
      dates: Temporal.PlainDate[];
      /** One of them that lies behind cannot be meant while another lies ahead. */
      dropsPast?: boolean;
      /** The day was named by what it is called, so midnight may be its beginning or its end. */
      isNamed?: boolean;
      /** `tonight`: an hour after midnight belongs to the day that follows. */
      isTonight?: boolean;
    }
  /** The words of the phrase name different days. */
  | { contradiction: Temporal.PlainDate[] }
  /** The last such day is past, and the next one too far off to be meant for sure. */
  | { past: Temporal.PlainDate[] }
  | { invalid: string }
  /** This month, or year, has no such day; the next that has. */
  | { absent: Temporal.PlainDate }
  /** No day is named. */
  | null;

/** A date that has just gone by is not taken for next year's. */
const JUST_PAST_DAYS = 31;

export function daysOf(facts: Facts, today: Temporal.PlainDate): Days {
  const { day, weekday, week, weekend, part } = facts;
  const isTonight = part?.part === "night" && part.isThis;
  if (weekend) {
    if (day || weekday || week) return { invalid: "Which day of the weekend?" };
    const saturday = coming(today, 6, true);
    // On most days "next weekend" is the coming one to some, and the one after it to others.
    const weeks = weekend === "next" ? [0, 7] : [0];
    return { dates: weeks.flatMap((days) => [saturday.add({ days }), saturday.add({ days: days + 1 })]) };
  }
  if (day && week) return { invalid: "It names a day and a week." };
  const named = day ? daysOfFact(day, today) : null;
  if (!weekday) return named ? withTonight(named, isTonight) : week ? daysOfWeek(week, today) : null;
  const byWeekday = daysOfWeekday(weekday, week ?? null, today);
  if (!named) return { ...byWeekday, isNamed: true };
  if ("past" in named) return { past: named.past.filter((date) => date.dayOfWeek === weekday.weekday) };
  if (!("dates" in named)) return named;
  const both = named.dates.filter((date) => date.dayOfWeek === weekday.weekday);
  if (both.length > 0) return { ...named, dates: both };
  return { contradiction: named.dates.flatMap((date) => [date, nearest(date, weekday.weekday)]) };
}

// --- internal ---

function withTonight(days: NonNullable<Days>, isTonight: boolean): Days {
  return "dates" in days && isTonight ? { ...days, isTonight, isNamed: false } : days;
}

function daysOfFact(fact: DayFact, today: Temporal.PlainDate): NonNullable<Days> {
  switch (fact.kind) {
    case "relative":
      return { dates: [today.add({ days: fact.days })], isNamed: true };
    case "date":
      // `dateOf` counts on into the next year.
      if (fact.month < 1 || fact.month > 12) return { invalid: ON_NO_CALENDAR };
      if (fact.year === null) return nextOf(today, (year) => dateOf(year, fact.month, fact.day), "years");
      return fixed(dateOf(fact.year, fact.month, fact.day));
    case "numeric":
      return numeric(fact, today);
    case "dayOfMonth":
      return nextOf(today, (month) => dateOf(today.year, month, fact.day), "months");
    case "nthWeekday": {
      const { nth, weekday, year } = fact;
      if (year !== null) return fixed(nthWeekday(year, fact.month ?? today.month, nth, weekday));
      if (fact.month === null) return nextOf(today, (month) => nthWeekday(today.year, month, nth, weekday), "months");
      const { month } = fact;
      return nextOf(today, (inYear) => nthWeekday(inYear, month, nth, weekday), "years");
    }
  }
}

const ON_NO_CALENDAR = "No calendar has that day.";

function fixed(date: Temporal.PlainDate | null): NonNullable<Days> {
  return date ? { dates: [date], isNamed: true } : { invalid: ON_NO_CALENDAR };
}

/** @param month 1 to 12; 0 and 13 are the years beside */
function dateOf(year: number, month: number, day: number): Temporal.PlainDate | null {
  const shift = Math.floor((month - 1) / 12);
  try {
    return Temporal.PlainDate.from({ year: year + shift, month: month - shift * 12, day }, { overflow: "reject" });
  } catch {
    return null;
  }
}

function nthWeekday(year: number, month: number, nth: number, weekday: number): Temporal.PlainDate | null {
  const first = dateOf(year, month, 1);
  if (!first) return null;
  if (nth < 0) {
    const last = first.add({ months: 1 }).subtract({ days: 1 });
    return last.subtract({ days: (last.dayOfWeek - weekday + 7) % 7 });
  }
  const date = first.add({ days: ((weekday - first.dayOfWeek + 7) % 7) + (nth - 1) * 7 });
  return date.month === first.month ? date : null;
}

function numeric(
  { first, second, year }: Extract<DayFact, { kind: "numeric" }>,
  today: Temporal.PlainDate,
): NonNullable<Days> {
  const orders = [{ month: second, day: first }, ...(first === second ? [] : [{ month: first, day: second }])].filter(
    ({ month }) => month >= 1 && month <= 12,
  );
  const each = orders.map(({ month, day }) =>
    year === null ? nextOf(today, (inYear) => dateOf(inYear, month, day), "years") : fixed(dateOf(year, month, day)),
  );
  const dates = distinct(each.flatMap((days) => ("dates" in days ? days.dates : [])));
  const past = distinct(each.flatMap((days) => ("past" in days ? days.past : [])));
  if (dates.length + past.length === 0)
    return (
      each.find((days) => "absent" in days) ?? each.find((days) => "invalid" in days) ?? { invalid: ON_NO_CALENDAR }
    );
  // Either way round may be meant, also the one that went by this year.
  return dates.length > 0 ? { dates: [...dates, ...past], isNamed: true } : { past };
}

/**
 * A day that comes back each year or month: today's, or the next one, if nobody can mean the one that went by.
 * @param of the day in the year, or in the month of this year
 */
function nextOf(
  today: Temporal.PlainDate,
  of: (at: number) => Temporal.PlainDate | null,
  unit: "years" | "months",
): NonNullable<Days> {
  const at = unit === "years" ? today.year : today.month;
  const current = of(at);
  const before = of(at - 1);
  // The 29th of February and the 31st are not in every year or month: the next that has them, within a few.
  const next = [1, 2, 3, 4, 5, 6, 7, 8].map((step) => of(at + step)).find((date) => date !== null);
  if (!current) return next ? { absent: next } : { invalid: ON_NO_CALENDAR };
  const daysAhead = (date: Temporal.PlainDate) => today.until(date).days;
  if (daysAhead(current) === 0) return { dates: [current], isNamed: true };
  if (daysAhead(current) > 0) {
    const wasJustPast = unit === "years" && before !== null && -daysAhead(before) <= JUST_PAST_DAYS;
    return wasJustPast ? { past: [current] } : { dates: [current], isNamed: true };
  }
  if (!next) return { past: [] };
  return daysAhead(next) < -daysAhead(current) ? { dates: [next], isNamed: true } : { past: [next] };
}

/** "next week" alone: from Monday on, or in seven days? */
function daysOfWeek(week: "this" | "next", today: Temporal.PlainDate): Days {
  if (week === "this") return { invalid: "Which day of the week?" };
  return { dates: distinct([today.add({ days: 7 }), coming(today, 1, false)]), isNamed: true };
}

function daysOfWeekday(
  { weekday, which }: NonNullable<Facts["weekday"]>,
  week: "this" | "next" | null,
  today: Temporal.PlainDate,
): { dates: Temporal.PlainDate[]; dropsPast?: boolean } {
  const isToday = today.dayOfWeek === weekday;
  const next = coming(today, weekday, false);
  // Weeks begin on Monday (ISO 8601) or on Sunday (North America, Japan): where that makes a difference, both are meant.
  const inWeek = (weeks: number) => [
    monday(today).add({ days: weekday - 1 + 7 * weeks }),
    sunday(today).add({ days: (weekday % 7) + 7 * weeks }),
  ];
  if (week) return { dates: distinct(inWeek(week === "next" ? 1 : 0)) };
  switch (which) {
    case "this":
      return { dates: distinct(inWeek(0)), dropsPast: true };
    case "next":
      return { dates: distinct([next, ...inWeek(1)]) };
    case "coming":
    case "plain":
      return { dates: isToday ? [today, next] : [next] };
  }
}

const monday = (date: Temporal.PlainDate) => date.subtract({ days: date.dayOfWeek - 1 });
const sunday = (date: Temporal.PlainDate) => date.subtract({ days: date.dayOfWeek % 7 });

function coming(today: Temporal.PlainDate, weekday: number, mayBeToday: boolean): Temporal.PlainDate {
  const days = (weekday - today.dayOfWeek + 7) % 7;
  return today.add({ days: days === 0 && !mayBeToday ? 7 : days });
}

function nearest(date: Temporal.PlainDate, weekday: number): Temporal.PlainDate {
  const days = (weekday - date.dayOfWeek + 7) % 7;
  return date.add({ days: days > 3 ? days - 7 : days });
}

function distinct(dates: readonly Temporal.PlainDate[]): Temporal.PlainDate[] {
  return dates.filter((date, index) => dates.findIndex((other) => other.equals(date)) === index);
}
