/** Seeds in processes of their own: several at once, and each with its mutant loaded before anything else. */
import { join } from "node:path";
import type { MutantName } from "./mutants.ts";
import type { Kind, Verdict } from "./world.ts";

/** What a process reports of a seed. */
export type SharedVerdict = Omit<Verdict, "log">;

export interface Share extends Kind {
  start: number;
  seeds: number;
  mutant?: MutantName | undefined;
}

/** Runs one process over `seeds` seeds, up to the first that fails. A process that dies reports fewer. */
export async function runShare({
  start,
  seeds,
  profile,
  mode,
  extras,
  mutant,
  stepsMax,
}: Share): Promise<SharedVerdict[]> {
  const args = [
    join(import.meta.dir, "run-share.ts"),
    String(start),
    String(seeds),
    profile,
    mode,
    extras === null ? "" : extras.join(",") || "none",
    mutant ?? "",
    String(stepsMax ?? ""),
  ];
  const child = Bun.spawn([process.execPath, ...args], { stdout: "pipe", stderr: "inherit" });
  const output = await new Response(child.stdout).text();
  return output
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** Divides the seeds among so many processes. @returns the verdicts in order of their seeds */
export async function runShares(whole: Share, processes: number): Promise<SharedVerdict[]> {
  const { start, seeds } = whole;
  const size = Math.ceil(seeds / processes);
  const shares = Array.from({ length: processes }, (_, index) => ({
    ...whole,
    start: start + index * size,
    seeds: Math.max(0, Math.min(size, seeds - index * size)),
  }));
  return (await Promise.all(shares.map(runShare))).flat();
}
