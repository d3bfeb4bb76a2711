/** One process's share of the seeds: one line of JSON each. `bun sim/run-share.ts START COUNT PROFILE [MUTANT]`. */
import { install, isMutant } from "./mutants.ts";
import { isProfile } from "./world-plan.ts";

const [start = "1", count = "1", profile = "", mutant = ""] = process.argv.slice(2);
if (isMutant(mutant)) install(mutant);
const { simulate } = await import("./simulate.ts");
await simulate(
  { start: Number(start), seeds: Number(count), profile: isProfile(profile) ? profile : "mixed", stopAtBreach: true },
  ({ seed, breach, hash, steps, published }) => {
    process.stdout.write(`${JSON.stringify({ seed, breach, hash, steps, published })}\n`);
  },
);
process.exit(0);
