/** A post's unsent part given anew: other words, media, labels or another time. What is on X stays as it is. */

import { eq, sql } from "drizzle-orm";
import { chooseAccount } from "../accounts/choose.ts";
import type { Numbering } from "../compose/numbering.ts";
import type { CutOrder } from "../compose/open-cuts.ts";
import { comparable } from "../compose/source.ts";
import { type Hub, hubNow } from "../db/connection.ts";
import { posts } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import { isWaiting } from "../post/transitions.ts";
import type { PostMetadata } from "../types/index.ts";
import { isApproved, type Sending } from "./approve.ts";
import { type Attachment, storeAttachments } from "./attachments.ts";
import { changesOf } from "./changes.ts";
import { composingOf, cutPost, cutText, requireLimit, withoutNumbers } from "./composing.ts";
import { type Edit, type Edited, editPost } from "./edit.ts";
import { requireFileOf, type SourceFile } from "./from-file.ts";
import { requireMediaKept } from "./media-kept.ts";
import { loadPost, type Post } from "./read.ts";
import { requireFuture, type Schedule, scheduleOf } from "./schedule.ts";
import { asPlanned, type PostsDeps } from "./submit.ts";
import { asShown } from "./time-shown.ts";
import { asNewTweet, type NewTweet, sentAndUnsent } from "./tweets.ts";
import { requireAllowed } from "./verbs.ts";

export interface Rewrite {
  /** The whole unsent text anew. */
  text?: string | undefined;
  /** All media of the unsent tweets anew; tweets are counted from the start of the thread. */
  attachments?: readonly Attachment[] | undefined;
  schedule?: Schedule | undefined;
  /** With a new text; what is absent stays as it was. */
  limit?: number | undefined;
  numbering?: Numbering | null | undefined;
  cut?: CutOrder | undefined;
  /** The time that a file names: for a post that waits its time, for a draft its plan. Read only when the file says another one than before. */
  planned?:
    | {
        said: string;
        read(): Schedule;
        /** Kept as the plan also when it has passed, which no post waits for. */
        mayBePast?: boolean;
      }
    | undefined;
  /** The file names no time any more, and named the one that is planned. */
  dropsPlan?: boolean | undefined;
  /** What history says where nothing changes, as a sentence without its full stop. */
  noteOfNothing?: string | undefined;
  /** The file that the text came from. */
  file?: SourceFile | undefined;
  /** Labels that change; the others stay. */
  metadata?: PostMetadata | undefined;
  /** Media and labels are given whole: what they do not name is dropped without a question. */
  isWhole?: boolean | undefined;
  /** The handle that a file names. A file of another account is not this post's file. */
  account?: string | undefined;
}

/**
 * Changes the unsent text, its media, its labels or the time; each alone or together. Repeated after a crash it finds its work done,
 * whatever version was shown, and writes nothing.
 * @throws PsnError ACCOUNT_DIFFERS, FILE_IS_POST, TWEET_REPEATED, TWEET_ON_X, MEDIA_WOULD_MOVE, MEDIA_WOULD_BE_LOST, LIMIT_NOT_ALLOWED,
 *   TIME_…, and what `editPost` throws
 */
export async function rewritePost(
  deps: PostsDeps,
  postId: string,
  rewrite: Rewrite,
  sending: Sending = {},
): Promise<Edited> {
  const { hub } = deps;
  const post = await loadPost(hub.db, postId);
  requireAllowed("edit", postId, post.root.status);
  await requireAccount(hub, post, rewrite.account);
  if (rewrite.file && !sending.force) await requireFileOf(hub.db, postId, rewrite.file);
  const edit = await editOf(deps, post, rewrite, sending.force ?? false);
  if (isDone(post, edit, sending)) {
    await keepPath(hub, post, rewrite.file);
    const { alongside } = sending;
    if (alongside) await hub.db.transaction((tx) => alongside(tx, postId));
    return { changed: [], was: scheduleOf(post) };
  }
  // What was read above is what the edit is about; the post may go on meanwhile.
  const seen = { contentVersion: post.root.contentVersion, sentCount: sentAndUnsent(post).sent.length };
  return await editPost(hub, deps.engine, postId, edit, { ...seen, ...sending });
}

// --- internal ---

type Plan = Schedule & { said: string };

async function editOf(deps: PostsDeps, post: Post, rewrite: Rewrite, force: boolean): Promise<Edit> {
  const planned = await newPlan(deps.hub, post, rewrite);
  // Of a plan that an earlier version kept nobody knows the words, so they may be the same.
  const isNews = composingOf(post.root.metadata).planned?.said !== undefined || !post.root.metadata.planned;
  const given = rewrite.schedule && (await asShown(deps.hub.db, deps.hub, post, rewrite.schedule));
  const schedule = given ?? (isWaiting(post.root) && isNews && !rewrite.planned?.mayBePast ? planned : null);
  const metadata = metadataAfter(post, rewrite, planned);
  const unsentTweets = await tweetsAfter(deps, post, rewrite, metadata ?? post.root.metadata, force);
  return {
    ...(unsentTweets ? { unsentTweets } : {}),
    ...(metadata ? { metadata } : {}),
    ...(rewrite.text === undefined ? {} : { source: rewrite.text }),
    dropsPlan: rewrite.dropsPlan ?? false,
    noteOfNothing: rewrite.noteOfNothing,
    ...(schedule ? { schedule } : {}),
  };
}

