/** The server's log: one file that it appends to for as long as it lives, kept small by each start. */

import { constants, type FileHandle } from "node:fs/promises";
import { openOwnFile, readOwnTail } from "../../config/own-file.ts";
import { systemCode } from "../../errors.ts";
import type { RunAs } from "./run.ts";

const LOG_BYTES_MAX = 4 * 1024 * 1024;
const KEPT_BYTES = 256 * 1024;
const TAIL_BYTES = 16 * 1024;

/** Opens the log for appending, as a file of the server's user. A link in its place is refused. */
export async function openLog(file: string, owner: RunAs | null): Promise<FileHandle> {
  const { O_WRONLY, O_APPEND, O_CREAT } = constants;
  const handle = await openOwnFile(file, O_WRONLY | O_APPEND | O_CREAT);
  if (owner !== null) await handle.chown(owner.uid, owner.gid);
  return handle;
}

/**
 * Cuts a log that grew over 4 MB to nothing and keeps its last 256 KB as `<file>.1`. The file itself stays, because a
 * running server holds it open for appending and goes on at its new end.
 */
export async function boundLog(file: string, owner: RunAs | null, bytesMax = LOG_BYTES_MAX): Promise<void> {
  const { O_RDWR, O_WRONLY, O_CREAT, O_TRUNC } = constants;
  let log: FileHandle;
  try {
    log = await openOwnFile(file, O_RDWR);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    throw error;
  }
  try {
    const { size } = await log.stat();
    if (size <= bytesMax) return;
    const { buffer, bytesRead } = await log.read(Buffer.alloc(KEPT_BYTES), 0, KEPT_BYTES, size - KEPT_BYTES);
    const old = await openOwnFile(`${file}.1`, O_WRONLY | O_CREAT | O_TRUNC);
    try {
      if (owner !== null) await old.chown(owner.uid, owner.gid);
      await old.write(buffer, 0, bytesRead);
    } finally {
      await old.close();
    }
    await log.truncate(0);
  } finally {
    await log.close();
  }
}

/** What the log holds after byte `from`, at most its last 16 KB; empty when there is none. */
export async function readLog(file: string, from: number): Promise<string> {
  return (await readOwnTail(file, TAIL_BYTES, from)) ?? "";
}
