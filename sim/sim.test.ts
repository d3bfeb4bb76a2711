/** The simulation in small, and the proof that it would find what it looks for. The full run: `bun sim/run.ts`. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import type { Plant } from "./plants.ts";

/** A process of its own: what is planted must be loaded before anything else. */
async function sim(...args: string[]): Promise<{ code: number; output: string }> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "run.ts"), "--jobs", "1", ...args], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const output = await new Response(child.stdout).text();
  return { code: await child.exited, output };
}

test("a few seeds hold", async () => {
  const { code, output } = await sim("--seeds", "12");
  expect(output).toContain("12 seeds");
  expect(code).toBe(0);
}, 60_000);

test("a seed replays to the same log of events", async () => {
  const [first, second] = [await sim("--seed", "45"), await sim("--seed", "45")];
  expect(first.output).toBe(second.output);
  expect(first.output.split("\n").length).toBeGreaterThan(100);
}, 60_000);

test("a series of seeds replays to the same logs", async () => {
  const [first, second] = [await sim("--start", "100", "--seeds", "25"), await sim("--start", "100", "--seeds", "25")];
  const logs = /logs [0-9a-f]{16}/.exec(first.output)?.[0];
  expect(logs).toBeDefined();
  expect(second.output).toContain(logs ?? "");
}, 120_000);

/** Each planted bug, and what the simulation says of it; `start` keeps the test short, any start finds it within 500. */
const CAUGHT: [plant: Plant, start: number, words: RegExp][] = [
  ["attempt", 1, /without a written attempt/],
  ["lease", 85, /while (publishing|retry)|twice|stored/],
  ["settle", 1, /twice|does not know/],
  ["schedule", 1, /before its time/],
  ["finish", 60, /rests as publishing/],
  ["looks", 1, /twice/],
  // Only transactions that overlap can tell.
  ["record", 20, /deadlock|list of ids differs|twice/],
];

for (const [plant, start, words] of CAUGHT) {
  test(`a planted bug is caught: ${plant}`, async () => {
    const { code, output } = await sim("--plant", plant, "--start", String(start), "--seeds", "500");
    expect(code).toBe(1);
    expect(output).toMatch(words);
    expect(output).toContain(`--plant ${plant}`);
  }, 120_000);
}
