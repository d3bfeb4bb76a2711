/** Makes a hub's folder, its marker and its socket folder. All of it may be interrupted and done again. */

import { randomBytes } from "node:crypto";
import { chmod, constants, lchown, lstat, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { systemCode } from "../../errors.ts";
import { permissionDenied } from "./failures.ts";
import { hashOf, hubPaths, MARKER_FORMAT, type Marker, type Place } from "./place.ts";
import type { RunAs } from "./run.ts";

/** What a start makes before it is whole begins with this, so that a later start can tell and remove it. */
const UNFINISHED = ".psn-";

/** A name inside the hub's folder for something not yet whole. */
export function unfinished(dataDir: string, what: string): string {
  return join(dataDir, `${UNFINISHED}${what}-${randomBytes(6).toString("hex")}`);
}

/** Makes the hub's folder, unless it must be there: 0700 and its user's own, with the marker that says it is ours. */
export async function claimFolder(place: Place, mustExist: boolean): Promise<void> {
  const { dataDir, owner } = place;
  if (!mustExist) {
    await makeParents(dirname(dataDir), owner);
    await mkdir(dataDir, { mode: 0o700 }).catch((error) => {
      if (systemCode(error) !== "EEXIST") throw error;
    });
  }
  await keepPrivate(dataDir, owner);
  const { marker, socketDir } = hubPaths(dataDir);
  if (await exists(socketDir)) await keepPrivate(socketDir, owner);
  if (await exists(marker)) return;
  const draft = unfinished(dataDir, "marker");
  const file = await open(draft, "wx", 0o600);
  try {
    const content: Marker = { psnHub: MARKER_FORMAT, wantedDir: place.wantedDir };
    await file.writeFile(`${JSON.stringify(content)}\n`);
    if (owner !== null) await file.chown(owner.uid, owner.gid);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, marker).catch(async (error) => {
    // The one who holds the lock swept the draft away; it had made the marker before.
    if (systemCode(error) !== "ENOENT" || !(await exists(marker))) throw error;
  });
}

/**
 * Folders above the hub that are not there yet: their user's alone. Where root's server runs as another user, that one has to pass
 * through, under a narrow umask too; nobody may list them.
 */
async function makeParents(folder: string, owner: RunAs | null): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined || owner === null) return;
  for (let path = folder; path.length >= first.length; path = dirname(path)) await chmod(path, 0o711);
}

/**
 * The hub asks for no password: that nobody else may enter its folders is its lock. Done on an open handle, so that
 * root changes no other file through a link that appears in the meantime.
 */
async function keepPrivate(folder: string, owner: RunAs | null): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const { mode, uid } = await handle.stat();
    if (owner !== null && uid === 0) await handle.chown(owner.uid, owner.gid);
    if ((mode & 0o077) !== 0) await handle.chmod(0o700);
  } finally {
    await handle.close();
  }
}

/** Removes what starts that were killed left behind. Call it under the lock; what resists is left to the next start. */
export async function sweep(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (name.startsWith(UNFINISHED) || name.startsWith("start.lock.")) {
      await rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
    }
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

/** sun_path holds 108 bytes on Linux and 104 on macOS, the closing NUL among them. */
const SOCKET_PATH_BYTES_MAX = process.platform === "linux" ? 107 : 103;
export const SOCKET_NAME = ".s.PGSQL.5432";
const SHORT_NAMES_MAX = 8;

/**
 * The folder for the server's socket, made if it is missing: inside the hub where its path is short enough, else a
 * short one in a temporary folder. Which one a running server uses stands in its postmaster.pid.
 *
 * @throws PsnError HUB_PERMISSION_DENIED when no temporary folder can hold one
 */
export async function prepareSocketDir(place: Place, bases = shortBases()): Promise<string> {
  const { socketDir } = hubPaths(place.dataDir);
  if (Buffer.byteLength(join(socketDir, SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX) {
    if (await makePrivate(socketDir, place.owner)) return socketDir;
    throw permissionDenied(socketDir, "it is not a private folder of the hub's user");
  }
  for (const base of bases) {
    if (!(await isSafeBase(base))) continue;
    for (const folder of shortDirs(base, place.dataDir)) {
      // Anybody may take a name in /tmp before us; then the next one is ours.
      if (Buffer.byteLength(join(folder, SOCKET_NAME)) > SOCKET_PATH_BYTES_MAX) break;
      if (await makePrivate(folder, place.owner).catch(() => false)) return folder;
    }
  }
  throw permissionDenied("/tmp", "no temporary folder can hold the hub's socket");
}

/** TMPDIR comes last: it may be long, or differ between two shells of one user. */
function shortBases(): string[] {
  return ["/tmp", "/var/tmp", tmpdir()];
}

function shortDirs(base: string, dataDir: string): string[] {
  const name = join(base, `psn-${hashOf(dataDir)}`);
  return Array.from({ length: SHORT_NAMES_MAX }, (_, number) => (number === 0 ? name : `${name}-${number}`));
}

/** In a shared folder without the sticky bit others could put theirs in the place of ours. */
async function isSafeBase(base: string): Promise<boolean> {
  try {
    const { mode } = await lstat(join(base, "."));
    return (mode & 0o022) === 0 || (mode & 0o1000) !== 0;
  } catch {
    return false;
  }
}

async function makePrivate(folder: string, owner: RunAs | null): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 });
    if (owner !== null) await lchown(folder, owner.uid, owner.gid);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    // A start killed between the two calls above leaves an empty folder of root's.
    const facts = await lstat(folder);
    if (owner !== null && facts.isDirectory() && facts.uid === 0) await lchown(folder, owner.uid, owner.gid);
  }
  return isPrivate(folder, owner);
}

/** Is it a real folder, of the server's own user, that nobody else may enter? Asked before every connection. */
export async function isPrivate(folder: string, owner: RunAs | null): Promise<boolean> {
  const facts = await lstat(folder);
  const uid = owner?.uid ?? process.geteuid?.();
  return facts.isDirectory() && facts.uid === uid && (facts.mode & 0o077) === 0;
}

/** Removes the hub's folder as one step for everybody else, then its content, then a socket folder outside of it. */
export async function removeFolder(place: Place): Promise<void> {
  const { dataDir, owner } = place;
  const trash = join(dirname(dataDir), `.psn-removed-${randomBytes(6).toString("hex")}`);
  try {
    await rename(dataDir, trash);
  } catch {
    // A mount point, or a folder above that is closed to us: empty it in place, its marker last.
    const last = basename(hubPaths(dataDir).marker);
    const names = (await readdir(dataDir)).sort((a, b) => Number(a === last) - Number(b === last));
    for (const name of names) await removeTree(join(dataDir, name));
  }
  await removeTree(trash);
  for (const folder of shortBases().flatMap((base) => shortDirs(base, dataDir))) {
    if (await isPrivate(folder, owner).catch(() => false)) await removeTree(folder);
  }
}

function removeTree(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 3 });
}
