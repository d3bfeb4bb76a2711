import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { PsnError } from "../errors.ts";
import { userTimeToUtc } from "./timezone.ts";
import { isValidTimezone, requireTimezone, utcToUserTime, withLocalTimes } from "./zone-clock.ts";

function errorOf(act: () => unknown): PsnError {
  try {
    act();
  } catch (error) {
    if (error instanceof PsnError) return error;
    throw error;
  }
  throw new Error("no error");
}

const utc = (date: string, time: string, zone: string, overlap?: "earlier" | "later") =>
  userTimeToUtc(date, time, zone, overlap ? { overlap } : {}).toISOString();

describe("from a wall clock to an instant", () => {
  test("scenario 20: nine in the morning stays nine in the morning, in winter and in summer", () => {
    expect(utc("2026-01-15", "09:00", "Europe/Berlin")).toBe("2026-01-15T08:00:00.000Z");
    expect(utc("2026-07-15", "09:00", "Europe/Berlin")).toBe("2026-07-15T07:00:00.000Z");
    expect(utc("2026-07-15", "09:00:30", "UTC")).toBe("2026-07-15T09:00:30.000Z");
    expect(utc("2026-07-15", "09:00", "Asia/Kathmandu")).toBe("2026-07-15T03:15:00.000Z");
  });

  test("scenario 27: a time that clocks skip is refused, with the nearest real ones", () => {
    const error = errorOf(() => utc("2026-03-29", "02:30", "Europe/Berlin"));
    expect(error.code).toBe("TIME_IN_GAP");
    expect(error.details).toEqual({ before: "2026-03-29T01:30:00+01:00", after: "2026-03-29T03:30:00+02:00" });
    expect(error.hint).toContain("--date 2026-03-29 --time 03:30");
    // Not to be overruled: the choice is for times that exist twice.
    expect(errorOf(() => utc("2026-03-29", "02:30", "Europe/Berlin", "later")).code).toBe("TIME_IN_GAP");
    expect(utc("2026-03-29", "03:00", "Europe/Berlin")).toBe("2026-03-29T01:00:00.000Z");
    expect(utc("2026-03-29", "01:59:59", "Europe/Berlin")).toBe("2026-03-29T00:59:59.000Z");
  });

  test("scenario 27: a time that happens twice is asked about, with both instants", () => {
    const error = errorOf(() => utc("2026-10-25", "02:30", "Europe/Berlin"));
    expect(error.code).toBe("TIME_AMBIGUOUS");
    expect(error.details).toEqual({ earlier: "2026-10-25T02:30:00+02:00", later: "2026-10-25T02:30:00+01:00" });
    expect(utc("2026-10-25", "02:30", "Europe/Berlin", "earlier")).toBe("2026-10-25T00:30:00.000Z");
    expect(utc("2026-10-25", "02:30", "Europe/Berlin", "later")).toBe("2026-10-25T01:30:00.000Z");
    expect(utc("2026-10-25", "03:00", "Europe/Berlin")).toBe("2026-10-25T02:00:00.000Z");
  });

  test("zones that are odd: half an hour, a skipped day, a change at midnight", () => {
    expect(errorOf(() => utc("2026-04-05", "01:45", "Australia/Lord_Howe")).code).toBe("TIME_AMBIGUOUS");
    expect(errorOf(() => utc("2026-10-04", "02:15", "Australia/Lord_Howe")).code).toBe("TIME_IN_GAP");
    expect(errorOf(() => utc("2011-12-30", "12:00", "Pacific/Apia")).code).toBe("TIME_IN_GAP");
    expect(errorOf(() => utc("2026-09-06", "00:30", "America/Santiago")).code).toBe("TIME_IN_GAP");
  });

  test("scenario 27: what no calendar or clock shows is refused", () => {
    for (const date of [
      "2026-02-31",
      "2026-02-29",
      "2026-13-01",
      "2026-00-10",
      "26-01-01",
      "2026-1-1",
      "",
      "tomorrow",
    ]) {
      expect(errorOf(() => utc(date, "09:00", "UTC")).code).toBe("TIME_INVALID");
    }
    for (const time of ["24:00", "09:60", "09:00:60", "9:00", "0900", "09:00 pm", "", "-1:00"]) {
      expect(errorOf(() => utc("2026-03-01", time, "UTC")).code).toBe("TIME_INVALID");
    }
    expect(utc("2028-02-29", "09:00", "UTC")).toBe("2028-02-29T09:00:00.000Z");
  });

  test("there and back is the same, in any zone and year", () => {
    const zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "UTC"];
    const instants = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) });
    fc.assert(
      fc.property(instants, fc.constantFrom(...zones), (ms, zone) => {
        const instant = new Date(Math.floor(ms / 1000) * 1000);
        const { date, time } = utcToUserTime(instant, zone);
        const choices = (["earlier", "later"] as const).map((overlap) => utc(date, time, zone, overlap));
        expect(choices).toContain(instant.toISOString());
      }),
    );
  });
});

describe("zones", () => {
  test("IANA names are zones; offsets, words and nonsense are not", () => {
    for (const zone of ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"])
      expect(isValidTimezone(zone)).toBe(true);
    for (const zone of ["+02:00", "Berlin", "", "Europe/Nowhere", "x".repeat(200)])
      expect(isValidTimezone(zone)).toBe(false);
    expect(errorOf(() => requireTimezone("Mars/Olympus")).code).toBe("TIMEZONE_UNKNOWN");
  });

  test("a shown time always names its zone and offset", () => {
    const shown = utcToUserTime(new Date("2026-03-15T08:00:00Z"), "Europe/Berlin");
    expect(shown.text).toBe("Sun 2026-03-15 09:00 Europe/Berlin (+01:00)");
  });
});

test("a clock shows what Temporal says, in any zone, of any time that a sentence can hold", () => {
  const zones = [
    "Europe/Berlin",
    "America/St_Johns",
    "Africa/Monrovia",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "europe/paris",
    "UTC",
  ];
  const instants = fc.integer({ min: Date.parse("0000-01-01T00:00:00Z"), max: Date.parse("9999-12-31T23:59:59Z") });
  fc.assert(
    fc.property(instants, fc.constantFrom(...zones), (ms, zone) => {
      const zoned = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
      const shown = utcToUserTime(new Date(ms), zone);
      expect(shown.date).toBe(zoned.toPlainDate().toString());
      expect(shown.time).toBe(zoned.toPlainTime().toString({ smallestUnit: zoned.second === 0 ? "minute" : "second" }));
      expect(shown.offset).toBe(zoned.offset);
      expect(shown.weekday).toBe(zoned.toLocaleString("en", { weekday: "short" }));
    }),
    { numRuns: 500 },
  );
});

test("instants in a sentence are told on the clock of the zone", () => {
  const said = "It waits since 2026-11-27T19:40:23.591Z, until 2026-11-27T20:00:00Z; 2026-11-27 is a day.";
  expect(withLocalTimes(said, "Europe/Berlin")).toBe(
    "It waits since Fri 2026-11-27 20:40:23 Europe/Berlin (+01:00), until Fri 2026-11-27 21:00 Europe/Berlin (+01:00); 2026-11-27 is a day.",
  );
});
