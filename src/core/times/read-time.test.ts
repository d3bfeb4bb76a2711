/** Times in words: one reading or none (scenarios 47 to 51). */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { howMany } from "../../testing/counts.ts";
import { PsnError } from "../errors.ts";
import { readTime } from "./read-time.ts";
import { type Reading, readingOf } from "./readings.ts";

const BERLIN = "Europe/Berlin";
/** Wed 2026-03-11 10:30 in Berlin. */
const WEDNESDAY = "2026-03-11T09:30:00Z";
/** Sun 2026-03-08 10:30 in Berlin. */
const SUNDAY = "2026-03-08T09:30:00Z";

function read(phrase: string, now = WEDNESDAY, zone = BERLIN): string {
  return readingOf(readTime(phrase, { zone, now: new Date(now) }), zone).local;
}

function refused(
  phrase: string,
  now = WEDNESDAY,
  zone = BERLIN,
): { code: string; readings: string[]; error: PsnError } {
  try {
    read(phrase, now, zone);
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    const readings = ((error.details?.readings ?? []) as Reading[]).map(({ local }) => local);
    return { code: error.code, readings, error };
  }
  throw new Error(`"${phrase}" was taken`);
}

type Taken = [phrase: string, local: string, now?: string, zone?: string];
type Refused = [phrase: string, code: string, readings: string[], now?: string];

function takes(cases: Taken[]): void {
  for (const [phrase, local, now, zone] of cases) {
    test(`${phrase} → ${local}`, () => expect(read(phrase, now, zone)).toBe(local));
  }
}

function refuses(cases: Refused[]): void {
  for (const [phrase, code, readings, now] of cases) {
    test(`${phrase || "nothing"} is refused${readings.length > 0 ? `: ${readings.join(" or ")}` : ""}`, () => {
      const refusal = refused(phrase, now);
      expect(refusal.code).toBe(code);
      expect(refusal.readings).toEqual(readings);
      expect(refusal.error.hint).toBeTruthy();
    });
  }
}

describe("scenario 47: night", () => {
  takes([
    ["tonight at midnight", "Thu 2026-03-12 00:00"],
    ["tonight at midnight", "Fri 2027-01-01 00:00", "2026-12-31T09:30:00Z"],
    ["midnight tonight", "Thu 2026-03-12 00:00"],
    ["tonight at 12", "Thu 2026-03-12 00:00"],
    ["tonight 12am", "Thu 2026-03-12 00:00"],
    ["tonight at 00:30", "Thu 2026-03-12 00:30"],
    ["tonight at 1am", "Thu 2026-03-12 01:00"],
    ["tonight at 1am", "Wed 2026-03-11 01:00", "2026-03-10T23:30:00Z"],
    ["tonight at 8", "Wed 2026-03-11 20:00"],
    ["tonight 23:59", "Wed 2026-03-11 23:59"],
    ["friday night at 11", "Fri 2026-03-13 23:00"],
    ["tonight at 7:30", "Wed 2026-03-11 19:30"],
    ["tonight 11:30", "Wed 2026-03-11 23:30"],
    ["tonight at 12:30", "Thu 2026-03-12 00:30"],
    ["tomorrow evening at 7:30", "Thu 2026-03-12 19:30"],
    ["5:30 in the afternoon tomorrow", "Thu 2026-03-12 17:30"],
    ["today 24:00", "Thu 2026-03-12 00:00"],
    ["tonight 24:00", "Thu 2026-03-12 00:00"],
    ["friday night 24:00", "Sat 2026-03-14 00:00"],
    ["friday 24:00", "Sat 2026-03-14 00:00"],
    ["2026-03-15T24:00", "Mon 2026-03-16 00:00"],
    ["12 midnight", "Thu 2026-03-12 00:00"],
    ["this evening at 7", "Wed 2026-03-11 19:00"],
    ["tomorrow at 9 in the morning", "Thu 2026-03-12 09:00"],
    ["midnight", "Thu 2026-03-12 00:00"],
    ["today at midnight", "Thu 2026-03-12 00:00"],
  ]);
  refuses([
    ["friday night at 1am", "TIME_AMBIGUOUS", ["Fri 2026-03-13 01:00", "Sat 2026-03-14 01:00"]],
    ["friday night at 1", "TIME_AMBIGUOUS", ["Fri 2026-03-13 01:00", "Sat 2026-03-14 01:00"]],
    ["friday night midnight", "TIME_AMBIGUOUS", ["Fri 2026-03-13 00:00", "Sat 2026-03-14 00:00"]],
    ["tomorrow night at 12", "TIME_AMBIGUOUS", ["Thu 2026-03-12 00:00", "Fri 2026-03-13 00:00"]],
    ["tomorrow at midnight", "TIME_AMBIGUOUS", ["Thu 2026-03-12 00:00", "Fri 2026-03-13 00:00"]],
    ["midnight friday", "TIME_AMBIGUOUS", ["Fri 2026-03-13 00:00", "Sat 2026-03-14 00:00"]],
    ["friday 12am", "TIME_AMBIGUOUS", ["Fri 2026-03-13 00:00", "Sat 2026-03-14 00:00"]],
    ["friday night at 2:30", "TIME_AMBIGUOUS", ["Fri 2026-03-13 02:30", "Sat 2026-03-14 02:30"]],
    ["tonight at 5:15", "TIME_AMBIGUOUS", ["Wed 2026-03-11 17:15", "Thu 2026-03-12 05:15"]],
    ["tonight at 5", "TIME_AMBIGUOUS", ["Wed 2026-03-11 17:00", "Thu 2026-03-12 05:00"]],
    ["this evening at 1", "TIME_AMBIGUOUS", ["Wed 2026-03-11 13:00", "Thu 2026-03-12 01:00"]],
    ["tonight at 00:15", "TIME_IN_PAST", ["Thu 2026-03-12 00:15"], "2026-03-10T23:30:00Z"],
  ]);
});

