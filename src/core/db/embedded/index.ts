/**
 * The embedded hub: a real PostgreSQL 18 in a folder of the user's, reached through a unix socket, shared by every PSN
 * process of that user and outliving them all. No TCP port, no password: the folder is closed to everybody else.
 *
 *     const hub = await startEmbedded({ dataDir });      // connects to the running one, or starts it, or makes it
 *     const pool = new pg.Pool(hub.connection);
 *
 * What only a start or a stop needs is loaded then: nearly every command finds the server running.
 */
import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, wallClock } from "../../clock.ts";
import { requirePlace } from "../../config/file-error.ts";
import { withLock } from "../../config/lock.ts";
import { withFileErrors } from "./failures.ts";
import { claimFolder, removeFolder, sweep } from "./folder.ts";
import { boundLog } from "./log.ts";
import { hubPaths, locate, type Place } from "./place.ts";
import {
  connectionString,
  connectionTo,
  type HubConnection,
  observe,
  open,
  type RunningServer,
  socketOf,
} from "./postmaster.ts";
import { userName } from "./user.ts";

export type { HubConnection } from "./postmaster.ts";

export interface EmbeddedOptions {
  /** The hub's folder. It is made on first use, with the folders above it. */
  dataDir: string;
  /** Never makes a hub: a folder that is not there, also one that goes away meanwhile, is HUB_GONE. */
  mustExist?: boolean;
  signal?: AbortSignal;
  clock?: Clock;
  /** Called once when a start takes longer than some seconds, with what it waits for, in words. */
  onWait?: (what: string) => void;
  /** Only for root: where to keep what PostgreSQL's user must reach. Default: /var/lib/psn and the like. */
  systemDirs?: readonly string[];
}

export interface EmbeddedHub {
  /** True when this call started the server; false when it was running. */
  started: boolean;
  /** True when this call made the hub. */
  created: boolean;
  pid: number;
  since: Date;
  /** PostgreSQL's, such as 18.4. */
  version: string;
  /** Where the hub is. */
  dataDir: string;
  /** The folder that was asked for, when the hub had to go elsewhere; else null. Only root meets this. */
  movedFrom: string | null;
  socketDir: string;
  logFile: string;
  connection: HubConnection;
  connectionString: string;
  /** Name of the system user that the server runs as; null when it is the user of this process. */
  runsAs: string | null;
}

/** Longer than everything that the holder of the lock may wait for. */
const LOCK_MS_MAX = 300_000;
const STOP_MS_MAX = 30_000;
/** Nobody waits longer without being told for what. */
const SILENT_MS_MAX = 3_000;

/**
 * Makes sure that the hub runs, and says how to reach it. Any number of processes may call it at once: one of them
 * starts the server, all get the same answer. With a running server it costs one connection, about 5 ms.
 *
 * @throws PsnError HUB_PLATFORM_UNSUPPORTED, HUB_START_FAILED (with the last lines of its log), HUB_VERSION_MISMATCH,
 *   HUB_DISK_FULL, HUB_PERMISSION_DENIED, HUB_DATA_FOREIGN, HUB_DATA_INVALID, HUB_NO_USER, HUB_BUSY, HUB_GONE; the
 *   signal's reason when aborted
 */
