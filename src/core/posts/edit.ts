/** Changing what is not on X yet, and taking a change back. */

import { eq, sql } from "drizzle-orm";
import type { Db, Hub, Tx } from "../db/connection.ts";
import { posts } from "../db/schema.ts";
import type { Engine } from "../engine.ts";
import { PsnError } from "../errors.ts";
import { approvalMode } from "../post/approval-mode.ts";
import { addEvent } from "../post/history.ts";
import { isWaiting } from "../post/transitions.ts";
import type { PostMetadata } from "../types/index.ts";
import { utcToUserTime } from "../utils/zone-clock.ts";
import {
  approveByAuthor,
  changeNotApproved,
  isStillApproved,
  notApproved,
  requireApproved,
  type Sending,
} from "./approve.ts";
import { change, toDraft } from "./change.ts";
import { type Change, changesOf, editNote, isScheduledFor } from "./changes.ts";
import { composingOf } from "./composing.ts";
import { actKey, type Made, unlessMade } from "./done-before.ts";
import { requireLeave } from "./leave.ts";
import { loadPost, type Post } from "./read.ts";
import { requeue, requireFuture, type Schedule, scheduleOf, setSchedule } from "./schedule.ts";
import { asShown } from "./time-shown.ts";
import { asNewTweet, holdKept, MEDIA_GO, mediaGone, type NewTweet, replaceUnsent, sentAndUnsent } from "./tweets.ts";
import { requireAllowed } from "./verbs.ts";
import { type DraftVersion, dropVersion, keepUndone, keepVersion, latestUndone, latestVersion } from "./versions.ts";

export interface Edit {
  /** All unsent tweets anew. Those on X are not given, and stay. */
  unsentTweets?: NewTweet[];
  source?: string;
  metadata?: PostMetadata;
  schedule?: Schedule;
  /** The time that its file named is not its plan any more. */
  dropsPlan?: boolean;
  /** What was done, as a sentence without its full stop; absent, it is what changes. */
  note?: string;
  /** The same where nothing of it changes. */
  noteOfNothing?: string | undefined;
  made?: Made;
}

/** What an edit did. */
export interface Edited {
  /** Empty when the post was so already. */
  changed: Change[];
  /** The time that it waited for before. */
  was: Schedule | null;
}

/** What an undo or a redo did. */
export interface Stepped {
  /** The change that was undone or done again, in words. */
  note: string;
  /** The files that could not come back. */
  lost: string[];
}

/**
 * Changes text, media or time. A post that waits for its time goes on waiting, and only the new content will ever be sent: that was
 * approved before, or is with `approve`; any other change of it is refused. A draft or a failed one waits for approval; it gets a time
 * only when it is approved as it is then, before or with `approve`.
 * @throws PsnError POST_NOT_APPROVED, POST_EMPTY, MEDIA_…, TIME_IN_PAST, POST_STATUS …, POST_CHANGED, POST_UNSETTLED, and what `approve` throws
 */
export async function editPost(
  hub: Hub,
  engine: Engine,
  postId: string,
  edit: Edit | ((post: Post) => Edit),
  expecting: Sending = {},
): Promise<Edited> {
  const edited = await change(hub, postId, "edit", expecting, async (tx, locked) => {
    const given = typeof edit === "function" ? edit(locked) : edit;
    const timed = given.schedule ? { ...given, schedule: await asShown(tx, hub, locked, given.schedule) } : given;
    const changed = changesOf(locked, timed);
    const asked = { ...timed, note: timed.note ?? noteOf(changed, timed) };
    const { takesBack } = expecting;
    const isTakenBack =
      isWaiting(locked.root) && (takesBack === "always" || (takesBack === "if_changed" && changed.length > 0));
    const { post, wanted } = isTakenBack
      ? await unapproved(tx, engine, locked, asked)
      : { post: locked, wanted: asked };
    const isWritten = expecting.asBefore === undefined || changed.some((one) => one !== "time");
    if (isWritten && (wanted.unsentTweets || wanted.metadata)) {
      await keepVersion(tx, post, wanted.note ?? EDITED, wanted.source !== undefined);
      await writeContent(tx, post, wanted);
    }
    if (!(await expecting.asBefore?.(tx, postId))) await applyToSchedule(tx, hub, engine, post, wanted, expecting);
    await expecting.alongside?.(tx, postId);
    return { changed, was: scheduleOf(locked) };
  });
  await engine.reconcile(hub, postId);
  return edited;
}

