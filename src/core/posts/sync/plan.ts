/** What is to be done with each file of a folder, before anything is: reads files and hub, writes nothing. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { PsnError } from "../../errors.ts";
import { shellWord } from "../../utils/shell-word.ts";
import { composingOf, cutPost } from "../composing.ts";
import { isAhead } from "../held-back.ts";
import { loadPost } from "../read.ts";
import { BINDINGS_FILE, knownPosts, missingFiles, readBindings } from "./bindings.ts";
import { both, gone, itemOf, past, problem, sentAs, stillThere, twoFiles } from "./items.ts";
import { isApprovedBy, timeOf } from "./said.ts";
import { saysAsTaken, shown as shownTime, standingOf } from "./standing.ts";
import type { KnownPost, PlannedItem, PostFile, ReadFile, Skipped, SyncDeps, SyncOptions } from "./types.ts";
import { findRenamed, homeOf, homesOf, identify } from "./which-post.ts";
import { withId, wordsOf } from "./with-id.ts";

/** A plan, and what carrying it out starts from. */
export interface SyncPlan {
  items: PlannedItem[];
  /** `.psn-sync.json` as it is. */
  bindings: { files: Record<string, string>; bytes: Uint8Array | null };
  /** What of the folder is no part of it, and why. */
  skipped: Skipped[];
  leftovers: string[];
}

/** @throws PsnError FOLDER_UNREADABLE, FOLDER_TOO_LARGE, SYNC_FILE_INVALID */
export async function planSync(deps: SyncDeps, options: SyncOptions): Promise<SyncPlan> {
  const { folder } = options;
  const bindings = await readBindings(deps, folder);
  const { paths, skipped, closed, leftovers } = await deps.disk.list(folder);
  const read = await readAll(deps, folder, paths);
  const files = read.flatMap((one) => ("file" in one ? [one.file] : []));
  const { ids, named, unknown } = await identify(deps, options, files, bindings.files);
  // What lies in a folder that cannot be looked into is there all the same.
  const isHidden = (path: string) => closed.some((one) => path.startsWith(`${one}/`));
  // A file that cannot be read is still the one that its post came from.
  const unread = new Set(read.flatMap((one) => ("item" in one ? [one.item.path] : [])));
  const lost = await missingFiles(deps.hub, folder, { presentIds: [...ids.values()], unreadPaths: [...unread] });
  const missing = lost.filter(({ path }) => !isHidden(path));
  const left = missing.filter(({ path }) => !unread.has(path));
  const renamed = findRenamed(files, ids, left, options);
  const known = await knownPosts(deps.hub, [...new Set(ids.values())]);
  const items: PlannedItem[] = [
    ...read.flatMap((one) => ("item" in one ? [one.item] : [])),
    ...unknown.map(({ file, error }) => problem(file.path, error, { foreign: [...file.content.foreign] })),
  ];
  const homes = await homesOf(deps, options, files, ids, known);
  for (const { id, bound } of known.values()) {
    if (bound?.folder === folder && unread.has(bound.path)) homes.set(id, bound.path);
  }
  for (const file of files) {
    if (unknown.some((one) => one.file === file)) continue;
    const post = known.get(ids.get(file.path) ?? "");
    const planned = post
      ? homes.get(post.id) === file.path
        ? await planKnown(deps, options, file, post, bindings.files)
        : twoFiles(file, post, homes.get(post.id))
      : await planNew(deps, options, file, named);
    items.push(withDoubt(planned, file));
  }
  for (const { postId, path, status } of missing) {
    if (renamed.has(postId) || status === "published") continue;
    const unread = items.findIndex((one) => one.kind === "problem" && one.path === path);
    if (unread === -1) items.push(gone(path, postId, status));
    else items[unread] = stillThere(items[unread] as PlannedItem, postId, status);
  }
  const sorted = items.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { items: sorted, bindings, skipped, leftovers };
}

