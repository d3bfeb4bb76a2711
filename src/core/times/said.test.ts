/**
 * What people say, at odd hours and in odd zones: one reading, or a refusal. Every time that PSN prints, in each of its forms, is taken as
 * the same instant when it is pasted back.
 */
import { expect, test } from "bun:test";
import { howMany } from "../../testing/counts.ts";
import { PsnError } from "../errors.ts";
import { utcToUserTime } from "../utils/zone-clock.ts";
import { readTime } from "./read-time.ts";
import { readingOf, readingsOf } from "./readings.ts";

const DAYS = [
  "",
  "today",
  "tonight",
  "tomorrow",
  "friday",
  "this friday",
  "next friday",
  "this week friday",
  "this week's sunday",
  "next week monday",
  "the 15th",
  "1 march",
  "march 28 2027",
  "2027-10-31",
  "31/10/2027",
  "in 3 days",
];
const HOURS = [
  "9",
  "9am",
  "9:30pm",
  "18:30",
  "1830",
  "1830 hours",
  "930",
  "0930",
  "noon",
  "12 noon",
  "midnight",
  "at midnight",
  "12",
  "12am",
  "12pm",
  "12:30",
  "00:30",
  "02:30",
  "24:00",
  "in the morning 9",
  "evening 12",
  "evening at 7",
  "night 1am",
  "afternoon 3",
];
const ALONE = [
  "in 45m",
  "45m",
  "2h30",
  "2h30m",
  "in 2h30",
  "in an hour and a half",
  "in a week",
  "2 days",
  "at 12 at noon",
];

/** A plain day; just after midnight and before five; a Saturday, a Sunday; the nights on which clocks change. */
const ASKED: [now: string, zone: string][] = [
  ["2026-11-24T12:00:30Z", "Europe/Berlin"],
  ["2026-11-27T23:10:00Z", "Europe/Berlin"],
  ["2026-11-29T12:00:00Z", "America/New_York"],
  ["2027-03-27T23:30:00Z", "Europe/Berlin"],
  ["2027-03-27T12:30:00Z", "Asia/Beirut"],
  ["2027-04-03T12:30:00Z", "Australia/Lord_Howe"],
  ["2027-10-30T22:30:00Z", "Europe/Berlin"],
  ["2027-11-07T04:30:00Z", "America/New_York"],
];

/** Each phrase is asked in every so-many-th of these, the next phrase in others; `npm run proof` asks each in all. */
const ASKED_EACH = howMany(2, 1);

const PHRASES = [...DAYS.flatMap((day) => HOURS.map((hour) => `${day} ${hour}`.trim())), ...ALONE];

/** As the hint of an error, the question at a terminal, an answer and `psn when` print it. */
function printed(instant: Date, zone: string): string[] {
  const { at, local } = readingOf(instant, zone);
  return [at, `${at} (${local})`, `${local}  (${at})`, utcToUserTime(instant, zone).text, `${local} ${zone}  ${at}`];
}

/** What the phrase means, or may mean. @throws what is no refusal of a time */
function meant(phrase: string, zone: string, now: Date): Date[] {
  try {
    return [readTime(phrase, { zone, now })];
  } catch (error) {
    if (!(error instanceof PsnError) || !error.code.startsWith("TIME_")) throw error;
    const readings = readingsOf(error);
    if (error.code === "TIME_AMBIGUOUS") expect([phrase, readings.length]).not.toEqual([phrase, 0]);
    for (const { at } of readings) expect(error.hint).toContain(at);
    return readings.map(({ at }) => new Date(at));
  }
}

test(`${PHRASES.length} phrases: one reading or a refusal, and each printed time is taken back as it is printed`, () => {
  const checked = new Set<string>();
  for (const [number, [from, zone]] of ASKED.entries()) {
    const now = new Date(from);
    for (const phrase of PHRASES.filter((_, index) => (index + number) % ASKED_EACH === 0)) {
      for (const instant of meant(phrase, zone, now)) {
        if (instant <= now)
          throw new Error(`${phrase}, asked at ${from} in ${zone}, may mean ${instant.toISOString()}`);
        for (const text of printed(instant, zone)) {
          if (checked.has(`${from} ${text}`)) continue;
          checked.add(`${from} ${text}`);
          const again = readTime(text, { zone, now });
          if (again.getTime() !== instant.getTime())
            throw new Error(`“${text}” is read as ${again.toISOString()} in ${zone}`);
        }
      }
    }
  }
  expect(checked.size).toBeGreaterThan(1_000);
});

const AFTER_MIDNIGHT = "2026-11-27T23:10:00Z";
const SUNDAY = "2026-11-29T12:00:00Z";
/** Asked in Berlin on a Tuesday at 13:00, or then; one reading, or with ? those of a refusal. */
const SAID: [phrase: string, readings: string, from?: string][] = [
  ["friday evening 12", "? Fri 2026-11-27 12:00, Sat 2026-11-28 00:00"],
  ["tomorrow evening 12:30", "? Wed 2026-11-25 12:30, Thu 2026-11-26 00:30"],
  ["friday evening at 7", "Fri 2026-11-27 19:00"],
  ["tonight at midnight", "Wed 2026-11-25 00:00"],
  ["tonight at midnight", "? Sun 2026-11-29 00:00", AFTER_MIDNIGHT],
  ["midnight", "? Sun 2026-11-29 00:00", AFTER_MIDNIGHT],
  ["tonight at 12", "? Sun 2026-11-29 00:00", AFTER_MIDNIGHT],
  ["tonight at 00:30", "Sat 2026-11-28 00:30", AFTER_MIDNIGHT],
  ["tomorrow 1830", "? Wed 2026-11-25 18:30"],
  ["tomorrow 930", "? Wed 2026-11-25 09:30, Wed 2026-11-25 21:30"],
  ["tomorrow 1830 hours", "Wed 2026-11-25 18:30"],
  ["tomorrow 930pm", "Wed 2026-11-25 21:30"],
  ["this week friday 9am", "Fri 2026-11-27 09:00"],
  ["this week friday 9am", "? Fri 2026-12-04 09:00", SUNDAY],
  ["this friday 9am", "Fri 2026-12-04 09:00", SUNDAY],
  ["45 minutes", "? Tue 2026-11-24 13:45:30"],
  ["in 2h30", "Tue 2026-11-24 15:30:30"],
];

for (const [phrase, readings, from = "2026-11-24T12:00:30Z"] of SAID) {
  test(`${phrase}, asked at ${from}: ${readings}`, () => {
    const context = { zone: "Europe/Berlin", now: new Date(from) };
    let said: string;
    try {
      said = readingOf(readTime(phrase, context), context.zone).local;
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
      said = `? ${readingsOf(error)
        .map(({ local }) => local)
        .join(", ")}`;
    }
    expect(said).toBe(readings);
  });
}
