/**
 * Where a hub lives and who runs it. For an ordinary user that is the folder that was asked for. Root's server runs as
 * another user, who may be unable to reach that folder; then the hub lives in a folder of the system's, under a name
 * made from the folder that was asked for, and stays there for good.
 */
import { createHash } from "node:crypto";
import { chmod, lstat, mkdir, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { readOwnFile } from "../../config/own-file.ts";
import { PsnError, systemCode } from "../../errors.ts";
import { permissionDenied } from "./failures.ts";
import type { RunAs } from "./run.ts";
import { canReach, isRoot, isSystemUser, requireUserSwitch, systemUser, userName } from "./user.ts";

/** Where root keeps what its server's user must reach; the first one that can be used. */
export const SYSTEM_DIRS: readonly string[] = ["/var/lib/psn", "/usr/local/var/psn", "/opt/psn", "/srv/psn"];

/** Postgres holds paths in 1,024 bytes and adds names of its own to ours. */
const DATA_DIR_BYTES_MAX = 800;

export interface Place {
  /** The folder that was asked for, absolute and without symlinks. */
  wantedDir: string;
  /** The folder the hub lives in. */
  dataDir: string;
  /** The user whose server it is; null when that is the user of this process. */
  owner: RunAs | null;
  /** True when a hub of ours is there, whatever its state. */
  exists: boolean;
}

export function hubPaths(dataDir: string) {
  return {
    marker: join(dataDir, "psn-hub.json"),
    /** The cluster, what Postgres calls PGDATA. */
    cluster: join(dataDir, "postgres"),
    socketDir: join(dataDir, "socket"),
    logFile: join(dataDir, "postgres.log"),
    lockFile: join(dataDir, "start.lock"),
  };
}

const MarkerSchema = z.object({ psnHub: z.number().int(), wantedDir: z.string() });
export type Marker = z.infer<typeof MarkerSchema>;
export const MARKER_FORMAT = 1;
const MARKER_BYTES_MAX = 64 * 1024;

/**
 * Finds the place of a hub; changes nothing, except that for root's first hub the system user may be made.
 *
 * @throws PsnError HUB_DATA_FOREIGN, HUB_DATA_INVALID, HUB_PERMISSION_DENIED, HUB_NO_USER, HUB_VERSION_MISMATCH
 */
export async function locate(
  dataDir: string,
  options: { forStart: boolean; systemDirs?: readonly string[] },
): Promise<Place> {
  const wantedDir = await canonical(dataDir);
  const content = await inspect(wantedDir);
  if (!isRoot()) {
    if (content.kind !== "missing" && content.uid !== process.geteuid?.()) {
      throw permissionDenied(wantedDir, `it belongs to another user (uid ${content.uid})`);
    }
    return { wantedDir, dataDir: wantedDir, owner: null, exists: content.kind === "hub" };
  }
  requireUserSwitch();
  if (content.kind === "hub") {
    if (content.uid === 0) throw permissionDenied(wantedDir, "it belongs to root, whom PostgreSQL refuses to serve");
    await requireSystemUser(wantedDir, content.uid);
    const owner = { uid: content.uid, gid: content.gid };
    if (await canReach(owner, wantedDir)) return { wantedDir, dataDir: wantedDir, owner, exists: true };
    throw permissionDenied(wantedDir, `its owner (uid ${owner.uid}) cannot reach it since a folder above was closed`);
  }
  // A hub in a system folder is found before any new one is made, whatever the rights on the wanted folder are by now.
  const systemDirs = options.systemDirs ?? SYSTEM_DIRS;
  const name = hashOf(wantedDir);
  for (const systemDir of systemDirs) {
    const moved = join(systemDir, "hubs", name);
    const there = await inspect(moved);
    if (there.kind === "hub" && there.uid !== 0) {
      await requireSystemUser(moved, there.uid);
      return { wantedDir, dataDir: moved, owner: { uid: there.uid, gid: there.gid }, exists: true };
    }
  }
  if (!options.forStart) return { wantedDir, dataDir: wantedDir, owner: null, exists: false };
  if (content.kind === "empty" && content.uid !== 0) await requireSystemUser(wantedDir, content.uid);
  const owner = content.kind === "empty" && content.uid !== 0 ? content : await systemUser();
  const { uid, gid } = owner;
  if (await canReach({ uid, gid }, await nearestExisting(dirname(wantedDir)))) {
    return { wantedDir, dataDir: wantedDir, owner: { uid, gid }, exists: false };
  }
  const systemDir = await prepareSystemDir("hubs", { uid, gid }, systemDirs);
  return { wantedDir, dataDir: join(systemDir, name), owner: { uid, gid }, exists: false };
}

/**
 * Makes `<system folder>/<name>` for root: owned by root, writable by nobody else, reachable for `user`.
 *
 * @throws PsnError HUB_PERMISSION_DENIED when none of the folders will do
 */
export async function prepareSystemDir(name: string, user: RunAs, systemDirs: readonly string[]): Promise<string> {
  let last: unknown;
  for (const systemDir of systemDirs) {
    const folder = join(systemDir, name);
    try {
      for (const path of [systemDir, folder]) {
        await mkdir(path, { recursive: true, mode: 0o755 });
        const facts = await lstat(path);
        if (!facts.isDirectory() || facts.uid !== 0) throw new Error(`${path} is not a folder of root's`);
        await chmod(path, 0o755);
      }
      if (await canReach(user, folder)) return folder;
      last = new Error(`uid ${user.uid} cannot reach ${folder}`);
    } catch (error) {
      last = error;
    }
  }
  throw permissionDenied(systemDirs[0] ?? "/", "no system folder can hold what PostgreSQL's user must reach", last);
}

/** A short name for a folder: 16 hex digits of SHA-256. */
export function hashOf(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, 16);
}

