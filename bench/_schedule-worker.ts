/** The worker that bench/schedule measures: the real one, with a stopwatch where publishing begins. */
import pg from "pg";
import { wallClock } from "../src/core/clock.ts";
import { createHubConnection } from "../src/core/db/connection.ts";
import type { PublishDeps } from "../src/core/publish/deps.ts";
import { keyFromHex, newKeyHex } from "../src/core/utils/crypto.ts";
import { X_DEFAULTS } from "../src/core/utils/env.ts";
import { embeddedEngine } from "../src/engines/embedded.ts";
import { startWorker } from "../src/engines/worker.ts";
import { createXPlatform } from "../src/platforms/x/platform.ts";

let queries = 0;
const { query } = pg.Client.prototype;
pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
  queries++;
  return (query as (...args: unknown[]) => unknown).apply(this, given);
} as typeof query;

const hub = await createHubConnection({ databaseUrl: process.argv[2] ?? "", dataDir: "", max: 12 });
const oauth = { clientId: "bench", clientSecret: "bench", ...X_DEFAULTS };
const deps = {
  hub,
  engine: embeddedEngine,
  platform: createXPlatform({ oauth, apiBaseUrl: X_DEFAULTS.apiBaseUrl }),
  media: { add: never, source: never },
  keyRing: [keyFromHex(newKeyHex())],
  clock: wallClock,
  random: Math.random,
  workerId: "bench",
  clientId: "bench",
  graceMs: 3_600_000,
} as PublishDeps;

let began: [string, number][] = [];
const worker = await startWorker(deps, {
  async publish(_deps, { postId }) {
    began.push([postId, performance.timeOrigin + performance.now()]);
    return { kind: "not_ours", postId };
  },
  onNews: (news) => {
    if (news.kind === "error") process.stderr.write(`${news.what}: ${news.message}\n`);
  },
});
process.send?.({ ready: true });
const report = setInterval(() => {
  if (began.length > 0) process.send?.({ began });
  began = [];
}, 250);
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ spent: { cpuMs: (user + system) / 1000, queries } });
});
process.on("SIGTERM", async () => {
  clearInterval(report);
  await worker.stop();
  await hub.close();
  process.exit(0);
});

async function never(): Promise<never> {
  throw new Error("the bench publishes nothing");
}
