/** Keeps a sandbox in a file: read once at the start, written after changes, never half. */
import { dirname } from "node:path";
import { makeOwnFolder, readOwnFile } from "../core/config/own-file.ts";
import { replaceFile } from "../core/config/whole-file.ts";
import { PsnError } from "../core/errors.ts";
import type { SandboxX } from "./rules.ts";

const WRITE_DELAY_MS = 200;
/** A snapshot with every cap reached stays well below this. */
const FILE_BYTES_MAX = 512 * 1024 * 1024;

export interface StateFile {
  /** Something may have changed: a write follows soon. */
  touch(): void;
  /** Writes what is left and ends. */
  close(): Promise<void>;
}

/**
 * Loads the file when it exists and keeps it up to date. It holds the hashes of tokens, and the client secrets of the
 * sandbox's apps in clear, so its mode is 0600. Throws PsnError SANDBOX_BAD_SNAPSHOT for a file that is no saved sandbox; the
 * file is left as it is; OWN_FILE_REPLACED for a link in its place.
 */
export async function openStateFile(path: string, sandbox: SandboxX): Promise<StateFile> {
  await loadInto(path, sandbox);
  let written = sandbox.revision;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    if (sandbox.revision === written) return;
    written = sandbox.revision;
    await makeOwnFolder(dirname(path));
    await replaceFile(path, JSON.stringify(sandbox.save()));
  };
  const queue = (): Promise<void> => {
    writing = writing.then(write, write);
    return writing;
  };
  return {
    touch() {
      if (timer !== null || sandbox.revision === written) return;
      timer = setTimeout(() => {
        timer = null;
        // A full disk must not stop the sandbox; the next change tries again, and `close` reports it.
        queue().catch(() => {
          written = -1;
        });
      }, WRITE_DELAY_MS);
    },
    async close() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await queue();
    },
  };
}

async function loadInto(path: string, sandbox: SandboxX): Promise<void> {
  const bad = (cause: unknown) =>
    new PsnError("SANDBOX_BAD_SNAPSHOT", `${path} is not a saved sandbox`, {
      hint: "Remove the file to start with an empty timeline, or name another with --state.",
      cause,
    });
  const text = await readOwnFile(path, FILE_BYTES_MAX).catch((error) => {
    throw error instanceof PsnError || "code" in error ? error : bad(error);
  });
  if (text === null) return;
  try {
    sandbox.load(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof PsnError) throw bad(error);
    throw error;
  }
}
