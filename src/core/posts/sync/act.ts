/**
 * One act of a plan, on the hub: a post made or edited as its file says, or its file noted. What is refused leaves the hub as it was,
 * but for one thing: a post that waits for its time does not go out with what its file says no more.
 */

import type { Tx } from "../../db/connection.ts";
import { PsnError } from "../../errors.ts";
import { isWaiting } from "../../post/transitions.ts";
import { plannedOf } from "../composing.ts";
import { type SourceFile, saidIn } from "../from-file.ts";
import { giveBack, holdBack } from "../held-back.ts";
import { loadPost } from "../read.ts";
import { type Rewrite, rewritePost } from "../rewrite.ts";
import { submitPost } from "../submit.ts";
import { bind, knownPosts } from "./bindings.ts";
import type { Turn, Waits } from "./in-turn.ts";
import { both, past, refusedOf, stillThere } from "./items.ts";
import { isApprovedBy, timeOf } from "./said.ts";
import { editedTo, givenBack, saysAsTaken, shown, standingOf } from "./standing.ts";
import type { KnownPost, PlannedItem, ReadFile, SyncAct, SyncDeps, SyncOptions } from "./types.ts";
import { saysAllButMedia, UNREAD_MEDIA } from "./unread-media.ts";

/** An item with what became of it, and the post that its file is now; null where it was refused. */
export interface Attempted {
  item: PlannedItem;
  postId: string | null;
}

type EditAct = Extract<SyncAct, { do: "edit" }> & Partial<Pick<Turn, "isAside">>;

/** @returns what became of it, or the post that must get its other words first */
export async function attempt(
  deps: SyncDeps,
  options: SyncOptions,
  planned: PlannedItem,
  act: SyncAct,
  { isPending, isAside }: Turn,
): Promise<Attempted | Waits> {
  try {
    switch (act.do) {
      case "create":
        return { item: planned, postId: await create(deps, options, act) };
      case "edit":
        return { item: await edited(deps, options, planned, { ...act, isAside }), postId: act.postId };
      case "bind":
        await deps.hub.db.transaction(async (tx) => bind(tx, options.folder, act.postId, act.file));
        return { item: planned, postId: act.postId };
    }
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    const other = error.code === "POST_DUPLICATE" ? String(error.details?.postId) : null;
    if (other !== null && isPending(other)) return { waitsFor: other };
    return { item: await refused(deps, planned, act, error), postId: null };
  }
}

/** Takes the approval of a post that gets other words in this plan, so that another one may have those that it has. @returns false where it goes on by itself */
export async function setAside(deps: SyncDeps, { act }: PlannedItem): Promise<boolean> {
  if (act?.do !== "edit") return false;
  const { id, contentVersion } = act.post;
  try {
    await holdBack(deps.hub, deps.engine, id, "Its words go to another file", { contentVersion });
    return true;
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    return false;
  }
}

// --- internal ---

/** The post goes on by itself, or somebody else was quicker. */
const UNDER_WAY = new Set(["POST_PUBLISHED", "POST_PUBLISHING", "POST_CHANGED", "POST_UNSETTLED", "TWEET_ON_X"]);

/** The file became a post since the plan was made. */
const MADE_MEANWHILE = new Set(["POST_DUPLICATE", "FILE_IS_POST"]);

async function refused(deps: SyncDeps, planned: PlannedItem, act: SyncAct, error: PsnError): Promise<PlannedItem> {
  if (act.do === "create" && MADE_MEANWHILE.has(error.code) && error.details?.sourceFile === act.file.absolute) {
    const note = "Another run has just made its post: the next sync goes on with it.";
    return { ...planned, kind: "unchanged", postId: String(error.details.postId), does: null, note };
  }
  const failed = refusedOf(planned, error);
  if (UNDER_WAY.has(error.code)) return { ...failed, kind: "under_way" };
  if (act.do !== "edit" || !isWaiting(act.post) || saysAsTaken(act.file, act.post)) return failed;
  const { id, contentVersion, status } = act.post;
  // A file without words says nothing, as one that is not there.
  if (error.code === "TEXT_EMPTY" || (await isUnreadMedia(deps, act, error))) return stillThere(failed, id, status);
  try {
    await holdBack(deps.hub, deps.engine, id, "Its file says something else, which was refused", { contentVersion });
  } catch (late) {
    if (!(late instanceof PsnError)) throw late;
    return refusedOf(planned, late, { kind: "under_way" });
  }
  return { ...failed, does: `takes post ${id} back to a draft, for its file does not say any more what was approved` };
}

/** A file that its author has approved it with, and does not any more, says something else. */
async function isUnreadMedia({ hub }: SyncDeps, { file, post }: EditAct, { code }: PsnError): Promise<boolean> {
  if (!UNREAD_MEDIA.has(code) || (post.isApprovedByFile && !file.content.approve)) return false;
  return saysAllButMedia(await loadPost(hub.db, post.id), file);
}

/** Without its id: that of a post that is gone, where files are not touched, is another program's. */
function sourceOf({ absolute, path, content: { at, timezone } }: ReadFile): SourceFile {
  return { name: path, path: absolute, at, timezone };
}

async function labelsOf(deps: SyncDeps, { content }: ReadFile, accountId: string) {
  const replyToId = content.replyTo === undefined ? undefined : await deps.parentOf(content.replyTo, accountId);
  return { poll: content.poll, replyToId };
}