/** The file's bytes with the id in them; null where that would change what it says. */
export const fileWithId = (deps: SyncDeps, { bytes, absolute }: ReadFile, id: string): Uint8Array | null =>
  withId(bytes, id, (read) => deps.readFront(read, absolute));

// --- internal ---

/** With what speaks against the text that is about to become a post's. */
function withDoubt(planned: PlannedItem, { content: { doubt } }: ReadFile): PlannedItem {
  const { act, note } = planned;
  return act === null || act.do === "bind" ? planned : { ...planned, note: both(note, doubt) };
}

/** So many at once: a process may have some hundred files open. */
const READS_AT_ONCE = 32;

async function readAll(deps: SyncDeps, folder: string, paths: readonly string[]) {
  const read: Awaited<ReturnType<typeof readOne>>[] = [];
  for (let start = 0; start < paths.length; start += READS_AT_ONCE) {
    const some = paths.slice(start, start + READS_AT_ONCE);
    read.push(...(await Promise.all(some.map((path) => readOne(deps, folder, path)))));
  }
  return read;
}

async function readOne(
  deps: SyncDeps,
  folder: string,
  path: string,
): Promise<{ file: ReadFile } | { item: PlannedItem } | Record<string, never>> {
  const absolute = join(folder, path);
  try {
    const bytes = await deps.disk.read(absolute);
    // Removed between the listing and now.
    if (bytes === null) return {};
    const content = await deps.readFile(absolute, bytes);
    const stamp = ({ file }: { file: string }) => deps.disk.stamp(file);
    const stamps = await Promise.all(
      (content.attachments ?? []).map(async (one) => {
        const captions = await Promise.all((one.captions ?? []).map(stamp));
        return captions.length === 0 ? await stamp(one) : [await stamp(one), captions];
      }),
    );
    return { file: { path, absolute, bytes, content, fingerprint: fingerprintOf(content, stamps) } };
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    return { item: problem(path, error) };
  }
}

/** What a file says. Its id, other programs' keys, empty lines above and blanks at the end are not part of it. */
function fingerprintOf(
  { id: _id, foreign: _foreign, doubt: _doubt, text, attachments, ...settings }: PostFile,
  stamps: readonly unknown[],
): string {
  const media = (attachments ?? []).map(({ tweet, file, altText, strip, fix, captions = [] }, index) => [
    tweet,
    file,
    altText,
    stamps[index],
    ...(strip || fix ? [{ strip, fix }] : []),
    ...captions,
  ]);
  const said = JSON.stringify(["psn file 1", wordsOf(text), media, Object.entries(settings).toSorted()]);
  return createHash("sha256").update(said).digest("hex");
}

async function planNew(
  deps: SyncDeps,
  options: SyncOptions,
  file: ReadFile,
  named: readonly string[],
): Promise<PlannedItem> {
  try {
    const time = await timeOf(deps, file.content);
    if (time && time.at <= (await deps.now())) return past(file, null, shownTime(time));
    const then = !isApprovedBy(file, options)
      ? "makes a draft"
      : time
        ? `makes a post, approves it and schedules it for ${shownTime(time)}`
        : "makes a post and approves it";
    const waits = file.content.approve && !options.mayApprove ? "It waits for your approval." : null;
    return itemOf(file, "new", { does: then, note: waits, act: { do: "create", file, named } });
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    return problem(file.path, error, { foreign: [...file.content.foreign] });
  }
}

/** With an id that is not in the file yet, or a path that the hub does not know. */
function bindingAct(
  deps: SyncDeps,
  { folder, noTouch = false }: SyncOptions,
  file: ReadFile,
  post: KnownPost,
  bindings: Readonly<Record<string, string>>,
): Pick<PlannedItem, "act" | "does"> {
  const { bound } = post;
  const isBound = bound?.folder === folder && bound.path === file.path && bound.fingerprint === file.fingerprint;
  const hasId = file.content.id !== undefined && !noTouch;
  const takesId = !hasId && !noTouch && fileWithId(deps, file, post.id) !== null;
  const lacksLine = !hasId && !takesId && bindings[file.path] !== post.id;
  if (isBound && !takesId && !lacksLine) return { act: null, does: null };
  const does = takesId ? "writes its id into the file" : lacksLine ? `notes it in ${BINDINGS_FILE}` : "notes its path";
  return { act: { do: "bind", file, postId: post.id }, does };
}

