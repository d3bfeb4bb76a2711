/**
 * Syncing a folder of Markdown with the hub: a plan first, then the plan carried out, file by file.
 *
 * Each step is one transaction that also notes what the file said, so a run that is killed leaves file and post either as they were
 * or agreeing; the id is written into the file after that, and a run that died in between is known by the noted path. Two runs at
 * once meet at the same locks as any two commands. Nothing is ever deleted, at X or in the hub, and no file is.
 */
import { join } from "node:path";
import type { Clock } from "../../clock.ts";
import type { Tx } from "../../db/connection.ts";
import { PsnError } from "../../errors.ts";
import { composingOf } from "../composing.ts";
import type { SourceFile } from "../from-file.ts";
import { loadPost } from "../read.ts";
import { type Rewrite, rewritePost } from "../rewrite.ts";
import type { Schedule } from "../schedule.ts";
import { submitPost } from "../submit.ts";
import { BINDINGS_FILE, bind, writeBindings } from "./bindings.ts";
import { fileWithId, isApprovedBy, planSync, problem, type SyncPlan, saidBy, timeOf } from "./plan.ts";
import type { PlannedItem, ReadFile, SyncAct, SyncDeps, SyncItem, SyncOptions } from "./types.ts";

export { planSync, type SyncPlan } from "./plan.ts";

/** Carries a plan out, in its order. @returns each file with what became of it */
export async function applySync(
  deps: SyncDeps,
  options: SyncOptions,
  { items, bindings, leftovers }: SyncPlan,
  signal?: AbortSignal,
): Promise<SyncItem[]> {
  const files = { ...bindings.files };
  const done: SyncItem[] = [];
  for (const planned of items) {
    done.push(
      shown(
        signal?.aborted
          ? { ...planned, does: null, note: "Not done: it was stopped." }
          : await applyItem(deps, options, planned, files),
      ),
    );
  }
  for (const path of Object.keys(files)) {
    if ((await deps.disk.stamp(join(options.folder, path))) === null) delete files[path];
  }
  try {
    if (!(await writeBindings(deps, options.folder, { bytes: bindings.bytes, files }))) {
      const hint = "The same command again agrees with it.";
      throw new PsnError("SYNC_RACED", "Another run wrote it meanwhile.", { hint });
    }
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    done.push(shown(problem(BINDINGS_FILE, error)));
  }
  if (leftovers.length > 0) {
    const before = new Date((await deps.now()).getTime() - LEFTOVER_AGE_MS);
    for (const path of leftovers) await deps.disk.removeLeftover(join(options.folder, path), before);
  }
  return done;
}

/** No run writes one file for so long: what is older was left by one that was killed. */
const LEFTOVER_AGE_MS = 60 * 60 * 1000;

/** A plan's item without what carrying it out needs. */
export function shown({ act: _act, ...item }: PlannedItem): SyncItem {
  return item;
}

/** What is left to do when nothing is. */
export const isQuiet = ({ items }: SyncPlan): boolean => items.every(({ act }) => act === null);

/** Between two looks at a folder that is watched. */
const WATCH_MS = 2_000;

/**
 * Syncs whenever files have changed, and have then stayed as they are for one look, so that nothing half written is taken.
 * Until `signal` is aborted.
 */
export async function watchSync(
  deps: SyncDeps,
  options: SyncOptions,
  { clock, signal, onRound }: { clock: Clock; signal: AbortSignal; onRound(items: SyncItem[]): void | Promise<void> },
): Promise<void> {
  let synced = "";
  let before = "";
  while (!signal.aborted) {
    const stamps = await stampsOf(deps, options.folder);
    if (stamps === before && stamps !== synced) {
      await onRound(await applySync(deps, options, await planSync(deps, options), signal));
      // What it wrote itself is no news.
      synced = await stampsOf(deps, options.folder);
    }
    before = stamps;
    await clock.sleep(WATCH_MS, signal);
  }
}

// --- internal ---

async function stampsOf(deps: SyncDeps, folder: string): Promise<string> {
  const { paths } = await deps.disk.list(folder);
  const stamps = await Promise.all(paths.map(async (path) => [path, await deps.disk.stamp(join(folder, path))]));
  return JSON.stringify(stamps);
}

/** The post goes on by itself, or somebody else was quicker. */
const UNDER_WAY = new Set(["POST_PUBLISHED", "POST_PUBLISHING", "POST_CHANGED", "POST_UNSETTLED", "TWEET_ON_X"]);

