/** The file of a text, as the hub knows it again. */
import { realpath, stat } from "node:fs/promises";
import type { SourceFile } from "../../core/posts/write.ts";
import type { Given } from "./_composing.ts";

/**
 * Undefined for a text that came from elsewhere, or from what is no file on a disk, such as a pipe.
 * @param name as the author gave it
 */
export async function sourceFileOf(given: Given, name: string | undefined): Promise<SourceFile | undefined> {
  const { file, front } = given;
  if (file === null) return undefined;
  const path = await realpath(file).catch(() => null);
  const isFile = path !== null && (await stat(path).catch(() => null))?.isFile() === true;
  if (!isFile) return undefined;
  return {
    name: name ?? file,
    path,
    ...(path === file ? {} : { otherPaths: [file] }),
    id: front.id,
    at: front.at,
    timezone: front.timezone,
  };
}