/** A post that failed waits for its author to look at it, so an edit that changes nothing is an answer, too. */
function isDone(post: Post, edit: Edit, sending: Sending): boolean {
  const { status } = post.root;
  const asksApproval = (sending.approve === true && !isApproved(post)) || sending.asBefore !== undefined;
  return status !== "failed" && !asksApproval && sending.takesBack !== "always" && changesOf(post, edit).length === 0;
}

/** The post is known by its file's new path, also when nothing else changed. */
async function keepPath({ db }: Hub, { root }: Post, file: SourceFile | undefined): Promise<void> {
  if (!file || root.metadata.sourceFile === file.path) return;
  await db
    .update(posts)
    .set({ metadata: sql`${posts.metadata} || ${JSON.stringify({ sourceFile: file.path })}::jsonb` })
    .where(eq(posts.id, root.id));
}

/** @throws PsnError ACCOUNT_DIFFERS */
async function requireAccount(hub: Hub, { root, account }: Post, handle: string | undefined): Promise<void> {
  if (handle === undefined || (await chooseAccount(hub.db, handle)).id === account.id) return;
  throw new PsnError("ACCOUNT_DIFFERS", `Post ${root.id} is @${account.handle}'s, and the file says ${handle}.`, {
    hint: "Make a post of its own from the file: psn post create --file FILE",
    next: ["psn post create --file FILE"],
  });
}

/**
 * The time that the file names, when it is news. The same words as before mean no new time: “tomorrow 9am” must not move with every edit
 * of the text. Nor does a time that has passed keep its text from being edited, unless the author has just put it there.
 * @throws PsnError TIME_…
 */
async function newPlan({ db }: Hub, post: Post, { planned, schedule }: Rewrite): Promise<Plan | null> {
  const before = composingOf(post.root.metadata).planned;
  if (!planned || before?.said === planned.said) return null;
  const plan = { ...planned.read(), said: planned.said };
  if (planned.mayBePast) return plan;
  if (before?.said !== undefined && !schedule) await requireFuture(db, plan);
  return plan.at > (await hubNow(db)) ? plan : null;
}

/** The metadata after the edit, or null when it stays. @throws PsnError LIMIT_NOT_ALLOWED */
function metadataAfter(post: Post, rewrite: Rewrite, planned: Plan | null): PostMetadata | null {
  const { limit, numbering, cut } = rewrite;
  const changes = {
    ...rewrite.metadata,
    ...(planned ? { planned: asPlanned(planned) } : {}),
    ...(rewrite.dropsPlan ? { planned: undefined } : {}),
    ...(rewrite.file ? { sourceFile: rewrite.file.path } : {}),
    ...(limit === undefined ? {} : { limit }),
    ...(numbering === undefined ? {} : { numbering }),
    ...(cut === undefined ? {} : { cut }),
  };
  if (Object.keys(changes).length === 0) return null;
  if (limit !== undefined) requireLimit(limit, post.account);
  return { ...post.root.metadata, ...changes };
}

async function tweetsAfter(
  deps: PostsDeps,
  post: Post,
  { text, attachments: given, isWhole = false }: Rewrite,
  metadata: PostMetadata,
  force: boolean,
): Promise<NewTweet[] | null> {
  if (text === undefined && given === undefined) return null;
  const { sent, unsent } = sentAndUnsent(post);
  const kept = unsent.map(asNewTweet);
  const words = withoutNumbers(
    post.tweets.map((tweet) => tweet.content),
    composingOf(post.root.metadata).numbering,
  );
  if (text !== undefined && !force) requireRestAlone(text, words[0] ?? "", sent.length);
  const cutting = composingOf(metadata);
  const hasMedia = given === undefined ? kept.some(({ media }) => media.length > 0) : given.length > 0;
  const fresh =
    text === undefined
      ? kept
      : sent.length === 0
        ? cutPost(text, { ...cutting, hasMedia }).tweets
        : cutText(text, cutting, words.slice(0, sent.length)).tweets;
  // Numbers count the whole thread, those on X included.
  const attachments = given?.map((item) => ({ ...item, tweet: item.tweet - sent.length }));
  if (attachments?.some((item) => item.tweet < 0)) {
    throw new PsnError("TWEET_ON_X", `Tweets 1 to ${sent.length} are on X and cannot be changed.`);
  }
  const media = attachments
    ? await storeAttachments(deps.media, attachments, fresh.length, post.account.subscription)
    : fresh.map((_, index) => kept[index]?.media ?? []);
  const after = fresh.map(({ text: body, separatorAfter }, index) => ({
    text: body,
    separatorAfter,
    media: media[index] ?? [],
  }));
  if (!force && !isWhole) requireMediaKept(post, after, composingOf(metadata).numbering, attachments !== undefined);
  return after;
}

/**
 * A new text takes the place of what is not on X yet. An author who last saw the post before its first tweet went out gives the
 * whole again, and the thread would say its beginning twice; the content's version does not show it, for no content changed.
 * @throws PsnError TWEET_REPEATED
 */
function requireRestAlone(text: string, first: string, sentCount: number): void {
  const plain = (words: string) => comparable(words).replace(/\s+/gu, " ").trim();
  if (sentCount === 0 || !`${plain(text)} `.startsWith(`${plain(first)} `)) return;
  throw new PsnError("TWEET_REPEATED", `The text begins with tweet 1, which is on X already (${sentCount} are).`, {
    hint: `Give only what comes after tweet ${sentCount}, or --force to say it again.`,
  });
}
