/** A file of an author's, known again: what was looked at is what is stored, and whoever opens it again asks for the same file, unchanged. */
import type { FileHandle } from "node:fs/promises";
import { requireAuthors } from "../config/authors-file.ts";
import { openRegular } from "../config/open-file.ts";
import { PsnError } from "../errors.ts";

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
 * @throws Error with the system's code, or saying that it is no file; PsnError MEDIA_CHANGED, FILE_UNREADABLE for one of PSN's own
 */
export async function openFile(
  file: string,
  seen?: FileIdentity,
): Promise<{ handle: FileHandle; identity: FileIdentity }> {
  const { handle, facts } = await openRegular(file);
  try {
    await requireAuthors(file, facts);
  } catch (error) {
    await handle.close();
    throw error;
  }
  const identity = { device: facts.dev, inode: facts.ino, byteLength: facts.size, changedNs: facts.ctimeNs };
  if (!seen || isSame(seen, identity)) return { handle, identity };
  await handle.close();
  throw changed(file);
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
