/**
 * Opening and reading files, those of an author's and those of PSN's own. Opening never waits, as it would for a FIFO; what is no
 * regular file is refused before a byte of it is read; and no more is read than was asked for, since a file may grow without an end.
 */
import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Of a folder, a FIFO, a socket or a device. */
export const NO_FILE = "it is not a file";

/**
 * Opens a regular file, or what a link leads to. The caller closes it.
 * @param flags of `open`: O_RDONLY unless given; a file that it makes has the mode 0600
 * @param refused what is thrown for what is no regular file
 * @throws Error with the system's code; by default one with NO_FILE as its message
 */
export async function openRegular(
  file: string,
  flags: number = constants.O_RDONLY,
  refused: (facts: BigIntStats) => Error = () => new Error(NO_FILE),
): Promise<{ handle: FileHandle; facts: BigIntStats }> {
  // O_NONBLOCK: a FIFO that nobody writes to would hold the open up, and with it every signal.
  const handle = await open(file, flags | constants.O_NONBLOCK, 0o600);
  try {
    const facts = await handle.stat({ bigint: true });
    if (!facts.isFile()) throw refused(facts);
    return { handle, facts };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The bytes from `start` on; fewer than `length` where the file ends before. */
export async function readAt(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  // Not zeroed: what is not written is not given. A part of no pool, so that its memory can be given back.
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/**
 * A whole file, as long as it was when it was opened.
 * @throws Error with the system's code, with NO_FILE, or that it is larger than `bytesMax`
 */
export async function readRegular(file: string, bytesMax: number): Promise<Buffer> {
  const { handle, facts } = await openRegular(file);
  try {
    if (facts.size > bytesMax) throw new Error(`it is larger than ${bytesMax} bytes`);
    return await readAt(handle, 0, Number(facts.size));
  } finally {
    await handle.close();
  }
}
