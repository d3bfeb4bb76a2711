import { describe, expect, test } from "bun:test";
import { parentDelayMs, rateLimitWaitUntil, retryDelayMs, unavailableLookDelayMs } from "./backoff.ts";

const NOW = new Date("2026-11-21T09:00:00Z");
const at = (ms: number) => new Date(NOW.getTime() + ms);

describe("retry timing", () => {
  test("retries: exponential ceilings, full jitter, never at once", () => {
    expect([1, 2, 3].map((retry) => retryDelayMs(retry, 0.999999))).toEqual([4_000, 8_000, 16_000]);
    expect([1, 2, 3].map((retry) => retryDelayMs(retry, 0))).toEqual([500, 500, 500]);
  });

  test("a rate limit waits one to three seconds past the reset that X named", () => {
    for (const random of [0, 0.5, 0.999]) {
      const waitMs = rateLimitWaitUntil(at(900_000), NOW, 7, random).getTime() - at(900_000).getTime();
      expect(waitMs).toBeGreaterThanOrEqual(1_000);
      expect(waitMs).toBeLessThan(3_000);
    }
  });

  test("a rate limit without a reset, or with one long past, waits longer each time, to 15 minutes", () => {
    const waits = [0, 1, 2, 3, 4, 5, 40].map(
      (count) => rateLimitWaitUntil(null, NOW, count, 0).getTime() - NOW.getTime(),
    );
    expect(waits).toEqual([61_000, 121_000, 241_000, 481_000, 901_000, 901_000, 901_000]);
    expect(rateLimitWaitUntil(at(-120_000), NOW, 0, 0)).toEqual(at(61_000));
  });

  test("a timeline that is down is asked again ever less often, at least every 15 minutes", () => {
    expect(unavailableLookDelayMs(0, 0.5)).toBe(10_000);
    expect(unavailableLookDelayMs(100_000, 0.5)).toBe(50_000);
    expect(unavailableLookDelayMs(1e9, 0.999)).toBeLessThanOrEqual(15 * 60_000);
  });

  test("a reply waits for a slow replica about three minutes in all", () => {
    const sumMs = [1, 2, 3].reduce((sum, retry) => sum + parentDelayMs(retry, 0.5), 0);
    expect(sumMs).toBe(210_000);
  });
});
