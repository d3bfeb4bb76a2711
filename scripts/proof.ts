/**
 * `npm run proof`: everything at its full count. Takes hours, goes on after a failure, writes docs/proof.md, and exits with 1
 * if anything failed. `npm run proof -- NAME` runs the parts whose name contains NAME and writes the report to the terminal's
 * folder for temporary files instead; `--short` runs the simulation alone, in minutes, and `--short --write` shows that in docs/.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Summary } from "../sim/summary.ts";
import { EXPLAINED } from "./mutation/explained.ts";
import type { Score } from "./mutation/score.ts";
import { BUGS, GAPS } from "./proof/notes.ts";
import { reportOf } from "./proof/report.ts";

const ROOT = join(import.meta.dirname, "..");
const BUN = process.execPath;
const HOUR_MS = 3_600_000;

interface Part {
  name: string;
  command: string[];
  env?: Record<string, string>;
}

const PARTS: Part[] = [
  { name: "lint", command: ["npm", "run", "lint"] },
  { name: "types", command: ["npm", "run", "types"] },
  { name: "map", command: ["npm", "run", "map"] },
  // Full counts and generated texts; one file at a time, so that nothing is short of anything.
  {
    name: "tests",
    command: [BUN, "test", "--timeout", "1800000"],
    env: { PSN_PROOF: "1", COMPOSE_RUNS: "50000", PSN_MEDIA_MUTANTS: "1000" },
  },
  { name: "tests on a busy machine", command: ["npm", "run", "test:busy"] },
  { name: "sim: 10,000 seeds", command: [BUN, "sim/run.ts", "--seeds", "10000", "--states"] },
  { name: "sim: 2,000 seeds in swarms", command: [BUN, "sim/run.ts", "--seeds", "2000", "--mode", "swarm"] },
  { name: "sim: 2,000 seeds to rest", command: [BUN, "sim/run.ts", "--seeds", "2000", "--mode", "liveness"] },
  {
    name: "sim: 2,000 seeds of follow-ups and deletions",
    command: [BUN, "sim/run.ts", "--seeds", "2000", "--profile", "after"],
  },
  { name: "sim: 20 months", command: [BUN, "sim/run.ts", "--seeds", "20", "--mode", "long"] },
  { name: "sim: 500 seeds of hubs that are off", command: [BUN, "sim/run.ts", "--seeds", "500", "--with", "hub_skew"] },
  {
    name: "sim: 500 seeds of hubs that are put back",
    command: [BUN, "sim/run.ts", "--seeds", "500", "--with", "restored"],
  },
  { name: "sim: mutants", command: [BUN, "sim/run.ts", "--mutants"] },
  { name: "mutation score", command: [BUN, "scripts/mutation/run.ts"] },
  { name: "chaos: 200 threads", command: [BUN, "test/chaos/run.ts"] },
  {
    name: "chaos: clocks, cuts, a locked account",
    command: [BUN, "test/chaos/run.ts", "--skew", "--cut", "--lock"],
  },
  { name: "storm: 500 accounts", command: [BUN, "test/accounts/storm.ts"] },
  { name: "storm: 500 accounts, with faults", command: [BUN, "test/accounts/storm.ts", "--faults"] },
  { name: "demo", command: ["npm", "run", "demo"] },
];
/** For a change: minutes, not hours. */
const SHORT: Part[] = [
  { name: "sim: 400 seeds", command: [BUN, "sim/run.ts", "--seeds", "400"] },
  { name: "sim: 100 seeds in swarms", command: [BUN, "sim/run.ts", "--seeds", "100", "--mode", "swarm"] },
];
/** A part that takes longer hangs. */
const PART_MS_MAX = 6 * HOUR_MS;

const isShort = process.argv[2] === "--short";
const wanted = isShort ? "" : (process.argv[2] ?? "");
const parts = (isShort ? SHORT : PARTS).filter(({ name }) => name.includes(wanted));
if (parts.length === 0) {
  process.stderr.write(
    `error USAGE  npm run proof -- NAME, where NAME is part of: ${PARTS.map(({ name }) => name).join("; ")}\n`,
  );
  process.exit(2);
}
/** What the parts leave as data. */
const out = await mkdtemp(join(tmpdir(), "psn-proof-"));
const done: { name: string; isOk: boolean; seconds: number }[] = [];
for (const part of parts) {
  process.stdout.write(`\n== ${part.name}\n`);
  const beganMs = performance.now();
  const isOk = (await run(part)) === 0;
  done.push({ name: part.name, isOk, seconds: Math.round((performance.now() - beganMs) / 1000) });
}
for (const { name, isOk, seconds } of done)
  process.stdout.write(`${isOk ? "ok    " : "FAILED"}  ${String(seconds).padStart(6)} s  ${name}\n`);
// Only a whole proof is the one that the repository shows.
const isShown = isShort ? process.argv.includes("--write") : wanted === "";
const path = !isShown ? join(out, "proof.md") : join(ROOT, "docs", "proof.md");
await writeFile(path, await report());
const failed = done.filter(({ isOk }) => !isOk).length;
process.stdout.write(`${done.length - failed} of ${done.length} hold. Report: ${path}\n`);
process.exitCode = failed > 0 ? 1 : 0;

async function report(): Promise<string> {
  const names = await readdir(out);
  const read = async (name: string) => JSON.parse(await readFile(join(out, name), "utf8"));
  const simulations: Record<string, Summary> = {};
  for (const name of names.filter((one) => one.startsWith("sim-")).sort())
    simulations[name.slice("sim-".length, -".json".length)] = await read(name);
  const scores: Score[] = names.includes("mutation.json") ? await read("mutation.json") : [];
  const mutants: string[] = names.includes("mutants.json") ? await read("mutants.json") : [];
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
  const day = new Date().toISOString().slice(0, 10);
  const notes = { bugs: BUGS, gaps: GAPS, explained: EXPLAINED };
  return reportOf({ day, commit, isShort, parts: done, simulations, scores, mutants, ...notes });
}

function run({ command: [program = "", ...args], env }: Part): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, PSN_PROOF_OUT: out, ...env },
      stdio: ["ignore", "inherit", "inherit"],
      timeout: PART_MS_MAX,
    });
    child.once("error", () => resolve(1));
    child.once("close", (code) => resolve(code ?? 1));
  });
}
