/**
 * What an editor writes, in a folder of PSN's own data from the moment it opens until the words are taken: whatever ends PSN or the
 * editor, what was saved is there, and the next edit of the post finds it.
 */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readAt } from "../../../core/config/open-file.ts";
import { makeOwnFolder, openOwnFile, readOwnFile } from "../../../core/config/own-file.ts";
import { replaceFile } from "../../../core/config/whole-file.ts";
import { PsnError, systemCode } from "../../../core/errors.ts";
import { TEXT_BYTES_MAX } from "../../_stdin.ts";

/** In the data folder. */
const FOLDER = "edits";
const ABOUT = "about.json";
/** Words that nobody came back for: the oldest go first. */
const KEPT_MAX = 50;
const KEPT_DAYS_MAX = 90;
const DAY_MS = 86_400_000;
const PS_MS_MAX = 5_000;
const ABOUT_BYTES_MAX = 2 * TEXT_BYTES_MAX;

const AboutSchema = z.object({
  /** Null for a post that is not stored yet. */
  post: z.string().nullable(),
  /** What is edited, such as `tweet 0`, counted from 0. */
  what: z.string(),
  /** What the editor was first given. */
  before: z.string(),
  /** The file that the editor opens. */
  file: z.enum(["tweet.txt", "post.md"]),
  /** Whose it is. The mark tells a process from a later one that was given the same pid. */
  pid: z.int(),
  mark: z.string().nullable(),
  /** When it began, in UTC. */
  at: z.iso.datetime(),
});
type About = z.infer<typeof AboutSchema>;

/** One text in an editor. */
export class Edit {
  readonly folder: string;
  readonly about: About;

  private constructor(folder: string, about: About) {
    this.folder = folder;
    this.about = about;
  }

  /** A new one, with `before` in its file. @throws PsnError EDITOR_FAILED, OWN_FILE_REPLACED */
  static async begin(dataDir: string, about: Omit<About, "pid" | "mark" | "at" | "file">): Promise<Edit> {
    const whole: About = {
      ...about,
      file: about.post === null ? "post.md" : "tweet.txt",
      pid: process.pid,
      mark: null,
      at: new Date().toISOString(),
    };
    const edit = new Edit(join(dataDir, FOLDER, randomBytes(8).toString("hex")), whole);
    try {
      await makeOwnFolder(join(dataDir, FOLDER));
      await prune(dataDir);
      await edit.restore(Buffer.from(`${about.before}\n`));
    } catch (error) {
      if (error instanceof PsnError) throw error;
      throw new PsnError("EDITOR_FAILED", `Nothing can be written to ${edit.folder}: ${(error as Error).message}.`, {
        hint: "Nothing was changed. What an editor writes is kept there until it is taken.",
      });
    }
    return edit;
  }

  /** Null where the folder holds none that can be read. */
  static async at(folder: string): Promise<Edit | null> {
    const text = await readOwnFile(join(folder, ABOUT), ABOUT_BYTES_MAX).catch(() => null);
    try {
      return text === null ? null : new Edit(folder, AboutSchema.parse(JSON.parse(text)));
    } catch {
      return null;
    }
  }

  get file(): string {
    return join(this.folder, this.about.file);
  }

  /** Another PSN may have its editor open. */
  async isOpenElsewhere(): Promise<boolean> {
    const { pid, mark } = this.about;
    return pid !== process.pid && (await markOf(pid)) === mark && mark !== null;
  }

  /** It is this process's from now on. */
  async claim(): Promise<void> {
    this.about.pid = process.pid;
    this.about.mark = await markOf(process.pid);
    await replaceFile(join(this.folder, ABOUT), JSON.stringify(this.about));
  }

  /** @throws PsnError EDITOR_FAILED, TEXT_TOO_LARGE, OWN_FILE_REPLACED */
  async bytes(): Promise<Buffer> {
    try {
      const handle = await openOwnFile(this.file, constants.O_RDONLY);
      try {
        const { size } = await handle.stat();
        if (size <= TEXT_BYTES_MAX) return await readAt(handle, 0, size);
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (error instanceof PsnError) throw error;
      if (systemCode(error) === "ENOENT") throw fileRemoved();
      throw new PsnError("EDITOR_FAILED", `What the editor saved cannot be read: ${(error as Error).message}.`, {
        hint: "Nothing was changed. EDITOR names the program.",
      });
    }
    throw new PsnError("TEXT_TOO_LARGE", "What the editor saved is larger than 16 MiB.");
  }

  /** Puts these bytes into its file, also where the editor removed that. */
  async restore(bytes: Uint8Array): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await this.claim();
    await writeFile(this.file, bytes, { mode: 0o600 });
  }

  /** Whether something was saved that is not what the editor was first given. */
  async hasWords(): Promise<boolean> {
    try {
      return !(await this.bytes()).equals(Buffer.from(`${this.about.before}\n`));
    } catch (error) {
      // Nothing is there; anything else may be words that only a person can read.
      return !(error instanceof PsnError && error.code === "EDITOR_FAILED" && !(await this.#isThere()));
    }
  }

  /** Files that the editor itself left, as vi does of words that were not saved when it was ended. */
  async others(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names.filter((name) => name !== this.about.file && !name.startsWith(ABOUT));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async #isThere(): Promise<boolean> {
    return (await readdir(this.folder).catch(() => [] as string[])).includes(this.about.file);
  }
}

/**
 * What was written for a post and not taken, the newest first; null is a post that is not stored yet. What was left without words is
 * removed on the way.
 */
export async function keptEdits(dataDir: string, post: string | null): Promise<Edit[]> {
  const kept: Edit[] = [];
  for (const edit of await allEdits(dataDir)) {
    if (edit.about.post !== post || (await edit.isOpenElsewhere())) continue;
    if ((await edit.hasWords()) || (await edit.others()).length > 0) kept.push(edit);
    else await edit.remove();
  }
  return kept;
}

export const fileRemoved = () =>
  new PsnError("EDITOR_FAILED", "The editor removed the file that it was given.", {
    hint: "Nothing was changed. EDITOR names the program.",
  });

// --- internal ---

/** The newest first. */
async function allEdits(dataDir: string): Promise<Edit[]> {
  const names = await readdir(join(dataDir, FOLDER)).catch(() => []);
  const edits = await Promise.all(names.map((name) => Edit.at(join(dataDir, FOLDER, name))));
  return edits.filter((edit) => edit !== null).toSorted((a, b) => (a.about.at < b.about.at ? 1 : -1));
}

async function prune(dataDir: string): Promise<void> {
  const oldest = new Date(Date.now() - KEPT_DAYS_MAX * DAY_MS).toISOString();
  for (const [index, edit] of (await allEdits(dataDir)).entries()) {
    const isTooMuch = index >= KEPT_MAX - 1 || edit.about.at < oldest;
    if (isTooMuch && !(await edit.isOpenElsewhere())) await edit.remove();
  }
}

/** When a process began, as the system says it; null where there is none. */
async function markOf(pid: number): Promise<string | null> {
  if (process.platform === "linux") {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    // The 22nd field; the second one is a name in brackets that may hold blanks.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? null : (fields[18] ?? null);
  }
  const { stdout } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", timeout: PS_MS_MAX });
  return stdout?.trim() || null;
}
