/** Puts the parts together that publishing needs, for the CLI and for Trigger.dev's tasks. */
import { wallClock } from "./core/clock.ts";
import type { Hub } from "./core/db/connection.ts";
import type { HubMark } from "./core/db/mark.ts";
import type { Engine } from "./core/engine.ts";
import type { MediaStore } from "./core/media/store.ts";
import type { PublishDeps } from "./core/publish/deps.ts";
import type { HubEnv, KeysEnv } from "./core/utils/env.ts";
import { isLive, withoutWrites } from "./platforms/x/live.ts";
import { createXPlatform } from "./platforms/x/platform.ts";

export interface Parts {
  hubEnv: HubEnv;
  keys: KeysEnv;
  hub: Hub;
  engine: Engine;
  media: MediaStore;
  /** Unique for each process. */
  workerId: string;
  /** Of an embedded hub. */
  mark?: HubMark | null;
}

/** @returns the dependencies of publishing, from the configuration */
export function publishDepsOf({ hubEnv, keys, hub, engine, media, workerId, mark }: Parts): PublishDeps {
  const platform = createXPlatform(keys);
  return {
    hub,
    engine,
    media,
    platform: isLive({ PSN_NO_LIVE: keys.noLive }) ? platform : withoutWrites(platform),
    keyRing: hubEnv.keyRing,
    clock: wallClock,
    random: Math.random,
    workerId,
    mark: mark ?? null,
    clientId: keys.oauth.clientId,
    graceMs: hubEnv.graceMinutes * 60_000,
    catchUpMs: hubEnv.catchUpMinutes * 60_000,
    refreshWindowMs: hubEnv.refresh.windowMinutes * 60_000,
    apiHost: keys.apiHost,
  };
}
