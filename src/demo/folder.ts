/**
 * The demo's throwaway folder, and what is left of one whose demo was killed. Everything the demo starts hangs on the
 * folder: the hub in it (or, for root, under /var/lib/psn by a name made from it), and workers that bear its path.
 *
 * A running demo holds a lock of the kernel's in its folder. The lock ends with its owner, so a folder whose lock is free
 * is a leftover, and no pid has to be judged.
 */
import { chmod, lstat, mkdir, mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { wallClock } from "../core/clock.ts";
import { withLock } from "../core/config/lock.ts";
import { readOwnFile } from "../core/config/own-file.ts";
import { removeEmbedded } from "../core/db/embedded/index.ts";
import { hubPaths, SYSTEM_DIRS } from "../core/db/embedded/place.ts";
import { endWorkersOf } from "./worker-process.ts";

const PREFIX = "psn-demo-";
const NAME = /^psn-demo-[A-Za-z0-9]{6}$/;
const LOCK_MS_MAX = 5_000;
/** A folder without a lock file that is younger belongs to a demo that is just starting. */
const YOUNG_MS = 60_000;
const LEFTOVERS_MAX = 100;
const MARKER_BYTES_MAX = 64 * 1024;

export interface DemoFolder {
  root: string;
  configDir: string;
  dataDir: string;
}

/** Makes the folder, hands it to `act`, and removes it with all that hangs on it, whatever happens. */
export async function withDemoFolder<T>(act: (folder: DemoFolder) => Promise<T>): Promise<T> {
  // Worker processes bear the path, so it is the one that the system itself uses.
  const root = await mkdtemp(join(await realpath(tmpdir()), PREFIX));
  const prepare = async () => {
    await mkdir(root, { recursive: true, mode: 0o700 });
    // Root's hub runs as another user, who must walk through; what holds secrets inside is closed by itself.
    if (process.geteuid?.() === 0) await chmod(root, 0o711);
  };
  return await withLock(lockOf(root), { clock: wallClock, waitMs: LOCK_MS_MAX, owner: null, prepare }, async () => {
    let result: T;
    try {
      result = await act({ root, configDir: join(root, "config"), dataDir: join(root, "data") });
    } catch (error) {
      // What went wrong first is what the person must hear; a leftover is the next start's business.
      await removeAll(root).catch(() => {});
      throw error;
    }
    await removeAll(root);
    return result;
  });
}

/**
 * Removes what killed demos of this user left: workers, hubs, folders. Running demos are not touched. What resists is
 * left to the next start.
 * @returns how many were removed
 */
export async function removeLeftovers(): Promise<number> {
  let removed = 0;
  for (const root of await findLeftovers()) {
    try {
      // A cleaner of temporary folders may have been here first; workers and a hub that root's demo keeps elsewhere stay.
      if (await isThere(root)) {
        const lock = { clock: wallClock, waitMs: 0, owner: null, prepare: async () => {} };
        await withLock(lockOf(root), lock, () => removeAll(root));
      } else {
        await removeAll(root);
      }
      removed++;
    } catch {
      // HUB_BUSY: its demo is running. Anything else: another demo removes it at the same moment, or nobody can.
    }
  }
  return removed;
}

// --- internal ---

const lockOf = (root: string) => join(root, "demo.lock");
const hubOf = (root: string) => join(root, "data", "hub");

async function removeAll(root: string): Promise<void> {
  await endWorkersOf(root);
  await removeEmbedded({ dataDir: hubOf(root) });
  await rm(root, { recursive: true, force: true, maxRetries: 3 });
}

async function findLeftovers(): Promise<string[]> {
  const bases = new Set<string>();
  // TMPDIR may differ between two shells of one user.
  for (const base of [tmpdir(), "/tmp", "/var/tmp"]) {
    const real = await realpath(base).catch(() => null);
    if (real !== null) bases.add(real);
  }
  const found: string[] = [];
  for (const base of bases) {
    for (const name of await readdir(base).catch(() => [])) {
      const root = join(base, name);
      if (NAME.test(name) && (await isLeftover(root))) found.push(root);
    }
  }
  const known = new Set([...found, ...(await findByMovedHubs())]);
  return [...known].slice(0, LEFTOVERS_MAX);
}

const isThere = async (path: string) => (await lstat(path).catch(() => null)) !== null;

/** A folder of this very user's, old enough or with a lock file. Whether its demo runs is asked by taking the lock. */
async function isLeftover(root: string): Promise<boolean> {
  const facts = await lstat(root).catch(() => null);
  if (!facts?.isDirectory() || facts.uid !== process.geteuid?.()) return false;
  if (await isThere(lockOf(root))) return true;
  return Date.now() - facts.mtimeMs > YOUNG_MS;
}

const MarkerSchema = z.object({ wantedDir: z.string() });

/** Root only: the folders of demos whose hub had to move to a system folder, whether they are still there or not. */
async function findByMovedHubs(): Promise<string[]> {
  if (process.geteuid?.() !== 0) return [];
  const found: string[] = [];
  for (const systemDir of SYSTEM_DIRS) {
    const hubs = join(systemDir, "hubs");
    for (const name of await readdir(hubs).catch(() => [])) {
      const text = await readOwnFile(hubPaths(join(hubs, name)).marker, MARKER_BYTES_MAX).catch(() => null);
      const marker = MarkerSchema.safeParse(parseJson(text ?? "null"));
      if (!marker.success) continue;
      const { wantedDir } = marker.data;
      const root = dirname(dirname(wantedDir));
      if (NAME.test(basename(root)) && wantedDir === hubOf(root)) found.push(root);
    }
  }
  return found;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