async function planKnown(
  deps: SyncDeps,
  options: SyncOptions,
  file: ReadFile,
  post: KnownPost,
  bindings: Readonly<Record<string, string>>,
): Promise<PlannedItem> {
  const { bound, status } = post;
  const home = homeOf(post);
  const renamedFrom = home !== null && home !== file.absolute ? (bound?.path ?? home) : null;
  const shared = { postId: post.id, renamedFrom };
  const isSame = saysAsTaken(file, post);
  const isUntouched = bound === null || bound.contentVersion === post.contentVersion;
  const binding = bindingAct(deps, options, file, post, bindings);
  const quiet = () => itemOf(file, renamedFrom ? "renamed" : "unchanged", { ...shared, ...binding });
  if (status === "published" || status === "publishing" || post.postedCount > 0) {
    // What is bound to it is noted with what it said when it went out; edited after that, it said something else.
    if ((isSame && isUntouched) || (await saysTheSame(deps, file, post.id, isSame))) return quiet();
    const { kind, note } = sentAs(post);
    return itemOf(file, kind, { ...shared, note, next: [`psn post show ${post.id}`] });
  }
  if (isUntouched && isSame && bound) {
    // What it was held back for is put right.
    if (post.held && (await isAhead(deps.hub.db, post.held))) return planEdit(file, post, shared);
    if (post.plannedPast && post.planned && status === "draft") {
      return { ...quiet(), ...pick(past(file, post.id, shownTime(post.planned))) };
    }
    const standing = standingOf(file, post, options, await deps.now());
    if (standing === null) return quiet();
    const { note, next, isByHand } = standing;
    if (isByHand && options.overwrite) return planEdit(file, post, shared);
    return { ...quiet(), ...(isByHand ? { kind: "differs" } : {}), note, next };
  }
  if (!isUntouched && !options.overwrite) {
    return itemOf(file, "differs", {
      ...shared,
      note: isSame
        ? "The post was edited since, and not in the file."
        : "The post was edited since, and the file as well; neither is taken for the other.",
      next: [`psn post show ${post.id}`, `psn post sync ${shellWord(options.folder)} --overwrite`],
    });
  }
  return planEdit(file, post, shared);
}

/**
 * Whether the post, edited and edited back, has the words of the file.
 * @param isSame the file's media are those that it was bound with; of others nothing is known here
 */
async function saysTheSame(
  { hub }: SyncDeps,
  { content }: ReadFile,
  postId: string,
  isSame: boolean,
): Promise<boolean> {
  const { root, tweets } = await loadPost(hub.db, postId);
  const hasMedia = (content.attachments ?? []).length > 0;
  if (!isSame && (hasMedia || tweets.some(({ media }) => media.length > 0))) return false;
  const composing = { ...composingOf(root.metadata), hasMedia };
  const cut = cutPost(content.text, composing).tweets;
  return cut.length === tweets.length && cut.every(({ text }, index) => text === tweets[index]?.content);
}

const pick = ({ kind, note, code }: PlannedItem) => ({ kind, note, code });

/** What it does is said more closely by whoever carries it out, or tries it on a hub that keeps nothing. */
function planEdit(file: ReadFile, post: KnownPost, shared: Pick<PlannedItem, "postId" | "renamedFrom">): PlannedItem {
  return itemOf(file, "changed", {
    ...shared,
    does: `gives post ${post.id} what the file says`,
    act: { do: "edit", file, postId: post.id, post },
  });
}
