/** Where one answer turns into another: each bound from both of its sides. */
import { expect, test } from "bun:test";
import {
  isNamedReset,
  LOOK_GAPS_MS,
  LOOKS_AFTER_MS,
  parentDelayMs,
  rateLimitWaitUntil,
  unavailableLookDelayMs,
} from "./backoff.ts";
import { type LatePost, lateStep, MISSED_MS, type SlotQueue, slotOf } from "./slots.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW = new Date("2026-11-21T09:00:00Z");
const at = (ms: number) => new Date(NOW.getTime() + ms);

test("a reset that X named counts until it is a minute past", () => {
  expect([60_000, 0, -59_999, -60_000, -120_000].map((ms) => isNamedReset(at(ms), NOW))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(isNamedReset(null, NOW)).toBe(false);
  expect(rateLimitWaitUntil(at(-30_000), NOW, 5, 0)).toEqual(at(1_000));
  expect(rateLimitWaitUntil(at(900_000), NOW, 5, 0)).toEqual(at(901_000));
});

test("chance makes a wait longer when it draws more, a quarter to either side", () => {
  expect([0, 0.5, 1].map((random) => parentDelayMs(1, random))).toEqual([7_500, 10_000, 12_500]);
  expect([0, 0.5, 1].map((random) => unavailableLookDelayMs(100_000, random))).toEqual([37_500, 50_000, 62_500]);
});

const CALM: SlotQueue = { now: NOW, gapMs: 5 * MINUTE_MS, ahead: 0, lastAt: null, isBusy: false, goesOnAt: null };

test("a post counts as missed after two minutes", () => {
  expect(MISSED_MS).toBe(120_000);
});

test("a tenth of the gap is not waited for, more is", () => {
  const lastMsAgo = (ms: number) => slotOf({ ...CALM, lastAt: at(-ms) });
  expect(lastMsAgo(4.5 * MINUTE_MS)).toBeNull();
  expect(lastMsAgo(4.5 * MINUTE_MS - 1)).toEqual(at(0.5 * MINUTE_MS + 1));
});

test("without a gap there is no slot, whoever goes on later", () => {
  expect(slotOf({ ...CALM, gapMs: 0, goesOnAt: at(HOUR_MS) })).toBeNull();
});

test("exactly at the grace a post still goes out, a moment later it does not", () => {
  const GRACE_MS = 6 * HOUR_MS;
  const missed: LatePost = {
    status: "scheduled",
    subStatus: null,
    lateMs: GRACE_MS,
    dueLateMs: GRACE_MS,
    isQueued: false,
    hasOpenAttempt: false,
    workerWasAlive: false,
  };
  expect(lateStep(missed, CALM, GRACE_MS)).toEqual({ do: "publish", wasMissed: true });
  expect(lateStep({ ...missed, lateMs: GRACE_MS + 1 }, CALM, GRACE_MS)).toEqual({ do: "fail" });
  expect(lateStep({ ...missed, dueLateMs: GRACE_MS + 1 }, CALM, GRACE_MS)).toEqual({ do: "fail" });
});

test("one that waits for its slot was missed, also when a worker runs again", () => {
  const queued: LatePost = {
    status: "retry",
    subStatus: "catching_up",
    lateMs: HOUR_MS,
    dueLateMs: 0,
    isQueued: true,
    hasOpenAttempt: false,
    workerWasAlive: true,
  };
  expect(lateStep(queued, CALM, 6 * HOUR_MS)).toEqual({ do: "publish", wasMissed: true });
  expect(lateStep({ ...queued, subStatus: "rate_limited" }, CALM, 6 * HOUR_MS)).toEqual({
    do: "publish",
    wasMissed: false,
  });
});

test("a tweet is looked for four times within five minutes, with twenty seconds and a minute between at least", () => {
  expect([LOOKS_AFTER_MS, LOOK_GAPS_MS]).toEqual([
    [5_000, 30_000, 120_000, 300_000],
    [0, 20_000, 60_000, 60_000],
  ]);
});
