/** What the doctor asks the machine for; a test gives it a machine of its own. */
import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { type Clock, wallClock } from "../core/clock.ts";
import type { Env } from "../core/utils/env.ts";

/** The worker as a service; null where this machine has no service manager. */
export interface ServiceState {
  installed: boolean;
  active: boolean;
  /** Whether its file is the one that this PSN would write now. */
  isCurrent: boolean;
  file: string;
  says: string;
}

export interface World {
  env: Env;
  clock: Clock;
  /** Bytes that this user can still write where `path` is, or will be. */
  freeBytes(path: string): Promise<number>;
  fetch(url: string): Promise<{ date: string | null }>;
  service(): Promise<ServiceState | null>;
  hasTriggerSdk(): Promise<boolean>;
}

const FETCH_MS_MAX = 10_000;

/** The real machine. */
export function realWorld(env: Env, service: World["service"]): World {
  return {
    env,
    clock: wallClock,
    freeBytes,
    service,
    async fetch(url) {
      const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(FETCH_MS_MAX) });
      await answer.body?.cancel();
      return { date: answer.headers.get("date") };
    },
    hasTriggerSdk: () =>
      import("@trigger.dev/sdk").then(
        () => true,
        () => false,
      ),
  };
}

// --- internal ---

async function freeBytes(path: string): Promise<number> {
  let folder = path;
  while (!(await stat(folder).catch(() => null)) && dirname(folder) !== folder) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
