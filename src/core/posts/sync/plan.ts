/** What is to be done with each file of a folder, before anything is: reads files and hub, writes nothing. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { PsnError } from "../../errors.ts";
import { composingOf, cutPost } from "../composing.ts";
import { loadPost } from "../read.ts";
import { BINDINGS_FILE, knownPosts, missingFiles, postIdOf, readBindings } from "./bindings.ts";
import { forFile } from "./in-file.ts";
import { isApprovedBy, timeOf } from "./said.ts";
import { isWaiting, shown as shownTime, standingOf } from "./standing.ts";
import type {
  KnownPost,
  PlannedItem,
  PostFile,
  ReadFile,
  Skipped,
  SyncDeps,
  SyncItem,
  SyncKind,
  SyncOptions,
} from "./types.ts";
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
  const { paths, skipped, leftovers } = await deps.disk.list(folder);
  const read = await readAll(deps, folder, paths);
  const files = read.flatMap((one) => ("file" in one ? [one.file] : []));
  const { ids, problems } = await identify(deps, options, files, bindings.files);
  const missing = await missingFiles(deps.hub, folder, [...ids.values()]);
  const renamed = findRenamed(files, ids, missing, options);
  const known = await knownPosts(deps.hub, [...new Set(ids.values())]);
  const items: PlannedItem[] = [...read.flatMap((one) => ("item" in one ? [one.item] : [])), ...problems];
  const owners = ownersOf(files, ids, known);
  for (const file of files) {
    if (problems.some(({ path }) => path === file.path)) continue;
    const post = known.get(ids.get(file.path) ?? "");
    const planned = post
      ? owners.get(post.id) === file.path
        ? await planKnown(deps, options, file, post, bindings.files)
        : twoFiles(file, post)
      : await planNew(deps, options, file);
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

// --- internal ---

const NOTHING: Omit<PlannedItem, "path" | "kind"> = {
  postId: null,
  renamedFrom: null,
  does: null,
  note: null,
  code: null,
  next: [],
  foreign: [],
  act: null,
};

const item = (path: string, kind: SyncKind, more: Partial<PlannedItem> = {}): PlannedItem => ({
  ...NOTHING,
  path,
  kind,
  ...more,
});

/** With what speaks against the text that is about to become a post's. */
function withDoubt(planned: PlannedItem, { content: { doubt } }: ReadFile): PlannedItem {
  const { act, note } = planned;
  if (doubt === null || act === null || act.do === "bind") return planned;
  return { ...planned, note: note === null ? doubt : `${note} ${doubt}` };
}

/** What was refused, as an item. */
export function problem(path: string, refused: PsnError, more: Partial<SyncItem> = {}): PlannedItem {
  const error = forFile(refused, more.postId ?? null);
  const note = error.hint ? `${error.message} ${error.hint}` : error.message;
  return item(path, "problem", { note, code: error.code, next: [...(error.next ?? [])], ...more });
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
    const content = await deps.readFile(absolute);
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

/** The post of each file that is one. */
async function identify(
  deps: SyncDeps,
  { noTouch = false }: SyncOptions,
  files: readonly ReadFile[],
  bindings: Readonly<Record<string, string>>,
): Promise<{ ids: Map<string, string>; problems: PlannedItem[] }> {
  const ids = new Map<string, string>();
  const problems: PlannedItem[] = [];
  for (const file of files) {
    const named = bindings[file.path];
    try {
      const postId = await postIdOf(deps.hub, file, named);
      if (postId) ids.set(file.path, postId);
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
      // Another program's id, such as a Zettelkasten's, is none of ours where files are not touched.
      const anonymous = { ...file, content: { ...file.content, id: undefined } };
      const postId = noTouch ? await postIdOf(deps.hub, anonymous, named) : null;
      if (postId) ids.set(file.path, postId);
      if (noTouch) continue;
      const hint = `The id in its front matter names no post of this hub. To make a new post of it, take the line “id: …” out; where that id is another program's, use --no-touch.`;
      problems.push(
        problem(file.path, new PsnError(error.code, error.message, { hint }), { foreign: [...file.content.foreign] }),
      );
    }
  }
  return { ids, problems };
}

/** A file without an id that says what a file said that is not there any more is that file. @returns the posts found so */
function findRenamed(
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

/** Of several files with one id the one that the post came from. @returns its path by post; none where none is it */
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
    const home = post?.bound ? join(post.bound.folder, post.bound.path) : post?.sourceFile;
    const [only] = candidates;
    const owner = candidates.length === 1 ? only : candidates.find(({ absolute }) => absolute === home);
    if (owner) owners.set(postId, owner.path);
  }
  return owners;
}

function twoFiles(file: ReadFile, post: KnownPost): PlannedItem {
  return item(file.path, "two_files", {
    postId: post.id,
    note: `Another file is post ${post.id}, too. To make a post of its own of this one, take the line “id: …” out of it.`,
    foreign: [...file.content.foreign],
  });
}

