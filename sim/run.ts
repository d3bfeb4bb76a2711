/**
 * `bun sim/run.ts [--seeds N] [--start N] [--seed N] [--plant NAME] [--jobs N]`: the whole of publishing under a fake clock,
 * a fake network and one seed. `--seed` runs one and prints its log; a seed that fails prints the command that does.
 */
import { parseArgs } from "node:util";
import { install, isPlant, PLANTS, type Plant } from "./plants.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "200" },
    start: { type: "string", default: "1" },
    seed: { type: "string" },
    plant: { type: "string" },
    jobs: { type: "string", default: "2" },
    log: { type: "boolean", default: false },
  },
});

const plant = values.plant;
if (plant !== undefined && !isPlant(plant)) {
  process.stderr.write(`error USAGE  --plant is one of ${Object.keys(PLANTS).join(", ")}\n`);
  process.exit(2);
}
const whole = (name: string, value: string, max: number): number => {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0 && number <= max) return number;
  process.stderr.write(`error USAGE  --${name} takes a whole number up to ${max}\n`);
  process.exit(2);
};
const jobs = Math.max(1, whole("jobs", values.jobs, 64));
const start = whole("start", values.start, 2 ** 40);
const seeds = whole("seeds", values.seeds, 10_000_000);

install((plant as Plant | undefined) ?? null);
// Only now, so that what is planted is what is loaded.
const { simulate } = await import("./simulate.ts");

if (values.seed !== undefined) {
  const [verdict] = await simulate({ start: whole("seed", values.seed, 2 ** 40), seeds: 1 });
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
const mine = jobs === 1 ? await simulate({ start, seeds, stopAtBreach: true }) : await inParallel();
const failed = mine.filter(({ breach }) => breach !== null);
const seconds = (performance.now() - startedMs) / 1000;
for (const { seed, breach } of failed) {
  process.stdout.write(
    `seed ${seed} fails: ${breach}\n  bun sim/run.ts --seed ${seed}${plant ? ` --plant ${plant}` : ""}\n`,
  );
}
const steps = mine.reduce((sum, verdict) => sum + verdict.steps, 0);
const published = mine.reduce((sum, verdict) => sum + verdict.published, 0);
// Two runs of the same seeds say the same here.
const logs = new Bun.CryptoHasher("sha256")
  .update(mine.map(({ hash }) => hash).join("\n"))
  .digest("hex")
  .slice(0, 16);
process.stdout.write(
  `${mine.length} seeds, ${steps} steps, ${published} posts published, ${failed.length} failed, ${seconds.toFixed(1)} s (${(mine.length / seconds).toFixed(1)} seeds/s), logs ${logs}\n`,
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
