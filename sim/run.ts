/**
 * `bun sim/run.ts`: the whole of publishing under a fake clock, a fake network and one seed. `--help` tells its options.
 */
import { parseArgs } from "node:util";
import { isProfile, PROFILES } from "./faults.ts";
import { install, isPlant, PLANTS, type Plant } from "./plants.ts";

const HELP = `bun sim/run.ts [options]

  --seeds N        how many seeds (200)
  --start N        from this one on (1)
  --seed N         this one alone, with its log; a seed that fails prints the command that does that
  --profile NAME   what is drawn more often: ${PROFILES.join(", ")} (mixed, which has all of it)
  --plant NAME     with a bug planted: ${Object.keys(PLANTS).join(", ")}
  --jobs N         processes (2)
  --help           this

Exits with 0 when all seeds hold, 1 when one fails, 2 when it is asked wrongly.
`;

const values = options();
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const { plant, profile } = values;
if (plant !== undefined && !isPlant(plant)) refuse(`--plant is one of ${Object.keys(PLANTS).join(", ")}`);
if (!isProfile(profile)) refuse(`--profile is one of ${PROFILES.join(", ")}`);
const whole = (name: string, value: string, max: number): number => {
  const number = Number(value);
  if (value !== "" && Number.isInteger(number) && number >= 0 && number <= max) return number;
  return refuse(`--${name} takes a whole number up to ${max}`);
};
const jobs = Math.max(1, whole("jobs", values.jobs, 64));
const start = whole("start", values.start, 2 ** 40);
const seeds = whole("seeds", values.seeds, 10_000_000);

install((plant as Plant | undefined) ?? null);
/** What else a command needs to run the same world. */
const same = `${profile === "mixed" ? "" : ` --profile ${profile}`}${plant ? ` --plant ${plant}` : ""}`;
// Only now, so that what is planted is what is loaded.
const { simulate } = await import("./simulate.ts");

if (values.seed !== undefined) {
  const [verdict] = await simulate({ start: whole("seed", values.seed, 2 ** 40), seeds: 1, profile });
  const lines = [
    ...(verdict?.log ?? []),
    "",
    `seed ${verdict?.seed}  ${verdict?.breach ?? "holds"}  log ${verdict?.hash}`,
  ];
  // Awaited, or an exit would cut a long log short.
  await Bun.write(Bun.stdout, `${lines.join("\n")}\n`);
  process.exit(verdict?.breach ? 1 : 0);
}

const startedMs = performance.now();
const mine = jobs === 1 ? await simulate({ start, seeds, profile, stopAtBreach: true }) : await inParallel();
const failed = mine.filter(({ breach }) => breach !== null);
const seconds = (performance.now() - startedMs) / 1000;
for (const { seed, breach } of failed) {
  process.stdout.write(`seed ${seed} fails: ${breach}\n  bun sim/run.ts --seed ${seed}${same}\n`);
}
const steps = mine.reduce((sum, verdict) => sum + verdict.steps, 0);
const published = mine.reduce((sum, verdict) => sum + verdict.published, 0);
// Two runs of the same seeds say the same here.
const logs = new Bun.CryptoHasher("sha256")
  .update(mine.map(({ hash }) => hash).join("\n"))
  .digest("hex")
  .slice(0, 16);
process.stdout.write(
  `${mine.length} seeds, ${steps} steps, ${published} posts published, ${failed.length} failed, ${seconds.toFixed(1)} s (${(mine.length / seconds).toFixed(1)} seeds/s), logs ${logs}, the last one ${mine.at(-1)?.hash}\n`,
);
// A job that died has proven nothing about its seeds. (No process.exit: it would cut what a pipe has not taken yet.)
const isWhole = mine.length === seeds || failed.length > 0;
if (!isWhole) process.stdout.write(`only ${mine.length} of ${seeds} seeds were run\n`);
process.exitCode = failed.length > 0 || !isWhole ? 1 : 0;

async function inParallel() {
  const share = Math.ceil(seeds / jobs);
  const children = Array.from({ length: jobs }, (_, job) => {
    const count = Math.max(0, Math.min(share, seeds - job * share));
    const args = [
      import.meta.path.replace(/run\.ts$/, "job.ts"),
      String(start + job * share),
      String(count),
      values.profile,
      plant ?? "",
    ];
    return Bun.spawn([process.execPath, ...args], { stdout: "pipe", stderr: "inherit" });
  });
  const outputs = await Promise.all(children.map((child) => new Response(child.stdout).text()));
  return outputs.flatMap((output) =>
    output
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  ) as {
    seed: number;
    breach: string | null;
    hash: string;
    steps: number;
    published: number;
  }[];
}

function options() {
  try {
    return parseArgs({
      options: {
        seeds: { type: "string", default: "200" },
        start: { type: "string", default: "1" },
        seed: { type: "string" },
        profile: { type: "string", default: "mixed" },
        plant: { type: "string" },
        jobs: { type: "string", default: "2" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function refuse(why: string): never {
  process.stderr.write(`error USAGE  ${why}\n`);
  process.exit(2);
}