describe("scenario 48: a phrase that contradicts itself is refused with both readings", () => {
  refuses([
    ["tuesday 16 march 9am", "TIME_AMBIGUOUS", ["Mon 2026-03-16 09:00", "Tue 2026-03-17 09:00"]],
    ["thursday, march 12 2027 9am", "TIME_AMBIGUOUS", ["Thu 2027-03-11 09:00", "Fri 2027-03-12 09:00"]],
    ["friday tomorrow 9am", "TIME_AMBIGUOUS", ["Thu 2026-03-12 09:00", "Fri 2026-03-13 09:00"]],
    ["next monday 17 march 9am", "TIME_AMBIGUOUS", ["Mon 2026-03-16 09:00", "Tue 2026-03-17 09:00"]],
    ["tomorrow morning 7:30pm", "TIME_AMBIGUOUS", ["Thu 2026-03-12 07:30", "Thu 2026-03-12 19:30"]],
    ["tomorrow evening 07:30", "TIME_AMBIGUOUS", ["Thu 2026-03-12 07:30", "Thu 2026-03-12 19:30"]],
    ["tomorrow evening 8am", "TIME_AMBIGUOUS", ["Thu 2026-03-12 08:00", "Thu 2026-03-12 20:00"]],
    ["tomorrow afternoon at 9", "TIME_AMBIGUOUS", ["Thu 2026-03-12 09:00", "Thu 2026-03-12 21:00"]],
    ["2026-12-01T09:00-05:00[Europe/Paris]", "TIME_AMBIGUOUS", ["Tue 2026-12-01 09:00", "Tue 2026-12-01 15:00"]],
    ["2026-12-01T09:00+01:00[Nowhere/City]", "TIME_INVALID", []],
    ["today tomorrow 9am", "TIME_INVALID", []],
    ["9am 10am", "TIME_INVALID", []],
    ["18:30 pm", "TIME_INVALID", []],
  ]);
  takes([
    ["friday 13 march 9am", "Fri 2026-03-13 09:00"],
    ["2026-12-01T09:00+01:00[Europe/Paris]", "Tue 2026-12-01 09:00"],
    ["2026-12-01T09:00[America/New_York]", "Tue 2026-12-01 15:00"],
  ]);
});