export function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedHub> {
  return withFileErrors(options.dataDir, async () => {
    options.signal?.throwIfAborted();
    const clock = options.clock ?? wallClock;
    const { signal, mustExist = false } = options;
    const place = await locate(options.dataDir, { forStart: true, ...systemDirsOf(options) });
    const { logFile, lockFile } = hubPaths(place.dataDir);
    if (place.exists) {
      const seen = await observe(place);
      if (seen.kind === "running") {
        await boundLog(logFile, place.owner);
        return describe(place, seen.server, { started: false, created: false });
      }
    }
    const { bringUp, ensureCluster, requireCluster } = await import("./server.ts");
    const { findBinaries } = await import("./binaries.ts");
    const prepare = async () => {
      if (mustExist) await requireCluster(place);
      return await claimFolder(place, mustExist);
    };
    let waitsFor = "another psn process starts or stops it";
    const done = new AbortController();
    void clock.sleep(SILENT_MS_MAX, done.signal).then(() => {
      if (!done.signal.aborted) options.onWait?.(waitsFor);
    });
    const started = withLock(
      lockFile,
      { clock, signal, waitMs: LOCK_MS_MAX, owner: place.owner, prepare },
      async () => {
        waitsFor = "it is being made";
        const seen = await observe(place);
        if (seen.kind === "running") return describe(place, seen.server, { started: false, created: false });
        const binaries = await findBinaries(place, { signal, ...systemDirsOf(options) });
        await sweep(place.dataDir);
        await boundLog(logFile, place.owner);
        const created = await ensureCluster(place, binaries, { signal, mustExist });
        const onState = (detail: string) => {
          waitsFor = detail;
        };
        const { started, server } = await bringUp(place, binaries, clock, { signal, onState });
        return describe(place, server, { started, created });
      },
    );
    return await started.finally(() => done.abort());
  });
}

/**
 * What a start would meet, as far as it can be seen without one.
 * @returns whether the server runs already
 * @throws PsnError HUB_GONE, FILE_NOT_WRITTEN, and what a start throws about the folder
 */
export function lookBeforeStart(options: EmbeddedOptions): Promise<boolean> {
  return withFileErrors(options.dataDir, async () => {
    const place = await locate(options.dataDir, { forStart: false, ...systemDirsOf(options) });
    if (place.exists && (await observe(place)).kind === "running") return true;
    if (options.mustExist) await (await import("./server.ts")).requireCluster(place);
    // A hub of root's goes elsewhere, where its server's user cannot reach this place.
    else if (!place.exists && process.geteuid?.() !== 0) await requirePlace(place.dataDir, "folder");
    return false;
  });
}

export interface StopOptions extends EmbeddedOptions {
  /** `fast` ends connections, `smart` waits for them, `immediate` is a crash on purpose. Default fast. */
  mode?: "fast" | "smart" | "immediate";
  /** Default 30 s. */
  timeoutMs?: number;
}

/**
 * Stops the server and waits until it is gone. `stopped` is false when none was running.
 *
 * @throws PsnError HUB_STOP_TIMEOUT, and what a start throws about the folder
 */
export function stopEmbedded(options: StopOptions): Promise<{ stopped: boolean }> {
  return withFileErrors(options.dataDir, async () => {
    const place = await locate(options.dataDir, { forStart: false, ...systemDirsOf(options) });
    return { stopped: place.exists && (await stopIn(place, options)) };
  });
}

async function stopIn(place: Place, options: StopOptions): Promise<boolean> {
  const seen = await observe(place);
  const pid = seen.kind === "running" ? seen.server.pid : "pid" in seen ? seen.pid : 0;
  if (pid === 0) return false;
  const by = { fast: "SIGINT", smart: "SIGTERM", immediate: "SIGQUIT" } as const;
  const clock = options.clock ?? wallClock;
  const { stopServer } = await import("./server.ts");
  await stopServer(place, pid, by[options.mode ?? "fast"], clock, options.timeoutMs ?? STOP_MS_MAX, options.signal);
  return true;
}

export interface EmbeddedStatus {
  /** False also while it starts or stops, and where it refuses every newcomer; `detail` says which. */
  running: boolean;
  detail: string | null;
  /** False when no hub was ever made there. */
  exists: boolean;
  pid: number | null;
  since: Date | null;
  version: string | null;
  dataDir: string;
  movedFrom: string | null;
  socketDir: string | null;
  logFile: string;
  /** Everything in the hub's folder. */
  sizeBytes: number;
  /** Open client connections, without the one that asked; null when it does not run. */
  connections: number | null;
}

