/**
 * `bun sim/run.ts`: the whole of publishing under a fake clock, a fake network and one seed. `--help` lists its options.
 */
import { parseArgs } from "node:util";
import { EXTRAS, isExtra } from "./extras.ts";
import { catchMutants } from "./mutant-table.ts";
import { install, isMutant, MUTANT_NAMES, MUTANTS, type MutantName } from "./mutants.ts";
import { STEPS_MAX } from "./scheduler.ts";
import { runShares, type Share, type SharedVerdict } from "./shares.ts";
import { inYears, keepMutants, keepSummary, type Summary, summaryFor } from "./summary.ts";
import { isMode, isProfile, MODES, PROFILES } from "./world-plan.ts";

const HELP = `bun sim/run.ts [options]

  --seeds N        how many seeds (200; with --mutants 500)
  --start N        from this one on (1)
  --seed N         this one alone, with its log; a seed that fails prints the command that does that
  --profile NAME   what is drawn more often: ${PROFILES.join(", ")} (mixed, which has all of it)
  --mode NAME      ${MODES.join(", ")}: swarm leaves half of the faults out, liveness bounds the time
                   to rest, long is a month
  --with NAMES     these faults in every world, with commas, in the place of one that is drawn now and then; none for
                   none: ${EXTRAS.join(", ")}
  --states         also which rare states were reached, and how often; fails when one never was
  --steps N        a seed that has not come to rest after so many fails (${STEPS_MAX}; of a month more)
  --mutant NAME    with a bug put in on purpose
  --mutants        which seed catches each mutant, as a table; fails when one survives
  --jobs N         processes (2)
  --help           this

Exits with 0 when all seeds hold, 1 when one fails, 2 when it is asked wrongly.

Mutants, each with the promise that it breaks:
${MUTANT_NAMES.map((name) => `  ${name.padEnd(12)} ${MUTANTS[name].breaks}`).join("\n")}
`;

const SEEDS = "200";
const MUTANT_SEEDS = "500";
/** A run of more seeds says how far it is. */
const TOLD_FROM = 500;

const values = options();
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const profile = isProfile(values.profile) ? values.profile : refuse(`--profile is one of ${PROFILES.join(", ")}`);
const mode = isMode(values.mode) ? values.mode : refuse(`--mode is one of ${MODES.join(", ")}`);
const extras =
  values.with === ""
    ? null
    : values.with
        .split(",")
        .filter((name) => name !== "none")
        .map((name) => (isExtra(name) ? name : refuse(`--with is some of ${EXTRAS.join(", ")}`)));
const mutant = mutantOf(values.mutant);
const processes = Math.max(1, whole("jobs", values.jobs, 64));
const start = whole("start", values.start, 2 ** 40);
const stepsMax = values.steps === undefined ? undefined : whole("steps", values.steps, 2 ** 40);
const seeds = whole("seeds", values.seeds ?? (values.mutants ? MUTANT_SEEDS : SEEDS), 10_000_000);

// (No process.exit below: it would cut what a pipe has not taken yet.)
if (values.mutants) {
  const lines: string[] = [];
  const areCaught = await catchMutants({ start, seeds, processes }, (line) => {
    lines.push(line);
    process.stdout.write(`${line}\n`);
  });
  await keepMutants(lines);
  process.exitCode = areCaught ? 0 : 1;
} else if (values.seed !== undefined) {
  process.exitCode = await replay(whole("seed", values.seed, 2 ** 40));
} else {
  process.exitCode = await runAll({ start, seeds, profile, mode, extras, mutant, stepsMax });
}

/** One seed, with its log. */
async function replay(seed: number): Promise<number> {
  if (mutant) install(mutant);
  // Only now, so that the mutant is what is loaded.
  const { simulate } = await import("./simulate.ts");
  const [verdict] = await simulate({ start: seed, seeds: 1, profile, mode, extras, stepsMax });
  if (!verdict) throw new Error(`seed ${seed} was not run`);
  const { log, breach, hash } = verdict;
  await Bun.write(Bun.stdout, `${[...log, "", `seed ${seed}  ${breach ?? "holds"}  log ${hash}`].join("\n")}\n`);
  return breach ? 1 : 0;
}

