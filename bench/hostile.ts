/**
 * How long the slowest of 100 hostile texts of 1 MiB takes at each place where a text is read, in CPU time of this process: under a
 * second, or refused.
 */
import { cpuMs } from "../src/testing/wait.ts";
import { HOSTILE } from "../test/security/patterns.ts";
import { outcomeOf, READERS } from "../test/security/readers.ts";
import type { BenchResult } from "./_print.ts";

const UNITS = 1024 * 1024;
const GOAL_MS = 1000;

export async function run(): Promise<BenchResult> {
  const figures = Object.entries(READERS).map(([name, read]) => {
    const slowest = HOSTILE.map((hostile) => ({
      what: hostile.name,
      ms: cpuMs(() => outcomeOf(read, hostile.text(UNITS))),
    }))
      .sort((left, right) => right.ms - left.ms)
      .at(0);
    return { name: `ms, ${name}: ${slowest?.what}`, value: slowest?.ms ?? 0, goal: GOAL_MS, better: "lower" as const };
  });
  return { bench: "hostile texts of 1 MiB", figures };
}
