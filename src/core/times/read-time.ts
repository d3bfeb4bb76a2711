/**
 * Times in words: one reading or none. A phrase is taken only if it has exactly one reading on the calendar and the
 * clock of its zone. One that has two, contradicts itself or lies behind is refused with the readings that it could
 * have, each as a time that can be pasted. A post cannot be taken back, so nothing is guessed.
 *
 * `lex` cuts the phrase, `parse` finds what each part says, `days` and `hours` tell what that may mean, and here the
 * two are put together. Which instant a clock shows is Temporal's affair alone.
 */
import { Temporal } from "temporal-polyfill";
import { PsnError } from "../errors.ts";
import { userTimeToUtc } from "../utils/timezone.ts";
import { isValidTimezone } from "../utils/zone-clock.ts";
import { type Days, daysOf } from "./days.ts";
import type { Duration, Facts } from "./facts.ts";
import { type Hour, hoursOf } from "./hours.ts";
import { type Near, nearOf } from "./near.ts";
import { parse } from "./parse.ts";
import { readingOf, readingsOf } from "./readings.ts";
import {
  clockIn,
  distinct,
  examples,
  inPast,
  listed,
  notSure,
  requireNear,
  severalReadings,
  type TimeContext,
} from "./refusals.ts";

export const PHRASE_CHARS_MAX = 100;
/** Of any unit, so that the calendar can hold the sum. */
const DAYS_AHEAD_MAX = 10_000;
/** A time of day that went by longer ago than this is tomorrow's; one that has just gone by may be meant as today's. */
const JUST_PAST_MS = 3_600_000;

/**
 * The instant that `phrase` means.
 * @throws PsnError TIME_INVALID (not understood, or no time of day), TIME_AMBIGUOUS (more than one reading, or parts that
 *   contradict each other), TIME_IN_PAST, TIME_IN_GAP, TIME_TOO_FAR. `details.readings` is a list of `Reading`.
 */
export function readTime(phrase: string, context: TimeContext): Date {
  return requireNear(readAnyTime(phrase, context), context);
}

/** Whether a phrase counts from the moment it is read ("in 2 hours", "in 3 days"), so that later it means a later instant. */
export function isFromNow(phrase: string): boolean {
  const text = plain(phrase);
  if (text.length > PHRASE_CHARS_MAX) return false;
  const parsed = parse(text);
  return "facts" in parsed && parsed.facts.ahead !== undefined && parsed.facts.clock === undefined;
}

// --- internal ---

function readAnyTime(phrase: string, context: TimeContext): Date {
  const text = plain(phrase);
  if (text.length > PHRASE_CHARS_MAX) throw notSure(context, text, "It is too long.");
  const near = nearOf(text);
  const meant = near && meantInstead(text, near, context);
  if (meant) throw meant;
  return readWords(text, context);
}

/** What is not taken as it is said, with the times that its author may mean; null for a guess that leads to none. */
function meantInstead(text: string, { why, phrases, isGuess }: Near, context: TimeContext): PsnError | null {
  const instants = phrases.flatMap((phrase) => {
    try {
      return [readWords(phrase, context)];
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
      return readingsOf(error).map(({ at }) => new Date(at));
    }
  });
  return isGuess && instants.length === 0 ? null : severalReadings(text, why, instants, context);
}

function readWords(text: string, context: TimeContext): Date {
  const hours = /^([1-9]|1[0-2]) ?h$/i.exec(text)?.[1];
  if (hours !== undefined) throw spanOrHour(text, Number(hours), context);
  const parsed = parse(text);
  if ("refusal" in parsed) {
    if (parsed.isPast) throw inPast(text, parsed.refusal, [], context);
    throw notSure(context, text, parsed.refusal);
  }
  const facts = withZoneName(parsed.facts);
  const zones = zonesOf(text, facts, context);
  if (facts.ahead) return fromNow(text, facts, facts.ahead, context);
  if (!facts.clock) throw withoutClock(text, facts, context);
  const instants = readings(text, facts, zones.clock ?? context.zone, context);
  return zones.annotated
    ? agreeing(text, instants, zones.annotated, facts, context)
    : only(text, facts, instants, context);
}

