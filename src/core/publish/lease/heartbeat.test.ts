/** The heartbeat of a lease in a process whose timers come late. */
import { expect, test } from "bun:test";
import type { Clock } from "../../clock.ts";
import type { Hub } from "../../db/connection.ts";
import { holdLease, wallDeadline } from "./heartbeat.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A clock of which every sleep takes so much longer, as in a process that is busy or throttled. */
function lateBy(lateMs: number): Clock & { jump(ms: number): void; ms(): number } {
  let nowMs = 1_000_000;
  return {
    now: () => new Date(nowMs),
    async sleep(ms, signal) {
      await turn();
      if (!signal?.aborted) nowMs += ms + lateMs;
    },
    jump: (ms) => {
      nowMs += ms;
    },
    ms: () => nowMs,
  };
}

/** A hub that renews whatever it is asked for. */
function renewing(onRenewal: () => void): Hub {
  const query = async () => {
    onRenewal();
    return { rows: [{ id: "post" }] };
  };
  return { keepsPlans: true, pool: { query } } as unknown as Hub;
}

const LEASE = { postId: "post", owner: "worker", fencing: 1 };

for (const lateMs of [0, 500, 2_000]) {
  test(`a lease is kept although every timer is ${lateMs} ms late`, async () => {
    const clock = lateBy(lateMs);
    let renewals = 0;
    const hub = renewing(() => renewals++);
    const held = holdLease({ hub, clock }, LEASE, clock.now());
    const endMs = clock.ms() + 60_000;
    while (clock.ms() < endMs) {
      expect(held.hasTime()).toBe(true);
      await turn();
    }
    held.stop();
    expect(renewals).toBeGreaterThan(60_000 / (3_000 + 2 * (250 + lateMs)));
    await turn();
    const atStop = { renewals, ms: clock.ms() };
    for (let round = 0; round < 50; round++) await turn();
    expect({ renewals, ms: clock.ms() }).toEqual(atStop);
  });
}

test("a wall clock that is set back does not put the heartbeat off", async () => {
  const clock = lateBy(0);
  let renewals = 0;
  const held = holdLease({ hub: renewing(() => renewals++), clock }, LEASE, clock.now());
  clock.jump(-3_600_000);
  const endMs = clock.ms() + 30_000;
  while (clock.ms() < endMs) await turn();
  held.stop();
  expect(renewals).toBeGreaterThanOrEqual(9);
});

test("a deadline is seen at the next tick after a sleep, and a released one never", async () => {
  const clock = lateBy(0);
  const until = new Date(clock.ms() + 60_000);
  const slept = wallDeadline(clock, until);
  const released = wallDeadline(clock, until);
  released.release();
  clock.jump(3_600_000);
  for (let round = 0; round < 5; round++) await turn();
  expect(slept.signal.aborted).toBe(true);
  expect(released.signal.aborted).toBe(false);
  slept.release();
});