async function create(
  deps: SyncDeps,
  options: SyncOptions,
  { file, named }: Extract<SyncAct, { do: "create" }>,
): Promise<string> {
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
      planned: time && { ...time, said: saidIn(content) },
      file: { ...sourceOf(file), notPosts: named },
      alongside: (tx: Tx, id: string) => bind(tx, options.folder, id, file),
    },
    wish,
  );
  return postId;
}

/** @returns the item with what became of the post, which is read again */
async function edited(deps: SyncDeps, options: SyncOptions, planned: PlannedItem, act: EditAct): Promise<PlannedItem> {
  const { file, post } = act;
  const { doubt } = file.content;
  const { approves, passed, isBack, goesOn, changed } = await edit(deps, options, act);
  const after = (await knownPosts(deps.hub, [post.id])).get(post.id) ?? post;
  const does = isBack ? givenBack(post) : editedTo(post, after, { approves, goesOn, changed });
  if (passed) {
    const { kind, note, code } = past(file, post.id, shown(passed));
    return { ...planned, kind, note: both(doubt, note), code, does };
  }
  const standing = standingOf(file, after, options, await deps.now());
  const isTakenBack = isWaiting(post) && !isWaiting(after) && changed.length === 0;
  const why = isTakenBack && !file.content.approve ? "Its file does not approve it any more." : null;
  const next =
    standing?.next ??
    (!post.isApproved || after.isApproved ? [] : [`psn post show ${post.id}`, `psn post approve ${post.id}`]);
  return { ...planned, does, note: both(both(doubt, why), standing?.note ?? null), next };
}

/** @returns whether the file's word approved it, a time that the file means and that has passed, whether it is again what it was, and what changed */
async function edit(deps: SyncDeps, options: SyncOptions, { file, post, isAside = false }: EditAct) {
  const { content } = file;
  const { root, account } = await loadPost(deps.hub.db, post.id);
  const labels = await labelsOf(deps, file, account.id);
  const time = await timeOf(deps, content);
  const now = await deps.now();
  const said = saidIn(content);
  const before = plannedOf(root.metadata);
  const isNew = time !== null && before?.said !== said;
  // “tomorrow 9am” was read when it was written, and does not move with every edit.
  const meant = before?.said === said ? before : time;
  // Words are mended also while their post is late. Of a plan that an earlier version kept nobody knows the words, so they may be the same.
  const mayBeLate = isWaiting(post) && (!isNew || (before !== null && before.said === undefined));
  const passed = meant !== null && meant.at <= now && !mayBeLate ? meant : null;
  const approves = isApprovedBy(file, options) && passed === null;
  const isBound = post.bound !== null;
  const takesBack = approves ? undefined : passed || post.isApprovedByFile ? "always" : "if_changed";
  const isTimed = meant !== null && meant.at > now && takesTime(post, { approves, isNew, ...options });
  const isGivenBack = isAside && approves;
  const goesOn = isGivenBack && post.status === "retry" && !isTimed;
  const rewrite: Rewrite = {
    text: content.text,
    // What the file does not say any more is taken away, where it was the file that had said it.
    attachments: content.attachments ?? (isBound ? [] : undefined),
    numbering: content.numbering ?? (isBound ? null : undefined),
    metadata: isBound ? labels : defined(labels),
    isWhole: isBound,
    account: content.account,
    file: sourceOf(file),
    planned: time ? { said, read: () => time, mayBePast: passed !== null } : undefined,
    schedule: isTimed ? meant : isGivenBack && post.status === "scheduled" ? (post.scheduled ?? undefined) : undefined,
    // What waits for its time keeps it until its author takes it back.
    dropsPlan: time === null && before?.said !== undefined && (!isWaiting(post) || takesBack === "always"),
    noteOfNothing: passed
      ? "Its file means it for a time that has passed"
      : approves
        ? undefined
        : "Its file does not approve it any more",
  };
  if (approves) {
    // What the file says anew was looked at when it was read, and what it says no more need not be there.
    await deps.beforeApproval(post.id, {
      media: isBound || content.attachments !== undefined,
      parent: isBound || labels.replyToId !== undefined,
    });
  }
  // A file that says another time, or whose author may have taken their word back, says something else than it did.
  const { held } = post;
  const mayBeBack = held !== null && !isNew && (saysAsTaken(file, post) || content.approve === true);
  let isBack = false;
  const { changed } = await rewritePost(deps, post.id, rewrite, {
    contentVersion: post.contentVersion,
    // Another run, or its author, may have taken it back meanwhile, and its time is not this edit's to know then.
    scheduleVersion: post.scheduleVersion + (isAside && isWaiting(post) ? 1 : 0),
    approve: approves,
    goesOn,
    asBefore: mayBeBack
      ? async (tx, id) => {
          isBack = await giveBack(tx, deps.engine, id, held);
          return isBack;
        }
      : undefined,
    takesBack,
    alongside: (tx, id) => bind(tx, options.folder, id, file),
  });
  return { approves, passed, isBack, goesOn, changed };
}

/** Whether the file's time becomes the post's. One that its author set or took away by hand stays so, until the file names another one. */
function takesTime(
  post: KnownPost,
  { approves, isNew, overwrite = false }: { approves: boolean; isNew: boolean } & SyncOptions,
): boolean {
  if (post.status === "scheduled") return overwrite || (approves && isNew);
  if (post.status === "retry") return approves && isNew;
  return approves && (isNew || overwrite || !post.cancelledByHand);
}

function defined<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}
