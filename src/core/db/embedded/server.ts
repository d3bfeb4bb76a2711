/** Makes the cluster and starts the server. The caller holds the lock. */

import { spawn } from "node:child_process";
import { type FileHandle, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../clock.ts";
import { readOwnFile } from "../../config/own-file.ts";
import { syncFolder } from "../../config/whole-file.ts";
import { PsnError, systemCode } from "../../errors.ts";
import type { Binaries } from "./binaries.ts";
import { permissionDenied, startFailure, versionMismatch } from "./failures.ts";
import { exists, prepareSocketDir, unfinished } from "./folder.ts";
import { openLog, readLog } from "./log.ts";
import { hubPaths, type Place } from "./place.ts";
import { observe, type RunningServer, SUPERUSER, signalServer, whoIs } from "./postmaster.ts";
import { CHILD_ENV, run } from "./run.ts";

const VERSION_BYTES_MAX = 1024;
const INIT_MS_MAX = 120_000;
/** Crash recovery replays at most `max_wal_size`; this is far more than it takes. */
const READY_MS_MAX = 120_000;
const STOP_MS_MAX = 30_000;
const POLL_MS = 10;
/** Backends of a killed postmaster notice within moments; until then Postgres refuses to start beside them. */
const ORPHANS_MS_MAX = 15_000;
const TORN_PID_FILE_MS_MAX = 1_000;
/** A server that refuses everybody for so long is restarted. Places that are all taken may come free within it. */
const REFUSING_MS_MAX = 3_000;

/** Written into postgresql.conf once, so a person may change them: sizes for one author's hub on a laptop. */
const INITIAL_SETTINGS: Record<string, string> = {
  max_connections: "100",
  shared_buffers: "64MB",
  max_wal_size: "256MB",
  min_wal_size: "32MB",
  timezone: "UTC",
  log_timezone: "UTC",
  // No disk of today pays four times as much for a page out of order; the default reads whole tables instead of
  // indexes.
  random_page_cost: "1.1",
  // Statements here take milliseconds; compiling one takes a hundred.
  jit: "off",
  // Three I/O workers would idle beside every hub for nothing.
  io_method: "sync",
};

/**
 * Given at every start, because the hub relies on them. Durability is Postgres's own default: fsync,
 * synchronous_commit.
 */
function settings(socketDir: string): Record<string, string> {
  return {
    listen_addresses: "",
    // A list in which a quoted name may hold anything.
    unix_socket_directories: `"${socketDir.replaceAll('"', '""')}"`,
    unix_socket_permissions: "0700",
    // In the hub's own folder: what lies in /dev/shm is swept away when its user logs out (systemd's RemoveIPC), and the
    // server then refuses every newcomer.
    dynamic_shared_memory_type: "mmap",
    port: "5432",
    // Loaded once, so that functions go on working while `npm install` replaces the files under a running server.
    shared_preload_libraries: "plpgsql",
    logging_collector: "off",
    log_checkpoints: "off",
    // Neither statements nor rows of a user's hub belong into a log.
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
    log_statement: "none",
  };
}

/** @throws PsnError HUB_GONE where there is no cluster */
export async function requireCluster({ dataDir }: Place): Promise<void> {
  if (await exists(hubPaths(dataDir).cluster)) return;
  throw new PsnError("HUB_GONE", `The hub's folder ${dataDir} is not there any more.`, {
    hint: "Put it back: its disk may not be mounted, or PSN_DATA_DIR names another folder. Only where it is lost for good, psn setup makes a new and empty one.",
  });
}

/**
 * Makes the cluster when there is none, unless it must be there: in a folder of its own beside its place, then renamed into it, so that a power
 * cut leaves either none or a whole one.
 *
 * @returns true when it was made now
 */
export async function ensureCluster(
  place: Place,
  binaries: Binaries,
  { signal, mustExist }: { signal: AbortSignal | undefined; mustExist: boolean },
): Promise<boolean> {
  const { cluster, logFile } = hubPaths(place.dataDir);
  if (await exists(cluster)) {
    const found = ((await readOwnFile(join(cluster, "PG_VERSION"), VERSION_BYTES_MAX)) ?? "an unknown version").trim();
    if (found !== binaries.major) throw versionMismatch(place.dataDir, found, binaries.major);
    return false;
  }
  if (mustExist) await requireCluster(place);
  const draft = unfinished(place.dataDir, "init");
  const args = ["-D", draft, "-U", SUPERUSER, "-E", "UTF8", "--locale=C", "--locale-provider=builtin"];
  args.push("--builtin-locale=C.UTF-8", "--data-checksums", "--no-instructions");
  args.push("--auth-local=trust", "--auth-host=reject");
  for (const [name, value] of Object.entries(INITIAL_SETTINGS)) args.push("--set", `${name}=${value}`);
  try {
    const result = await run(binaries.initdb, args, { timeoutMs: INIT_MS_MAX, runAs: place.owner, signal });
    if (result.code !== 0) {
      const why = result.timedOut ? `stopped after ${INIT_MS_MAX / 1000} s` : (result.systemCode ?? "");
      throw startFailure("initdb", `${result.output}\n${why}`, place.dataDir, logFile);
    }
    await rename(draft, cluster);
    await syncFolder(place.dataDir);
    return true;
  } finally {
    await rm(draft, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  }
}

/**
 * Starts the server, or waits for one that is already on its way, and returns when it accepts connections. The server
 * outlives this process: it has its own session and holds none of this process's files.
 *
 * @throws PsnError HUB_START_FAILED with the last lines of its log, HUB_DISK_FULL, HUB_PERMISSION_DENIED
 */
export async function bringUp(
  place: Place,
  binaries: Binaries,
  clock: Clock,
  { signal, onState = () => {} }: { signal?: AbortSignal | undefined; onState?: (detail: string) => void } = {},
): Promise<{ started: boolean; server: RunningServer }> {
  const { logFile } = hubPaths(place.dataDir);
  const begin = clock.now().getTime();
  let child: Launched | null = null;
  let tornSinceMs: number | null = null;
  let refusingSinceMs: number | null = null;
  let wasRestarted = false;
  for (;;) {
    signal?.throwIfAborted();
    const seen = await observe(place);
    const waitedMs = clock.now().getTime() - begin;
    if (seen.kind === "running") return { started: child !== null, server: seen.server };
    onState("detail" in seen ? seen.detail : "it starts");
    if (seen.kind === "refusing") {
      refusingSinceMs ??= waitedMs;
      const isLong = waitedMs - refusingSinceMs > REFUSING_MS_MAX;
      if (isLong && wasRestarted) throw startFailure("postgres", seen.detail, place.dataDir, logFile);
      if (isLong) {
        await stopServer(place, seen.pid, "SIGINT", clock, STOP_MS_MAX, signal);
        wasRestarted = true;
        child = null;
      }
    }
    if (seen.kind !== "refusing") refusingSinceMs = null;
    if (seen.kind === "lost") await stopServer(place, seen.pid, "SIGINT", clock, STOP_MS_MAX, signal);
    if (seen.kind === "torn_pid_file") {
      tornSinceMs ??= waitedMs;
      if (waitedMs - tornSinceMs > TORN_PID_FILE_MS_MAX) await removeTornPidFile(place);
    } else {
      tornSinceMs = null;
    }
    if (seen.kind === "stopped") {
      if (child === null) {
        child = await launch(place, binaries, seen.reusedPid);
      } else if (child.ended !== null) {
        const said = await readLog(logFile, child.logStart);
        const orphans = /pre-existing shared memory block|lock file .* already exists/.test(said);
        if (!orphans || waitedMs > ORPHANS_MS_MAX) {
          throw startFailure("postgres", `${said}${child.ended}`, place.dataDir, logFile);
        }
        child = null;
        await clock.sleep(200, signal);
      }
    }
    if (waitedMs > READY_MS_MAX) {
      const said = await readLog(logFile, child?.logStart ?? 0);
      const state = "detail" in seen ? seen.detail : seen.kind;
      throw startFailure(
        "postgres",
        `${said}not ready after ${READY_MS_MAX / 1000} s: ${state}`,
        place.dataDir,
        logFile,
      );
    }
    await clock.sleep(POLL_MS, signal);
  }
}

interface Launched {
  /** Where its part of the log begins, in bytes. */
  logStart: number;
  /** How it ended; null while it runs. */
  ended: string | null;
}

async function launch(place: Place, binaries: Binaries, reusedPid: number | null): Promise<Launched> {
  const { cluster, logFile } = hubPaths(place.dataDir);
  const socketDir = await prepareSocketDir(place);
  const args = ["-D", cluster];
  for (const [name, value] of Object.entries(settings(socketDir))) args.push("-c", `${name}=${value}`);
  const log: FileHandle = await openLog(logFile, place.owner);
  try {
    const launched: Launched = { logStart: (await stat(logFile)).size, ended: null };
    const child = spawn(binaries.postgres, args, {
      ...(place.owner ?? {}),
      // Postgres takes any living pid in a stale postmaster.pid for a server, unless it is this one. It still looks
      // whether backends of the old server live, which removing the file would hide from it.
      env: { ...CHILD_ENV, ...(reusedPid === null ? {} : { PG_GRANDPARENT_PID: String(reusedPid) }) },
      cwd: "/",
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
    });
    child.on("error", (error) => {
      launched.ended = systemCode(error) === "EACCES" ? `Permission denied: ${binaries.postgres}` : error.message;
    });
    child.on("exit", (code, killedBy) => {
      launched.ended ??= code === null ? `ended by ${killedBy}` : `ended with code ${code}`;
    });
    child.unref();
    return launched;
  } finally {
    await log.close();
  }
}

/** Only one that is torn still: a server may have written it whole meanwhile. */
async function removeTornPidFile(place: Place): Promise<void> {
  if ((await observe(place)).kind !== "torn_pid_file") return;
  await rm(join(hubPaths(place.dataDir).cluster, "postmaster.pid"), { force: true });
}

/**
 * Signals the postmaster and waits until it is gone. SIGINT rolls back what is open and ends cleanly, SIGTERM waits for
 * the connections to end, SIGQUIT is a crash on purpose.
 *
 * @throws PsnError HUB_STOP_TIMEOUT
 */
export async function stopServer(
  place: Place,
  pid: number,
  by: "SIGINT" | "SIGTERM" | "SIGQUIT",
  clock: Clock,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const { cluster } = hubPaths(place.dataDir);
  if ((await whoIs(pid, cluster)) !== "postmaster") {
    // It answered at its socket, so it lives where we cannot see it.
    throw permissionDenied(place.dataDir, `its server (pid ${pid}) runs in another container, which alone can stop it`);
  }
  signalServer(pid, by);
  const until = clock.now().getTime() + timeoutMs;
  while ((await whoIs(pid, cluster)) === "postmaster") {
    signal?.throwIfAborted();
    if (clock.now().getTime() > until) {
      throw new PsnError(
        "HUB_STOP_TIMEOUT",
        `The hub's server (pid ${pid}) still runs ${timeoutMs / 1000} s after it was asked to stop.`,
        {
          hint: "Look for a program that keeps a connection to it, end that, and stop the hub again.",
          details: { pid, dataDir: place.dataDir, timeoutMs },
        },
      );
    }
    await clock.sleep(POLL_MS, signal);
  }
}
