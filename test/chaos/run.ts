/**
 * `bun test/chaos/run.ts [--threads N] [--skew] [--cut] [--lock] [--copy]`: the full chaos run, as a table, with clocks that are hours off, a
 * network that is away three times, an account that X locks, and a worker on a copy of the hub. Exits with 1 when a tweet is duplicated,
 * lost or stuck, or somebody is not told.
 */
import { runChaos } from "./chaos.ts";

const HOUR_MS = 60 * 60_000;
const THREADS = 200;
const THREADS_MAX = 2_000;
const at = process.argv.indexOf("--threads");
const threads = at < 0 ? THREADS : Number(process.argv[at + 1]);
if (!Number.isInteger(threads) || threads < 1 || threads > THREADS_MAX) {
  process.stderr.write(`error USAGE  --threads takes a whole number up to ${THREADS_MAX}\n`);
  process.exit(2);
}
const has = (option: string) => process.argv.includes(option);
const result = await runChaos({
  threads,
  workers: 4,
  accounts: 10,
  chaosMs: 60_000,
  restarts: 2,
  scale: 10,
  restMs: 180_000,
  ...(has("--skew") ? { skewsMs: [-24, -5, 0, 5, 24].map((hours) => hours * HOUR_MS) } : {}),
  ...(has("--cut") ? { cuts: { count: 3, forMs: 5_000 } } : {}),
  locksAccount: has("--lock"),
  copiesHub: has("--copy"),
});
for (const [name, value] of Object.entries(result)) {
  process.stdout.write(`  ${name.padEnd(14)} ${String(value).padStart(8)}\n`);
}
process.exit(result.duplicates + result.lost + result.stuck + result.outOfOrder + result.untold > 0 ? 1 : 0);
