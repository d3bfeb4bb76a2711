/** Files as an author names them: by what they see, which is not always what the disk has. */
import { lstat, readdir } from "node:fs/promises";
import { join, parse, resolve, sep } from "node:path";
import { PsnError } from "../core/errors.ts";

const ENTRIES_MAX = 100_000;

/**
 * The path of the file that `name` means. A name that no file has to the byte is compared as it is seen: macOS puts a narrow
 * no-break space into the names of screenshots, and stores letters with their accents apart.
 * @returns an absolute path; of a file that does not exist, the one that was named
 * @throws PsnError FILE_AMBIGUOUS when several files look like that; USAGE for no name
 */
export async function findFile(cwd: string, name: string): Promise<string> {
  requireName(name, "file");
  const wanted = resolve(cwd, name);
  if (await exists(wanted)) return wanted;
  const { root } = parse(wanted);
  let found = root;
  for (const part of wanted.slice(root.length).split(sep).filter(Boolean)) {
    const next = join(found, part);
    const like = (await exists(next)) ? next : await lookalike(found, part);
    if (like === null) return wanted;
    found = like;
  }
  return found;
}

/** Before an empty name is taken for the folder one is in. @throws PsnError USAGE */
export function requireName(name: string, what: "file" | "folder"): void {
  if (name !== "") return;
  throw new PsnError("USAGE", `The name of a ${what} is empty.`, {
    hint: "In a shell, a variable that is not set leaves such a name.",
  });
}

/** Whether `name`, or something that looks like it, is there. */
export async function fileExists(cwd: string, name: string): Promise<boolean> {
  return await exists(await findFile(cwd, name));
}

// --- internal ---

const exists = async (path: string) => (await lstat(path).catch(() => null)) !== null;

/** Kinds of space are one, letters are composed, and what is not seen at all is not compared. Letters keep their case. */
function seen(name: string): string {
  return name
    .normalize("NFC")
    .replace(/[\p{Zs}\t]/gu, " ")
    .replace(/[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu, "");
}

async function lookalike(folder: string, part: string): Promise<string | null> {
  const entries = await readdir(folder).catch(() => []);
  if (entries.length > ENTRIES_MAX) return null;
  const wanted = seen(part);
  const alike = entries.filter((entry) => seen(entry) === wanted);
  if (alike.length <= 1) return alike[0] === undefined ? null : join(folder, alike[0]);
  throw new PsnError("FILE_AMBIGUOUS", `${alike.length} files of ${folder} look like “${part.slice(0, 80)}”.`, {
    hint: "They differ in characters that cannot be seen. Rename one of them.",
  });
}
