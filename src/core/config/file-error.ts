/**
 * What the system says of a file or a folder, as an error that a person can act on. The one place for every command that writes a file:
 * `requirePlace` asks beforehand, so that a dry run is refused as the command would be, and `asFileError` explains what a write met.
 */
import { constants } from "node:fs";
import { access, lstat, stat, statfs } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { PsnError, systemCode } from "../errors.ts";

/** What a file gets while it is written: a name of its own beside it, by `replaceFile` and its like. */
const DRAFT = /\.[0-9a-f]{12}\.new$/;
const DRAFT_BYTES = ".0123456789ab.new".length;
const NAME_BYTES_MAX = 255;

/** On Linux, file systems that are windows into the kernel and take no file of anybody's: proc, sysfs, both cgroups, devpts. */
const WINDOWS: ReadonlySet<number> = new Set([0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x1cd1]);

/** Calls that change something; of the others `open` alone may be one. */
const WRITES: ReadonlySet<string> = new Set(
  "mkdir mkdtemp rename link symlink unlink rm rmdir write writev pwrite copyfile copyFile chmod fchmod chown fchown lchown fsync fdatasync ftruncate truncate utime futime".split(
    " ",
  ),
);
/** Calls that only read; what they did not find is a bug of the caller, and not explained here. */
const READS: ReadonlySet<string> = new Set(["open", "opendir", "scandir", "read", "stat", "lstat", "fstat", "access"]);

const OTHER_PLACE = "Name another place, or make this one fit.";
const WHY: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  EACCES: ["you may not write there", "Give yourself the right to it, or name another place."],
  EPERM: ["you may not write there", "Give yourself the right to it, or name another place."],
  EROFS: ["its disk is read-only", OTHER_PLACE],
  ENOSPC: ["its disk is full", "Free some space on it, or name another place."],
  EDQUOT: ["your share of its disk is used up", "Free some space on it, or name another place."],
  EFBIG: ["it is larger than a file may be there", OTHER_PLACE],
  ENOENT: ["its folder is not there, or takes no files", OTHER_PLACE],
  ENOTDIR: ["a part of its path is a file and no folder", OTHER_PLACE],
  EEXIST: ["something else is in its place", "Move that away, or name another place."],
  ENOTEMPTY: ["something else is in its place", "Move that away, or name another place."],
  EISDIR: ["a folder is in its place", "Move that away, or name another place."],
  ENAMETOOLONG: ["its name is too long", "Name a shorter one."],
  ELOOP: ["its path leads in a circle", OTHER_PLACE],
  EINVAL: ["the system does not take that name", OTHER_PLACE],
  EMFILE: ["too many files are open", "Close other programs, then try again."],
  ENFILE: ["too many files are open", "Close other programs, then try again."],
  EIO: ["its disk does not work", "Look after the disk, or name another place."],
};

/** What a call of the system for `path` met. */
export function notWritten(path: string, code: string, cause?: unknown): PsnError {
  const [why, hint] = WHY[code] ?? [`the system says ${code}`, OTHER_PLACE];
  // The settings' place is no argument of any command.
  const how = /^(hub|keys)\.env$/.test(basename(path)) ? " PSN_CONFIG_DIR names another folder for the settings." : "";
  return new PsnError("FILE_NOT_WRITTEN", `${path} cannot be written: ${why}.`, {
    hint: `${hint}${how}`,
    details: { path, reason: code },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** An error of a call for a file becomes FILE_NOT_WRITTEN or FILE_UNREADABLE; anything else comes back as it is. */
export function asFileError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof PsnError) return error;
  const { code, syscall, path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  if (!code || !syscall || !/^E[A-Z]+$/.test(code)) return error;
  const place = (dest ?? path ?? "a file").replace(DRAFT, "");
  if (WRITES.has(syscall)) return notWritten(place, code, error);
  if (!READS.has(syscall) || !(code in WHY)) return error;
  // Of a file that is not there nobody is told here: who reads a file that a person named says so in words of its own.
  if (code === "ENOENT" && !DRAFT.test(path ?? "")) return error;
  if (syscall === "open" && (DRAFT.test(path ?? "") || code === "EROFS" || code === "ENOSPC"))
    return notWritten(place, code, error);
  const why = code === "EACCES" || code === "EPERM" ? "you may not read it" : WHY[code]?.[0];
  return new PsnError("FILE_UNREADABLE", `${place} cannot be read: ${why}.`, {
    hint: "Check what is there, and whose it is.",
    details: { path: place, reason: code },
    cause: error,
  });
}

/**
 * Whether a file or a folder can be made at `path`, as far as the system tells without a write.
 * @param above whether the folders above it are made as well, or have to be there
 * @throws PsnError FILE_NOT_WRITTEN
 */
export async function requirePlace(
  path: string,
  kind: "file" | "folder" = "file",
  above: "made" | "there" = "made",
): Promise<void> {
  const refuse = (code: string) => notWritten(path, code);
  if (path.includes("\0")) throw refuse("EINVAL");
  const wanted = resolve(path);
  for (let at = wanted; ; at = dirname(at)) {
    const bytes = Buffer.byteLength(basename(at)) + (at === wanted && kind === "file" ? DRAFT_BYTES : 0);
    if (bytes > NAME_BYTES_MAX) throw refuse("ENAMETOOLONG");
    const facts = await factsOf(at).catch((error) => {
      throw refuse(error.code ?? "EIO");
    });
    if (facts === null && at !== wanted && above === "there") throw refuse("ENOENT");
    if (facts === null) continue;
    const isMeant = at === wanted && kind === "file";
    if (isMeant && facts.isDirectory()) throw refuse("EISDIR");
    if (!isMeant && !facts.isDirectory()) throw refuse(at === wanted ? "EEXIST" : "ENOTDIR");
    // The new file takes the old one's place in its folder.
    return await requireRoom(isMeant ? dirname(at) : at, refuse);
  }
}

/** Whether the system lets nothing be written there, as in a folder that is read only for a reason: who can do without does. */
export const isWriteRefused = (error: unknown): boolean =>
  ["EROFS", "EACCES", "EPERM"].includes(systemCode(error) ?? "");

// --- internal ---

/** Null where there is nothing. A link that leads nowhere is there. */
async function factsOf(path: string) {
  const found = await stat(path).catch((error) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return found ?? (await lstat(path).catch(() => null));
}

async function requireRoom(folder: string, refuse: (code: string) => PsnError): Promise<void> {
  await access(folder, constants.W_OK | constants.X_OK).catch((error) => {
    throw refuse(error.code ?? "EACCES");
  });
  const { type, blocks, bavail, files, ffree } = await statfs(folder);
  if (process.platform === "linux" && WINDOWS.has(type)) throw refuse("ENOENT");
  if ((blocks > 0 && bavail === 0) || (files > 0 && ffree === 0)) throw refuse("ENOSPC");
}
