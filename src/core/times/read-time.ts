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
import { isValidTimezone, userTimeToUtc, utcToUserTime } from "../utils/timezone.ts";
import { type Days, daysOf } from "./days.ts";
import { type Hour, hoursOf } from "./hours.ts";
import { type Duration, type Facts, parse } from "./parse.ts";

export interface TimeContext {
  /** The author's zone, an IANA name: the words are read on its clock, and answers are given in it. */
  zone: string;
  now: Date;
  /** Which instant is meant when the clock shows the time twice. Without it such a time is refused. */
  overlap?: "earlier" | "later";
  /** Takes also a time that has gone by, if it is the only reading: for a command that is repeated. */
  mayBePast?: boolean;
}

/** One thing that a phrase may mean. */
export interface Reading {
  /** ISO 8601 with the offset of the author's zone: can be pasted as a time. */
  at: string;
  /** For a person: `Fri 2026-11-27 18:30`. */
  local: string;
}

export const PHRASE_CHARS_MAX = 100;
const READINGS_MAX = 4;
/** Of any unit, so that the calendar can hold the sum. */
const DAYS_AHEAD_MAX = 10_000;
/** A time of day that went by longer ago than this is tomorrow's; one that has just gone by may be meant as today's. */
const JUST_PAST_MS = 3_600_000;

/**
 * The instant that `phrase` means.
 * @throws PsnError TIME_INVALID (not understood, or no time of day), TIME_AMBIGUOUS (more than one reading, or parts that
 *   contradict each other), TIME_IN_PAST, TIME_IN_GAP. `details.readings` is a list of `Reading`.
 */
export function readTime(phrase: string, context: TimeContext): Date {
  const text = plain(phrase);
  if (text.length > PHRASE_CHARS_MAX) throw notSure(text, "It is too long.");
  const hours = /^([1-9]|1[0-2]) ?h$/i.exec(text)?.[1];
  if (hours !== undefined) throw spanOrHour(text, Number(hours), context);
  const parsed = parse(text);
  if ("refusal" in parsed) {
    if (parsed.isPast) throw inPast(text, parsed.refusal, [], context);
    throw notSure(text, parsed.refusal);
  }
  const facts = withZoneName(parsed.facts);
  const zones = zonesOf(text, facts);
  if (facts.ahead) return fromNow(text, facts, facts.ahead, context);
  if (!facts.clock) throw notSure(text, "At what time of day? For example: tomorrow 9am.");
  const instants = readings(text, facts, zones.clock ?? context.zone, context);
  return zones.annotated
    ? agreeing(text, instants, zones.annotated, facts, context)
    : only(text, facts, instants, context);
}

/** How a time is shown: an ISO time with the zone's offset, and the same for a person. */
export function readingOf(instant: Date, zone: string): Reading {
  const { date, time, offset, weekday } = utcToUserTime(instant, zone);
  return { at: `${date}T${time}${offset}`, local: `${weekday} ${date} ${time}` };
}

// --- internal ---