/** Looks at the hub and changes nothing. */
export function statusEmbedded(options: EmbeddedOptions): Promise<EmbeddedStatus> {
  return withFileErrors(options.dataDir, async () => {
    const place = await locate(options.dataDir, { forStart: false, ...systemDirsOf(options) });
    const seen = place.exists ? await observe(place) : ({ kind: "stopped" } as const);
    const server = seen.kind === "running" ? seen.server : null;
    return {
      running: server !== null,
      detail: "detail" in seen ? seen.detail : null,
      exists: place.exists,
      pid: server?.pid ?? ("pid" in seen && seen.pid > 0 ? seen.pid : null),
      since: server?.since ?? null,
      version: server?.version ?? null,
      dataDir: place.dataDir,
      movedFrom: place.dataDir === place.wantedDir ? null : place.wantedDir,
      socketDir: server?.socketDir ?? null,
      logFile: hubPaths(place.dataDir).logFile,
      sizeBytes: place.exists ? await sizeOf(place.dataDir) : 0,
      connections: server === null ? null : await countConnections(server),
    };
  });
}

/** How a hub that seems to run is reached. Its server is not asked, and never started; null where none runs. */
export async function findEmbedded(options: EmbeddedOptions): Promise<HubConnection | null> {
  const place = await locate(options.dataDir, { forStart: false, ...systemDirsOf(options) });
  const socketDir = place.exists ? await socketOf(place) : null;
  return socketDir === null ? null : connectionTo(socketDir);
}

async function countConnections(server: RunningServer): Promise<number | null> {
  const client = await open(connectionTo(server.socketDir));
  if (client instanceof Error) return null;
  try {
    const { rows } = await client.query(`
      select count(*)::int as open
      from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid()`);
    return Number(rows[0]?.open ?? 0);
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Stops the server and removes the hub with all its data: for throwaway hubs, such as those of tests and the demo.
 * `removed` is false when there is none.
 *
 * @throws PsnError HUB_DATA_FOREIGN when the folder is not a hub of PSN's, which is then left alone
 */
export function removeEmbedded(options: EmbeddedOptions): Promise<{ removed: boolean }> {
  return withFileErrors(options.dataDir, async () => {
    const place = await locate(options.dataDir, { forStart: false, ...systemDirsOf(options) });
    if (!place.exists) return { removed: false };
    const { lockFile } = hubPaths(place.dataDir);
    const lock = {
      clock: options.clock ?? wallClock,
      signal: options.signal,
      waitMs: LOCK_MS_MAX,
      owner: place.owner,
      prepare: () => claimFolder(place, false),
    };
    return withLock(lockFile, lock, async () => {
      await stopIn(place, options);
      await removeFolder(place);
      return { removed: true };
    });
  });
}

function systemDirsOf(options: EmbeddedOptions): { systemDirs?: readonly string[] } {
  return options.systemDirs === undefined ? {} : { systemDirs: options.systemDirs };
}

async function describe(
  place: Place,
  server: RunningServer,
  happened: { started: boolean; created: boolean },
): Promise<EmbeddedHub> {
  const connection = connectionTo(server.socketDir);
  return {
    ...happened,
    ...server,
    dataDir: place.dataDir,
    movedFrom: place.dataDir === place.wantedDir ? null : place.wantedDir,
    logFile: hubPaths(place.dataDir).logFile,
    connection,
    connectionString: connectionString(connection),
    runsAs: place.owner === null ? null : await userName(place.owner.uid),
  };
}

const ENTRIES_MAX = 1_000_000;

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  let entries = 0;
  for await (const entry of await opendir(folder, { recursive: true })) {
    if (++entries > ENTRIES_MAX) break;
    if (!entry.isFile()) continue;
    // Postgres removes files while we look.
    bytes += (await lstat(join(entry.parentPath, entry.name)).catch(() => null))?.size ?? 0;
  }
  return bytes;
}
