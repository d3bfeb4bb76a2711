/**
 * Files and folders that PSN makes for itself: configuration, media store, mark, logs. Files that an author names may be links;
 * these may not, since a link in their place was put there by somebody else. Opening one never waits, as a FIFO would.
 */
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir } from "node:fs/promises";
import { PsnError, systemCode } from "../errors.ts";
import { openRegular, readAt } from "./open-file.ts";

/** What `open` says of a link under O_NOFOLLOW; FreeBSD has a word of its own. */
const IS_LINK = new Set(["ELOOP", "EMLINK"]);

/**
 * Opens a file of PSN's own; the caller closes it.
 * @param flags of `open`, without O_NOFOLLOW; a file that it makes has the mode 0600
 * @throws PsnError OWN_FILE_REPLACED for a link, FIFO or device in its place; Error for a folder, and what the system says
 */
export async function openOwnFile(file: string, flags: number): Promise<FileHandle> {
  const { handle } = await openRegular(file, flags | constants.O_NOFOLLOW, (facts) =>
    facts.isDirectory() ? unread(file, "EISDIR", "it is a folder") : replaced(file, "a device or a pipe"),
  ).catch((error) => {
    throw IS_LINK.has(error.code) ? replaced(file, "a link") : error;
  });
  return handle;
}

/**
 * The text of a file of PSN's own; null where there is none.
 * @throws PsnError OWN_FILE_REPLACED; Error for a folder, and for a file of more than `bytesMax`
 */
export async function readOwnFile(file: string, bytesMax: number): Promise<string | null> {
  return await readOpened(file, async (handle, size) => {
    if (size > bytesMax) throw unread(file, "EFBIG", `it is larger than ${bytesMax} bytes`);
    return (await readAt(handle, 0, size)).toString("utf8");
  });
}

/**
 * The end of a log of PSN's own: what it holds after byte `from`, at most its last `bytesMax`; null where there is none. A log that is
 * shorter than `from` was cut meanwhile, and is read from its beginning.
 * @throws PsnError OWN_FILE_REPLACED; Error for a folder
 */
export async function readOwnTail(file: string, bytesMax: number, from = 0): Promise<string | null> {
  return await readOpened(file, async (handle, size) => {
    const start = Math.max(from > size ? 0 : from, size - bytesMax);
    return (await readAt(handle, start, size - start)).toString("utf8");
  });
}

/**
 * Makes a folder of PSN's own, and those above it, with the mode 0700; the mode of one that exists is its owner's affair.
 * @throws PsnError OWN_FILE_REPLACED for a link in its place
 */
export async function makeOwnFolder(folder: string): Promise<void> {
  await requireNoLink(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Somebody may have been quicker.
  await requireNoLink(folder);
}

/** @throws PsnError OWN_FILE_REPLACED for a link; nothing there is no error */
export async function requireNoLink(path: string): Promise<void> {
  const facts = await lstat(path).catch((error) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (facts?.isSymbolicLink()) throw replaced(path, "a link");
}

// --- internal ---

async function readOpened(
  file: string,
  read: (handle: FileHandle, size: number) => Promise<string>,
): Promise<string | null> {
  let handle: FileHandle;
  try {
    handle = await openOwnFile(file, constants.O_RDONLY);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    const { size } = await handle.stat();
    return await read(handle, size);
  } finally {
    await handle.close();
  }
}

/** As the system would say it, so that it is explained at the same place. */
function unread(path: string, code: string, message: string): Error {
  return Object.assign(new Error(message), { code, syscall: "open", path });
}

function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

function replaced(path: string, what: string): PsnError {
  return new PsnError(
    "OWN_FILE_REPLACED",
    `${path} is ${what}. PSN uses nothing of the kind in the place of its own.`,
    {
      hint: "If you did not put it there, find out who did. If you did, move what it leads to to this place, or name its folder: PSN_CONFIG_DIR for the configuration, PSN_DATA_DIR for the data.",
      details: { path },
    },
  );
}
