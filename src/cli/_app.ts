/** What most commands need: configuration, the hub with its tables up to date, X, the engine. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { createHubConnection, type Hub } from "../core/db/connection.ts";
import { DOUBTS, HubMark } from "../core/db/mark.ts";
import { migrateHub } from "../core/db/migrate.ts";
import { requireMigrated } from "../core/db/version.ts";
import type { Engine } from "../core/engine.ts";
import { type ChosenStore, chooseMediaStore } from "../core/media/choose.ts";
import type { Platform } from "../core/platform.ts";
import { readApprovalMark } from "../core/post/approval-mode.ts";
import type { PublishDeps } from "../core/publish/deps.ts";
import { requireHubKey } from "../core/tokens/hub-key.ts";
import {
  approvalFile,
  type Env,
  type HubEnv,
  type KeysEnv,
  loadHubEnv,
  loadKeysEnv,
  markFile,
} from "../core/utils/env.ts";
import { embeddedEngine } from "../engines/embedded.ts";
import { requireLive } from "../platforms/x/live.ts";
import { stopsAt } from "./_dry-run.ts";

export interface App {
  hubEnv: HubEnv;
  hub: Hub;
  engine: Engine;
  media: ChosenStore;
  /** Whether this embedded hub is the one that publishes with this configuration; null for any other hub. */
  mark: HubMark | null;
  /** Nothing that is done is kept, and X cannot be asked: `--dry-run`. */
  isDry: boolean;
  /** What a dry run has not asked X; it is told in the answer. */
  unchecked: string[];
  /** What comes after the answer of a dry run; see `Io.goesOn`. */
  goesOn: string[];
  /** Read when X is really needed: drafting works without keys. Throws X_KEYS_MISSING. */
  keys(): Promise<KeysEnv>;
  /** The X app that is configured; undefined while none is. */
  clientId(): Promise<string | undefined>;
  platform(): Promise<Platform>;
  /** Throws HUB_UNCLAIMED where nothing may be sent from this hub. */
  publishDeps(): Promise<PublishDeps>;
  /** The same for an act that writes to X. Throws LIVE_OFF under PSN_NO_LIVE=1. */
  liveDeps(): Promise<PublishDeps>;
  close(): Promise<void>;
}

export interface AppOptions {
  env: Env;
  /** Notes for the person: what was started and stays, what should be fixed. */
  note?: (line: string) => void;
  signal?: AbortSignal;
  poolMax?: number;
  applicationName?: string;
  /** On a hub that keeps nothing, with X and the media store out of reach. */
  dryRun?: boolean;
  /** Where to say what a dry run has not asked X. */
  unchecked?: string[];
  goesOn?: string[];
  /** Open a hub whose secrets are sealed with another key, too: to fix just that. */
  anyKey?: boolean;
}

/**
 * Whether a hub has published with this configuration. One that is not there then is on a disk that is not mounted, or was moved away:
 * an empty one in its place would seem to be well, with every post gone. Only `psn setup` makes another.
 */
export const knowsHub = (env: Env): boolean => existsSync(markFile(env));

/**
 * Opens PSN as configured. Starts the embedded hub when it is not running.
 * @throws PsnError NOT_SET_UP, CONFIG_INVALID, KEY_INVALID, SECRET_KEY_WRONG, HUB_…
 */
export async function openApp(options: AppOptions): Promise<App> {
  const note = options.note ?? (() => {});
  const hubEnv = await loadHubEnv(options.env);
  for (const warning of hubEnv.warnings) note(`warning  ${warning}`);
  const approvalMark = await readApprovalMark(approvalFile(options.env));
  const real = await createHubConnection({
    databaseUrl: hubEnv.databaseUrl,
    dataDir: hubEnv.dataDir,
    mustExist: knowsHub(options.env),
    ...(options.poolMax ? { max: options.poolMax } : {}),
    applicationName: options.applicationName ?? "psn",
    requiresPerson: hubEnv.requiresPerson,
    approvalMark: { ...approvalMark, ...(options.dryRun ? { file: null } : {}) },
    onWait: (what) => note(`Waiting for the hub: ${what}.`),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  let hub = real;
  let media: ChosenStore;
  let mark: HubMark | null;
  let engine: Engine;
  try {
    if (options.dryRun) {
      await requireMigrated(real);
      hub = await (await import("../core/db/dry.ts")).dryHubOver(real);
    }
    if (hub.embedded?.startedNow) note(`Started the hub (${hub.where}). It keeps running; psn hub stop stops it.`);
    if (!options.dryRun) await migrateHub(hub);
    if (!options.anyKey) await requireHubKey(hub, hubEnv.keyRing);
    // It makes the mark where there is none, which a dry run does not.
    mark = options.dryRun && !knowsHub(options.env) ? null : await HubMark.open(hub, markFile(options.env));
    if (mark?.doubt) note(`warning  ${DOUBTS[mark.doubt]} Nothing is sent from it: psn hub claim --help`);
    const isDry = options.dryRun ?? false;
    media = await chooseMediaStore({ env: options.env, hub, dataDir: hubEnv.dataDir, engine: hubEnv.engine, isDry });
    engine = await chooseEngine(hubEnv, note);
  } catch (error) {
    await hub.close();
    throw error;
  }
  const workerId = `${hostname()}:${process.pid}:${randomBytes(4).toString("hex")}`;
  let keys: Promise<KeysEnv> | undefined;
  const app: App = {
    hubEnv,
    hub,
    isDry: options.dryRun ?? false,
    unchecked: options.unchecked ?? [],
    goesOn: options.goesOn ?? [],
    engine: options.dryRun ? { ...engine, reconcile: async () => {} } : engine,
    media,
    mark,
    keys: () => {
      keys ??= loadKeysEnv(options.env);
      return keys;
    },
    clientId: async () => (await app.keys().catch(() => null))?.oauth.clientId,
    // X's side is loaded by the commands that talk to X.
    platform: async () => {
      const { createXPlatform } = await import("../platforms/x/platform.ts");
      const platform = createXPlatform(await app.keys());
      return options.dryRun ? stopsAt(platform, ASK_X) : platform;
    },
    publishDeps: async () => {
      mark?.requireOwn();
      const { publishDepsOf } = await import("../wiring.ts");
      const deps = publishDepsOf({ hubEnv, keys: await app.keys(), hub, engine: app.engine, media, workerId, mark });
      // The mark is a file.
      return options.dryRun ? { ...deps, mark: null, platform: stopsAt(deps.platform, ASK_X) } : deps;
    },
    liveDeps: async () => {
      requireLive(options.env);
      return await app.publishDeps();
    },
    close: () => hub.close(),
  };
  return app;
}

/** Opens the app, hands it to `act`, and closes it whatever happens. */
export async function withApp<T>(options: AppOptions, act: (app: App) => Promise<T>): Promise<T> {
  const app = await openApp(options);
  try {
    return await act(app);
  } finally {
    await app.close();
  }
}

// --- internal ---

const ASK_X = "ask X";

async function chooseEngine({ engine, trigger }: HubEnv, note: (line: string) => void): Promise<Engine> {
  if (engine === "embedded") return embeddedEngine;
  const [{ triggerEngine }, { triggerApi }, { watchful }] = await Promise.all([
    import("../engines/trigger.ts"),
    import("../engines/trigger-api.ts"),
    import("../engines/trigger-silence.ts"),
  ]);
  const onError = (message: string) => note(`warning  ${message}. Nothing is lost: its watchdog tries again.`);
  return watchful(triggerEngine({ ...trigger, isHasty: true, onError }), triggerApi({ ...trigger, isHasty: true }));
}
