/**
 * Is the server of a hub running? Its postmaster.pid says so until it is removed, and a `kill -9`, a power cut or a new
 * boot leaves one behind, whose pid may belong to a stranger by now. So the file is believed only when a server answers
 * at its socket and shows the same file, or when the process is seen to be postgres in that folder.
 */

import { readlink, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import pg from "pg";
import { z } from "zod";
import { readOwnFile } from "../../config/own-file.ts";
import { systemCode } from "../../errors.ts";
import { exists, isPrivate, SOCKET_NAME } from "./folder.ts";
import { hubPaths, type Place } from "./place.ts";
import { run } from "./run.ts";

const DATABASE = "psn";
export const SUPERUSER = "psn";
const PORT = 5432;
const ANSWER_MS_MAX = 5_000;
const PID_FILE_BYTES_MAX = 64 * 1024;

/** How to reach the hub, for `pg` and whatever stands on it. No secret in it: the folder is the lock. */
export interface HubConnection {
  /** The socket's folder. */
  host: string;
  port: number;
  user: string;
  database: string;
  /** Stated so that PGSSLMODE and PGOPTIONS of the caller's environment do not apply. */
  ssl: false;
  options: string;
}

export function connectionTo(socketDir: string, database = DATABASE): HubConnection {
  return { host: socketDir, port: PORT, user: SUPERUSER, database, ssl: false, options: "-c TimeZone=UTC" };
}

/** The same as a URL, which `pg`, psql and drizzle-kit understand alike. */
export function connectionString(connection: HubConnection): string {
  const query = [
    ["host", connection.host],
    ["port", String(connection.port)],
    ["user", connection.user],
    ["sslmode", "disable"],
    ["options", connection.options],
  ].map(([key, value]) => `${key}=${encodeURIComponent(value ?? "")}`);
  return `postgresql:///${connection.database}?${query.join("&")}`;
}

export interface RunningServer {
  pid: number;
  since: Date;
  /** Such as 18.4. */
  version: string;
  socketDir: string;
}

export type Observation =
  /** Nothing runs. `reusedPid` is a stranger's process whose pid a stale postmaster.pid names. */
  | { kind: "stopped"; reusedPid: number | null }
  | { kind: "running"; server: RunningServer }
  /** Starting, recovering, stopping, or too loaded to answer. */
  | { kind: "busy"; pid: number; detail: string }
  /** It answers every newcomer with a FATAL that may not pass: its shared memory was swept away, its places are all taken. */
  | { kind: "refusing"; pid: number; detail: string }
  /** Alive, but of no use to anybody new: its socket or its programs were deleted under it. */
  | { kind: "lost"; pid: number; detail: string }
  /** postmaster.pid is there and not whole: being written right now, or left so by a crash. */
  | { kind: "torn_pid_file" };

interface PidFile {
  pid: number;
  startedAtSec: number;
  socketDir: string;
  status: string;
}

/** Its lines: pid, data folder, start time, port, socket folder, listen address, shared memory key, status. */
export function parsePidFile(text: string): PidFile | null {
  const [pid, , startedAtSec, , socketDir, , , status] = text.split("\n");
  const parsed = { pid: Number(pid), startedAtSec: Number(startedAtSec) };
  if (!Number.isInteger(parsed.pid) || parsed.pid <= 1 || !Number.isFinite(parsed.startedAtSec)) return null;
  return { ...parsed, socketDir: socketDir ?? "", status: (status ?? "").trim() };
}

/** The socket's folder of a server that seems to run, by its files alone: nothing is asked, made or started. */
export async function socketOf(place: Place): Promise<string | null> {
  const text = await readOwnFile(join(hubPaths(place.dataDir).cluster, "postmaster.pid"), PID_FILE_BYTES_MAX);
  const socketDir = parsePidFile(text ?? "")?.socketDir ?? "";
  if (socketDir === "" || !(await exists(join(socketDir, SOCKET_NAME)).catch(() => false))) return null;
  return (await isPrivate(socketDir, place.owner)) ? socketDir : null;
}

export async function observe(place: Place): Promise<Observation> {
  const { cluster } = hubPaths(place.dataDir);
  const text = await readOwnFile(join(cluster, "postmaster.pid"), PID_FILE_BYTES_MAX);
  if (text === null) return { kind: "stopped", reusedPid: null };
  const file = parsePidFile(text);
  if (file === null) {
    const pid = Number.parseInt(text, 10);
    if (pid > 1 && (await whoIs(pid, cluster)) === "postmaster")
      return { kind: "busy", pid, detail: "postmaster.pid is being written" };
    return { kind: "torn_pid_file" };
  }
  // The answer at the socket comes first: it also counts where the pid is of another container.
  const answer = await ask(file, place);
  if (answer.kind === "server") {
    if (answer.programsGone) return { kind: "lost", pid: file.pid, detail: "its programs were deleted" };
    return { kind: "running", server: answer.server };
  }
  const process = await whoIs(file.pid, cluster);
  if (process === "nobody") return { kind: "stopped", reusedPid: null };
  if (process === "stranger") return { kind: "stopped", reusedPid: file.pid };
  if (file.status === "ready" && answer.kind === "no_socket") {
    return { kind: "lost", pid: file.pid, detail: "its socket was deleted" };
  }
  if (file.status === "ready" && answer.kind === "refused") {
    return { kind: "refusing", pid: file.pid, detail: answer.detail };
  }
  const detail = "detail" in answer ? answer.detail : file.status || "starting";
  return { kind: "busy", pid: file.pid, detail };
}

type Answer =
  | { kind: "server"; server: RunningServer; programsGone: boolean }
  | { kind: "no_socket" }
  | { kind: "no_answer"; detail: string }
  /** Postgres itself said no, and not because it starts or stops. */
  | { kind: "refused"; detail: string };

/** It starts, recovers or stops: that passes by itself. */
const PASSES = new Set(["57P01", "57P02", "57P03"]);

function refusalOf(error: Error): Answer {
  const detail = error.message;
  const { severity, code } = error as Error & { severity?: string; code?: string };
  const isRefused = (severity === "FATAL" || severity === "PANIC") && !PASSES.has(code ?? "");
  return { kind: isRefused ? "refused" : "no_answer", detail };
}

const RowSchema = z.object({ pid_file: z.string(), version: z.string(), bin_dir: z.string().nullable() });

async function ask(file: PidFile, place: Place): Promise<Answer> {
  if (file.socketDir === "" || !(await exists(join(file.socketDir, SOCKET_NAME)).catch(() => false))) {
    return { kind: "no_socket" };
  }
  // Never speak to a socket that another user may have put there.
  if (!(await isPrivate(file.socketDir, place.owner))) {
    return { kind: "no_answer", detail: `${file.socketDir} is open to other users` };
  }
  const client = await connect(connectionTo(file.socketDir));
  if (client instanceof Error) return refusalOf(client);
  try {
    const { rows } = await client.query(`
      select
        pg_read_file('postmaster.pid') as pid_file,
        current_setting('server_version') as version,
        (select setting from pg_config where name = 'BINDIR') as bin_dir`);
    const row = RowSchema.parse(rows[0]);
    const shown = parsePidFile(row.pid_file);
    if (shown?.pid !== file.pid || shown.startedAtSec !== file.startedAtSec) {
      return { kind: "no_answer", detail: "another server answers at its socket" };
    }
    const version = row.version.split(" ")[0] ?? row.version;
    const since = new Date(file.startedAtSec * 1000);
    const programsGone = row.bin_dir !== null && !(await exists(join(row.bin_dir, "postgres")).catch(() => true));
    return { kind: "server", server: { pid: file.pid, since, version, socketDir: file.socketDir }, programsGone };
  } catch (error) {
    return { kind: "no_answer", detail: error instanceof Error ? error.message : String(error) };
  } finally {
    await client.end().catch(() => {});
  }
}

/** Connects; makes the hub's database on the way when a start was killed before it could. */
async function connect(to: HubConnection): Promise<pg.Client | Error> {
  for (const first of [true, false]) {
    const client = await open(to);
    if (!(client instanceof Error) || systemCode(client) !== "3D000" || !first) return client;
    const maintenance = await open({ ...to, database: "postgres" });
    if (maintenance instanceof Error) return maintenance;
    // Another process may make it at the same moment; then the second round finds it.
    await maintenance.query(`create database ${DATABASE}`).catch(() => {});
    await maintenance.end().catch(() => {});
  }
  return new Error("unreachable");
}

export async function open(to: HubConnection): Promise<pg.Client | Error> {
  const client = new pg.Client({ ...to, connectionTimeoutMillis: ANSWER_MS_MAX, query_timeout: ANSWER_MS_MAX });
  // A server that stops under us ends the connection; without a listener that would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Sends a signal to a postmaster that `observe` has just seen. */
export function signalServer(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemCode(error) !== "ESRCH") throw error;
  }
}

/** Whose process is this pid: the postmaster of this cluster, somebody else's, or nobody's? */
export async function whoIs(pid: number, cluster: string): Promise<"postmaster" | "stranger" | "nobody"> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) === "ESRCH") return "nobody";
  }
  if (process.platform === "linux") {
    try {
      const [home, own, program] = await Promise.all([
        stat(`/proc/${pid}/cwd`),
        stat(cluster),
        readlink(`/proc/${pid}/exe`),
      ]);
      // Postgres enters its cluster; " (deleted)" is added when the program was replaced.
      const same = home.dev === own.dev && home.ino === own.ino;
      return same && basename(program).startsWith("postgres") ? "postmaster" : "stranger";
    } catch {
      // It ended meanwhile, is a zombie that nobody fetched, or belongs to another user, so not to this hub.
      return "stranger";
    }
  }
  const listed = await run("ps", ["-ww", "-o", "command=", "-p", String(pid)], { timeoutMs: ANSWER_MS_MAX });
  if (listed.code !== 0) return "nobody";
  return listed.output.includes("postgres") && listed.output.includes(cluster) ? "postmaster" : "stranger";
}
