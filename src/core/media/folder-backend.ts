/** Media in a folder, two levels deep by hash. A file is whole or not there: it is renamed into place. */

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { wallClock } from "../clock.ts";
import { readAt } from "../config/open-file.ts";
import { makeOwnFolder, openOwnFile, requireNoLink } from "../config/own-file.ts";
import { syncFolder, writeAll } from "../config/whole-file.ts";
import { byHashOnly, type MediaBackend, type OpenBlob } from "./backend.ts";

export function folderBackend(folder: string): MediaBackend {
  const homeOf = (sha256: string) => join(folder, sha256.slice(0, 2));
  const pathOf = (sha256: string) => join(homeOf(sha256), sha256);
  /** @throws PsnError OWN_FILE_REPLACED where a folder of the store is a link */
  const requireOwn = async (sha256: string) => {
    for (const own of [folder, homeOf(sha256)]) await requireNoLink(own);
  };
  const openIt = async (sha256: string): Promise<OpenBlob> => {
    await requireOwn(sha256);
    const handle = await openOwnFile(pathOf(sha256), constants.O_RDONLY);
    const read = async (start: number, end: number) => {
      const bytes = await readAt(handle, start, end - start);
      if (bytes.length < end - start) throw new Error(`${pathOf(sha256)} ended early`);
      return bytes;
    };
    kept.add(handle);
    return {
      read,
      close: async () => {
        kept.delete(handle);
        await handle.close();
      },
    };
  };
  return byHashOnly({
    name: folder,
    bytesMax: Number.POSITIVE_INFINITY,
    async has({ sha256, byteLength }) {
      // Anything but "it is not there" (a disk that fails, a folder that may not be read) says nothing of the file.
      await requireOwn(sha256);
      const there = await lstat(pathOf(sha256)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return null;
        throw error;
      });
      return there?.isFile() === true && there.size === byteLength;
    },
    async put({ sha256, byteLength }, chunks) {
      const home = homeOf(sha256);
      for (const own of [folder, home]) await makeOwnFolder(own);
      await sweepIncoming(folder);
      const incoming = join(folder, `incoming-${randomBytes(8).toString("hex")}`);
      try {
        const out = await open(incoming, "wx", 0o600);
        try {
          for await (const chunk of chunks) await writeAll(out, chunk);
          await out.sync();
          const { size } = await out.stat();
          if (size !== byteLength) throw new Error(`${incoming} has ${size} bytes of ${byteLength}`);
        } finally {
          await out.close();
        }
        await rename(incoming, pathOf(sha256));
        await syncFolder(home);
      } finally {
        await rm(incoming, { force: true });
      }
    },
    async read(sha256, start, end) {
      const blob = await openIt(sha256);
      try {
        return await blob.read(start, end);
      } finally {
        await blob.close();
      }
    },
    open: openIt,
    async remove(sha256) {
      await requireOwn(sha256);
      await rm(pathOf(sha256), { force: true });
    },
  });
}

// --- internal ---

/** What is open. The runtimes fail for a handle that the collector finds open, as it would that of an upload that nobody waits for any more. */
const kept = new Set<FileHandle>();

/** Older than any copy takes: what a process that was killed left. */
const INCOMING_MS_MAX = 24 * 60 * 60_000;

async function sweepIncoming(folder: string): Promise<void> {
  const now = wallClock.now().getTime();
  for (const name of await readdir(folder)) {
    if (!name.startsWith("incoming-")) continue;
    const path = join(folder, name);
    const facts = await lstat(path).catch(() => null);
    if (facts && now - facts.mtimeMs > INCOMING_MS_MAX) await rm(path, { force: true });
  }
}
