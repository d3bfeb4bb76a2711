/**
 * `bun scripts/mutation/run.ts [AREA]`: how many small bugs in the pure rules the tests beside them notice. StrykerJS changes a
 * copy of `src/`, one condition, word or number at a time, and the area's tests run against each. Writes `mutation.json` beside the
 * report of the proof when `PSN_PROOF_OUT` names a folder. Exits with 1 below 95 %, or when a survivor is not explained.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AREAS, type Area } from "./areas.ts";
import { isExplained } from "./explained.ts";
import { type Report, type Score, scored } from "./score.ts";

const ROOT = join(import.meta.dirname, "../..");
const STRYKER = join(import.meta.dirname, "node_modules/@stryker-mutator/core/bin/stryker.js");
const SCORE_MIN = 95;

const wanted = process.argv[2] ?? "";
const areas = AREAS.filter(({ name }) => name.includes(wanted));
if (!existsSync(STRYKER)) {
  const installed = spawnSync("npm", ["ci", "--ignore-scripts"], { cwd: import.meta.dirname, stdio: "inherit" });
  if (installed.status !== 0) process.exit(1);
}
const scores: Score[] = [];
for (const area of areas) scores.push(await scoreOf(area));
let isEnough = areas.length > 0;
for (const { area, killed, all, survivors } of scores) {
  const percent = (100 * killed) / all;
  const open = survivors.filter((survivor) => !isExplained(survivor));
  if (percent < SCORE_MIN || open.length > 0) isEnough = false;
  process.stdout.write(`${area.padEnd(16)} ${killed} of ${all} killed, ${percent.toFixed(1)} %\n`);
  for (const survivor of open) process.stdout.write(`  survives: ${survivor}\n`);
}
const { PSN_PROOF_OUT } = process.env;
if (PSN_PROOF_OUT) await writeFile(join(PSN_PROOF_OUT, "mutation.json"), `${JSON.stringify(scores, null, 2)}\n`);
process.exitCode = isEnough ? 0 : 1;

// --- internal ---

/** Of a copy, so that a run that dies leaves nothing changed here. */
async function scoreOf(area: Area): Promise<Score> {
  const copy = await mkdtemp(join(tmpdir(), "psn-mutation-"));
  try {
    for (const name of ["src", "package.json", "drizzle"])
      await cp(join(ROOT, name), join(copy, name), { recursive: true });
    await symlink(await realpath(join(ROOT, "node_modules")), join(copy, "node_modules"));
    const config = {
      testRunner: "command",
      commandRunner: { command: [process.execPath, "test", "--bail", ...area.tests].join(" ") },
      mutate: area.mutate,
      reporters: ["json"],
      jsonReporter: { fileName: "report.json" },
      plugins: [],
      concurrency: 2,
      // No tsconfig.json is copied: Stryker would read it with TypeScript's own API, which TypeScript 7 does not have.
      inPlace: true,
      timeoutMS: 30_000,
    };
    await writeFile(join(copy, "stryker.config.json"), JSON.stringify(config));
    const ran = spawnSync("node", [STRYKER, "run"], { cwd: copy, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
    if (!existsSync(join(copy, "report.json")))
      throw new Error(`Stryker ended without a report:\n${ran.stdout}${ran.stderr}`);
    return scored(area.name, JSON.parse(await readFile(join(copy, "report.json"), "utf8")) as Report);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
