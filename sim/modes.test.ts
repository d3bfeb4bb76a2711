/** What the modes make of a world. */
import { expect, test } from "bun:test";
import { Prng } from "./prng.ts";
import { drawPlan } from "./world-plan.ts";

const drawn = (seed: number, mode: Parameters<typeof drawPlan>[2]) => drawPlan(new Prng(`plan ${seed}`), "mixed", mode);
const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

test("a swarm leaves kinds of faults out and adds none", () => {
  let left = 0;
  let all = 0;
  for (const seed of SEEDS) {
    const whole = drawn(seed, "mixed");
    const thin = drawn(seed, "swarm");
    for (const fault of thin.xFaults) expect(whole.xFaults).toContainEqual(fault);
    expect([0, whole.crash]).toContain(thin.crash);
    left += thin.xFaults.length;
    all += whole.xFaults.length;
  }
  expect(left / all).toBeGreaterThan(0.35);
  expect(left / all).toBeLessThan(0.65);
});

test("a long world is a month in which the machine is closed most of each day", () => {
  for (const seed of SEEDS.slice(0, 20)) {
    const { lastsMs, naps, engineName } = drawn(seed, "long");
    expect(lastsMs).toBe(30 * 86_400_000);
    expect(naps).toHaveLength(30);
    expect(naps.reduce((sum, { forMs }) => sum + forMs, 0)).toBeGreaterThan(0.9 * lastsMs);
    expect(engineName).toBe("embedded");
  }
});

test("liveness bounds the time to rest and leaves the world as it is", () => {
  for (const seed of SEEDS) {
    const { restMsMax: bound, ...lively } = drawn(seed, "liveness");
    const { restMsMax, ...mixed } = drawn(seed, "mixed");
    expect(lively).toEqual(mixed);
    expect(bound).toBeLessThan(restMsMax);
  }
});