/** "1 dec 2015": the last four figures may be the year, or the time that is lacking. */
function withoutClock(text: string, facts: Facts, context: TimeContext): PsnError {
  const why = "At what time of day? For example: tomorrow 9am.";
  const { day } = facts;
  const days = daysOf(facts, clockIn(context.zone, context.now).toPlainDate());
  if (days && "invalid" in days) return notSure(context, text, days.invalid);
  if (day?.kind !== "date" || day.year === null || !/\b(?:19|20|21)\d\d$/.test(text))
    return notSure(context, text, why);
  const [hour, minute] = [Math.floor(day.year / 100), day.year % 100];
  if (minute > 59) return notSure(context, text, why);
  const asTime = `${hour}:${String(minute).padStart(2, "0")}`;
  const meant = { ...facts, day: { ...day, year: null } };
  const clock = { kind: "time", hour, minute, second: 0, meridiem: null, isBare: false } as const;
  const { ahead, instead } = readings(text, { ...meant, clock }, context.zone, context);
  return severalReadings(
    text,
    `Is ${day.year} a year, or the time ${asTime}? As a year it lacks a time of day.`,
    [...ahead, ...instead],
    context,
  );
}

const QUOTES = /^(["'“”„‘’«»])(.*)["'“”‘’«»]$/s;

/** The words alone: blanks of any kind are one blank, and quotes around them belong to a shell or a page. */
function plain(phrase: string): string {
  const text = phrase.trim().replace(/\s+/g, " ");
  return (QUOTES.exec(text)?.[2]?.trim() ?? text).replace(
    /\b((?:minute|hour|day|week|fortnight|month)s?)(?:['’]s?|s['’])? time\b/gi,
    "$1 time",
  );
}

/** "3h": in three hours, or at three? */
function spanOrHour(text: string, hours: number, context: TimeContext): PsnError {
  const clock = clockIn(context.zone, context.now);
  const hour = new Temporal.PlainTime(hours % 24);
  const today = clock.toPlainDate();
  const day = Temporal.PlainTime.compare(hour, clock.toPlainTime()) > 0 ? today : today.add({ days: 1 });
  const instants = [
    after(context.now, hours * 3_600_000),
    new Date(day.toZonedDateTime({ timeZone: context.zone, plainTime: hour }).epochMilliseconds),
  ];
  return severalReadings(text, "Is it a span of time or an hour?", instants, context);
}

/** The instants that a phrase may mean; `past` are those of them that lie behind and could be meant. */
interface Instants {
  ahead: Date[];
  past: Date[];
  /** Not what was said, but near it. */
  instead: Date[];
  contradicts: boolean;
  /** Why none of them is taken, though `instead` has some. */
  why?: string;
}

function zonesOf(
  text: string,
  { offset, offsetIsNamed, zone, day }: Facts,
  context: TimeContext,
): { clock: string | null; annotated: string | null } {
  if (zone?.startsWith("letters:")) {
    const letters = zone.slice("letters:".length).toUpperCase();
    throw notSure(
      context,
      text,
      `${letters} means different zones in different places; name the zone, as in Europe/Berlin, or use --timezone.`,
    );
  }
  if (zone !== undefined && /^[A-Za-z]/.test(zone) && !isValidTimezone(zone)) {
    throw notSure(context, text, `“${zone}” is not a time zone that this machine knows.`);
  }
  if (offset !== undefined && !/^[+-](?:0\d|1[0-4]):[0-5]\d$/.test(offset)) {
    throw notSure(context, text, `${offset} is the offset of no zone.`);
  }
  if (offset !== undefined && !offsetIsNamed && !(day?.kind === "date" && day.year !== null)) {
    throw notSure(context, text, `Is ${offset} an offset from UTC or the end of a span? Write the whole date with it.`);
  }
  return { clock: offset ?? zone ?? null, annotated: offset !== undefined ? (zone ?? null) : null };
}

/** The zone as the IANA database writes it. */
function withZoneName(facts: Facts): Facts {
  const { zone } = facts;
  if (zone === undefined || !isValidTimezone(zone)) return facts;
  return { ...facts, zone: new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone };
}

function readings(text: string, facts: Facts, zone: string, context: TimeContext): Instants {
  const local = clockIn(zone, context.now);
  const days = daysOn(facts, zone, context);
  if (days && "invalid" in days) throw notSure(context, text, days.invalid);
  const isTonight = days !== null && "dates" in days && days.isTonight === true;
  const hours = hoursOf(facts.clock ?? { kind: "noon" }, facts.part, {
    isNamed: days !== null && !isTonight,
    isTonight,
    isNightNow: local.hour < 5,
    isWrittenOut: facts.day?.kind === "date" && facts.day.year !== null,
    isInFigures: facts.day?.kind === "numeric" || (facts.day?.kind === "date" && facts.day.year !== null),
  });
  if ("invalid" in hours) throw notSure(context, text, hours.invalid);
  const times = "hours" in hours ? hours.hours : hours.contradiction;
  const all = (dates: readonly Temporal.PlainDate[]) => instantsOf(dates, times, zone, context);
  if (days === null) return nextOnClock(times, local, zone, context, "contradiction" in hours);
  if ("past" in days) return { ahead: [], past: [], instead: all(days.past), contradicts: false };
  if ("absent" in days) {
    const why = `The next such day is ${days.absent}.`;
    return { ahead: [], past: [], instead: all([days.absent]), contradicts: false, why };
  }
  const dates = "dates" in days ? days.dates : days.contradiction;
  const instants = all(dates);
  const isPast = (instant: Date) => instant.getTime() <= context.now.getTime();
  const dropsPast = ("dates" in days && days.dropsPast === true) || isMidnightOfToday(facts);
  const ahead = instants.filter((instant) => !isPast(instant));
  const past = instants.filter(isPast);
  const isOver = (hour: Hour) => instantsOf(dates, [hour], zone, context, true).some(isPast);
  return {
    ahead,
    past: dropsPast && ahead.length > 0 ? [] : past,
    instead: past.length === 0 || hasYear(facts) ? [] : nextSuch(facts, times.filter(isOver), zone, context),
    contradicts: "contradiction" in days || "contradiction" in hours,
  };
}

/** The days that are meant, by the zone's own calendar and, where it shows another day just now, by the author's too. */
function daysOn(facts: Facts, zone: string, context: TimeContext): Days {
  const there = daysOf(facts, clockIn(zone, context.now).toPlainDate());
  if (zone === context.zone || facts.day?.kind === "date") return there;
  const here = daysOf(facts, clockIn(context.zone, context.now).toPlainDate());
  if (!there || !here || !("dates" in there) || !("dates" in here)) return there;
  const dates = [...there.dates, ...here.dates];
  return { ...there, dates: dates.filter((date, index) => dates.findIndex((other) => other.equals(date)) === index) };
}

/** "today at midnight": its beginning is over, so its end is meant. */
function isMidnightOfToday({ clock, day }: Facts): boolean {
  return clock?.kind === "midnight" && day?.kind === "relative" && day.days === 0;
}

/** A year that was written is over; nobody means the same day of the next one. */
function hasYear({ day }: Facts): boolean {
  return day !== undefined && "year" in day && day.year !== null;
}

/**
 * What the author may have wanted who named a time that is over: the next time to which the same words will lead, read from one of the
 * days to come.
 */
function nextSuch(facts: Facts, times: readonly Hour[], zone: string, context: TimeContext): Date[] {
  const today = clockIn(zone, context.now).toPlainDate();
  for (let days = 1; days <= 7; days++) {
    const then = daysOf(facts, today.add({ days }));
    const dates = then && "dates" in then ? then.dates : then && "past" in then ? then.past : [];
    const ahead = instantsOf(dates, times, zone, context).filter((instant) => instant > context.now);
    if (ahead.length > 0) return ahead;
  }
  return [];
}

/** A time of day without a day: the next one. */
function nextOnClock(
  times: readonly Hour[],
  local: Temporal.PlainDateTime,
  zone: string,
  context: TimeContext,
  contradicts: boolean,
): Instants {
  const found: Instants = { ahead: [], past: [], instead: [], contradicts };
  const today = local.toPlainDate();
  const isSeveral = times.length > 1;
  for (const hour of times) {
    const on = (date: Temporal.PlainDate) => instantsOf([date], [hour], zone, context, isSeveral);
    const first = on(today);
    const ahead = first.filter((instant) => instant > context.now);
    const behindMs = Math.min(...first.map((instant) => context.now.getTime() - instant.getTime()));
    if (ahead.length > 0) found.ahead.push(...ahead);
    else if (behindMs > JUST_PAST_MS || isSeveral) found.ahead.push(...on(today.add({ days: 1 })));
    else {
      found.past.push(...first);
      found.instead.push(...on(today.add({ days: 1 })));
    }
  }
  return { ...found, ahead: distinct(found.ahead) };
}

/** A whole second, never an earlier one: what is shown and pasted of a time are its seconds. */
const after = (now: Date, ms: number): Date => new Date(Math.ceil((now.getTime() + ms) / 1_000) * 1_000);

/** Hours and less are counted on a stopwatch; days and more on the calendar, at the same time of day or at the one named. */
function fromNow(text: string, facts: Facts, ahead: readonly Duration[], context: TimeContext): Date {
  const { ahead: _, isBareSpan, clock, ...others } = facts;
  if (Object.keys(others).length > 0) {
    throw notSure(context, text, "It names a span of time and a day.");
  }
  const isExact = ({ unit }: Duration) => unit === "hours" || unit === "minutes" || unit === "seconds";
  const units = ahead.map(({ unit }) => unit);
  if (new Set(units).size < units.length && !ahead.some(({ amount }) => amount === 0.5)) {
    throw notSure(context, text, "It names the same unit twice.");
  }
  if (ahead.every(isExact)) {
    if (clock) throw notSure(context, text, "It names a span of hours and a time of day.");
    const msOf = { hours: 3_600_000, minutes: 60_000, seconds: 1_000 } as Record<string, number>;
    const ms = ahead.reduce((sum, { unit, amount }) => sum + amount * (msOf[unit] ?? 0), 0);
    const instant = after(context.now, ms);
    if (ms <= 0) throw notSure(context, text, "A time to schedule for lies ahead.");
    if (isBareSpan) throw severalReadings(text, "From when? Write in before it.", [instant], context);
    return instant;
  }
  if (ahead.some(isExact) || ahead.some(({ amount }) => !Number.isInteger(amount))) {
    throw notSure(context, text, "Days, weeks, months and years are whole, and stand without hours.");
  }
  const span = Object.fromEntries(ahead.map(({ unit, amount }) => [unit, amount]));
  if (ahead.some(({ amount }) => amount > DAYS_AHEAD_MAX)) throw notSure(context, text, "That is too far ahead.");
  const there = clockIn(context.zone, context.now).add(span);
  if (!clock) {
    const time = there.toPlainTime().round({ smallestUnit: "second", roundingMode: "trunc" });
    const instant = instantOf(there.toPlainDate(), time, context.zone, context);
    if (isBareSpan) throw severalReadings(text, "From when? Write in before it.", [instant], context);
    return instant;
  }
  const hours = hoursOf(clock, undefined, {
    isNamed: true,
    isTonight: false,
    isNightNow: false,
    isWrittenOut: false,
    isInFigures: false,
  });
  if ("invalid" in hours) throw notSure(context, text, hours.invalid);
  const times = "hours" in hours ? hours.hours : hours.contradiction;
  const instants = times.map((hour) =>
    instantOf(there.toPlainDate().add({ days: hour.daysLater }), hour.time, context.zone, context),
  );
  return only(text, facts, { ahead: instants, past: [], instead: [], contradicts: false }, context);
}

function only(text: string, facts: Facts, instants: Instants, context: TimeContext): Date {
  const { ahead, past, instead, contradicts } = instants;
  const [instant] = ahead;
  if (instants.why !== undefined) throw severalReadings(text, instants.why, instead, context);
  if (contradicts && ahead.length + instead.length === 0) {
    throw inPast(text, "It contradicts itself, and whatever it may mean has gone by.", [], context);
  }
  if (contradicts) throw severalReadings(text, "It contradicts itself.", [...ahead, ...instead], context);
  const isUnmarked = facts.clock?.kind === "time" && facts.clock.isUnmarked === true;
  if (isUnmarked && ahead.length + instead.length > 0) {
    throw severalReadings(text, "Are those figures an hour and its minutes?", [...ahead, ...instead], context);
  }
  if (context.mayBePast && past.length === 1 && past[0] && ahead.length === 0) return past[0];
  if (past.length > 0 && ahead.length === 0) throw inPast(text, "It has gone by.", instead, context);
  if (past.length > 0) throw severalReadings(text, whatWentBy(past, context), [...ahead, ...instead], context);
  if (ahead.length > 1) throw severalReadings(text, whySeveral(facts, ahead, context), ahead, context);
  if (!instant) throw inPast(text, "The last such day has gone by.", instead, context);
  return instant;
}

function whatWentBy(past: readonly Date[], { zone }: TimeContext): string {
  const shown = past.map((instant) => readingOf(instant, zone).local).join(" and ");
  return `One of its readings has gone by: ${shown}.`;
}

function whySeveral({ day, clock }: Facts, ahead: readonly Date[], { zone }: TimeContext): string {
  if (day?.kind === "numeric") return "Is that day first or month first?";
  const hours = new Set(ahead.map((instant) => clockIn(zone, instant).hour));
  if (hours.size > 1 && clock?.kind === "time" && (clock.isBare || clock.isTwelveHour))
    return "In the morning or in the evening?";
  return "It can be read in more than one way.";
}

/** A time with an offset and a zone in brackets: the zone must have that offset then (RFC 9557). */
function agreeing(text: string, instants: Instants, annotated: string, facts: Facts, context: TimeContext): Date {
  const instant = only(text, facts, instants, context);
  const inZone = /^[+-]/.test(annotated)
    ? annotated.replace(/^([+-]\d{2}):?(\d{2})$/, "$1:$2")
    : Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(annotated).offset;
  if (inZone === facts.offset) return instant;
  const { offset: _, ...onItsClock } = facts;
  const other = readings(text, onItsClock, annotated, context);
  throw severalReadings(
    text,
    `${facts.offset} is not the offset of ${annotated} at that time.`,
    [instant, ...other.ahead],
    context,
  );
}

/**
 * The instants of each of these days at each of these hours. Where there is one day and hour, a time that the clock skips or shows twice is
 * refused; among several each of its two instants is one more reading.
 */
function instantsOf(
  dates: readonly Temporal.PlainDate[],
  times: readonly Hour[],
  zone: string,
  context: TimeContext,
  isSeveral = dates.length * times.length > 1,
): Date[] {
  const at = dates.flatMap((date) =>
    times.map(({ time, daysLater }) => ({ date: date.add({ days: daysLater }), time })),
  );
  if (!isSeveral) return at.map(({ date, time }) => instantOf(date, time, zone, context));
  return distinct(
    at.flatMap(({ date, time }) => {
      try {
        return [instantOf(date, time, zone, context)];
      } catch (error) {
        if (!(error instanceof PsnError)) throw error;
        return readingsOf(error).map(({ at: instant }) => new Date(instant));
      }
    }),
  );
}

function instantOf(date: Temporal.PlainDate, time: Temporal.PlainTime, zone: string, context: TimeContext): Date {
  const { overlap } = context;
  if (/^[+-]/.test(zone)) return new Date(date.toPlainDateTime(time).toZonedDateTime(zone).epochMilliseconds);
  try {
    return userTimeToUtc(date.toString(), time.toString({ smallestUnit: "second" }), zone, overlap ? { overlap } : {});
  } catch (error) {
    const offered = error instanceof PsnError ? readingsOf(error) : [];
    if (!(error instanceof PsnError) || offered.length === 0) throw error;
    const readings = offered.filter(({ at }) => new Date(at) > context.now);
    throw new PsnError(error.code, error.message, {
      hint: readings.length === 0 ? examples(context) : `Write the one that is meant: ${listed(readings)}.`,
      details: { ...error.details, readings },
    });
  }
}