describe("scenario 49: what is just past is never moved in silence", () => {
  refuses([
    ["27 november 20:00", "TIME_IN_PAST", ["Sat 2027-11-27 20:00"], "2026-11-27T19:10:00Z"],
    ["dec 31 9am", "TIME_IN_PAST", ["Fri 2027-12-31 09:00"], "2026-12-31T11:00:00Z"],
    ["dec 31 9am", "TIME_IN_PAST", ["Fri 2027-12-31 09:00"], "2027-01-03T11:00:00Z"],
    ["february 28 9am", "TIME_IN_PAST", ["Sun 2027-02-28 09:00"]],
    ["10 march 9am", "TIME_IN_PAST", ["Wed 2027-03-10 09:00"]],
    ["the 10th at 9am", "TIME_IN_PAST", ["Fri 2026-04-10 09:00"]],
    ["this morning 9am", "TIME_IN_PAST", ["Thu 2026-03-12 09:00"], "2026-03-11T14:00:00Z"],
    ["this monday 9am", "TIME_IN_PAST", ["Mon 2026-03-16 09:00"]],
    ["this wednesday 9am", "TIME_IN_PAST", ["Wed 2026-03-18 09:00"]],
    ["this sunday 9am", "TIME_IN_PAST", ["Sun 2026-03-15 09:00"], SUNDAY],
    ["wednesday 9am", "TIME_AMBIGUOUS", ["Wed 2026-03-18 09:00"]],
    ["10:15", "TIME_IN_PAST", ["Thu 2026-03-12 10:15"]],
    ["today 9am", "TIME_IN_PAST", ["Thu 2026-03-12 09:00"]],
    ["2026-03-11 10:29", "TIME_IN_PAST", []],
    ["yesterday 9am", "TIME_IN_PAST", []],
    ["last friday 9am", "TIME_IN_PAST", []],
    ["2 hours ago", "TIME_IN_PAST", []],
  ]);
  takes([
    ["2 jan 7am", "Sat 2027-01-02 07:00", "2026-11-21T12:00:30Z"],
    ["the 2nd at 9am", "Thu 2026-04-02 09:00", "2026-03-28T09:30:00Z"],
    ["9am", "Thu 2026-03-12 09:00"],
    ["14:00", "Wed 2026-03-11 14:00"],
  ]);
});

