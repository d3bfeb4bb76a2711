/** The simulation in small. The full run: `bun sim/run.ts`. */
import { expect, test } from "bun:test";
import { sim } from "./testing.ts";
import { PROFILES } from "./world-plan.ts";

/** Of the summary, all that is not the same the next time. */
const TIME = /[\d.]+ s \([\d.]+ seeds\/s\)/;

test("a run says the same of itself the next time; one that never reaches a rare state fails and names it", async () => {
  const [first, second] = [await sim("--seeds", "3", "--states"), await sim("--seeds", "3", "--states")];
  expect(first.output.replace(TIME, "")).toBe(second.output.replace(TIME, ""));
  const { code, output } = first;
  // Three seeds reach few of them; which, changes with the world.
  const [, never] = /rare states, (\d+) never reached/.exec(output) ?? [];
  expect(Number(never)).toBeGreaterThan(0);
  expect(output.match(/^ +0 {2}\S.*$/gm)).toHaveLength(Number(never));
  expect(code).toBe(1);
}, 300_000);

test("what it is asked wrongly it refuses in words, and what it can do it tells", async () => {
  for (const [option, value] of [
    ["--profile", "nonsense"],
    ["--mutant", "nonsense"],
    ["--mode", "nonsense"],
    ["--with", "nonsense"],
    ["--seeds", "many"],
    ["--nonsense", ""],
  ] as const) {
    const { code, errors } = await sim(option, value);
    expect(errors).toStartWith("error USAGE");
    expect(code).toBe(2);
  }
  const { code, output } = await sim("--help");
  for (const profile of PROFILES) expect(output).toContain(profile);
  expect(code).toBe(0);
}, 300_000);
