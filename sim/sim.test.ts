/** The simulation in small, and the proof that it would find what it looks for. The full run: `bun sim/run.ts`. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { PROFILES, type Profile } from "./faults.ts";
import type { Plant } from "./plants.ts";

/** A process of its own: what is planted must be loaded before anything else. */
async function sim(...args: string[]): Promise<{ code: number; output: string; errors: string }> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "run.ts"), "--jobs", "1", ...args], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, output, errors };
}

/** Of the summary, all that is not the same the next time. */
const TIME = /[\d.]+ s \([\d.]+ seeds\/s\)/;

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

test("a seed has the same log after others as alone, in every kind of world", async () => {
  for (const profile of PROFILES) {
    const last = await sim("--profile", profile, "--start", "113", "--seeds", "4");
    const again = await sim("--profile", profile, "--start", "113", "--seeds", "4");
    const alone = await sim("--profile", profile, "--seed", "116");
    const [, log] = /log ([0-9a-f]{16})/.exec(alone.output) ?? [];
    expect(log).toBeDefined();
    expect(last.output).toContain(`the last one ${log}`);
    expect(again.output.replace(TIME, "")).toBe(last.output.replace(TIME, ""));
  }
}, 120_000);

for (const profile of PROFILES.filter((name) => name !== "mixed")) {
  test(`a few seeds hold where more is drawn of: ${profile}`, async () => {
    const { code, output } = await sim("--profile", profile, "--seeds", "6");
    expect(output).toContain("6 seeds");
    expect(code).toBe(0);
  }, 60_000);
}

test("what it is asked wrongly it refuses in words, and what it can do it tells", async () => {
  for (const [option, value] of [
    ["--profile", "nonsense"],
    ["--plant", "nonsense"],
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
}, 60_000);

/** Each planted bug, and what the simulation says of it; `start` keeps the test short, any start finds it within some 500. */
const CAUGHT: [plant: Plant, profile: Profile, start: number, words: RegExp][] = [
  ["attempt", "mixed", 1, /without a written attempt/],
  ["begun", "mixed", 1, /without a written attempt/],
  ["lease", "mixed", 1, /while (publishing|retry)|twice|stored/],
  ["settle", "mixed", 1, /twice|does not know/],
  ["schedule", "mixed", 20, /before its time|a later time/],
  ["finish", "mixed", 40, /rests as publishing/],
  ["looks", "mixed", 75, /twice|does not know/],
  // Only transactions that overlap can tell.
  ["take", "races", 1, /was cancelled and is|a later time|told other texts/],
  ["unsettled", "trigger", 105, /does not come to rest/],
  ["meanwhile", "races", 260, /told other texts/],
  ["told", "races", 1, /told other texts/],
  ["media", "media", 1, /with 1 media instead of/],
];

for (const [plant, profile, start, words] of CAUGHT) {
  test(`a planted bug is caught: ${plant}`, async () => {
    const where = ["--profile", profile, "--start", String(start), "--seeds", "500"];
    const { code, output } = await sim("--plant", plant, ...where);
    expect(code).toBe(1);
    expect(output).toMatch(words);
    expect(output).toContain(`--plant ${plant}`);
  }, 120_000);
}
