/**
 * Syncing a folder of Markdown with the hub: a plan first, then the plan carried out, file by file.
 *
 * Each step is one transaction that also notes what the file said, so a run that is killed leaves file and post either as they were
 * or agreeing; the id is written into the file after that, and a run that died in between is known by the noted path. Two runs at
 * once meet at the same locks as any two commands. Nothing is ever deleted, at X or in the hub, and no file is.
 */
import { join } from "node:path";
import type { Clock } from "../../clock.ts";
import { PsnError } from "../../errors.ts";
import { attempt, setAside } from "./act.ts";
import { BINDINGS_FILE, writeBindings } from "./bindings.ts";
import { eachInTurn, type Turn, type Waits } from "./in-turn.ts";
import { problem, refusedOf } from "./items.ts";
import { fileWithId, planSync, type SyncPlan } from "./plan.ts";
import type { PlannedItem, ReadFile, SyncDeps, SyncItem, SyncOptions } from "./types.ts";

export { planSync, type SyncPlan } from "./plan.ts";

/**
 * Tries a plan on a hub that keeps nothing: the acts themselves, in their order, so that what would be refused is refused in the plan,
 * and each says what it would do. What only X and the disk know is not asked.
 * @param deps of a dry run
 */
export async function rehearseSync(deps: SyncDeps, options: SyncOptions, plan: SyncPlan): Promise<SyncPlan> {
  const items = await eachInTurn(
    plan.items,
    async (planned, turn) => {
      const { act } = planned;
      if (act === null || act.do === "bind") return planned;
      const became = await attempt(deps, options, planned, act, turn);
      if ("waitsFor" in became) return became;
      const { item } = became;
      return { ...item, postId: planned.postId, act: item.does === null ? null : act };
    },
    (planned) => setAside(deps, planned),
  );
  return { ...plan, items };
}

/** Carries a plan out, in its order. @returns each file with what became of it */
export async function applySync(
  deps: SyncDeps,
  options: SyncOptions,
  { items, bindings, leftovers }: SyncPlan,
  signal?: AbortSignal,
): Promise<SyncItem[]> {
  const files = { ...bindings.files };
  const became = await eachInTurn(
    items,
    async (planned, turn) =>
      signal?.aborted
        ? { ...planned, does: null, note: "Not done: it was stopped." }
        : await applyItem(deps, options, planned, files, turn),
    (planned) => setAside(deps, planned),
  );
  const done: SyncItem[] = became.map(shown);
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

/** Of a folder that somebody is at work on: a program that puts it back, or its author, ends them. */
const PASSING = new Set(["FOLDER_UNREADABLE", "FOLDER_TOO_LARGE", "SYNC_FILE_INVALID"]);

/**
 * Syncs whenever files have changed, and have then stayed as they are for one look, so that nothing half written is taken.
 * A folder that is away for a while is told once, and waited for. Until `signal` is aborted.
 */
export async function watchSync(
  deps: SyncDeps,
  options: SyncOptions,
  { clock, signal, onRound }: { clock: Clock; signal: AbortSignal; onRound(items: SyncItem[]): void | Promise<void> },
): Promise<void> {
  let synced = "";
  let before = "";
  let trouble = "";
  while (!signal.aborted) {
    try {
      const stamps = await stampsOf(deps, options.folder);
      if (stamps === before && stamps !== synced) {
        await onRound(await applySync(deps, options, await planSync(deps, options), signal));
        // What it wrote itself is no news.
        synced = await stampsOf(deps, options.folder);
        trouble = "";
      }
      before = stamps;
    } catch (error) {
      if (!(error instanceof PsnError) || !PASSING.has(error.code)) throw error;
      if (error.message !== trouble) await onRound([shown(problem(".", error))]);
      trouble = error.message;
      synced = "";
    }
    await clock.sleep(WATCH_MS, signal);
  }
}

// --- internal ---

async function stampsOf(deps: SyncDeps, folder: string): Promise<string> {
  const { paths } = await deps.disk.list(folder);
  const stamps = await Promise.all(paths.map(async (path) => [path, await deps.disk.stamp(join(folder, path))]));
  return JSON.stringify(stamps);
}

async function applyItem(
  deps: SyncDeps,
  options: SyncOptions,
  planned: PlannedItem,
  files: Record<string, string>,
  turn: Turn,
): Promise<PlannedItem | Waits> {
  const { act } = planned;
  if (!act) return planned;
  try {
    const now = await deps.disk.read(act.file.absolute);
    if (now === null || Buffer.compare(now, act.file.bytes) !== 0) {
      return { ...planned, does: null, note: "It was saved again since it was read: the next sync takes it." };
    }
    const attempted = await attempt(deps, options, planned, act, turn);
    if ("waitsFor" in attempted) return attempted;
    const { item, postId } = attempted;
    if (postId === null) return item;
    const isWritten = await writeId(deps, options, act.file, postId, files).catch((error: unknown) => {
      if (!(error instanceof PsnError)) throw error;
      return error;
    });
    if (isWritten instanceof PsnError) {
      // The post is as the file says; only the id is not in the file.
      const does = act.do === "bind" ? null : item.does;
      return refusedOf(planned, isWritten, { postId, does });
    }
    return {
      ...item,
      postId,
      ...(isWritten ? {} : { note: "It was saved meanwhile: its id is written by the next sync." }),
    };
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    return refusedOf(planned, error);
  }
}

/** Into the file, or beside it. @returns false when the file was saved meanwhile */
async function writeId(
  deps: SyncDeps,
  { noTouch = false }: SyncOptions,
  file: ReadFile,
  postId: string,
  files: Record<string, string>,
): Promise<boolean> {
  if (!noTouch && file.content.id === postId) return true;
  const bytes = noTouch ? null : fileWithId(deps, file, postId);
  if (bytes === null) {
    files[file.path] = postId;
    return true;
  }
  return await deps.disk.replace(file.absolute, bytes, file.bytes);
}
