/**
 * All phrases of each kind, on days and in zones where clocks and calendars are odd: what is read back is what was said, and whatever an
 * error offers is taken as it stands and means what it shows.
 */
import { expect, test } from "bun:test";
import { Temporal } from "temporal-polyfill";
import { howMany } from "../../testing/counts.ts";
import { PsnError } from "../errors.ts";
import { readTime } from "./read-time.ts";
import { readingOf, readingsOf } from "./readings.ts";

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const SHORT = ["mon", "tues", "weds", "thurs", "fri", "sat", "sun"];
const MONTHS = "january february march april may june july august september october november december".split(" ");

/** A time as it is said, and the minutes of the day that it may be. */
const TIMES: readonly (readonly [string, readonly number[]])[] = [
  ["9am", [540]],
  ["9:30", [570, 1290]],
  ["09:30", [570]],
  ["at 9", [540, 1260]],
  ["at nine thirty pm", [1290]],
  ["half past nine", [570, 1290]],
  ["quarter to one pm", [765]],
  ["at noon", [720]],
  ["midnight", [0]],
  ["12am", [0]],
  ["00:00", [0]],
  ["24:00", [0]],
  ["00:30", [30]],
  ["2:30", [150, 870]],
  ["02:30", [150]],
  ["at 2", [120, 840]],
  ["18.30", [1110]],
  ["21h", [1260]],
  ["23:59:30", [1439]],
];

/** Ordinary mornings and evenings; ends of months and years; the days before and of a change of clocks, in both directions. */
const NOWS = [
  "2026-11-28T09:55:04Z",
  "2026-11-30T23:30:00Z",
  "2026-12-31T22:59:59Z",
  "2027-01-01T05:00:00Z",
  "2028-02-28T12:00:00Z",
  "2027-03-27T12:00:00Z",
  "2027-03-28T00:10:00Z",
  "2027-10-30T21:00:00Z",
  "2026-10-31T12:00:00Z",
  "2027-03-25T20:00:00Z",
];
/** Berlin and New York; a gap at midnight; half hours; a half hour of summer time; both ends of the calendar. */
const ZONES = [
  "Europe/Berlin",
  "America/New_York",
  "Asia/Beirut",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Pacific/Kiritimati",
  "Pacific/Pago_Pago",
  "UTC",
];

/** @returns whether a moment, as the zone's clock shows it, is one that the phrase means */
type Means = (shown: Temporal.ZonedDateTime) => boolean;

const at = (minutes: readonly number[]): Means => {
  return ({ hour, minute }) => minutes.includes(hour * 60 + minute);
};
/** Midnight is of the day that it begins and of the one that it ends. */
const dayBefore = (shown: Temporal.ZonedDateTime) =>
  shown.hour === 0 && shown.minute === 0 ? shown.subtract({ minutes: 1 }) : shown;
const onDay = (is: (day: Temporal.ZonedDateTime) => boolean): Means => {
  return (shown) => is(shown) || is(dayBefore(shown));
};

/** Each phrase is said in some of these, and the next phrase in the next; `npm run proof` says each in all. */
const CONTEXTS = ZONES.flatMap((zone) => NOWS.map((now) => ({ zone, now: new Date(now) })));
const CONTEXTS_EACH = howMany(2, ZONES.length * NOWS.length);
let next = 0;
let taken = 0;
let refused = 0;

function check(phrase: string, means: Means): void {
  for (let number = 0; number < CONTEXTS_EACH; number++) {
    const { zone, now } = CONTEXTS[next++ % CONTEXTS.length] as { zone: string; now: Date };
    checkOn(phrase, means, { zone, now });
  }
}

function checkOn(phrase: string, means: Means, context: { zone: string; now: Date }): void {
  const where = `${phrase} | ${context.now.toISOString()} ${context.zone}`;
  const shownIn = (instant: Date) =>
    Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(context.zone);
  const backed = (instant: Date) => {
    const { at: again, local } = readingOf(instant, context.zone);
    expect(readTime(again, context).getTime(), `${where}: ${again}`).toBe(instant.getTime());
    expect(local, where).toContain(shownIn(instant).toPlainDate().toString());
  };
  try {
    const instant = readTime(phrase, context);
    taken++;
    backed(instant);
    expect(means(shownIn(instant)), `${where}: ${shownIn(instant)}`).toBe(true);
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    refused++;
    const readings = readingsOf(error);
    for (const { at: offered } of readings) {
      const instant = readTime(offered, context);
      backed(instant);
      // What the clock skips is moved to the nearest times that there are.
      const isMoved = error.code === "TIME_IN_GAP" || skips(instant, context.zone);
      if (!isMoved) expect(means(shownIn(instant)), `${where} offers ${offered}`).toBe(true);
    }
    // A hint stands for itself: whatever it quotes or writes out is taken as it stands.
    const hint = error.hint ?? "";
    const typed = [...hint.matchAll(/"([^"]+)"|(\d{4}-\d\d-\d\dT[\d:]+[+-]\d\d:\d\d)/g)].map(
      ([, words, figures]) => words ?? figures ?? "",
    );
    expect(typed.length, `${where}: ${hint}`).toBeGreaterThan(0);
    for (const words of typed) expect(readTime(words, context).getTime()).toBeGreaterThan(context.now.getTime());
    // Where it speaks of several, several are shown.
    if (error.code === "TIME_AMBIGUOUS") {
      const shown = new Set(`${error.message} ${hint}`.match(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?|T\d\d:\d\d[^ ]*/g));
      expect(shown.size, `${where}: ${error.message} ${hint}`).toBeGreaterThan(1);
    }
  }
}

