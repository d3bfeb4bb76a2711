import { expect, test } from "bun:test";
import { LEAD_MS_MAX, leadMs, speedAfter, UPLOAD_SPEED_UNKNOWN } from "./lead.ts";

const MINUTE_MS = 60_000;

test("a picture is begun minutes before its time, a long video hours, and nothing so early that X would forget it", () => {
  const lead = (bytes: number, videos = 0) => leadMs({ bytes, videos, gifs: 0 }, UPLOAD_SPEED_UNKNOWN);
  expect(lead(2_000_000)).toBeLessThan(6 * MINUTE_MS);
  expect(lead(100_000_000, 1)).toBeGreaterThan(10 * MINUTE_MS);
  expect(lead(2_000_000_000, 1)).toBeGreaterThan(2 * 60 * MINUTE_MS);
  expect(lead(16_000_000_000, 1)).toBe(LEAD_MS_MAX);
});

test("five minutes to spare, the way there twice over, and what X works on", () => {
  const lead = (missing: { videos?: number; gifs?: number }) =>
    leadMs({ bytes: 1_000_000, videos: 0, gifs: 0, ...missing }, 1_000_000);
  expect(lead({})).toBe(302_000);
  expect(lead({ gifs: 2 })).toBe(362_000);
  expect(lead({ videos: 1 })).toBe(363_000);
  expect(lead({ videos: 2 })).toBe(423_000);
});

test("a line that was measured slow gets more time, and one measure does not decide alone", () => {
  const slow = speedAfter(1_000_000, 1_000_000, 10_000);
  expect(slow).toBe(640_000);
  expect(speedAfter(null, 1_000_000, 10_000)).toBe(100_000);
  expect(leadMs({ bytes: 50_000_000, videos: 1, gifs: 0 }, slow)).toBeGreaterThan(
    leadMs({ bytes: 50_000_000, videos: 1, gifs: 0 }, 1_000_000),
  );
  expect(Number.isFinite(leadMs({ bytes: 1, videos: 0, gifs: 0 }, 0))).toBe(true);
});
