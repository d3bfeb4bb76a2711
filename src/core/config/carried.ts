/**
 * What the single program (scripts/package/binary.ts) carries beside its code: programs and libraries that cannot run from inside of it.
 * Each is one compressed tar with a list of its files' hashes, and is unpacked once into a folder that is named by its content. The folder
 * appears under its name only when it is whole, and is compared with the list each time that it is used.
 */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { wallClock } from "../clock.ts";
import { FILES_DIR } from "./folders.ts";

/** What is carried, as the build wrote it. */
const CarriedSchema = z.object({
  name: z.string().regex(/^[a-z]+$/),
  version: z.string().regex(/^\d[\w.-]*$/),
  /** SHA-256 of the compressed tar, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** SHA-256 of each file, by its path in the tar. */
  files: z.record(z.string().regex(/^(?!\/)(?!.*(^|\/)\.\.?(\/|$)).+$/), z.string().regex(/^[0-9a-f]{64}$/)),
});
export type Carried = z.infer<typeof CarriedSchema> & { archive: string };

const UNPACKED_BYTES_MAX = 500 * 1024 * 1024;
/** A copy takes seconds. What is this old was left by a process that was killed. */
const LEFT_BEHIND_MS = 60 * 60_000;
const DRAFT = ".psn-";
/** Each try is lost to one other process that found the folder damaged at the same moment. */
const PLACE_TRIES = 9;

/** @param folder where the build laid it @throws an Error when the program does not carry it */
export async function carriedOf(name: string, folder: string = join(FILES_DIR, "carried")): Promise<Carried> {
  const said = CarriedSchema.parse(JSON.parse(await readFile(join(folder, `${name}.json`), "utf8")));
  return { ...said, archive: join(folder, `${name}.tar.zst`) };
}

/** The folder's name: another content is another folder, so two versions of PSN are not in each other's way. */
export const folderOf = ({ name, version, sha256 }: Carried): string => `${name}-${version}-${sha256.slice(0, 12)}`;

/**
 * Unpacks into `home`, unless it is there. Two processes may do so at once, and each may be killed at any line.
 * @param options.finish makes what a tar does not hold, such as links
 * @returns the folder, whole
 * @throws an Error when the program's own file is damaged, or the disk is full
 */
export async function unpackOnce(
  carried: Carried,
  home: string,
  options: { finish?: (folder: string) => Promise<void> } = {},
): Promise<string> {
  const target = join(home, folderOf(carried));
  await placeOnce(target, {
    isWhole: (folder) => hasAllFiles(carried, folder),
    async fill(draft) {
      await unpack(carried, draft);
      await options.finish?.(draft);
    },
  });
  return target;
}

/** Makes a folder whole or not at all. What a process that was killed left of it an hour ago is removed. */
export async function placeOnce(
  target: string,
  { isWhole, fill }: { isWhole(folder: string): Promise<boolean>; fill(draft: string): Promise<void> },
): Promise<void> {
  if (await isWhole(target)) return;
  const home = dirname(target);
  await sweepDrafts(home);
  const draft = join(home, `${DRAFT}${target.slice(home.length + 1)}-${randomBytes(6).toString("hex")}`);
  try {
    await mkdir(draft, { mode: 0o755 });
    await fill(draft);
    await chmod(draft, 0o755);
    for (let tries = 1; ; tries++) {
      const error = await rename(draft, target).catch((thrown: Error) => thrown);
      // Another process may have been first.
      if (!error || (await isWhole(target))) return;
      if (tries === PLACE_TRIES) throw error;
      // A folder that somebody damaged makes room; what runs from it keeps its open files.
      await rename(target, `${draft}-old`).catch(() => {});
      await rm(`${draft}-old`, { recursive: true, force: true });
    }
  } catch (error) {
    if (!(await isWhole(target))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

// --- internal ---

async function hasAllFiles({ files }: Carried, folder: string): Promise<boolean> {
  try {
    for (const [path, wanted] of Object.entries(files)) {
      const hash = createHash("sha256");
      for await (const chunk of createReadStream(join(folder, path))) hash.update(chunk);
      if (hash.digest("hex") !== wanted) return false;
    }
    return true;
  } catch {
    return false;
  }
}

async function unpack(carried: Carried, draft: string): Promise<void> {
  const packed = await readFile(carried.archive);
  if (createHash("sha256").update(packed).digest("hex") !== carried.sha256) throw damaged(carried);
  // Only the single program comes here. Trigger.dev's tasks hold this module too, and the Node of some of its images has no zstd.
  const { zstdDecompress } = await import("node:zlib");
  const { createTarDecoder } = await import("modern-tar");
  const tar = await promisify(zstdDecompress)(packed, { maxOutputLength: UNPACKED_BYTES_MAX });
  const entries = new Blob([tar]).stream().pipeThrough(createTarDecoder());
  for await (const { header, body } of entries) {
    if (!(header.name in carried.files)) throw damaged(carried);
    const path = join(draft, header.name);
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    // Given as a stream, Bun's writeFile wrote a part twice.
    const content = Buffer.from(await new Response(body).arrayBuffer());
    await writeFile(path, content, { mode: 0o600, flag: "wx" });
    await chmod(path, ((header.mode ?? 0) & 0o100) === 0 ? 0o644 : 0o755);
  }
  await openFolders(draft);
  if (!(await hasAllFiles(carried, draft))) throw damaged(carried);
}

/** Under a narrow umask of root's the folders would be closed to the user who runs what is in them. */
async function openFolders(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await openFolders(join(folder, entry.name));
  }
}

async function sweepDrafts(home: string): Promise<void> {
  for (const name of await readdir(home).catch(() => [])) {
    if (!/^\.psn-[a-z]+-\d.*-[0-9a-f]{12}(-old)?$/.test(name)) continue;
    const path = join(home, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (wallClock.now().getTime() - mtimeMs > LEFT_BEHIND_MS)
      await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

const damaged = ({ name }: Carried) =>
  new Error(`This psn is damaged: its ${name} is not what was packed. Download it again.`);