/** All seeds, and a summary of them. */
async function runAll(share: Share): Promise<number> {
  const startedMs = performance.now();
  /** What else a command needs to run the same world. */
  const same = `${profile === "mixed" ? "" : ` --profile ${profile}`}${mode === "mixed" ? "" : ` --mode ${mode}`}${extras === null ? "" : ` --with ${extras.join(",") || "none"}`}${mutant ? ` --mutant ${mutant}` : ""}`;
  let done = 0;
  const verdicts = await runShares(share, processes, (found) => {
    done += found.length;
    for (const { seed, breach } of found) {
      if (breach !== null)
        process.stdout.write(`seed ${seed} fails: ${breach}\n  bun sim/run.ts --seed ${seed}${same}\n`);
    }
    // A long run is seen to go on; what it says at its end is the same whenever it is run.
    if (share.seeds > TOLD_FROM) process.stderr.write(`${done} of ${share.seeds} seeds\n`);
  });
  const seconds = (performance.now() - startedMs) / 1000;
  const failed = verdicts.filter(({ breach }) => breach !== null);
  process.stdout.write(`${summaryOf(verdicts, failed.length, seconds)}\n`);
  // A process that died has proven nothing about its seeds.
  const isWhole = verdicts.length === share.seeds || failed.length > 0;
  if (!isWhole) process.stdout.write(`only ${verdicts.length} of ${share.seeds} seeds were run\n`);
  const summary = summaryFor(verdicts);
  process.stdout.write(`${inYears(summary.livedMs)} of publishing\n`);
  await keepSummary(summary, { profile, mode, extras });
  const never = values.states ? printStates(summary) : 0;
  return failed.length > 0 || !isWhole || never > 0 ? 1 : 0;
}

/** @returns how many rare states were never reached */
function printStates({ reached }: Summary): number {
  for (const [name, count] of Object.entries(reached))
    process.stdout.write(`  ${String(count).padStart(7)}  ${name}\n`);
  const never = Object.values(reached).filter((count) => count === 0).length;
  process.stdout.write(`${Object.keys(reached).length} rare states, ${never} never reached\n`);
  return never;
}

function summaryOf(verdicts: readonly SharedVerdict[], failed: number, seconds: number): string {
  const steps = verdicts.reduce((sum, verdict) => sum + verdict.steps, 0);
  const published = verdicts.reduce((sum, verdict) => sum + verdict.published, 0);
  // Two runs of the same seeds have the same hash.
  const hashes = verdicts.map(({ hash }) => hash).join("\n");
  const logs = new Bun.CryptoHasher("sha256").update(hashes).digest("hex").slice(0, 16);
  const pace = `${seconds.toFixed(1)} s (${(verdicts.length / seconds).toFixed(1)} seeds/s)`;
  const counts = `${verdicts.length} seeds, ${steps} steps, ${published} posts published, ${failed} failed`;
  return `${counts}, ${pace}, logs ${logs}, the last one ${verdicts.at(-1)?.hash}`;
}

function options() {
  try {
    return parseArgs({
      options: {
        seeds: { type: "string" },
        start: { type: "string", default: "1" },
        seed: { type: "string" },
        profile: { type: "string", default: "mixed" },
        mode: { type: "string", default: "mixed" },
        with: { type: "string", default: "" },
        states: { type: "boolean", default: false },
        steps: { type: "string" },
        mutant: { type: "string" },
        mutants: { type: "boolean", default: false },
        jobs: { type: "string", default: "2" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function mutantOf(name: string | undefined): MutantName | undefined {
  if (name === undefined || isMutant(name)) return name;
  return refuse(`--mutant is one of ${MUTANT_NAMES.join(", ")}`);
}

function whole(name: string, value: string, max: number): number {
  const number = Number(value);
  if (value !== "" && Number.isInteger(number) && number >= 0 && number <= max) return number;
  return refuse(`--${name} takes a whole number up to ${max}`);
}

function refuse(why: string): never {
  process.stderr.write(`error USAGE  ${why}\n`);
  process.exit(2);
}