/**
 * For an edit that a person begins and that takes its time.
 * @throws PsnError POST_UNKNOWN, POST_PUBLISHED, POST_PUBLISHING
 */
export async function requireEditable(db: Db, postId: string): Promise<void> {
  requireAllowed("edit", postId, (await loadPost(db, postId)).root.status);
}

/**
 * Takes the last change back; done again, the one before. What went out meanwhile cannot be taken back. Media of then that are
 * not kept any more stay away, and the words come back without them; a post that waits for its time must not lose a picture that way.
 * Given again on the same version, it and `redoPost` find their work done.
 * @throws PsnError UNDO_NOTHING, UNDO_TOO_LATE, MEDIA_GONE, POST_STATUS …, POST_CHANGED
 */
export async function undoPost(hub: Hub, engine: Engine, postId: string, sending: Sending = {}): Promise<Stepped> {
  return await step(hub, engine, postId, sending, UNDO, async (tx, post) => {
    const version = await latestVersion(tx, post);
    await keepUndone(tx, post, version.note, version.source !== null);
    return version;
  });
}

/**
 * Does again what was undone last; done again, the one before. The next change of another kind ends that.
 * @throws PsnError REDO_NOTHING, REDO_TOO_LATE, MEDIA_GONE, POST_STATUS …, POST_CHANGED
 */
export async function redoPost(hub: Hub, engine: Engine, postId: string, sending: Sending = {}): Promise<Stepped> {
  return await step(hub, engine, postId, sending, REDO, async (tx, post) => {
    const version = await latestUndone(tx, post);
    await keepVersion(tx, post, version.note, version.source !== null, true);
    return version;
  });
}

// --- internal ---

const EDITED = "Edited";

/** A step through the changes, and how history tells of it. */
interface Step {
  name: "undo" | "redo";
  does: string;
}
const UNDO: Step = { name: "undo", does: "Undone" };
const REDO: Step = { name: "redo", does: "Done again" };

const noteOf = (changed: readonly Change[], { noteOfNothing = EDITED }: Edit): string =>
  changed.length === 0 ? noteOfNothing : editNote(changed);

/** Back to draft, for what nobody has approved so; its time is its plan. */
async function unapproved(tx: Tx, engine: Engine, post: Post, asked: Edit): Promise<{ post: Post; wanted: Edit }> {
  const time = asked.schedule ?? scheduleOf(post);
  const { schedule: _, ...wanted } = asked;
  const metadata = asked.metadata ?? post.root.metadata;
  const { planned } = composingOf(metadata);
  const plan = asked.dropsPlan ? null : (planned ?? (time && { at: time.at.toISOString(), timezone: time.timezone }));
  await toDraft(tx, engine, post);
  return {
    post: await loadPost(tx, post.root.id),
    wanted: { ...wanted, metadata: { ...metadata, ...(plan ? { planned: plan } : {}) } },
  };
}

/** To the version that `keeping` finds, after it has kept what the post is now. */
async function step(
  hub: Hub,
  engine: Engine,
  postId: string,
  sending: Sending,
  { name, does }: Step,
  keeping: (tx: Tx, post: Post) => Promise<DraftVersion>,
): Promise<Stepped> {
  const key = actKey(name, sending);
  const act = async () =>
    await change(hub, postId, "edit", sending, async (tx, post) => {
      const version = await keeping(tx, post);
      return await goTo(tx, hub, engine, post, version, { does, key }, sending);
    });
  const stepped = await unlessMade(hub, postId, key, sending, { act, answerOf: (answer) => answer as Stepped });
  await engine.reconcile(hub, postId);
  return stepped;
}

/**
 * Makes the post what it was in a version that was kept, which is then kept no more.
 * @throws PsnError MEDIA_GONE
 */
async function goTo(
  tx: Tx,
  hub: Hub,
  engine: Engine,
  post: Post,
  version: DraftVersion,
  { does, key }: { does: string; key: string },
  { approve }: Sending,
): Promise<Stepped> {
  const { tweets, lost } = await withKeptMedia(tx, post, version.tweets);
  const stepped = { note: version.note, lost };
  const edit: Edit = {
    unsentTweets: tweets,
    metadata: version.metadata,
    ...(version.source === null ? {} : { source: version.source }),
    made: { act: key, answer: stepped },
    note: `${does}: ${version.note}${lost.length > 0 ? ` (without ${lost.join(", ")}, not kept any more)` : ""}`,
  };
  await writeContent(tx, post, edit);
  await dropVersion(tx, post, version.contentVersion);
  // The author returns to what they had; that it was said before is known to them.
  await applyToSchedule(tx, hub, engine, post, edit, { approve: approve ?? false, force: true });
  return stepped;
}

