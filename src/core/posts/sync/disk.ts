/** The real disk: Markdown files of a folder, replaced whole or not at all. */
import { randomBytes } from "node:crypto";
import type { BigIntStats, Dirent } from "node:fs";
import { type FileHandle, lstat, open, readdir, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { requireAuthors } from "../../config/authors-file.ts";
import { NO_FILE, openRegular, readAt } from "../../config/open-file.ts";
import { PsnError, systemCode } from "../../errors.ts";
import type { Listed, SkippedWhy, SyncDisk } from "./types.ts";

const FILES_MAX = 5_000;
const ENTRIES_MAX = 100_000;
const DEPTH_MAX = 16;
const BYTES_MAX = 16 * 1024 * 1024;
/** Paths that are named of each kind of what is left out. */
const EXAMPLES_MAX = 3;
/** Folders of programs, which hold no author's text. */
const PROGRAMS = new Set(["node_modules"]);
const MARKDOWN = /\.(md|markdown)$/i;
/** What `replace` writes beside a file; left there by a run that was killed. */
const LEFTOVER = /^\.[0-9a-f]{12}\.psn-new$/;

export const nodeDisk: SyncDisk = {
  async list(folder) {
    await requireAuthors(folder);
    const listed: Listed = { paths: [], skipped: [], closed: [], leftovers: [] };
    await walk({ folder, listed, entries: 0 }, "", 0);
    listed.paths.sort();
    return listed;
  },

  async read(path) {
    try {
      const opened = await openRegular(path).catch(unlessMissing);
      if (opened === null) return null;
      const { handle, facts } = opened;
      try {
        if (!(await isItself(path, handle, facts))) return null;
        await requireAuthors(path, facts);
        if (facts.size > BYTES_MAX) throw new PsnError("TEXT_TOO_LARGE", `${path} is larger than 16 MiB.`);
        return await readAt(handle, 0, Number(facts.size));
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (error instanceof PsnError) throw error;
      throw new PsnError("TEXT_UNREADABLE", `${path} cannot be read: ${reasonOf(error)}.`, {
        hint: "Make it readable, and sync again.",
      });
    }
  },

  async stamp(path) {
    try {
      const there = await stat(path).catch(unlessMissing);
      return there ? `${there.size} ${there.mtimeMs}` : null;
    } catch (error) {
      // It cannot be looked at; for all that is known it is there.
      return `${systemCode(error)}`;
    }
  },

  async replace(path, bytes, expected) {
    try {
      return await replaceFile(path, bytes, expected);
    } catch (error) {
      throw new PsnError("FILE_NOT_WRITTEN", `${path} could not be written: ${reasonOf(error)}.`, {
        hint: `${isFull(error) ? "Make room on the disk" : "Make it and its folder writable"}, and sync again. Until then posts are known by the paths of their files, and none is made twice.`,
      });
    }
  },

  async removeLeftover(path, before) {
    const there = await lstat(path).catch(() => null);
    if (!there?.isFile() || !LEFTOVER.test(basename(path)) || there.mtime >= before) return;
    // Where that is not allowed, it stays.
    await rm(path, { force: true }).catch(() => {});
  },
};

// --- internal ---

/** Words for what a person can do something about. */
const REASONS: Record<string, string> = {
  EACCES: "you have no right to it (EACCES)",
  EPERM: "it is protected (EPERM)",
  EROFS: "the disk is read-only (EROFS)",
  ENOSPC: "the disk is full (ENOSPC)",
  EDQUOT: "your share of the disk is full (EDQUOT)",
};

/**
 * Whether what was opened is the file at that path, and was reached through no link: whoever may write in the folder could exchange file or
 * folder for one after it was listed.
 */
async function isItself(path: string, handle: FileHandle, { dev, ino }: BigIntStats): Promise<boolean> {
  // Linux says where an opened file lies, whatever becomes of its path.
  const where = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => null);
  const real = where ?? (await realpath(path).catch(() => null));
  const there = await lstat(path, { bigint: true }).catch(() => null);
  return real === path && there?.dev === dev && there.ino === ino;
}

const isFull = (error: unknown) => ["ENOSPC", "EDQUOT"].includes(systemCode(error) ?? "");

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ""] ?? code ?? message;
}

/** A link that leads to itself leads nowhere. */
const isMissing = ({ code }: NodeJS.ErrnoException) => code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP";

