/**
 * Opening a file that an author names. It may be a link; it may be no FIFO, device or folder, and opening one of those does not
 * wait. What was looked at is what is stored: whoever opens it again asks for the same file, unchanged.
 */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { PsnError } from "../errors.ts";

/** Of a folder, a FIFO, a socket or a device. */
export const NO_FILE = "it is not a file";

/** Tells one state of one file from any other. */
export interface FileIdentity {
  device: bigint;
  inode: bigint;
  byteLength: bigint;
  changedNs: bigint;
}

/**
 * Opens a regular file for reading. The caller closes it.
 * @param seen the file that it must still be
 * @throws Error with the system's code, or saying that it is no file; PsnError MEDIA_CHANGED
 */
export async function openFile(
  file: string,
  seen?: FileIdentity,
): Promise<{ handle: FileHandle; identity: FileIdentity }> {
  // O_NONBLOCK: a FIFO that nobody writes to would hold the open up, and with it every signal.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const there = await handle.stat({ bigint: true });
    if (!there.isFile()) throw new Error(NO_FILE);
    const identity = { device: there.dev, inode: there.ino, byteLength: there.size, changedNs: there.ctimeNs };
    if (seen && !isSame(seen, identity)) throw changed(file);
    return { handle, identity };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

export function changed(file: string): PsnError {
  return new PsnError("MEDIA_CHANGED", `${file} changed while it was being read.`, {
    hint: "Attach it again when nothing writes to it.",
  });
}

// --- internal ---

function isSame(a: FileIdentity, b: FileIdentity): boolean {
  return a.device === b.device && a.inode === b.inode && a.byteLength === b.byteLength && a.changedNs === b.changedNs;
}
