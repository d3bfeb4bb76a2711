/** Times in words, on the clock of the author's zone, whatever zone this machine is in. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { askWhen, readWhen } from "../../src/cli/_when.ts";
import { PsnError } from "../../src/core/errors.ts";
import { readTime } from "../../src/core/times/read-time.ts";
import { readingsOf } from "../../src/core/times/readings.ts";
import { PROJECT_DIR } from "../../src/core/utils/env.ts";
import { utcToUserTime } from "../../src/core/utils/zone-clock.ts";

// A Saturday, 13:00:30 in Berlin.
const NOW = new Date("2026-11-21T12:00:30Z");
const BERLIN = "Europe/Berlin";

const read = (phrase: string, zone = BERLIN, now = NOW) => utcToUserTime(readTime(phrase, { zone, now }), zone).text;
const refusal = (act: () => unknown): PsnError => {
  try {
    act();
  } catch (error) {
    if (error instanceof PsnError) return error;
    throw error;
  }
  throw new Error("it was not refused");
};

describe("what is understood", () => {
  const cases: [string, string][] = [
    ["tomorrow 9am", "Sun 2026-11-22 09:00"],
    ["Tomorrow at 9:15 AM", "Sun 2026-11-22 09:15"],
    ["  tomorrow   9am ", "Sun 2026-11-22 09:00"],
    ["next friday 18:30", "Fri 2026-11-27 18:30"],
    ["friday 9am", "Fri 2026-11-27 09:00"],
    ["9am", "Sun 2026-11-22 09:00"],
    ["14:00", "Sat 2026-11-21 14:00"],
    ["noon", "Sun 2026-11-22 12:00"],
    ["tomorrow noon", "Sun 2026-11-22 12:00"],
    ["midnight", "Sun 2026-11-22 00:00"],
    ["tonight at 8", "Sat 2026-11-21 20:00"],
    ["24 Dec 6pm", "Thu 2026-12-24 18:00"],
    ["2 Jan 7am", "Sat 2027-01-02 07:00"],
    ["2026-12-24 18:00", "Thu 2026-12-24 18:00"],
    ["2026-12-24T18:00:05", "Thu 2026-12-24 18:00:05"],
    ["2026-12-24T18:00+09:00", "Thu 2026-12-24 10:00"],
    ["2026-12-24T18:00Z", "Thu 2026-12-24 19:00"],
    ["in 2 hours", "Sat 2026-11-21 15:00:30"],
    ["in an hour", "Sat 2026-11-21 14:00:30"],
    ["in half an hour", "Sat 2026-11-21 13:30:30"],
    ["in 1.5 hours", "Sat 2026-11-21 14:30:30"],
    ["in 90 min", "Sat 2026-11-21 14:30:30"],
    ["in 3 days", "Tue 2026-11-24 13:00:30"],
    ["in 2 weeks", "Sat 2026-12-05 13:00:30"],
    ["in a month", "Mon 2026-12-21 13:00:30"],
    ["tomorrow 9am UTC", "Sun 2026-11-22 10:00"],
  ];
  for (const [phrase, expected] of cases) {
    test(phrase, () => expect(read(phrase)).toStartWith(`${expected} ${BERLIN}`));
  }

  test("scenario 20: days ahead keep the time of day when clocks change in between; hours do not", () => {
    const before = new Date("2026-03-28T08:00:00Z");
    expect(read("in 1 day", BERLIN, before)).toBe("Sun 2026-03-29 09:00 Europe/Berlin (+02:00)");
    expect(read("in 24 hours", BERLIN, before)).toBe("Sun 2026-03-29 10:00 Europe/Berlin (+02:00)");
  });

  test("the words are read on the author's clock: tomorrow is another day on the other side of the world", () => {
    expect(read("tomorrow 9am", "Pacific/Kiritimati")).toStartWith("Mon 2026-11-23 09:00");
    expect(read("9am", "America/Los_Angeles")).toStartWith("Sat 2026-11-21 09:00");
    expect(read("friday 9am", "America/Los_Angeles")).toStartWith("Fri 2026-11-27 09:00");
  });
});

describe("what is refused, for it could mean something else", () => {
  const cases: [string, string][] = [
    ["tomorrow", "time of day"],
    ["next friday", "time of day"],
    ["tonight", "time of day"],
    ["9am EST", "--timezone"],
    ["tomorrow 25:00", "sure"],
    ["tomorrow 9am or friday 9am", "sure"],
    ["monday 9am to friday 9am", "sure"],
    ["31 February 9am", "sure"],
    ["2026-02-31 09:00", "No calendar"],
    ["2026-02-31T09:00Z", "No calendar"],
    ["2026-12-24T24:30", "No clock"],
    ["in 1.5 days", "whole"],
    ["soon", "sure"],
    ["", "sure"],
    ["tomorrow 9am; rm -rf /", "sure"],
    [`tomorrow 9am${" please".repeat(40)}`, "too long"],
  ];
  for (const [phrase, says] of cases) {
    test(phrase.slice(0, 40) || "nothing", () => {
      const error = refusal(() => read(phrase));
      expect(error.code).toBe("TIME_INVALID");
      expect(error.message).toContain(says);
      expect(error.hint).toBeTruthy();
    });
  }

  test("a date of which day or month may come first is refused with both", () => {
    const error = refusal(() => read("12/11/2027 9:00"));
    expect(error.code).toBe("TIME_AMBIGUOUS");
    expect(error.message).toContain("month first");
    expect(readingsOf(error).map(({ local }) => local)).toEqual(["Fri 2027-11-12 09:00", "Sat 2027-12-11 09:00"]);
  });

  test("the past is an error, not now", () => {
    for (const at of ["yesterday 9am", "last friday 9am", "2 hours ago", "today 9am", "2026-11-21 13:00"]) {
      expect(refusal(() => readWhen({ at }, BERLIN, NOW)).code).toBe("TIME_IN_PAST");
    }
    expect(refusal(() => readWhen({ at: "2031-01-01 09:00" }, BERLIN, NOW)).code).toBe("TIME_TOO_FAR");
  });
});

describe("scenario 27: clocks that change", () => {
  test("a time in the gap is refused with the nearest real times, also in words and after days", () => {
    const before = new Date("2026-03-28T01:30:00Z");
    for (const at of ["tomorrow 02:30", "in 1 day", "2026-03-29 02:30"]) {
      const error = refusal(() => readWhen({ at }, BERLIN, before));
      expect(error.code).toBe("TIME_IN_GAP");
      expect(error.details).toEqual({
        before: "2026-03-29T01:30:00+01:00",
        after: "2026-03-29T03:30:00+02:00",
        readings: readingsOf(error),
      });
      expect(readingsOf(error).map(({ at: offered }) => offered)).toEqual([
        "2026-03-29T01:30:00+01:00",
        "2026-03-29T03:30:00+02:00",
      ]);
    }
  });

  test("a time that happens twice is asked about, or chosen by --earlier and --later", async () => {
    const before = new Date("2026-10-24T12:00:00Z");
    const at = "tomorrow 02:30";
    const error = refusal(() => readWhen({ at }, BERLIN, before));
    expect(error.code).toBe("TIME_AMBIGUOUS");
    expect(readWhen({ at, earlier: true }, BERLIN, before)?.at).toEqual(new Date("2026-10-25T00:30:00Z"));
    expect(readWhen({ at, later: true }, BERLIN, before)?.at).toEqual(new Date("2026-10-25T01:30:00Z"));
    expect(refusal(() => readWhen({ at, earlier: true, later: true }, BERLIN, before)).code).toBe("USAGE");
    const unasked = askWhen(
      { interactive: false, signal: new AbortController().signal, note: () => {} },
      { at },
      BERLIN,
      before,
    );
    expect(await unasked.catch((thrown) => thrown.code)).toBe("TIME_AMBIGUOUS");
  });

  test("an unknown zone is an error, and --timezone overrides the configured one", () => {
    expect(refusal(() => readWhen({ at: "9am", timezone: "Mars/Base" }, BERLIN, NOW)).code).toBe("TIMEZONE_UNKNOWN");
    expect(readWhen({ date: "2027-01-05", time: "09:00", timezone: "Asia/Tokyo" }, BERLIN, NOW)).toEqual({
      at: new Date("2027-01-05T00:00:00Z"),
      timezone: "Asia/Tokyo",
    });
  });
});

test("the same words mean the same instants on machines in other zones", async () => {
  const script = `
    const { readTime } = await import(${JSON.stringify(join(PROJECT_DIR, "src/core/times/read-time.ts"))});
    const now = new Date("2026-11-21T12:00:30Z");
    for (const zone of ["Europe/Berlin", "Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kathmandu"])
      for (const words of ["tomorrow 9am", "friday 9am", "9am", "noon", "sunday 23:30", "in 3 days", "2 Jan 7am", "tonight at 8"])
        try { console.log(zone, words, readTime(words, { zone, now }).toISOString()); }
        catch (error) { console.log(zone, words, error.code, error.hint); }`;
  const answers = await Promise.all(
    ["UTC", "Pacific/Kiritimati", "America/Los_Angeles", "Pacific/Pago_Pago"].map(async (TZ) => {
      const child = Bun.spawn([process.execPath, "-e", script], { env: { ...process.env, TZ }, stdout: "pipe" });
      return await new Response(child.stdout).text();
    }),
  );
  expect(answers[0]?.split("\n").length).toBe(33);
  for (const answer of answers) expect(answer).toBe(answers[0] ?? "");
});
