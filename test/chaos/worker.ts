/** One worker of the chaos run, as a process of its own. Everything it needs comes in CHAOS. */
import { randomBytes } from "node:crypto";
import { createHubConnection } from "../../src/core/db/connection.ts";
import { HubMark } from "../../src/core/db/mark.ts";
import { folderStore } from "../../src/core/media/store.ts";
import { keyFromHex } from "../../src/core/utils/crypto.ts";
import { startWorker } from "../../src/engines/worker.ts";
import { SANDBOX_CLIENT_ID } from "../../src/sandbox/types.ts";
import type { Pace } from "../../src/testing/hub-clock.ts";
import { platformAt } from "../../src/testing/sandbox.ts";
import { fastClock, fastEngine } from "./time.ts";

export interface ChaosConfig {
  dataDir: string;
  /** Of the one hub that may send. */
  markFile: string;
  sandboxUrl: string;
  keyHex: string;
  pace: Pace;
  /** One of these is by how much the worker's clock is wrong. */
  skewsMs: readonly number[];
  /** From when until when, in ms of the wall, nothing leaves the machine. */
  cuts: readonly { fromMs: number; toMs: number }[];
}

/** `fetch` on a machine whose network is away now and then: what is asked meanwhile does not leave it. */
function cutFetch(cuts: ChaosConfig["cuts"]): typeof fetch {
  const asked = async (...args: Parameters<typeof fetch>) => {
    const nowMs = Date.now();
    if (cuts.some(({ fromMs, toMs }) => nowMs >= fromMs && nowMs < toMs)) {
      const cause = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
      throw Object.assign(new TypeError("fetch failed", { cause }), { code: "ENOTFOUND" });
    }
    return await fetch(...args);
  };
  return asked as typeof fetch;
}

async function main(): Promise<void> {
  const { dataDir, markFile, sandboxUrl, keyHex, pace, skewsMs, cuts } = JSON.parse(
    process.env.CHAOS ?? "{}",
  ) as ChaosConfig;
  const clock = fastClock(pace, skewsMs[Math.floor(Math.random() * skewsMs.length)]);
  const hub = await createHubConnection({ databaseUrl: "embedded", dataDir, max: 12, applicationName: "chaos" });
  const worker = await startWorker({
    hub,
    engine: fastEngine(pace),
    media: folderStore(`${dataDir}/media`),
    platform: platformAt(sandboxUrl, { clock, fetch: cutFetch(cuts) }),
    keyRing: [keyFromHex(keyHex)],
    clock,
    random: Math.random,
    workerId: `${process.pid}-${randomBytes(4).toString("hex")}`,
    clientId: SANDBOX_CLIENT_ID,
    mark: await HubMark.open(hub, markFile),
    graceMs: 24 * 60 * 60_000,
    // Workers are all dead or frozen for minutes of their time; the posts of that time are to rest within the run.
    catchUpMs: 10_000,
  });
  process.on("SIGTERM", () => void worker.stop().then(() => process.exit(0)));
  await worker.done;
}

if (import.meta.main) await main();
