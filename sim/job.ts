/** One process's share of the seeds: one line of JSON each. `bun sim/job.ts START COUNT PROFILE [PLANT]`. */

import { isProfile } from "./faults.ts";
import { install, isPlant } from "./plants.ts";

const [start = "1", count = "1", profile = "", plant = ""] = process.argv.slice(2);
install(isPlant(plant) ? plant : null);
const { simulate } = await import("./simulate.ts");
await simulate(
  { start: Number(start), seeds: Number(count), profile: isProfile(profile) ? profile : "mixed", stopAtBreach: true },
  ({ seed, breach, hash, steps, published }) => {
    process.stdout.write(`${JSON.stringify({ seed, breach, hash, steps, published })}\n`);
  },
);
process.exit(0);
