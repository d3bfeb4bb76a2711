/** The passphrase of a backup: typed where nobody sees it, or of a file, or of stdin; never an argument, which every user of a machine can read. */
import { z } from "zod";
import { PASSPHRASE_CHARS_MIN } from "../core/backup/backup.ts";
import { PsnError } from "../core/errors.ts";
import { ask } from "./_ask.ts";
import type { Io } from "./_command.ts";
import { findFile } from "./_files.ts";
import { chunksOfFile, decodeText } from "./_stdin.ts";

export const PASSPHRASE_FIELDS = {
  passphraseFile: z.string().optional().meta({
    placeholder: "FILE",
    description: "Read the passphrase from a file; else it is asked for, or read from stdin where nobody can be asked",
  }),
};

const BYTES_MAX = 4_096;
const WHERE =
  "Give --passphrase-file FILE, or the passphrase on stdin. It is no argument: other users of this machine could read it.";

/**
 * The passphrase, without its line's end.
 * @param isNew it is chosen now: it must be long, and a person types it twice
 * @throws PsnError PASSPHRASE_MISSING, PASSPHRASE_WEAK, PASSPHRASE_DIFFERS, CANCELLED
 */
export async function readPassphrase(io: Io, file: string | undefined, isNew: boolean): Promise<string> {
  const given = await read(io, file, isNew);
  const passphrase = given.replace(/\r?\n$/, "");
  if (passphrase.trim() === "") throw new PsnError("PASSPHRASE_MISSING", "There is no passphrase.", { hint: WHERE });
  if (/[\r\n]/.test(passphrase)) {
    throw new PsnError("PASSPHRASE_MISSING", "The passphrase must be one line, and nothing else.", { hint: WHERE });
  }
  if (isNew && [...passphrase].length < PASSPHRASE_CHARS_MIN) {
    throw new PsnError("PASSPHRASE_WEAK", `The passphrase must have at least ${PASSPHRASE_CHARS_MIN} characters.`, {
      hint: "It guards your sign-ins wherever the file goes. Four or more words that nobody would guess are good.",
    });
  }
  return passphrase;
}

// --- internal ---

async function read(io: Io, file: string | undefined, isNew: boolean): Promise<string> {
  if (file !== undefined) return await readFileOf(io, await findFile(io.cwd, file));
  if (!io.interactive) {
    // A dry run, or --no-input, at a terminal: nobody types there.
    if (process.stdin.isTTY) throw new PsnError("PASSPHRASE_MISSING", "There is no passphrase.", { hint: WHERE });
    return await io.readStdin();
  }
  const first = await ask("Passphrase of the backup", { secret: true, left: "Nothing was written." });
  if (isNew && first !== (await ask("The same once more", { secret: true, left: "Nothing was written." }))) {
    throw new PsnError("PASSPHRASE_DIFFERS", "The two passphrases differ; nothing was written.");
  }
  return first;
}

async function readFileOf({ signal }: Io, path: string): Promise<string> {
  try {
    let bytes = Buffer.alloc(0);
    for await (const chunk of chunksOfFile(path, signal, "any")) {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length > BYTES_MAX) throw new Error(`it has more than ${BYTES_MAX} bytes`);
    }
    return decodeText(bytes, path);
  } catch (error) {
    if (error instanceof PsnError || error === signal.reason) throw error;
    throw new PsnError("PASSPHRASE_MISSING", `${path} cannot be read: ${(error as Error).message}.`, { hint: WHERE });
  }
}
