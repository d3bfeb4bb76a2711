/** What the rule of stuck posts must know beside the hub: asked in one place, so that every count of them is the same. */
import type { Hub } from "../core/db/connection.ts";
import type { Surroundings } from "../core/posts/stuck.ts";
import type { HubEnv, KeysEnv } from "../core/utils/env.ts";
import { workersOf } from "./worker-silence.ts";

/** Whether anything publishes what falls due: Trigger.dev, or a living worker of the embedded engine. */
export async function hostOf(
  hub: Hub,
  engine: HubEnv["engine"],
): Promise<{ hasWorker: boolean; workers: number; silentSince: Date | null }> {
  if (engine !== "embedded") return { hasWorker: true, workers: 0, silentSince: null };
  const { workers, silentSince } = await workersOf(hub);
  return { hasWorker: silentSince === null && workers > 0, workers, silentSince };
}

/** @param keys null where there are none, which leaves out what needs them */
export async function surroundingsOf(
  hub: Hub,
  { engine, timezone }: Pick<HubEnv, "engine" | "timezone">,
  keys: KeysEnv | null,
): Promise<Surroundings> {
  return {
    ...(await hostOf(hub, engine)),
    zone: timezone,
    ...(engine === "trigger" ? { engineTrouble: await troubleOf(hub) } : {}),
    ...(keys ? { apiHost: keys.apiHost, clientId: keys.oauth.clientId } : {}),
  };
}

// --- internal ---

/** Trigger.dev's side is loaded where it is the engine. */
const troubleOf = async (hub: Hub) => await (await import("./trigger-silence.ts")).silenceOf(hub);
