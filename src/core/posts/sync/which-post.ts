/**
 * Which file of a folder is which post, and which of several is the one that it came from. What a file names itself goes before the
 * place where it lies. Reads only.
 */
import { join } from "node:path";
import { PsnError } from "../../errors.ts";
import { findPostId } from "../read.ts";
import { postIdAt } from "./bindings.ts";
import type { KnownPost, ReadFile, SyncDeps, SyncOptions } from "./types.ts";

/** The post of each file that is one, the posts that files name, and files whose id names none. */
export async function identify(
  deps: SyncDeps,
  { noTouch = false }: SyncOptions,
  files: readonly ReadFile[],
  bindings: Readonly<Record<string, string>>,
): Promise<{ ids: Map<string, string>; named: string[]; unknown: { file: ReadFile; error: PsnError }[] }> {
  const ids = new Map<string, string>();
  const unknown: { file: ReadFile; error: PsnError }[] = [];
  const nameless: ReadFile[] = [];
  for (const file of files) {
    try {
      if (file.content.id === undefined) nameless.push(file);
      else ids.set(file.path, await wholeId(deps, file.content.id));
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
      // Another program's id, such as a Zettelkasten's, is none of ours where files are not touched.
      if (noTouch) nameless.push(file);
      else unknown.push({ file, error: withHint(error) });
    }
  }
  // A new file where one lay that was moved is another post.
  const named = [...new Set(ids.values())];
  for (const { path, absolute } of nameless) {
    const postId = await postIdAt(deps.hub, absolute, bindings[path], named);
    if (postId !== null) ids.set(path, postId);
  }
  return { ids, named, unknown };
}

/** A file without an id that says what a file said that is not there any more is that file. @returns the posts found so */
export function findRenamed(
  files: readonly ReadFile[],
  ids: Map<string, string>,
  missing: readonly { postId: string; fingerprint: string }[],
  { noTouch = false }: SyncOptions,
): Set<string> {
  const found = new Set<string>();
  for (const file of files) {
    if (ids.has(file.path) || (file.content.id !== undefined && !noTouch)) continue;
    const was = missing.find(({ postId, fingerprint }) => fingerprint === file.fingerprint && !found.has(postId));
    if (!was) continue;
    found.add(was.postId);
    ids.set(file.path, was.postId);
  }
  return found;
}

/** Where the file of a post lay last, as an absolute path; null for a post that came from none. */
export const homeOf = ({ bound, sourceFile }: KnownPost): string | null =>
  bound ? join(bound.folder, bound.path) : sourceFile;

/**
 * The file that each post came from: of several with one id, and of a copy of a folder that is still there.
 * @returns its path by post, absolute where it is in another folder; none where none of several is it
 */
export async function homesOf(
  deps: SyncDeps,
  { folder }: SyncOptions,
  files: readonly ReadFile[],
  ids: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, KnownPost>,
): Promise<Map<string, string>> {
  const owners = ownersOf(files, ids, known);
  for (const [postId, path] of owners) {
    const post = known.get(postId);
    if (!post?.bound || post.bound.folder === folder) continue;
    const home = homeOf(post);
    if (home !== null && home !== join(folder, path) && (await isFileOf(deps, home, postId))) owners.set(postId, home);
  }
  return owners;
}

// --- internal ---

/**
 * The post that a file names. Its whole id, as sync writes it: a short word of another program may begin one by chance.
 * @throws PsnError POST_UNKNOWN and as `findPostId`
 */
async function wholeId({ hub }: SyncDeps, id: string): Promise<string> {
  const found = await findPostId(hub.db, id);
  if (found !== id) throw new PsnError("POST_UNKNOWN", `There is no post ${id.slice(0, 64)}.`);
  return found;
}

function withHint({ code, message }: PsnError): PsnError {
  const hint =
    "The id in its front matter names no post of this hub. To make a new post of it, take the line “id: …” out; where that id is another program's, use --no-touch.";
  return new PsnError(code, message, { hint });
}

/** One without an id is known by its path. */
async function isFileOf(deps: SyncDeps, path: string, postId: string): Promise<boolean> {
  if ((await deps.disk.stamp(path)) === null) return false;
  try {
    const bytes = await deps.disk.read(path);
    // Something is there, which is no file or a link.
    if (bytes === null) return true;
    const { id } = await deps.readFile(path, bytes);
    return id === undefined || postId === id;
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    // It cannot be read; for all that is known it is the same.
    return true;
  }
}

/** Of several files with one id the one that the post came from, or that lies as it lay in a folder that was moved. @returns its path by post; none where none is it */
function ownersOf(
  files: readonly ReadFile[],
  ids: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, KnownPost>,
): Map<string, string> {
  const byPost = new Map<string, ReadFile[]>();
  for (const file of files) {
    const postId = ids.get(file.path);
    if (postId) byPost.set(postId, [...(byPost.get(postId) ?? []), file]);
  }
  const owners = new Map<string, string>();
  for (const [postId, candidates] of byPost) {
    const post = known.get(postId);
    const home = post && homeOf(post);
    const [only] = candidates;
    const owner =
      candidates.length === 1
        ? only
        : (candidates.find(({ absolute }) => absolute === home) ??
          candidates.find(({ path }) => path === post?.bound?.path));
    if (owner) owners.set(postId, owner.path);
  }
  return owners;
}
