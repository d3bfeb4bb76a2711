/** `bun test/chaos/run.ts`: the full chaos run, as a table. Exits with 1 when a tweet is duplicated, lost or stuck. */
import { runChaos } from "./chaos.ts";

const result = await runChaos({
  threads: 200,
  workers: 4,
  accounts: 10,
  chaosMs: 60_000,
  restarts: 2,
  scale: 10,
  restMs: 180_000,
});
for (const [name, value] of Object.entries(result)) {
  process.stdout.write(`  ${name.padEnd(14)} ${String(value).padStart(8)}\n`);
}
process.exit(result.duplicates + result.lost + result.stuck + result.outOfOrder > 0 ? 1 : 0);
