/** One worker of the chaos run, as a process of its own. Everything it needs comes in CHAOS. */
import { randomBytes } from "node:crypto";
import { createHubConnection } from "../../src/core/db/connection.ts";
import { folderStore } from "../../src/core/media/store.ts";
import { keyFromHex } from "../../src/core/utils/crypto.ts";
import { startWorker } from "../../src/engines/worker.ts";
import { createXPlatform } from "../../src/platforms/x/platform.ts";
import { SANDBOX_CALLBACK_URL, SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET } from "../../src/sandbox/types.ts";
import type { Pace } from "../../src/testing/hub-clock.ts";
import { fastClock, fastEngine } from "./time.ts";

export interface ChaosConfig {
  dataDir: string;
  sandboxUrl: string;
  keyHex: string;
  pace: Pace;
}

export function platformAt(url: string, pace: Pace) {
  return createXPlatform({
    apiBaseUrl: url,
    clock: fastClock(pace),
    oauth: {
      clientId: SANDBOX_CLIENT_ID,
      clientSecret: SANDBOX_CLIENT_SECRET,
      redirectUri: SANDBOX_CALLBACK_URL,
      authorizeUrl: `${url}/i/oauth2/authorize`,
      tokenUrl: `${url}/2/oauth2/token`,
      revokeUrl: `${url}/2/oauth2/revoke`,
    },
  });
}

async function main(): Promise<void> {
  const { dataDir, sandboxUrl, keyHex, pace } = JSON.parse(process.env.CHAOS ?? "{}") as ChaosConfig;
  const hub = await createHubConnection({ databaseUrl: "embedded", dataDir, max: 12, applicationName: "chaos" });
  const worker = await startWorker({
    hub,
    engine: fastEngine(pace),
    media: folderStore(`${dataDir}/media`),
    platform: platformAt(sandboxUrl, pace),
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
