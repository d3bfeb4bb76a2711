/**
 * `npm run proof`: everything at its full count. Takes hours, goes on after a failure, and exits with 1 if anything
 * failed. `npm run proof -- NAME` runs the parts whose name contains NAME.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";

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
    env: { PSN_PROOF: "1", COMPOSE_RUNS: "50000" },
  },
  { name: "tests on a busy machine", command: ["npm", "run", "test:busy"] },
  { name: "sim: 10,000 seeds", command: [BUN, "sim/run.ts", "--seeds", "10000"] },
  { name: "sim: mutants", command: [BUN, "sim/run.ts", "--mutants"] },
  { name: "chaos: 200 threads", command: [BUN, "test/chaos/run.ts"] },
  { name: "storm: 500 accounts", command: [BUN, "test/accounts/storm.ts"] },
  { name: "storm: 500 accounts, with faults", command: [BUN, "test/accounts/storm.ts", "--faults"] },
  { name: "demo", command: ["npm", "run", "demo"] },
];
/** A part that takes longer hangs. */
const PART_MS_MAX = 6 * HOUR_MS;

const wanted = process.argv[2] ?? "";
const parts = PARTS.filter(({ name }) => name.includes(wanted));
if (parts.length === 0) {
  process.stderr.write(
    `error USAGE  npm run proof -- NAME, where NAME is part of: ${PARTS.map(({ name }) => name).join("; ")}\n`,
  );
  process.exit(2);
}
const lines: string[] = [];
let failed = 0;
for (const part of parts) {
  process.stdout.write(`\n== ${part.name}\n`);
  const beganMs = performance.now();
  const code = await run(part);
  if (code !== 0) failed++;
  const seconds = Math.round((performance.now() - beganMs) / 1000);
  lines.push(`${code === 0 ? "ok    " : "FAILED"}  ${String(seconds).padStart(6)} s  ${part.name}`);
}
process.stdout.write(`\n${lines.join("\n")}\n${parts.length - failed} of ${parts.length} hold.\n`);
process.exitCode = failed > 0 ? 1 : 0;

function run({ command: [program = "", ...args], env }: Part): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "inherit"],
      timeout: PART_MS_MAX,
    });
    child.once("error", () => resolve(1));
    child.once("close", (code) => resolve(code ?? 1));
  });
}