const QUOTES = /^(["'“”„‘’«»])(.*)["'“”‘’«»]$/s;

/** The words alone: blanks of any kind are one blank, and quotes around them belong to a shell or a page. */
function plain(phrase: string): string {
  const text = phrase.trim().replace(/\s+/g, " ");
  return (QUOTES.exec(text)?.[2]?.trim() ?? text).replace(
    /\b((?:minute|hour|day|week|month)s?)(?:['’]s?|s['’])? time\b/gi,
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
    new Date(context.now.getTime() + hours * 3_600_000),
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
}

function zonesOf(
  text: string,
  { offset, offsetIsNamed, zone, day }: Facts,
): { clock: string | null; annotated: string | null } {
  if (zone?.startsWith("letters:")) {
    const letters = zone.slice("letters:".length).toUpperCase();
    throw notSure(
      text,
      `${letters} means different zones in different places; name the zone, as in Europe/Berlin, or use --timezone.`,
    );
  }
  if (zone !== undefined && /^[A-Za-z]/.test(zone) && !isValidTimezone(zone)) {
    throw notSure(text, `“${zone}” is not a time zone that this machine knows.`);
  }
  if (offset !== undefined && !/^[+-](?:0\d|1[0-4]):[0-5]\d$/.test(offset)) {
    throw notSure(text, `${offset} is the offset of no zone.`);
  }
  if (offset !== undefined && !offsetIsNamed && !(day?.kind === "date" && day.year !== null)) {
    throw notSure(text, `Is ${offset} an offset from UTC or the end of a span? Write the whole date with it.`);
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
  if (days && "invalid" in days) throw notSure(text, days.invalid);
  const isTonight = days !== null && "dates" in days && days.isTonight === true;
  const hours = hoursOf(facts.clock ?? { kind: "noon" }, facts.part, {
    isNamed: days !== null && !isTonight,
    isTonight,
    isNightNow: local.hour < 5,
    isWrittenOut: facts.day?.kind === "date" && facts.day.year !== null,
  });
  if ("invalid" in hours) throw notSure(text, hours.invalid);
  const times = "hours" in hours ? hours.hours : hours.contradiction;
  const at = (date: Temporal.PlainDate, hour: Hour) =>
    instantOf(date.add({ days: hour.daysLater }), hour.time, zone, context);
  const all = (dates: readonly Temporal.PlainDate[]) =>
    distinct(dates.flatMap((date) => times.map((hour) => at(date, hour))));
  if (days === null) return nextOnClock(times, local, at, context, "contradiction" in hours);
  if ("past" in days) return { ahead: [], past: [], instead: all(days.past), contradicts: false };
  const dates = "dates" in days ? days.dates : days.contradiction;
  const instants = all(dates);
  const isPast = (instant: Date) => instant.getTime() <= context.now.getTime();
  const dropsPast = ("dates" in days && days.dropsPast === true) || isMidnightOfToday(facts);
  const ahead = instants.filter((instant) => !isPast(instant));
  const past = instants.filter(isPast);
  return {
    ahead,
    past: dropsPast && ahead.length > 0 ? [] : past,
    instead: hasYear(facts) ? [] : distinct(past.map((instant) => later(instant, facts, zone, context))),
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
  return day?.kind === "numeric" || ((day?.kind === "date" || day?.kind === "nthWeekday") && day.year !== null);
}

/** What the author may have wanted who named a time that is over: the same in a day, a week or a year. */
function later(instant: Date, { day, weekday }: Facts, zone: string, { now }: TimeContext): Date {
  const local = clockIn(zone, instant);
  const step = day?.kind === "date" || day?.kind === "nthWeekday" ? { years: 1 } : weekday ? { weeks: 1 } : { days: 1 };
  let next = local.add(step);
  for (let round = 0; round < 400 && Temporal.PlainDateTime.compare(next, clockIn(zone, now)) <= 0; round++) {
    next = next.add(step);
  }
  return new Date(next.toZonedDateTime(zone).epochMilliseconds);
}

/** A time of day without a day: the next one. */
function nextOnClock(
  times: readonly Hour[],
  local: Temporal.PlainDateTime,
  at: (date: Temporal.PlainDate, hour: Hour) => Date,
  { now }: TimeContext,
  contradicts: boolean,
): Instants {
  const found: Instants = { ahead: [], past: [], instead: [], contradicts };
  const today = local.toPlainDate();
  for (const hour of times) {
    const first = at(today, hour);
    const behindMs = now.getTime() - first.getTime();
    if (behindMs < 0) found.ahead.push(first);
    else if (behindMs > JUST_PAST_MS || times.length > 1) found.ahead.push(at(today.add({ days: 1 }), hour));
    else {
      found.past.push(first);
      found.instead.push(at(today.add({ days: 1 }), hour));
    }
  }
  return found;
}

/** Hours and less are counted on a stopwatch; days and more on the calendar, at the same time of day or at the one named. */
function fromNow(text: string, facts: Facts, ahead: readonly Duration[], context: TimeContext): Date {
  const { ahead: _, clock, ...others } = facts;
  if (Object.keys(others).length > 0) {
    throw notSure(text, "It names a span of time and a day.");
  }
  const isExact = ({ unit }: Duration) => unit === "hours" || unit === "minutes" || unit === "seconds";
  const units = ahead.map(({ unit }) => unit);
  if (new Set(units).size < units.length && !ahead.some(({ amount }) => amount === 0.5)) {
    throw notSure(text, "It names the same unit twice.");
  }
  if (ahead.every(isExact)) {
    if (clock) throw notSure(text, "It names a span of hours and a time of day.");
    const msOf = { hours: 3_600_000, minutes: 60_000, seconds: 1_000 } as Record<string, number>;
    const ms = ahead.reduce((sum, { unit, amount }) => sum + amount * (msOf[unit] ?? 0), 0);
    const instant = new Date(context.now.getTime() + Math.round(ms));
    if (ms <= 0) throw notSure(text, "A time to schedule for lies ahead.");
    return instant;
  }
  if (ahead.some(isExact) || ahead.some(({ amount }) => !Number.isInteger(amount))) {
    throw notSure(text, "Days, weeks, months and years are whole, and stand without hours.");
  }
  const span = Object.fromEntries(ahead.map(({ unit, amount }) => [unit, amount]));
  if (ahead.some(({ amount }) => amount > DAYS_AHEAD_MAX)) throw notSure(text, "That is too far ahead.");
  const there = clockIn(context.zone, context.now).add(span);
  if (!clock)
    return instantOf(
      there.toPlainDate(),
      there.toPlainTime().round({ smallestUnit: "second", roundingMode: "trunc" }),
      context.zone,
      context,
    );
  const hours = hoursOf(clock, undefined, { isNamed: true, isTonight: false, isNightNow: false, isWrittenOut: false });
  if ("invalid" in hours) throw notSure(text, hours.invalid);
  const times = "hours" in hours ? hours.hours : hours.contradiction;
  const instants = times.map((hour) =>
    instantOf(there.toPlainDate().add({ days: hour.daysLater }), hour.time, context.zone, context),
  );
  return only(text, facts, { ahead: instants, past: [], instead: [], contradicts: false }, context);
}

function only(text: string, facts: Facts, instants: Instants, context: TimeContext): Date {
  const { ahead, past, instead, contradicts } = instants;
  const [instant] = ahead;
  if (contradicts) throw severalReadings(text, "It contradicts itself.", [...ahead, ...instead], context);
  if (context.mayBePast && past.length === 1 && past[0] && ahead.length === 0) return past[0];
  if (past.length > 0 && ahead.length === 0) throw inPast(text, "It has gone by.", instead, context);
  if (past.length > 0 || ahead.length > 1) {
    throw severalReadings(text, whySeveral(facts), [...ahead, ...instead], context);
  }
  if (!instant) throw inPast(text, "The last such day has gone by.", instead, context);
  return instant;
}

function whySeveral({ day, clock }: Facts): string {
  if (day?.kind === "numeric") return "Is that day first or month first?";
  if (clock?.kind === "time" && clock.isBare) return "In the morning or in the evening?";
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

function clockIn(zone: string, now: Date): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone).toPlainDateTime();
}

function instantOf(date: Temporal.PlainDate, time: Temporal.PlainTime, zone: string, { overlap }: TimeContext): Date {
  if (/^[+-]/.test(zone)) return new Date(date.toPlainDateTime(time).toZonedDateTime(zone).epochMilliseconds);
  return userTimeToUtc(date.toString(), time.toString({ smallestUnit: "second" }), zone, overlap ? { overlap } : {});
}

function distinct(instants: readonly Date[]): Date[] {
  return [...new Set(instants.map((instant) => instant.getTime()))].sort((a, b) => a - b).map((ms) => new Date(ms));
}

const EXAMPLES = 'Write, for example, "tomorrow 9am", "in 2 hours", "27 november 18:30" or 2027-03-15T09:00+01:00.';
const quoted = (text: string) => `"${text.slice(0, 60)}"`;

function notSure(text: string, why: string): PsnError {
  return new PsnError("TIME_INVALID", `${quoted(text)} is not a time that PSN can be sure of. ${why}`, {
    hint: EXAMPLES,
  });
}

function severalReadings(text: string, why: string, instants: readonly Date[], context: TimeContext): PsnError {
  const choices = choicesOf(instants, context);
  return new PsnError("TIME_AMBIGUOUS", `${quoted(text)} is not a time that PSN can be sure of. ${why}`, {
    hint: choices.length > 0 ? `Write the one that is meant: ${listed(choices)}.` : EXAMPLES,
    details: { readings: choices },
  });
}

function inPast(text: string, why: string, instead: readonly Date[], context: TimeContext): PsnError {
  const choices = choicesOf(instead, context);
  const now = readingOf(context.now, context.zone).local;
  return new PsnError("TIME_IN_PAST", `${quoted(text)} is in the past: it is ${now} in ${context.zone}. ${why}`, {
    hint: choices.length > 0 ? `If a later one is meant, write it: ${listed(choices)}.` : EXAMPLES,
    details: { readings: choices },
  });
}

function choicesOf(instants: readonly Date[], { now, zone }: TimeContext): Reading[] {
  return distinct(instants.filter((instant) => instant.getTime() > now.getTime()))
    .slice(0, READINGS_MAX)
    .map((instant) => readingOf(instant, zone));
}

function listed(choices: readonly Reading[]): string {
  return choices.map(({ at, local }) => `${at} (${local})`).join(" or ");
}
