/** The real disk: Markdown files of a folder, replaced whole or not at all. */
import { randomBytes } from "node:crypto";
import { open, readdir, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { PsnError } from "../../errors.ts";
import type { SyncDisk } from "./types.ts";

const FILES_MAX = 5_000;
const ENTRIES_MAX = 100_000;
const DEPTH_MAX = 16;
const BYTES_MAX = 16 * 1024 * 1024;
/** Folders of programs, which hold no author's text. */
const SKIPPED = new Set(["node_modules"]);

export const nodeDisk: SyncDisk = {
  async list(folder) {
    const found: string[] = [];
    const seen = { entries: 0 };
    await walk(folder, "", 0, found, seen);
    return found.sort();
  },

  async read(path) {
    const there = await stat(path).catch(unlessMissing);
    if (!there?.isFile()) return null;
    if (there.size > BYTES_MAX) throw new PsnError("TEXT_TOO_LARGE", `${path} is larger than 16 MiB.`);
    return await readFile(path).catch(unlessMissing);
  },

  async stamp(path) {
    const there = await stat(path).catch(unlessMissing);
    return there ? `${there.size} ${there.mtimeMs}` : null;
  },

  async replace(path, bytes, expected) {
    // A link stays a link: what it leads to is replaced.
    const target = await realpath(path).catch(() => path);
    const before = await stat(target).catch(unlessMissing);
    const sibling = `${target}.${randomBytes(6).toString("hex")}.psn-new`;
    try {
      const written = await open(sibling, "wx", (before?.mode ?? 0o644) & 0o777);
      try {
        await written.writeFile(bytes);
        if (before) await written.chmod(before.mode & 0o777);
        await written.sync();
      } finally {
        await written.close();
      }
      // Last of all: an editor may have saved it meanwhile.
      const now = await readFile(target).catch(unlessMissing);
      const isSame = expected === null ? now === null : now !== null && Buffer.compare(now, expected) === 0;
      if (!isSame) return false;
      await rename(sibling, target);
      return true;
    } finally {
      await rm(sibling, { force: true });
    }
  },
};

// --- internal ---

function unlessMissing(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
  throw error;
}

async function walk(
  folder: string,
  inside: string,
  depth: number,
  found: string[],
  seen: { entries: number },
): Promise<void> {
  const entries = await readdir(join(folder, inside), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new PsnError("FOLDER_UNREADABLE", `${join(folder, inside)} cannot be read: ${error.code ?? error.message}.`, {
      hint: "Check the path; relative paths count from the folder you are in.",
    });
  });
  seen.entries += entries.length;
  for (const entry of entries) {
    if (entry.name.startsWith(".") || SKIPPED.has(entry.name)) continue;
    const path = inside === "" ? entry.name : `${inside}/${entry.name}`;
    if (entry.isDirectory() && depth < DEPTH_MAX) await walk(folder, path, depth + 1, found, seen);
    else if (/\.(md|markdown)$/i.test(entry.name) && !entry.isDirectory()) found.push(path);
    if (found.length > FILES_MAX || seen.entries > ENTRIES_MAX) {
      throw new PsnError("FOLDER_TOO_LARGE", `${folder} holds more than ${FILES_MAX} Markdown files.`, {
        hint: "Give the folder that holds the posts alone.",
      });
    }
  }
}
