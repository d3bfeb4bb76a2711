/** A few seeds of each kind of world, and the proof that the simulation finds what it looks for. */
import { expect, test } from "bun:test";
import { MUTANT_NAMES, type MutantName, mutantOf } from "./mutants.ts";
import { sim } from "./testing.ts";
import { PROFILES } from "./world-plan.ts";

test("a seed replays to the same log of events", async () => {
  const [first, second] = [await sim("--seed", "47"), await sim("--seed", "47")];
  expect(first.output).toBe(second.output);
  expect(first.output.split("\n").length).toBeGreaterThan(100);
}, 300_000);

for (const profile of PROFILES) {
  test(`a few seeds hold, and one has the same log after others as alone: ${profile}`, async () => {
    const { code, output } = await sim("--profile", profile, "--start", "111", "--seeds", "6");
    expect(output).toContain("6 seeds");
    expect(code).toBe(0);
    const alone = await sim("--profile", profile, "--seed", "116");
    const [, log] = /log ([0-9a-f]{16})/.exec(alone.output) ?? [];
    expect(log).toBeDefined();
    expect(output).toContain(`the last one ${log}`);
  }, 300_000);
}

for (const mode of ["swarm", "liveness"] as const) {
  test(`a few seeds hold in the mode ${mode}, and say how long they lived`, async () => {
    const { code, output } = await sim("--mode", mode, "--seeds", "4");
    expect(output).toContain("4 seeds");
    expect(output).toMatch(/[\d.]+ (days|years) of publishing/);
    expect(code).toBe(0);
  }, 240_000);
}

/** Each mutant, and what the simulation says of it; the first seed that catches it keeps the test short. */
const CAUGHT: Record<MutantName, [start: number, words: RegExp]> = {
  attempt: [1, /without a written attempt/],
  lease: [144, /while (publishing|retry)|twice|stored/],
  confirm: [4, /twice|does not know/],
  looks: [57, /twice|does not know/],
  earliest: [409, /twice|does not know/],
  schedule: [34, /before its time|a later time|rests as publishing/],
  finish: [503, /rests as publishing/],
  // Only transactions that overlap can tell.
  take: [8, /was cancelled and is|a later time|promised other texts/],
  edit: [1, /promised other texts/],
  meanwhile: [25, /promised other texts/],
  late: [140, /too late|does not come to rest|does not know/],
  media: [2, /with 1 media instead of/],
  follow: [7, /replies to null/],
  deletion: [14, /shown as taken down and is on X/],
  order: [3, /before a later tweet of its thread/],
  due: [38, /a later time|too late|rests as scheduled/],
  clock: [37, /rests as retry\/rate_limited|too late/],
  hold: [32, /failed with X_ACCOUNT_LOCKED/],
  letgo: [69, /rests as retry/],
  app: [212, /while it refused everything \(app_refused\)/],
  restored: [70, /twice|does not know/],
  keys: [5, /has other media on X/],
  stop: [46, /failed with STOPPED/],
  network: [32, /failed with X_UNREACHABLE/],
  once: [459, /twice/],
  duplicate: [279, /failed as a duplicate of its own words/],
  resolve: [360, /twice/],
  pages: [804, /twice/],
  hubs: [3, /does not reply to|does not know|X holds/],
  app_keys: [2, /a sign-in of sandbox-client-id was used/],
  names: [1, /is shown as @sandbox_premium/],
};

/** With these a world never comes to rest, which is known long before the bound of an honest seed. */
const RESTLESS: ReadonlySet<MutantName> = new Set(["finish", "due", "clock", "letgo"]);

for (const mutant of MUTANT_NAMES) {
  const [start, words] = CAUGHT[mutant];
  test(`a mutant is caught: ${mutant}`, async () => {
    const { profile, extras = [] } = mutantOf(mutant);
    const faults = ["--with", extras.join(",") || "none"];
    const where = ["--profile", profile, ...faults, "--start", String(start), "--seeds", "500"];
    if (RESTLESS.has(mutant)) where.push("--steps", "8000");
    const { code, output } = await sim("--mutant", mutant, ...where);
    expect(output).toMatch(words);
    expect(output).toContain(`--mutant ${mutant}`);
    expect(code).toBe(1);
  }, 600_000);
}