async function applyItem(
  deps: SyncDeps,
  options: SyncOptions,
  planned: PlannedItem,
  files: Record<string, string>,
): Promise<PlannedItem> {
  const { act, path, foreign } = planned;
  if (!act) return planned;
  try {
    const now = await deps.disk.read(act.file.absolute);
    if (now === null || Buffer.compare(now, act.file.bytes) !== 0) {
      return { ...planned, does: null, note: "It was saved again since it was read: the next sync takes it." };
    }
    const postId = await carryOut(deps, options, act);
    const isWritten = await writeId(deps, options, act.file, postId, files).catch((error: unknown) => {
      if (!(error instanceof PsnError)) throw error;
      return error;
    });
    if (isWritten instanceof PsnError) {
      // The post is as the file says; only the id is not in the file.
      const does = act.do === "bind" ? null : planned.does;
      return problem(path, isWritten, { postId, renamedFrom: planned.renamedFrom, foreign, does });
    }
    return {
      ...planned,
      postId,
      ...(isWritten ? {} : { note: "It was saved meanwhile: its id is written by the next sync." }),
    };
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    const { postId, renamedFrom } = planned;
    const failed = problem(path, error, { postId, renamedFrom, foreign });
    return UNDER_WAY.has(error.code) ? { ...failed, kind: "under_way" } : failed;
  }
}

/** @returns the post's id */
async function carryOut(deps: SyncDeps, options: SyncOptions, act: SyncAct): Promise<string> {
  switch (act.do) {
    case "create":
      return await create(deps, options, act.file);
    case "edit":
      await edit(deps, options, act);
      return act.postId;
    case "bind":
      await deps.hub.db.transaction(async (tx) => bind(tx, options.folder, act.postId, act.file));
      return act.postId;
  }
}

function sourceOf({ absolute, path, content }: ReadFile): SourceFile {
  return { name: path, path: absolute, id: content.id, at: content.at, timezone: content.timezone };
}

async function labelsOf(deps: SyncDeps, { content }: ReadFile, accountId: string) {
  const replyToId = content.replyTo === undefined ? undefined : await deps.parentOf(content.replyTo, accountId);
  return { poll: content.poll, replyToId };
}

async function create(deps: SyncDeps, options: SyncOptions, file: ReadFile): Promise<string> {
  const { content } = file;
  const accountId = await deps.accountOf(content.account);
  const metadata = await labelsOf(deps, file, accountId);
  const time = await timeOf(deps, content);
  const isApproved = isApprovedBy(file, options);
  const wish = !isApproved
    ? ({ kind: "draft" } as const)
    : time
      ? ({ kind: "schedule", schedule: time } as const)
      : ({ kind: "approve" } as const);
  const { postId } = await submitPost(
    deps,
    {
      text: content.text,
      account: accountId,
      attachments: content.attachments ?? [],
      numbering: content.numbering,
      metadata,
      planned: time && { ...time, said: saidBy(content) },
      // The id of a post that is gone, where files are not touched, is another program's.
      file: { ...sourceOf(file), id: undefined },
      alongside: (tx: Tx, id: string) => bind(tx, options.folder, id, file),
    },
    wish,
  );
  return postId;
}

async function edit(deps: SyncDeps, options: SyncOptions, act: Extract<SyncAct, { do: "edit" }>): Promise<void> {
  const { file, postId, contentVersion, isBound } = act;
  const { content } = file;
  const { root, account } = await loadPost(deps.hub.db, postId);
  const labels = await labelsOf(deps, file, account.id);
  const time = await timeOf(deps, content);
  const isApproved = isApprovedBy(file, options);
  const said = saidBy(content);
  const before = composingOf(root.metadata).planned;
  // “tomorrow 9am” was read when it was written, and does not move with every edit.
  const meant = before?.said === said ? { at: new Date(before.at), timezone: before.timezone } : time;
  const rewrite: Rewrite = {
    text: content.text,
    // What the file does not say any more is taken away, where it was the file that had said it.
    attachments: content.attachments ?? (isBound ? [] : undefined),
    numbering: content.numbering ?? (isBound ? null : undefined),
    metadata: isBound ? labels : defined(labels),
    isWhole: isBound,
    account: content.account,
    file: { ...sourceOf(file), id: undefined },
    planned: time ? { said, read: () => time } : undefined,
    schedule: isApproved ? await stillAhead(deps, meant) : undefined,
  };
  if (isApproved) await deps.beforeApproval(postId);
  await rewritePost(deps, postId, rewrite, {
    contentVersion,
    approve: isApproved,
    unapproves: true,
    alongside: (tx, id) => bind(tx, options.folder, id, file),
  });
}

async function stillAhead(deps: SyncDeps, time: Schedule | null): Promise<Schedule | undefined> {
  return time && time.at > (await deps.now()) ? time : undefined;
}

function defined<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** Into the file, or beside it. @returns false when the file was saved meanwhile */
async function writeId(
  deps: SyncDeps,
  { noTouch = false }: SyncOptions,
  file: ReadFile,
  postId: string,
  files: Record<string, string>,
): Promise<boolean> {
  // A unique beginning of it will do as well.
  if (!noTouch && file.content.id !== undefined && postId.startsWith(file.content.id)) return true;
  const bytes = noTouch ? null : fileWithId(deps, file, postId);
  if (bytes === null) {
    files[file.path] = postId;
    return true;
  }
  return await deps.disk.replace(file.absolute, bytes, file.bytes);
}