/**
 * The tweets of an earlier version with the media that are still kept. A tweet that was nothing but lost media is left out.
 * @throws PsnError MEDIA_GONE where nothing would be left, or the post would go out without it
 */
async function withKeptMedia(
  tx: Tx,
  { root }: Post,
  tweets: readonly NewTweet[],
): Promise<{ tweets: NewTweet[]; lost: string[] }> {
  const gone = await holdKept(
    tx,
    tweets.flatMap((tweet) => tweet.media),
  );
  const [first] = gone;
  if (!first) return { tweets: [...tweets], lost: [] };
  if (isWaiting(root)) {
    throw new PsnError(
      "MEDIA_GONE",
      `${first.fileName} is not kept any more: ${MEDIA_GO}. The post waits for its time, and would go out without it.`,
      {
        hint: `Take its time away first: psn post cancel ${root.id}. Then psn post undo ${root.id} brings the words back.`,
        next: [`psn post cancel ${root.id}`, `psn post undo ${root.id}`],
      },
    );
  }
  const lost = new Set(gone.map(({ sha256 }) => sha256));
  const kept = tweets
    .map((tweet) => ({ ...tweet, media: tweet.media.filter(({ sha256 }) => !lost.has(sha256)) }))
    .filter((tweet) => tweet.text.trim() !== "" || tweet.media.length > 0);
  if (kept.length === 0) throw mediaGone(first.fileName);
  return { tweets: kept, lost: [...new Set(gone.map(({ fileName }) => fileName))] };
}

async function writeContent(tx: Tx, post: Post, edit: Edit): Promise<void> {
  const metadata = edit.metadata ?? post.root.metadata;
  const isDraft = post.root.status === "draft" || post.root.status === "failed";
  // Also where only the labels change: a poll must not meet media.
  await replaceUnsent(tx, post, edit.unsentTweets ?? sentAndUnsent(post).unsent.map(asNewTweet), metadata);
  await tx
    .update(posts)
    .set({
      contentVersion: sql`${posts.contentVersion} + 1`,
      ...(isDraft ? { approvedHash: null, approvedAt: null } : {}),
      ...(edit.source === undefined ? {} : { source: edit.source }),
      metadata,
      updatedAt: sql`psn.now()`,
    })
    .where(eq(posts.id, post.root.id));
}

/** What an edit means for the post's time and approval. `post` is as it was before. */
async function applyToSchedule(
  tx: Tx,
  hub: Hub,
  engine: Engine,
  post: Post,
  edit: Edit,
  sending: Sending,
): Promise<void> {
  const { id, status } = post.root;
  const note = edit.note ?? EDITED;
  const facts = edit.made ? { made: { ...edit.made, of: post.root.contentVersion } } : {};
  const waits = isWaiting(post.root) || sending.goesOn === true;
  if (edit.schedule && !isScheduledFor(post, edit.schedule)) await requireFuture(tx, edit.schedule);
  if (status === "failed" && !edit.schedule) await toDraft(tx, engine, post);
  if (!waits && !edit.schedule) {
    const andNow = sending.approve ? "" : "; it waits for approval";
    await addEvent(tx, id, { kind: "edited", status: "draft", note: `${note}${andNow}.`, facts });
    if (sending.approve) {
      await requireApproved(tx, await loadPost(tx, id), sending);
      await requireLeave(tx, hub, id, "draft");
    }
    return;
  }
  const fresh = await loadPost(tx, id);
  // The words are nobody's yet: neither a time nor an edit approves them. In the mode “person” the person does, who is asked below.
  if (!isStillApproved(post, fresh) && !sending.approve) {
    if (!waits) throw notApproved(id);
    if ((await approvalMode(tx, hub)) === "agent") throw changeNotApproved(post.root);
  }
  await approveByAuthor(tx, fresh, sending);
  const schedule = edit.schedule ?? (status === "scheduled" ? scheduleOf(post) : null);
  await requireLeave(tx, hub, id, schedule ? schedule.at.toISOString() : "now", schedule?.spanMs);
  if (schedule) {
    await setSchedule(
      tx,
      engine,
      fresh,
      schedule,
      `${note}; scheduled for ${utcToUserTime(schedule.at, schedule.timezone).text}.`,
      "edited",
      facts,
    );
  } else {
    await requeue(tx, engine, fresh, "edited", `${note} while it waited; it goes on with the new text.`, facts);
  }
}