describe("scenario 50: the true reason", () => {
  takes([
    ["2026-03-15 9am UTC", "Sun 2026-03-15 10:00"],
    ["tomorrow 9am GMT", "Thu 2026-03-12 10:00"],
    ["tomorrow 9am UTC+1", "Thu 2026-03-12 09:00"],
    ["tomorrow 9am Europe/London", "Thu 2026-03-12 10:00"],
    ["tomorrow 23:30 america/los_angeles", "Fri 2026-03-13 07:30"],
    ["2026-12-01T09:00+01:00", "Tue 2026-12-01 09:00"],
    ["2026-12-01 09:00 +0100", "Tue 2026-12-01 09:00"],
    ["2026-12-01T09:00:00.123Z", "Tue 2026-12-01 10:00"],
    ["20261201T0900", "Tue 2026-12-01 09:00"],
    ["Tue, 01 Dec 2026 09:00:00 +0100", "Tue 2026-12-01 09:00"],
    ["Tue, 01 Dec 2026 09:00:00 GMT", "Tue 2026-12-01 10:00"],
    ["Fri Nov 27 21:10:32 UTC 2026", "Fri 2026-11-27 22:10:32"],
    ["in two hours", "Wed 2026-03-11 12:30"],
    ["in one hour", "Wed 2026-03-11 11:30"],
    ["in 1h30m", "Wed 2026-03-11 12:00"],
    ["in an hour and a half", "Wed 2026-03-11 12:00"],
    ["in 2,5 hours", "Wed 2026-03-11 13:00"],
    ["2 hours from now", "Wed 2026-03-11 12:30"],
    ["in fifteen minutes", "Wed 2026-03-11 10:45"],
    ["in twenty-five minutes", "Wed 2026-03-11 10:55"],
    ["in two days", "Fri 2026-03-13 10:30"],
    ["in two weeks at 9am", "Wed 2026-03-25 09:00"],
    ["in 1 year", "Thu 2027-03-11 10:30"],
    ["at noon", "Wed 2026-03-11 12:00"],
    ["half past nine am friday", "Fri 2026-03-13 09:30"],
    ["quarter past nine pm tomorrow", "Thu 2026-03-12 21:15"],
    ["quarter to one pm", "Wed 2026-03-11 12:45"],
    ["21h", "Wed 2026-03-11 21:00"],
    ["9.30pm", "Wed 2026-03-11 21:30"],
    ["tomorrow 9 a.m.", "Thu 2026-03-12 09:00"],
    ["tomorrow, 9am.", "Thu 2026-03-12 09:00"],
    ["day after tomorrow 9am", "Fri 2026-03-13 09:00"],
    ["next week monday 9am", "Mon 2026-03-16 09:00"],
    ["monday next week 9am", "Mon 2026-03-16 09:00"],
    ["the 15th at 9am", "Sun 2026-03-15 09:00"],
    ["last friday of march 9am", "Fri 2026-03-27 09:00"],
    ["first monday of april 2027 at noon", "Mon 2027-04-05 12:00"],
    ["15.03.2027 9:00", "Mon 2027-03-15 09:00"],
    ["03/15/2027 9am", "Mon 2027-03-15 09:00"],
    ["2026/12/01 9:00 pm", "Tue 2026-12-01 21:00"],
    ["on the 20th of march at 9:15 pm", "Fri 2026-03-20 21:15"],
    ["6pm on friday", "Fri 2026-03-13 18:00"],
    ["next monday 9am", "Mon 2026-03-16 09:00"],
    ["in half hour", "Wed 2026-03-11 11:00"],
    ["in a quarter of an hour", "Wed 2026-03-11 10:45"],
    ["in ten minutes' time", "Wed 2026-03-11 10:40"],
    ["in 2 days’ time at 9am", "Fri 2026-03-13 09:00"],
    ["a week from today 9am", "Wed 2026-03-18 09:00"],
    ["two weeks from tomorrow at 9am", "Thu 2026-03-26 09:00"],
    ["this coming friday 9am", "Fri 2026-03-13 09:00"],
    ["upcoming friday 9am", "Fri 2026-03-13 09:00"],
    ["fri. 9am sharp", "Fri 2026-03-13 09:00"],
    ["on friday at 18.30", "Fri 2026-03-13 18:30"],
    ["tomorrow at 0900", "Thu 2026-03-12 09:00"],
    ["friday 1830h", "Fri 2026-03-13 18:30"],
    ["tomorrow 12 noon", "Thu 2026-03-12 12:00"],
    ["15-mar-2026 9am", "Sun 2026-03-15 09:00"],
    ["the first of april at noon", "Wed 2026-04-01 12:00"],
    ["last friday in march at 9am", "Fri 2026-03-27 09:00"],
    ["2026-03-15T09:00+01", "Sun 2026-03-15 09:00"],
    ["2026-03-15T09:00−05:00", "Sun 2026-03-15 15:00"],
    ["“tomorrow 9am”", "Thu 2026-03-12 09:00"],
  ]);
  refuses([
    ["3h", "TIME_AMBIGUOUS", ["Wed 2026-03-11 13:30", "Thu 2026-03-12 03:00"]],
    ["at 5", "TIME_AMBIGUOUS", ["Wed 2026-03-11 17:00", "Thu 2026-03-12 05:00"]],
    ["tomorrow at nine", "TIME_AMBIGUOUS", ["Thu 2026-03-12 09:00", "Thu 2026-03-12 21:00"]],
    ["half past nine", "TIME_AMBIGUOUS", ["Wed 2026-03-11 21:30", "Thu 2026-03-12 09:30"]],
    ["next friday 18:30", "TIME_AMBIGUOUS", ["Fri 2026-03-13 18:30", "Fri 2026-03-20 18:30"]],
    ["next monday 9am", "TIME_AMBIGUOUS", ["Mon 2026-03-09 09:00", "Mon 2026-03-16 09:00"], SUNDAY],
    ["wednesday 18:00", "TIME_AMBIGUOUS", ["Wed 2026-03-11 18:00", "Wed 2026-03-18 18:00"]],
    ["next week 9am", "TIME_AMBIGUOUS", ["Mon 2026-03-16 09:00", "Wed 2026-03-18 09:00"]],
    ["weekend 10am", "TIME_AMBIGUOUS", ["Sat 2026-03-14 10:00", "Sun 2026-03-15 10:00"]],
    ["04/05/2026 9am", "TIME_AMBIGUOUS", ["Sun 2026-04-05 09:00", "Mon 2026-05-04 09:00"]],
    ["tomorrow", "TIME_INVALID", []],
    ["in a few minutes", "TIME_INVALID", []],
    ["now", "TIME_INVALID", []],
    ["soon", "TIME_INVALID", []],
    ["friday 9-10", "TIME_INVALID", []],
    ["1830 friday", "TIME_AMBIGUOUS", ["Fri 2026-03-13 18:30"]],
    ["2026-13-01 9:00", "TIME_INVALID", []],
    ["2026-00-10 9:00", "TIME_INVALID", []],
    ["00/05/2026 9:00", "TIME_INVALID", []],
    ["9 to 5pm", "TIME_INVALID", []],
    ["friday 9-5", "TIME_INVALID", []],
    ["tomorrow 9:00-10:00", "TIME_INVALID", []],
    ["tomorrow 9am or 10am", "TIME_INVALID", []],
    ["every monday 9am", "TIME_INVALID", []],
    ["february 29 9am", "TIME_AMBIGUOUS", ["Tue 2028-02-29 09:00"]],
    ["the 31st at 9am", "TIME_AMBIGUOUS", ["Thu 2026-12-31 09:00"], "2026-11-24T12:00:30Z"],
    ["31 february 9am", "TIME_INVALID", []],
    ["tomorrow 25:00", "TIME_INVALID", []],
    ["in 999999 years", "TIME_INVALID", []],
    ["heute 9 Uhr", "TIME_INVALID", []],
    ["tomorrow 9am; rm -rf /", "TIME_INVALID", []],
    ["", "TIME_INVALID", []],
  ]);

  test("letters of a zone are named as such, and only they", () => {
    expect(refused("9am EST").error.message).toContain("EST means different zones");
    expect(refused("soon").error.message).not.toContain("zone");
  });

  test("no error of a time advises to publish at once", () => {
    for (const phrase of [
      "today 9am",
      "last friday of february 9am",
      "yesterday 9am",
      "now",
      "tonight at 7am",
      "half past nine",
    ]) {
      const { error } = refused(phrase);
      expect(`${error.message} ${error.hint}`).not.toMatch(/post now|--now|publish|at once/);
    }
  });

  test("every reading that is offered is taken, and means itself", () => {
    for (const phrase of [
      "at 5",
      "next friday 18:30",
      "friday night at 1am",
      "tuesday 16 march 9am",
      "wednesday 9am",
    ]) {
      for (const reading of (refused(phrase).error.details?.readings ?? []) as Reading[]) {
        expect(read(reading.at)).toBe(reading.local);
      }
    }
  });
});

