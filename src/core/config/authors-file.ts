/** Files that an author gives as a text, as words or as media: none of PSN's own, whose keys would stand in a draft or in an answer. */
import type { BigIntStats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { PsnError } from "../errors.ts";
import { type Env, readEnvFile } from "./env-file.ts";
import { asideKeysFile, configDir, defaultDataDir, hubFile, keysFile } from "./folders.ts";

/**
 * Refuses a path that leads, through links too, into the folder of the configuration or of the data, and another name of a file of keys.
 * @param opened what was opened by that path; undefined for a folder
 * @throws PsnError FILE_UNREADABLE
 */
export async function requireAuthors(path: string, opened?: Pick<BigIntStats, "dev" | "ino">): Promise<void> {
  const real = await realpath(path).catch(() => path);
  for (const folder of [configDir(), defaultDataDir(), ...(await namedDataDir())]) {
    const own = await realpath(folder).catch(() => folder);
    if (real === own || real.startsWith(`${own}${sep}`)) throw refused(path);
  }
  if (!opened) return;
  for (const file of [hubFile(), keysFile(), asideKeysFile()]) {
    const own = await stat(file, { bigint: true }).catch(() => null);
    if (own?.dev === opened.dev && own.ino === opened.ino) throw refused(path);
  }
}

// --- internal ---

/** The data folder that hub.env names, where it names one. What cannot be read names none: whoever needs the hub is told why. */
async function namedDataDir(): Promise<string[]> {
  const { values } = await readEnvFile(hubFile()).catch(() => ({ values: {} as Env }));
  return values.PSN_DATA_DIR ? [resolve(values.PSN_DATA_DIR)] : [];
}

function refused(path: string): PsnError {
  return new PsnError("FILE_UNREADABLE", `${path} is not read: it lies with PSN's own keys and data.`, {
    hint: "Keep texts and media in a folder of your own.",
    details: { path },
  });
}
