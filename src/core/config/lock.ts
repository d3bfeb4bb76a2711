/**
 * One process at a time: the starter of a hub, the writer of a configuration file.
 *
 * The lock is the kernel's (a POSIX lock, taken through SQLite because Node has no call for it), so it ends with its
 * owner: `kill -9` at any line frees it, no pid has to be judged, and two containers that share a folder respect it.
 * The file stays empty: an exclusive transaction that writes nothing leaves nothing.
 *
 * Tried and dropped: a lock file with pid and start time. Taking over from a dead owner means to compare and delete,
 * and between the two another process may have done the same.
 */
import { randomBytes } from "node:crypto";
import { constants, link, lstat, open, rm } from "node:fs/promises";
import type { Clock } from "../clock.ts";
import { PsnError, systemCode } from "../errors.ts";
import { requireNoLink } from "./own-file.ts";

interface Owner {
  uid: number;
  gid: number;
}

const POLL_MS = 25;
const SQLITE_BUSY = 5;

/**
 * Runs `act` while holding the lock.
 *
 * @param options.prepare makes the folder of the lock; called again when the folder was removed while we waited
 * @param options.waitMs how long to wait for another process
 * @param options.owner whose the lock's file is, where that is another user
 * @throws PsnError HUB_BUSY when the lock did not come free in that time; the signal's reason when aborted
 */
export async function withLock<T>(
  file: string,
  options: {
    clock: Clock;
    signal?: AbortSignal | undefined;
    waitMs: number;
    owner: Owner | null;
    prepare: () => Promise<void>;
  },
  act: () => Promise<T>,
): Promise<T> {
  const { clock, signal } = options;
  const until = clock.now().getTime() + options.waitMs;
  for (;;) {
    signal?.throwIfAborted();
    await options.prepare();
    const held = await tryLock(file, options.owner);
    if (held !== null) {
      try {
        return await act();
      } finally {
        held.close();
      }
    }
    if (clock.now().getTime() >= until) {
      throw new PsnError("HUB_BUSY", `Another psn process has been holding ${file} for too long.`, {
        hint: "Look for a hanging `psn` process, end it, and run the command again.",
        details: { lockFile: file, waitedMs: options.waitMs },
      });
    }
    await clock.sleep(POLL_MS, signal);
  }
}

/** Null when another process, or another call in this one, holds it. */
async function tryLock(file: string, owner: Owner | null): Promise<LockDatabase | null> {
  await createLockFile(file, owner);
  const before = await identity(file);
  if (before === null) return null;
  const database = await openDatabase(file);
  try {
    // No journal on disk: one is begun for an empty database, and a full disk must not keep a hub from being removed.
    database.exec("pragma busy_timeout = 0; pragma journal_mode = memory; begin exclusive");
  } catch (error) {
    database.close();
    // Of a file that went away meanwhile SQLite says what it likes.
    if (isBusy(error) || (await identity(file)) !== before) return null;
    throw error;
  }
  // While we waited the folder may have been removed and made anew: then we locked a file that nobody else will see.
  if ((await identity(file)) === before) return database;
  database.close();
  return null;
}

/**
 * Makes the file once and never opens an existing one: to close any handle on it would end this process's own POSIX
 * locks on it. Linked into place complete, so that nobody meets it before its owner is set.
 */
async function createLockFile(file: string, owner: Owner | null): Promise<void> {
  await requireNoLink(file);
  if ((await identity(file)) !== null) return;
  const fresh = `${file}.${randomBytes(6).toString("hex")}`;
  const handle = await open(fresh, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    if (owner !== null) await handle.chown(owner.uid, owner.gid);
  } finally {
    await handle.close();
  }
  try {
    await link(fresh, file);
  } catch (error) {
    // ENOENT: the one who holds the lock swept our draft away; the next round finds its file.
    if (!["EEXIST", "ENOENT"].includes(systemCode(error) ?? "")) throw error;
  } finally {
    await rm(fresh, { force: true });
  }
}

async function identity(file: string): Promise<string | null> {
  try {
    const { dev, ino, birthtimeNs } = await lstat(file, { bigint: true });
    return `${dev}:${ino}:${birthtimeNs}`;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}

/** What Node's SQLite and Bun's have in common. */
interface LockDatabase {
  exec(sql: string): unknown;
  close(): void;
}

/** Loaded here because only a process that starts a server needs it. Bun before 1.4 has no node:sqlite, and Node no bun:sqlite. */
async function openDatabase(file: string): Promise<LockDatabase> {
  const name = process.versions.bun ? "bun:sqlite" : "node:sqlite";
  const { DatabaseSync, Database } = await import(name);
  return new (DatabaseSync ?? Database)(file);
}

/** Node says `errcode`, Bun `errno`. */
function isBusy(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { errcode, errno } = error as { errcode?: unknown; errno?: unknown };
  return errcode === SQLITE_BUSY || errno === SQLITE_BUSY;
}
