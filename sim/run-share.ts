/** One process's share of the seeds: one line of JSON each. `bun sim/run-share.ts START COUNT PROFILE MODE EXTRAS [MUTANT [STEPS]]`, EXTRAS with commas, or none; empty: drawn. */

import { isExtra } from "./extras.ts";
import { install, isMutant } from "./mutants.ts";
import { isMode, isProfile } from "./world-plan.ts";

const [start = "1", count = "1", profile = "", mode = "", extras = "", mutant = "", steps = ""] = process.argv.slice(2);
if (isMutant(mutant)) install(mutant);
const { simulate } = await import("./simulate.ts");
await simulate(
  {
    start: Number(start),
    seeds: Number(count),
    profile: isProfile(profile) ? profile : "mixed",
    mode: isMode(mode) ? mode : "mixed",
    extras: extras === "" ? null : extras.split(",").filter(isExtra),
    stepsMax: steps === "" ? undefined : Number(steps),
    stopAtBreach: true,
  },
  ({ log: _, ...verdict }) => {
    process.stdout.write(`${JSON.stringify(verdict)}\n`);
  },
);
process.exit(0);
