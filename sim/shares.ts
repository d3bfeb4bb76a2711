/** Seeds in processes of their own: several at once, and each with its mutant loaded before anything else. */
import { join } from "node:path";
import type { MutantName } from "./mutants.ts";
import { onProcessor } from "./processors.ts";
import type { Kind, Verdict } from "./world.ts";

/** What a process reports of a seed. */
export type SharedVerdict = Omit<Verdict, "log">;

export interface Share extends Kind {
  start: number;
  seeds: number;
  mutant?: MutantName | undefined;
}

/** Runs one process over `seeds` seeds, up to the first that fails. A process that dies reports fewer. `before` starts it. */
export async function runShare(
  { start, seeds, profile, mode, extras, mutant, stepsMax }: Share,
  before: readonly string[] = [],
): Promise<SharedVerdict[]> {
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
  const child = Bun.spawn([...before, process.execPath, ...args], { stdout: "pipe", stderr: "inherit" });
  const output = await new Response(child.stdout).text();
  return output
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** So many seeds are given to a process at once: each costs a second to start, and one that dies loses no more than these. */
const SEEDS_AT_ONCE = 200;
/** After so many that failed the rest tells nothing new. */
const FAILED_MAX = 10;

/**
 * Runs the seeds in processes, so many at once. A seed that fails ends its process, and the seeds behind it get another; with a
 * mutant the first that fails is what is looked for, and ends the run.
 * @param onVerdicts gets what each process found, when it ends
 * @returns the verdicts in order of their seeds
 */
export async function runShares(
  whole: Share,
  processes: number,
  onVerdicts: (verdicts: readonly SharedVerdict[]) => void = () => {},
): Promise<SharedVerdict[]> {
  const end = whole.start + whole.seeds;
  const size = Math.min(SEEDS_AT_ONCE, Math.ceil(whole.seeds / processes));
  const all: SharedVerdict[] = [];
  const left = sharesOf(whole.start, end, size);
  let failed = 0;
  const work = async (before: readonly string[]) => {
    for (let share = left.shift(); share; share = left.shift()) {
      const verdicts = await runShare({ ...whole, ...share }, before);
      all.push(...verdicts);
      onVerdicts(verdicts);
      const last = verdicts.at(-1);
      if (!last || last.breach === null) continue;
      failed += 1;
      if (whole.mutant || failed >= FAILED_MAX) left.length = 0;
      else left.unshift(...sharesOf(last.seed + 1, share.start + share.seeds, size));
    }
  };
  await Promise.all(Array.from({ length: processes }, (_, index) => work(onProcessor(index, processes))));
  return all.sort((one, other) => one.seed - other.seed);
}

function sharesOf(start: number, end: number, size: number): Pick<Share, "start" | "seeds">[] {
  const shares = [];
  for (let from = start; from < end; from += size) shares.push({ start: from, seeds: Math.min(size, end - from) });
  return shares;
}
