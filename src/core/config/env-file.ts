/**
 * Files of KEY=value lines, read and written. They hold secrets, so the folder is 0700 and the files 0600. A laxer mode
 * is a warning, not an error: the person may have reasons, and a warning with the command that repairs it is what
 * helps.
 */
import { rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { parseEnv } from "node:util";
import { type Clock, wallClock } from "../clock.ts";
import { PsnError } from "../errors.ts";
import { withLock } from "./lock.ts";
import { makeOwnFolder, readOwnFile, requireNoLink } from "./own-file.ts";
import { replaceFile, syncFolder } from "./whole-file.ts";

/** A write takes milliseconds; only a disk that hangs takes so long. */
const LOCK_MS_MAX = 20_000;
const ENV_FILE_BYTES_MAX = 64 * 1024;

export type Env = Record<string, string | undefined>;

/**
 * Sets values in an env file, keeping its other lines and comments; a value of null removes the line. Written to a
 * sibling, flushed and renamed, so a crash or a power cut leaves the old file or the new one: the encryption key has
 * no second copy. A new folder is 0700, the file 0600; the mode of a folder that exists is its owner's affair.
 * @throws PsnError CONFIG_INVALID for a value that the file cannot hold, or a file that is none, CONFIG_UNREADABLE, CONFIG_UNWRITABLE,
 *   OWN_FILE_REPLACED
 */
export async function writeEnvFile(
  file: string,
  changes: Record<string, string | null>,
  clock: Clock = wallClock,
): Promise<void> {
  // What cannot be stored is refused before a folder is made for it.
  await changedText(file, changes);
  const lockFile = `${file}.lock`;
  const prepare = () => makeOwnFolder(dirname(file));
  const lock = { clock, waitMs: LOCK_MS_MAX, owner: null, prepare };
  await withLock(lockFile, lock, async () => {
    await replaceFile(file, await changedText(file, changes));
    // Whoever waits for it sees that it is another file, or none, and takes a new one.
    await rm(lockFile, { force: true });
  }).catch((error) => {
    if (error instanceof PsnError) throw error;
    throw new PsnError("CONFIG_UNWRITABLE", `${file} cannot be written: ${(error as Error).message}`, {
      hint: "Check that its folder is yours and that the disk is not full. The file is as it was.",
    });
  });
  // The new file is there; that its name may be lost in a power cut is no reason to say that it is not.
  await syncFolder(dirname(file)).catch(() => {});
}

/** The file as it is now, with the changes. */
async function changedText(file: string, changes: Record<string, string | null>): Promise<string> {
  const lines = (await readText(file))?.split(/\r?\n/) ?? [];
  while (lines.at(-1) === "") lines.pop();
  for (const [name, value] of Object.entries(changes)) {
    const isOurs = (line: string) => new RegExp(`^\\s*(export\\s+)?${name}\\s*=`).test(line);
    const at = lines.findIndex(isOurs);
    const rest = lines.filter((line) => !isOurs(line));
    if (value !== null) rest.splice(at < 0 ? rest.length : at, 0, envLine(name, value));
    lines.splice(0, lines.length, ...rest);
  }
  const text = `${lines.join("\n")}\n`;
  requireReadable(file, text, changes);
  return text;
}

/**
 * The values of an env file, and warnings when others could read it. No file is no values.
 * @throws PsnError CONFIG_UNREADABLE, OWN_FILE_REPLACED
 */
export async function readEnvFile(file: string): Promise<{ values: Env; warnings: string[] }> {
  const text = await readText(file);
  if (text === null) return { values: {}, warnings: [] };
  const warnings: string[] = [];
  for (const [path, allowed] of [
    [dirname(file), 0o700],
    [file, 0o600],
  ] as const) {
    const mode = (await stat(path)).mode & 0o777;
    if (mode & ~allowed) {
      warnings.push(
        `Others on this machine can reach ${path} (mode ${mode.toString(8)}). Repair it with: chmod ${allowed.toString(8)} '${path.replaceAll("'", "'\\''")}'`,
      );
    }
  }
  return { values: parseEnv(text) as Env, warnings };
}

/** The first line of an env file that is read as no setting: it is none, or a quotation above takes it in. Null where all are. */
export async function oddLineOf(file: string): Promise<number | null> {
  const text = (await readText(file)) ?? "";
  const values = parseEnv(text);
  const isOdd = (line: string) => {
    const [, name] = /^\s*(?:export\s+)?([\w.-]+)\s*=/.exec(line) ?? [];
    return !/^\s*(#|$)/.test(line) && (name === undefined || !(name in values));
  };
  const at = text.split(/\r?\n/).findIndex(isOdd);
  return at < 0 ? null : at + 1;
}

// --- internal ---

/** A line that is no setting, or a quotation that is never closed, may take in the lines behind it. */
function requireReadable(file: string, text: string, changes: Record<string, string | null>): void {
  const values = parseEnv(text);
  if (Object.entries(changes).every(([name, value]) => (values[name] ?? null) === value)) return;
  throw new PsnError("CONFIG_INVALID", `${file} has a line that is no NAME=value, which takes in what follows.`, {
    hint: "Repair or remove that line. The file is as it was.",
  });
}

async function readText(file: string): Promise<string | null> {
  try {
    await requireNoLink(dirname(file));
    return await readOwnFile(file, ENV_FILE_BYTES_MAX);
  } catch (error) {
    if (error instanceof PsnError) throw error;
    throw new PsnError("CONFIG_UNREADABLE", `${file} cannot be read: ${(error as Error).message}`, {
      hint: "Check that the file is yours and that its mode is 600.",
    });
  }
}

/** The line for a value, in whichever quotes the reader gives it back unchanged. */
function envLine(name: string, value: string): string {
  if (/[\r\n\0]/.test(value)) {
    throw new PsnError("CONFIG_INVALID", `The value for ${name} has a line break.`, { hint: "Give it on one line." });
  }
  for (const quote of ["", "'", "`", '"']) {
    const line = `${name}=${quote}${value}${quote}`;
    if ((quote || /^[\w./:@%+,=-]*$/.test(value)) && parseEnv(line)[name] === value) return line;
  }
  throw new PsnError("CONFIG_INVALID", `The value for ${name} has quotes of every kind and cannot be stored.`);
}
