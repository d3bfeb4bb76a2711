/** The mark beside the configuration: which hub publishes here, and how far its record must have come. */
import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { makeOwnFolder, readOwnFile } from "../config/own-file.ts";
import { replaceFile, syncFolder } from "../config/whole-file.ts";
import { PsnError } from "../errors.ts";

const FolderSchema = z.object({ path: z.string(), inode: z.string(), bornMs: z.number() });

const MarkFileSchema = z.object({
  psnMark: z.literal(1),
  /** Made anew by each claim; the hub holds the same. */
  claim: z.string().min(1),
  /** The newest request that was recorded before it was sent. */
  sent: z.number().int().min(0),
  folder: FolderSchema,
  /** The machine's own id; null where there is none that lasts, as in a container. */
  machine: z.string().nullable(),
});
/** One has well below a kilobyte and the path of a folder. */
const MARK_BYTES_MAX = 64 * 1024;
export type MarkFile = z.infer<typeof MarkFileSchema>;
export type Folder = MarkFile["folder"];

/**
 * @returns null when there is no mark, or none that can be read
 * @throws PsnError OWN_FILE_REPLACED
 */
export async function readMarkFile(file: string): Promise<MarkFile | null> {
  try {
    const text = await readOwnFile(file, MARK_BYTES_MAX);
    if (text === null) return null;
    return MarkFileSchema.parse(JSON.parse(text));
  } catch (error) {
    // What the system says of the disk, and of a link in its place, is no unreadable mark.
    if (error instanceof PsnError || (error as NodeJS.ErrnoException).code !== undefined) throw error;
    return null;
  }
}

/** Whole or not at all, and on the disk when it returns: a request may be sent that relies on it. */
export async function writeMarkFile(file: string, mark: MarkFile): Promise<void> {
  const folder = dirname(file);
  await makeOwnFolder(folder);
  await replaceFile(file, `${JSON.stringify(mark, null, 2)}\n`);
  await syncFolder(folder);
}

/**
 * What tells a folder from its copy: number and birth of its inode. A renamed folder keeps both. The device is left out,
 * since a restart may number it anew.
 */
export async function folderOf(path: string): Promise<Folder> {
  const { ino, birthtimeMs } = await stat(path, { bigint: true });
  return { path, inode: String(ino), bornMs: Number(birthtimeMs) };
}

const CONTAINER_SIGNS = ["/.dockerenv", "/run/.containerenv"];

/** An id that stays with the machine; null in a container, whose id changes with each run or is the image's. */
export async function machineId(): Promise<string | null> {
  const isThere = (path: string) =>
    stat(path).then(
      () => true,
      () => false,
    );
  if (process.env.KUBERNETES_SERVICE_HOST || (await Promise.all(CONTAINER_SIGNS.map(isThere))).some(Boolean))
    return null;
  const text = await readFile(join("/etc", "machine-id"), "utf8").catch(() => "");
  return /^[0-9a-f]{32}$/.test(text.trim()) ? text.trim() : null;
}