describe("scenario 51: the machine's own clock changes shift nothing", () => {
  const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"];
  test("hours that the machine's zone skips are read as the author's", async () => {
    const script = `
      const { readTime } = await import(${JSON.stringify(`${import.meta.dirname}/read-time.ts`)});
      const say = (phrase, zone, now) => {
        try { return readTime(phrase, { zone, now: new Date(now) }).toISOString(); } catch (error) { return error.code; }
      };
      console.log(say("3am", "America/New_York", "2026-03-29T06:30:00Z"), say("3:15am", "America/New_York", "2026-03-29T06:30:00Z"),
        say("monday 3am", "America/New_York", "2026-03-29T06:30:00Z"), say("3am", "Europe/Berlin", "2026-03-08T01:05:00Z"));`;
    const answers = await Promise.all(
      ZONES.map(async (TZ) => {
        const child = Bun.spawn([process.execPath, "-e", script], { env: { ...process.env, TZ }, stdout: "pipe" });
        return (await new Response(child.stdout).text()).trim();
      }),
    );
    expect(new Set(answers)).toEqual(
      new Set(["2026-03-29T07:00:00.000Z 2026-03-29T07:15:00.000Z 2026-03-30T07:00:00.000Z 2026-03-08T02:00:00.000Z"]),
    );
  });
});

describe("whatever is said", () => {
  const WORDS =
    "tonight tomorrow today friday monday this next coming on at in the of week weekend morning evening night noon midnight half past quarter to march 16 16th 2027 9 9am 12 18:30 00:30 5pm UTC EST Europe/Berlin +01:00 an hour two days 30 minutes from now and a last first 2026-03-29 03/04/2026".split(
      " ",
    );
  const phrases = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 7 }).map((words) => words.join(" "));

  test("it lies ahead or is refused with a code and a hint; every reading offered lies ahead", () => {
    fc.assert(
      fc.property(phrases, fc.integer({ min: 0, max: 400 * 24 }), (phrase, hours) => {
        const now = new Date(Date.UTC(2026, 0, 1) + hours * 3_600_000 + 123_000);
        try {
          expect(readTime(phrase, { zone: BERLIN, now }).getTime()).toBeGreaterThan(now.getTime());
        } catch (error) {
          if (!(error instanceof PsnError)) throw error;
          expect(error.hint).toBeTruthy();
          for (const reading of (error.details?.readings ?? []) as Reading[]) {
            expect(new Date(reading.at).getTime()).toBeGreaterThan(now.getTime());
          }
        }
      }),
      { numRuns: howMany(1_000, 30_000) },
    );
  });

  test("text that is no time is refused, quickly", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 120, unit: "binary" }), (phrase) => {
        try {
          readTime(phrase, { zone: BERLIN, now: new Date(WEDNESDAY) });
        } catch (error) {
          if (!(error instanceof PsnError)) throw error;
        }
      }),
      { numRuns: howMany(700, 20_000) },
    );
  });
});