/** A file that is there and cannot be read: what its post says now is not known, so it is left as it is. */
function stillThere(unread: PlannedItem, postId: string, status: string): PlannedItem {
  if (!isWaiting({ status })) return { ...unread, postId };
  const note = `${unread.note} Its post is still to go out as it was (${status}).`;
  return { ...unread, postId, note, next: [...unread.next, `psn post cancel ${postId}`] };
}

function gone(path: string, postId: string, status: string): PlannedItem {
  const goesOut = isWaiting({ status });
  return item(path, "gone", {
    postId,
    note: goesOut
      ? `The file is not there any more, and its post is still to go out (${status}).`
      : `The file is not there any more; its post is kept (${status}).`,
    next: [goesOut ? `psn post cancel ${postId}` : `psn post show ${postId}`],
  });
}

async function planNew(deps: SyncDeps, options: SyncOptions, file: ReadFile): Promise<PlannedItem> {
  const foreign = [...file.content.foreign];
  try {
    const time = await timeOf(deps, file.content);
    if (time && time.at <= (await deps.now())) return past(file, null, shownTime(time));
    const then = !isApprovedBy(file, options)
      ? "makes a draft"
      : time
        ? `makes a post, approves it and schedules it for ${shownTime(time)}`
        : "makes a post and approves it";
    const waits = file.content.approve && !options.mayApprove ? "It waits for your approval." : null;
    return item(file.path, "new", { does: then, note: waits, foreign, act: { do: "create", file } });
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    return problem(file.path, error, { foreign });
  }
}

/** @param when the time, in words */
export function past(file: ReadFile, postId: string | null, when: string): PlannedItem {
  return item(file.path, "past", {
    postId,
    note: `Its time, ${when}, has passed. Give the file a later one.`,
    code: "TIME_IN_PAST",
    foreign: [...file.content.foreign],
  });
}

/** The file's bytes with the id in them; null where that would change what it says. */
export const fileWithId = (deps: SyncDeps, { bytes, absolute }: ReadFile, id: string): Uint8Array | null =>
  withId(bytes, id, (read) => deps.readFront(read, absolute));

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
  const home = bound ? join(bound.folder, bound.path) : post.sourceFile;
  const renamedFrom = home !== null && home !== file.absolute ? (bound?.path ?? home) : null;
  const shared = { postId: post.id, renamedFrom, foreign: [...file.content.foreign] };
  const isSame = bound
    ? bound.fingerprint === file.fingerprint
    : post.source?.trimEnd() === file.content.text.trimEnd();
  const binding = bindingAct(deps, options, file, post, bindings);
  const quiet = () => item(file.path, renamedFrom ? "renamed" : "unchanged", { ...shared, ...binding });
  if (status === "published" || status === "publishing" || post.postedCount > 0) {
    // What is bound to it is noted with what it said when it went out; edited after that, it said something else.
    const isOfThen = bound === null || bound.contentVersion === post.contentVersion;
    if ((isSame && isOfThen) || (await saysTheSame(deps, file, post.id, isSame))) return quiet();
    const kind = status === "published" ? "published_meanwhile" : "under_way";
    const note =
      kind === "published_meanwhile"
        ? "It is on X, where it cannot be changed, and the file says something else. To say that, too: a file of its own, without the id."
        : "It is going out, or part of it is on X: what the file says now is not taken.";
    return item(file.path, kind, { ...shared, note, next: [`psn post show ${post.id}`] });
  }
  const isUntouched = bound === null || bound.contentVersion === post.contentVersion;
  if (isUntouched && isSame && bound) {
    if (post.plannedPast && status === "draft") return { ...quiet(), ...pick(past(file, post.id, "which it names")) };
    const standing = post.planned && standingOf(file, post, options, await deps.now());
    if (standing === null) return quiet();
    const { note, next, isByHand } = standing;
    if (isByHand && options.overwrite) return planEdit(file, post, shared);
    return { ...quiet(), ...(isByHand ? { kind: "differs" } : {}), note, next };
  }
  if (!isUntouched && !options.overwrite) {
    return item(file.path, "differs", {
      ...shared,
      note: isSame
        ? "The post was edited since, and not in the file."
        : "The post was edited since, and the file as well; neither is taken for the other.",
      next: [`psn post show ${post.id}`, `psn post sync ${options.folder} --overwrite`],
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
function planEdit(
  file: ReadFile,
  post: KnownPost,
  shared: Pick<PlannedItem, "postId" | "renamedFrom" | "foreign">,
): PlannedItem {
  return item(file.path, "changed", {
    ...shared,
    does: `gives post ${post.id} what the file says`,
    act: { do: "edit", file, postId: post.id, post },
  });
}