/**
 * Root takes no hub, and no folder for one, from an ordinary user: they could have prepared it, and would read and change
 * root's posts.
 */
async function requireSystemUser(folder: string, uid: number): Promise<void> {
  if (await isSystemUser(uid)) return;
  throw new PsnError(
    "HUB_PERMISSION_DENIED",
    `PSN may not use ${folder} as root: it belongs to ${await userName(uid)}.`,
    {
      hint: "Run PSN as that user, or give the folder to psn-hub (chown -R psn-hub) if you know what is in it, or set another data folder.",
      details: { path: folder, uid },
    },
  );
}

type Content = { kind: "missing" } | { kind: "empty" | "hub"; uid: number; gid: number };

/** Names that a start killed half-way may leave before the marker is there. */
function isOurs(name: string): boolean {
  return name.startsWith(".psn-") || name.startsWith("start.lock");
}

async function inspect(folder: string): Promise<Content> {
  let names: string[];
  let facts: { uid: number; gid: number };
  let hub: boolean;
  try {
    facts = await stat(folder);
    names = await readdir(folder);
    hub = names.includes(basename(hubPaths(folder).marker));
    if (hub) await readMarker(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return { kind: "missing" };
    throw error;
  }
  const { uid, gid } = facts;
  if (hub) return { kind: "hub", uid, gid };
  if (names.every(isOurs)) return { kind: "empty", uid, gid };
  throw new PsnError("HUB_DATA_FOREIGN", `${folder} holds files that are not PSN's.`, {
    hint: "Set another, empty data folder. Nothing there was touched.",
    details: { dataDir: folder, some: names.slice(0, 5) },
  });
}

async function readMarker(folder: string): Promise<void> {
  const { marker } = hubPaths(folder);
  const parsed = MarkerSchema.safeParse(parseJson((await readOwnFile(marker, MARKER_BYTES_MAX)) ?? ""));
  if (!parsed.success) {
    throw new PsnError("HUB_DATA_FOREIGN", `${marker} is not one of PSN's, so the folder is left alone.`, {
      hint: "Set another, empty data folder.",
      details: { dataDir: folder },
    });
  }
  if (parsed.data.psnHub > MARKER_FORMAT) {
    throw new PsnError("HUB_VERSION_MISMATCH", `The hub at ${folder} was made by a newer PSN.`, {
      hint: "Update PSN, or set another data folder. The data is untouched.",
      details: { dataDir: folder, format: parsed.data.psnHub },
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function canonical(dataDir: string): Promise<string> {
  const absolute = resolve(dataDir);
  // postmaster.pid, which the server writes and others read, holds one fact a line.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (dataDir === "" || /[\u0000-\u001f\u007f]/.test(absolute) || Buffer.byteLength(absolute) > DATA_DIR_BYTES_MAX) {
    throw new PsnError("HUB_DATA_INVALID", "The data folder's path is empty, too long or holds control characters.", {
      hint: `Set a path of at most ${DATA_DIR_BYTES_MAX} bytes.`,
    });
  }
  const existing = await nearestExisting(absolute);
  return join(await realpath(existing), absolute.slice(existing.length));
}

async function nearestExisting(path: string): Promise<string> {
  for (let candidate = path; ; candidate = dirname(candidate)) {
    try {
      await stat(candidate);
      return candidate;
    } catch (error) {
      if (systemCode(error) !== "ENOENT" || dirname(candidate) === candidate) throw error;
    }
  }
}
