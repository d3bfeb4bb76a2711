/** One process's share of the seeds: one line of JSON each. `bun sim/job.ts START COUNT [PLANT]`. */
import { install, isPlant } from "./plants.ts";

const [start = "1", count = "1", plant = ""] = process.argv.slice(2);
install(isPlant(plant) ? plant : null);
const { simulate } = await import("./simulate.ts");
await simulate(
  { start: Number(start), seeds: Number(count), stopAtBreach: true },
  ({ seed, breach, hash, steps, published }) => {
    process.stdout.write(`${JSON.stringify({ seed, breach, hash, steps, published })}\n`);
  },
);
process.exit(0);
