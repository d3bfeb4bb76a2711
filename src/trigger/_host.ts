/** Opens what a task needs (hub, X, media store) from the environment that the deployment set. */
import { hostname } from "node:os";
import { createHubConnection } from "../core/db/connection.ts";
import { withoutStatement } from "../core/db/errors.ts";
import { unclaimed } from "../core/db/mark.ts";
import { requireMigrated } from "../core/db/version.ts";
import type { Engine } from "../core/engine.ts";
import { PsnError } from "../core/errors.ts";
import { type ChosenStore, chooseMediaStore } from "../core/media/choose.ts";
import type { PublishDeps } from "../core/publish/deps.ts";
import { type Env, loadHubEnv, loadKeysEnv } from "../core/utils/env.ts";
import { hubEngine } from "../engines/switch.ts";
import { triggerEngine } from "../engines/trigger.ts";
import { requireLive } from "../platforms/x/live.ts";
import { publishDepsOf } from "../wiring.ts";

/** Connections per run: one for publishing, two for a token refresh, one for the heartbeat. */
const CONNECTIONS_MAX = 4;

export interface Host {
  deps: PublishDeps;
  engine: Engine;
  media: ChosenStore;
  /** True when the hub uses the embedded engine again: its worker publishes, and a run must not. */
  isRetired: boolean;
}

/**
 * Opens the hub for one run, calls `act` with it and closes it. Only the CLI migrates the schema.
 * @throws PsnError HUB_NOT_REACHABLE_FROM_TRIGGER, HUB_OLDER, and what the configuration throws
 */
export async function withHost<T>(runId: string, act: (host: Host) => Promise<T>, env: Env = process.env): Promise<T> {
  const hubEnv = await loadHubEnv(env);
  if (hubEnv.databaseUrl === "embedded") {
    throw new PsnError("HUB_NOT_REACHABLE_FROM_TRIGGER", "A run of Trigger.dev cannot reach an embedded hub.", {
      hint: "Move the hub to a server (psn hub move --to URL), then deploy again.",
    });
  }
  const keys = await loadKeysEnv(env);
  const hub = await createHubConnection({
    databaseUrl: hubEnv.databaseUrl,
    dataDir: hubEnv.dataDir,
    max: CONNECTIONS_MAX,
    pooled: true,
    applicationName: "psn trigger",
  });
  try {
    await requireMigrated(hub);
    if (hub.isRestored) throw unclaimed("restored");
    const engine = triggerEngine({ ownRunId: runId });
    const media = await chooseMediaStore({ env, hub, dataDir: hubEnv.dataDir, engine: "trigger" });
    requireLive(env);
    const deps = publishDepsOf({ hubEnv, keys, hub, engine, media, workerId: `trigger:${hostname()}:${runId}` });
    return await act({ deps, engine, media, isRetired: (await hubEngine(hub)) === "embedded" });
  } catch (error) {
    // Trigger.dev shows and keeps what a run throws.
    throw withoutStatement(error);
  } finally {
    await hub.close();
  }
}
