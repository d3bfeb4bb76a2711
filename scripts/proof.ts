/**
 * `npm run proof`: everything at its full count. Takes hours, goes on after a failure, writes docs/proof.md, and exits with 1
 * if anything failed. What each part leaves is kept as JSON in a folder of its own below `docs/proof/`, or below the folder
 * that PSN_PROOF_DIR names, with the commit that it was made of. It is committed as the page is; so parts may run one by one,
 * on several days and machines, and one that was broken off is the only one that is run again:
 *
 *   npm run proof -- NAME       the parts whose name contains NAME
 *   npm run proof -- --report   writes docs/proof.md from what is kept; what was never run is named
 *   npm run proof -- --short    the simulation alone, in minutes; with --write its report is the one in docs/
 */
import { spawn } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXPLAINED } from "./mutation/explained.ts";
import { beginPart, type Kept, keepPart, readParts } from "./proof/kept.ts";
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
  ...[0, 2, 4, 6, 8].map((thousands) => ({
    name: `sim: 10,000 seeds, from ${thousands},001 on`.replace("0,001", "1"),
    command: [BUN, "sim/run.ts", "--start", `${thousands * 1000 + 1}`, "--seeds", "2000", "--states"],
  })),
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
    name: "chaos: clocks, cuts, a locked account, a copied hub",
    command: [BUN, "test/chaos/run.ts", "--skew", "--cut", "--lock", "--copy"],
  },
  { name: "storm: 500 accounts", command: [BUN, "test/accounts/storm.ts"] },
  { name: "storm: 500 accounts, with faults", command: [BUN, "test/accounts/storm.ts", "--faults"] },
  { name: "demo", command: ["npm", "run", "demo"] },
];
/** For a change: minutes, not hours. */
const SHORT: Part[] = [
  { name: "sim: 250 seeds", command: [BUN, "sim/run.ts", "--seeds", "250"] },
  { name: "sim: 75 seeds in swarms", command: [BUN, "sim/run.ts", "--seeds", "75", "--mode", "swarm"] },
];
/** A part that takes longer hangs. */
const PART_MS_MAX = 6 * HOUR_MS;

const [asked = "", ...more] = process.argv.slice(2);
const isShort = asked === "--short";
const isReport = asked === "--report";
const all = isShort ? SHORT : PARTS;
const parts = isReport ? [] : all.filter(({ name }) => isShort || name.includes(asked));
if (parts.length === 0 && !isReport) {
  process.stderr.write(
    `error USAGE  npm run proof -- NAME, where NAME is part of: ${PARTS.map(({ name }) => name).join("; ")}\n`,
  );
  process.exit(2);
}
const folder = isShort
  ? await mkdtemp(join(tmpdir(), "psn-proof-"))
  : (process.env.PSN_PROOF_DIR ?? join(ROOT, "docs", "proof"));
const done: Pick<Kept, "name" | "isOk" | "seconds">[] = [];
for (const part of parts) {
  process.stdout.write(`\n== ${part.name}\n`);
  const out = await beginPart(folder, part.name);
  const beganMs = performance.now();
  const isOk = (await run(part, out)) === 0;
  const kept = { name: part.name, isOk, seconds: Math.round((performance.now() - beganMs) / 1000) };
  await keepPart(ROOT, out, kept);
  done.push(kept);
}
for (const { name, isOk, seconds } of done)
  process.stdout.write(`${isOk ? "ok    " : "FAILED"}  ${String(seconds).padStart(6)} s  ${name}\n`);
// Only a whole proof, and one that says itself of what it is put together, is the one that the repository shows.
const isShown = isReport || (isShort ? more.includes("--write") : asked === "");
const path = isShown ? join(ROOT, "docs", "proof.md") : join(folder, "proof.md");
const kept = await readParts(
  folder,
  all.map(({ name }) => name),
);
await writeFile(path, reportOf({ isShort, parts: kept, bugs: BUGS, gaps: GAPS, explained: EXPLAINED }));
const failed = done.filter(({ isOk }) => !isOk).length;
process.stdout.write(`${done.length - failed} of ${done.length} hold. Report: ${path}\n`);
process.exitCode = failed > 0 ? 1 : 0;

function run({ command: [program = "", ...args], env }: Part, out: string): Promise<number> {
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
