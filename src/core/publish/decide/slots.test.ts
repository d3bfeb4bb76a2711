import { describe, expect, test } from "bun:test";
import { type LatePost, lateStep, type SlotQueue, slotOf } from "./slots.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW = new Date("2026-11-21T09:00:00Z");
const calm: SlotQueue = { now: NOW, gapMs: 5 * MINUTE_MS, ahead: 0, lastAt: null, isBusy: false, goesOnAt: null };

describe("whose slot it is", () => {
  const minutes = (queue: Partial<SlotQueue>) => {
    const slot = slotOf({ ...calm, ...queue });
    return slot && (slot.getTime() - NOW.getTime()) / MINUTE_MS;
  };

  test("the first goes at once, each one behind it a gap later", () => {
    expect([0, 1, 2, 3].map((ahead) => minutes({ ahead }))).toEqual([null, 5, 10, 15]);
  });

  test("a late post that went out a moment ago, or is going out, is kept the gap away from", () => {
    expect(minutes({ lastAt: new Date(NOW.getTime() - 2 * MINUTE_MS) })).toBe(3);
    expect(minutes({ isBusy: true, ahead: 1 })).toBe(10);
    expect(minutes({ lastAt: new Date(NOW.getTime() - 5 * MINUTE_MS) })).toBeNull();
  });

  test("one that had its slot and waits for a limit or another try is kept the gap away from as well", () => {
    expect(minutes({ goesOnAt: new Date(NOW.getTime() + 25 * MINUTE_MS), ahead: 1 })).toBe(35);
    expect(minutes({ goesOnAt: new Date(NOW.getTime() - 5 * MINUTE_MS) })).toBeNull();
  });

  test("a clock that jumped back does not put a slot off for longer than the gap; a few seconds do not put it off again", () => {
    expect(minutes({ lastAt: new Date(NOW.getTime() + 3 * HOUR_MS) })).toBe(5);
    expect(minutes({ lastAt: new Date(NOW.getTime() - 4.8 * MINUTE_MS) })).toBeNull();
  });

  test("without a gap nothing waits", () => {
    expect(minutes({ gapMs: 0, ahead: 9, isBusy: true })).toBeNull();
  });
});

describe("what becomes of a late post", () => {
  const GRACE_MS = 6 * HOUR_MS;
  const missed: LatePost = {
    status: "scheduled",
    subStatus: null,
    lateMs: HOUR_MS,
    dueLateMs: HOUR_MS,
    isQueued: false,
    hasOpenAttempt: false,
    workerWasAlive: false,
  };
  const queued: LatePost = {
    ...missed,
    status: "retry",
    subStatus: "catching_up",
    isQueued: true,
    dueLateMs: MINUTE_MS,
  };
  const step = (post: LatePost, queue: Partial<SlotQueue> = {}) => lateStep(post, { ...calm, ...queue }, GRACE_MS);

  test("missed: it goes in its slot", () => {
    expect(step(missed)).toEqual({ do: "publish", wasMissed: true });
    expect(step(missed, { ahead: 2 })).toEqual({ do: "wait", until: new Date(NOW.getTime() + 10 * MINUTE_MS) });
    expect(step(queued, { ahead: 1 })).toMatchObject({ do: "wait" });
  });

  test("late for a reason of its own: it goes at once", () => {
    expect(step({ ...missed, workerWasAlive: true }, { ahead: 2 })).toEqual({ do: "publish", wasMissed: false });
    expect(step({ ...missed, status: "publishing" }, { ahead: 2 })).toEqual({ do: "publish", wasMissed: false });
  });

  test("a request without an answer, or a part on X, is not kept waiting", () => {
    expect(step({ ...queued, hasOpenAttempt: true }, { ahead: 2 })).toEqual({ do: "publish", wasMissed: false });
    expect(step({ ...queued, isQueued: false }, { ahead: 2 })).toEqual({ do: "publish", wasMissed: false });
  });

  test("beyond the grace it waits for a word, by its own time or by that of its slot", () => {
    expect(step({ ...missed, lateMs: 7 * HOUR_MS, dueLateMs: 7 * HOUR_MS })).toEqual({ do: "fail" });
    expect(step({ ...missed, lateMs: 7 * HOUR_MS, dueLateMs: 7 * HOUR_MS, workerWasAlive: true })).toEqual({
      do: "fail",
    });
    expect(step({ ...queued, lateMs: 9 * HOUR_MS })).toEqual({ do: "publish", wasMissed: true });
    expect(step({ ...queued, lateMs: 9 * HOUR_MS, dueLateMs: 7 * HOUR_MS })).toEqual({ do: "fail" });
  });
});