function unlessMissing(error: NodeJS.ErrnoException): null {
  if (isMissing(error) || error.message === NO_FILE) return null;
  throw error;
}

function folderUnreadable(folder: string, error: NodeJS.ErrnoException): PsnError {
  const why = isMissing(error) ? "it is not there" : reasonOf(error);
  return new PsnError("FOLDER_UNREADABLE", `${folder} cannot be read: ${why}.`, {
    hint: "Check the path; relative paths count from the folder you are in.",
  });
}

async function replaceFile(path: string, bytes: Uint8Array, expected: Uint8Array | null): Promise<boolean> {
  const before = await lstat(path).catch(unlessMissing);
  // What it leads to may be outside of the folder, and is nobody's to replace.
  if (before?.isSymbolicLink()) throw new Error("it is a link");
  // Not the file's name and more: that may be as long as a name can be.
  const sibling = join(dirname(path), `.${randomBytes(6).toString("hex")}.psn-new`);
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
    const now = await nodeDisk.read(path);
    const isSame = expected === null ? now === null : now !== null && Buffer.compare(now, expected) === 0;
    if (!isSame) return false;
    await rename(sibling, path);
    return true;
  } finally {
    await rm(sibling, { force: true }).catch(() => {});
  }
}

interface Walk {
  folder: string;
  listed: Listed;
  /** Seen so far. */
  entries: number;
}

async function walk(here: Walk, inside: string, depth: number): Promise<void> {
  const { folder, listed } = here;
  const entries = await readdir(join(folder, inside), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (inside === "") throw folderUnreadable(folder, error);
    // Removed between the listing and now, or closed to this user: the others are listed all the same.
    if (!isMissing(error)) {
      skip(listed, "unreadable", inside);
      listed.closed.push(inside);
    }
    return [];
  });
  here.entries += entries.length;
  for (const entry of entries) {
    const path = inside === "" ? entry.name : `${inside}/${entry.name}`;
    if (entry.isFile() && LEFTOVER.test(entry.name)) listed.leftovers.push(path);
    if (entry.name.startsWith(".") || PROGRAMS.has(entry.name)) continue;
    const why = await skippedWhy(here, entry, path, depth);
    if (why) skip(listed, why, path);
    else if (entry.isDirectory()) await walk(here, path, depth + 1);
    else if (MARKDOWN.test(entry.name)) listed.paths.push(path);
    if (listed.paths.length > FILES_MAX || here.entries > ENTRIES_MAX) {
      throw new PsnError("FOLDER_TOO_LARGE", `${folder} holds more than ${FILES_MAX} Markdown files.`, {
        hint: "Give the folder that holds the posts alone.",
      });
    }
  }
}

/** Null for a folder to look into, a file to take, and what is no Markdown at all. */
async function skippedWhy({ folder }: Walk, entry: Dirent, path: string, depth: number): Promise<SkippedWhy | null> {
  if (entry.isSymbolicLink()) return await linkWhy(folder, entry.name, path);
  const isMarkdown = MARKDOWN.test(entry.name);
  if (!entry.isDirectory() && !isMarkdown) return null;
  // A name that is no text was read with another character in the place of a byte, and is not found by it.
  if (entry.name.includes("\u{fffd}") && (await lstat(join(folder, path)).catch(unlessMissing)) === null) {
    return "name_not_utf8";
  }
  if (entry.isDirectory()) return depth < DEPTH_MAX ? null : "too_deep";
  return entry.isFile() ? null : "no_file";
}

/** Links are not followed: what they lead to is in the folder itself, or was not given to be synced. */
async function linkWhy(folder: string, name: string, path: string): Promise<SkippedWhy | null> {
  const target = await realpath(join(folder, path)).catch(() => null);
  if (target === null) return MARKDOWN.test(name) ? "link_broken" : null;
  const isFolder = (await stat(target).catch(() => null))?.isDirectory() ?? false;
  if (!isFolder && !MARKDOWN.test(name)) return null;
  return target.startsWith(`${folder}/`) ? "link_inside" : "link_outside";
}

function skip({ skipped }: Listed, why: SkippedWhy, path: string): void {
  const known = skipped.find((one) => one.why === why);
  if (!known) skipped.push({ why, count: 1, paths: [path] });
  else {
    known.count++;
    if (known.paths.length < EXAMPLES_MAX) known.paths.push(path);
  }
}
