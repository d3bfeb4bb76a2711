/** Files that are there whole or not at all, whatever dies or loses power in between. */
import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { requireNoLink } from "./own-file.ts";

/**
 * Replaces a file of PSN's own, or makes it, with the mode 0600: written to a sibling, flushed and renamed. The name itself is on
 * the disk after `syncFolder`.
 * @throws PsnError OWN_FILE_REPLACED for a link in its place
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  await requireNoLink(file);
  const sibling = `${file}.${randomBytes(6).toString("hex")}.new`;
  try {
    const written = await open(sibling, "wx", 0o600);
    try {
      await written.writeFile(text);
      await written.sync();
    } finally {
      await written.close();
    }
    await rename(sibling, file);
  } finally {
    await rm(sibling, { force: true });
  }
}

/** Writes a chunk to its end: one write may take a part only, as on a disk that is nearly full. */
export async function writeAll(out: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await out.write(chunk, at, chunk.length - at);
    if (bytesWritten === 0) throw new Error("the disk takes no more bytes");
    at += bytesWritten;
  }
}

/** What file systems say that cannot flush a folder; the rename has happened all the same. */
const CANNOT_FLUSH = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** A rename is safe from a power cut only when its folder has reached the disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync().catch((error) => {
      if (!CANNOT_FLUSH.has(error.code)) throw error;
    });
  } finally {
    await handle.close();
  }
}
