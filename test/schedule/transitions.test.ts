/** Property: around every change of clocks of every zone, 2025 to 2035, a time is real, refused or asked about. */
import { expect, test } from "bun:test";
import { Temporal } from "temporal-polyfill";
import { PsnError } from "../../src/core/errors.ts";
import { userTimeToUtc } from "../../src/core/utils/timezone.ts";
import { utcToUserTime } from "../../src/core/utils/zone-clock.ts";

const FROM = Date.parse("2025-01-01T00:00:00Z");
const TO = Date.parse("2036-01-01T00:00:00Z");
const MINUTE_MS = 60_000;

interface Transition {
  zone: string;
  /** The first instant of the new offset. */
  atMs: number;
  beforeMs: number;
  afterMs: number;
}

/** Zones that share their rules would be tested forty times over: one of each set of transitions is enough. */
function* transitions(): Generator<Transition> {
  const seen = new Set<string>();
  for (const zone of Intl.supportedValuesOf("timeZone")) {
    const own = [...transitionsOf(zone)];
    const key = own.map(({ atMs, beforeMs, afterMs }) => `${atMs}:${beforeMs}:${afterMs}`).join();
    if (own.length === 0 || seen.has(key)) continue;
    seen.add(key);
    yield* own;
  }
}

/** By bisection over the offsets that Intl tells, so not by the library under test. */
function* transitionsOf(zone: string): Generator<Transition> {
  const format = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" });
  const offsetAt = (ms: number): number => {
    const name = format.formatToParts(ms).find((part) => part.type === "timeZoneName")?.value ?? "GMT";
    const [, sign, hours = "0", minutes = "0"] = /GMT([+-])?(\d+)?:?(\d+)?/.exec(name) ?? [];
    return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
  };
  const stepMs = 14 * 86_400_000;
  let left = offsetAt(FROM);
  for (let ms = FROM; ms < TO; ms += stepMs) {
    const right = offsetAt(ms + stepMs);
    if (right === left) continue;
    let [low, high] = [ms, ms + stepMs];
    while (high - low > 1_000) {
      const middle = Math.floor((low + high) / 2_000) * 1_000;
      if (offsetAt(middle) === left) low = middle;
      else high = middle;
    }
    yield { zone, atMs: high, beforeMs: left, afterMs: right };
    left = right;
  }
}

/** What the clock shows at an instant with this offset, in words that the code under test reads. */
function shown(ms: number, offsetMs: number): [string, string] {
  const text = new Date(ms + offsetMs).toISOString();
  return [text.slice(0, 10), text.slice(11, 19)];
}

function codeOf(date: string, time: string, zone: string): { code: string; details?: Record<string, unknown> } {
  try {
    return { code: userTimeToUtc(date, time, zone).toISOString() };
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    return { code: error.code, ...(error.details ? { details: error.details } : {}) };
  }
}

test("scenario 27: gaps are refused, overlaps asked about, everything else is exact, in every zone until 2035", () => {
  let gaps = 0;
  let overlaps = 0;
  for (const { zone, atMs, beforeMs, afterMs } of transitions()) {
    const where = `${zone} ${new Date(atMs).toISOString()}`;
    // Just before and after the whole affair a time is one instant, there and back.
    const widthMs = Math.abs(afterMs - beforeMs);
    for (const [ms, offsetMs] of [
      [atMs - widthMs - MINUTE_MS, beforeMs],
      [atMs + widthMs + MINUTE_MS, afterMs],
    ] as const) {
      const [date, time] = shown(ms, offsetMs);
      expect(codeOf(date, time, zone).code, where).toBe(new Date(ms).toISOString());
      expect(utcToUserTime(new Date(ms), zone).date, where).toBe(date);
    }
    if (afterMs > beforeMs) {
      gaps++;
      // The clock jumps from atMs+beforeMs to atMs+afterMs: what lies between does not exist.
      for (const intoMs of [0, Math.floor(widthMs / 2), widthMs - 1_000]) {
        const [date, time] = shown(atMs + intoMs, beforeMs);
        const { code, details } = codeOf(date, time, zone);
        expect(code, `${where} ${date} ${time}`).toBe("TIME_IN_GAP");
        for (const near of [details?.before, details?.after]) {
          const instant = Temporal.Instant.from(String(near)).epochMilliseconds;
          expect(Math.abs(instant - atMs), where).toBeLessThanOrEqual(widthMs);
        }
      }
      const [date, time] = shown(atMs, afterMs);
      expect(codeOf(date, time, zone).code, where).toBe(new Date(atMs).toISOString());
    } else {
      overlaps++;
      for (const intoMs of [0, Math.floor(widthMs / 2), widthMs - 1_000]) {
        const [date, time] = shown(atMs + intoMs, afterMs);
        expect(codeOf(date, time, zone).code, `${where} ${date} ${time}`).toBe("TIME_AMBIGUOUS");
        const later = userTimeToUtc(date, time, zone, { overlap: "later" }).getTime();
        const earlier = userTimeToUtc(date, time, zone, { overlap: "earlier" }).getTime();
        expect([earlier, later], where).toEqual([atMs + intoMs - widthMs, atMs + intoMs]);
        expect(shown(earlier, beforeMs), where).toEqual([date, time]);
      }
    }
  }
  // The test must have tested something: two changes a year in dozens of sets of rules.
  expect(gaps).toBeGreaterThan(200);
  expect(overlaps).toBeGreaterThan(200);
});