/** Whether clocks change in the hours around. */
function skips(instant: Date, zone: string): boolean {
  const shown = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(zone);
  return shown.subtract({ hours: 3 }).offset !== shown.add({ hours: 3 }).offset;
}

test("a weekday is that weekday, whatever stands around it", () => {
  for (const [index] of WEEKDAYS.entries()) {
    for (const [time, minutes] of TIMES) {
      for (const name of [WEEKDAYS[index], SHORT[index]]) {
        for (const phrase of [`${name} ${time}`, `this ${name} ${time}`, `next ${name} ${time}`]) {
          const isDay = onDay(({ dayOfWeek }) => dayOfWeek === index + 1);
          check(phrase, (shown) => at(minutes)(shown) && isDay(shown));
        }
      }
    }
  }
});

test("a day of the calendar is that day, in every spelling of it", () => {
  for (const [month, day] of [
    [11, 26],
    [11, 28],
    [11, 30],
    [12, 1],
    [12, 11],
    [12, 31],
    [2, 29],
    [3, 28],
    [1, 1],
  ] as const) {
    const name = MONTHS[month - 1];
    const spellings = [
      `${day} ${name}`,
      `${day}. ${name}`,
      `${day}th of ${name}`,
      `${name} ${day}`,
      `${name?.slice(0, 3)}. ${day}`,
    ];
    for (const [time, minutes] of TIMES) {
      const isDay = onDay((shown) => shown.month === month && shown.day === day);
      for (const spelling of spellings) check(`${spelling} ${time}`, (shown) => at(minutes)(shown) && isDay(shown));
    }
  }
});

test("a day in figures without its year is that day, either way round", () => {
  for (const [first, second] of [
    [12, 11],
    [11, 12],
    [28, 11],
    [11, 28],
    [1, 1],
    [29, 2],
    [3, 28],
  ] as const) {
    const isDay = onDay(({ month, day }) => (day === first && month === second) || (day === second && month === first));
    for (const [time, minutes] of TIMES) {
      for (const figures of [`${first}/${second}`, `${first}.${second}.`, `${first}/${second}/27`]) {
        check(`${figures} ${time}`, (shown) => at(minutes)(shown) && isDay(shown));
        if (time === "9am") check(`${time} ${figures}`, (shown) => at(minutes)(shown) && isDay(shown));
      }
    }
  }
});

test("a day of the month, and the one of its weekdays, is that day", () => {
  for (const [time, minutes] of TIMES) {
    for (const day of [1, 10, 28, 29, 30, 31]) {
      check(`the ${day}th ${time}`, (shown) => at(minutes)(shown) && onDay((on) => on.day === day)(shown));
    }
    for (const [index, weekday] of WEEKDAYS.entries()) {
      const isLast = onDay((on) => on.dayOfWeek === index + 1 && on.day > on.daysInMonth - 7);
      check(`last ${weekday} of november ${time}`, (shown) => {
        return at(minutes)(shown) && onDay(({ month }) => month === 11)(shown) && isLast(shown);
      });
      check(`last ${weekday} of the month ${time}`, (shown) => at(minutes)(shown) && isLast(shown));
    }
  }
});

test("a weekday with its date is both", () => {
  for (const [index, weekday] of WEEKDAYS.entries()) {
    for (const day of [26, 27, 28, 29, 30]) {
      const isBoth = onDay((on) => on.dayOfWeek === index + 1 && on.day === day && on.month === 11);
      const isOne = onDay((on) => on.month === 11 || on.month === 12 || on.dayOfWeek === index + 1);
      check(`${weekday} ${day} november 9am`, (shown) => {
        return at([540])(shown) && (isBoth(shown) || isOne(shown));
      });
    }
  }
});

test("a year that was not said is never one that PSN would not take", () => {
  for (const phrase of ["4/5/31 at 9", "2031-04-05 at 9", "first monday of april 2031 at 9"]) {
    expect(() => readTime(phrase, { zone: "Europe/Berlin", now: new Date("2026-11-28T09:55:04Z") })).toThrow(PsnError);
  }
});

test("as many phrases as that", () => {
  expect(taken).toBeGreaterThan(1_000);
  expect(refused).toBeGreaterThan(1_000);
});
