/** One worker of the chaos run, as a process of its own. Everything it needs comes in CHAOS. */
import { randomBytes } from "node:crypto";
import { createHubConnection } from "../../src/core/db/connection.ts";
import { folderStore } from "../../src/core/media/store.ts";
import { keyFromHex } from "../../src/core/utils/crypto.ts";
import { startWorker } from "../../src/engines/worker.ts";
import { SANDBOX_CLIENT_ID } from "../../src/sandbox/types.ts";
import type { Pace } from "../../src/testing/hub-clock.ts";
import { platformAt } from "../../src/testing/sandbox.ts";
import { fastClock, fastEngine } from "./time.ts";

export interface ChaosConfig {
  dataDir: string;
  sandboxUrl: string;
  keyHex: string;
  pace: Pace;
}

async function main(): Promise<void> {
  const { dataDir, sandboxUrl, keyHex, pace } = JSON.parse(process.env.CHAOS ?? "{}") as ChaosConfig;
  const hub = await createHubConnection({ databaseUrl: "embedded", dataDir, max: 12, applicationName: "chaos" });
  const worker = await startWorker({
    hub,
    engine: fastEngine(pace),
    media: folderStore(`${dataDir}/media`),
    platform: platformAt(sandboxUrl, { clock: fastClock(pace) }),
    keyRing: [keyFromHex(keyHex)],
    clock: fastClock(pace),
    random: Math.random,
    workerId: `${process.pid}-${randomBytes(4).toString("hex")}`,
    clientId: SANDBOX_CLIENT_ID,
    graceMs: 24 * 60 * 60_000,
  });
  process.on("SIGTERM", () => void worker.stop().then(() => process.exit(0)));
  await worker.done;
}

if (import.meta.main) await main();
