/** A post's unsent part given anew: other words, media, labels or another time. What is on X stays as it is. */
import { chooseAccount } from "../accounts/choose.ts";
import type { Numbering } from "../compose/numbering.ts";
import type { Hub } from "../db/connection.ts";
import { PsnError } from "../errors.ts";
import type { PostMetadata } from "../types/index.ts";
import type { Sending } from "./approve.ts";
import { type Attachment, storeAttachments } from "./attachments.ts";
import { composingOf, cutText, requireLimit, withoutNumbers } from "./composing.ts";
import { editPost } from "./edit.ts";
import { loadPost, type Post } from "./read.ts";
import type { Schedule } from "./schedule.ts";
import { asPlanned, type PostsDeps } from "./submit.ts";
import { asNewTweet, type NewTweet, sentAndUnsent } from "./tweets.ts";

export interface Rewrite {
  /** The whole unsent text anew. */
  text?: string | undefined;
  /** All media of the unsent tweets anew; tweets are counted from the start of the thread. */
  attachments?: readonly Attachment[] | undefined;
  schedule?: Schedule | undefined;
  /** With a new text; what is absent stays as it was. */
  limit?: number | undefined;
  numbering?: Numbering | null | undefined;
  /** The time that a file names: for a post that waits its time, for a draft its plan. Read only when the file says another one than before. */
  planned?: { said: string; read(): Schedule } | undefined;
  /** Labels that change; the others stay. */
  metadata?: PostMetadata | undefined;
  /** The handle that a file names. A file of another account is not this post's file. */
  account?: string | undefined;
}

/**
 * Changes the unsent text, its media, its labels or the time; each alone or together.
 * @throws PsnError ACCOUNT_DIFFERS, TWEET_REPEATED, TWEET_ON_X, MEDIA_WOULD_MOVE, LIMIT_NOT_ALLOWED, TIME_…, and what `editPost` throws
 */
export async function rewritePost(
  deps: PostsDeps,
  postId: string,
  rewrite: Rewrite,
  sending: Sending = {},
): Promise<void> {
  const post = await loadPost(deps.hub.db, postId);
  await requireAccount(deps.hub, post, rewrite.account);
  const planned = newPlan(post, rewrite);
  const isWaiting = post.root.status === "scheduled" || post.root.status === "retry";
  const schedule = rewrite.schedule ?? (isWaiting ? planned : null);
  const metadata = metadataAfter(post, rewrite, planned);
  const unsentTweets = await tweetsAfter(deps, post, rewrite, metadata ?? post.root.metadata, sending.force ?? false);
  const edit = {
    ...(unsentTweets ? { unsentTweets } : {}),
    ...(metadata ? { metadata } : {}),
    ...(rewrite.text === undefined ? {} : { source: rewrite.text, note: "The text was replaced" }),
    ...(schedule ? { schedule } : {}),
  };
  // What was read above is what the edit is about; the post may go on meanwhile.
  const seen = { contentVersion: post.root.contentVersion, sentCount: sentAndUnsent(post).sent.length };
  await editPost(deps.hub, deps.engine, postId, edit, { ...seen, ...sending });
}

// --- internal ---

/** @throws PsnError ACCOUNT_DIFFERS */
async function requireAccount(hub: Hub, { root, account }: Post, handle: string | undefined): Promise<void> {
  if (handle === undefined || (await chooseAccount(hub.db, handle)).id === account.id) return;
  throw new PsnError("ACCOUNT_DIFFERS", `Post ${root.id} is @${account.handle}'s, and the file says ${handle}.`, {
    hint: "Make a post of its own from the file: psn post create --file FILE",
  });
}

/** The same words as before mean no new time: “tomorrow 9am” must not move with every edit of the text. */
function newPlan(post: Post, { planned }: Rewrite): (Schedule & { said: string }) | null {
  if (!planned || composingOf(post.root.metadata).planned?.said === planned.said) return null;
  return { ...planned.read(), said: planned.said };
}

/** The metadata after the edit, or null when it stays. @throws PsnError LIMIT_NOT_ALLOWED */
function metadataAfter(post: Post, rewrite: Rewrite, planned: ReturnType<typeof newPlan>): PostMetadata | null {
  const { limit, numbering } = rewrite;
  const changes = {
    ...rewrite.metadata,
    ...(planned ? { planned: asPlanned(planned) } : {}),
    ...(limit === undefined ? {} : { limit }),
    ...(numbering === undefined ? {} : { numbering }),
  };
  if (Object.keys(changes).length === 0) return null;
  if (limit !== undefined) requireLimit(limit, post.account);
  return { ...post.root.metadata, ...changes };
}

async function tweetsAfter(
  deps: PostsDeps,
  post: Post,
  { text, attachments: given }: Rewrite,
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
  const fresh = text === undefined ? kept : cutText(text, composingOf(metadata), words.slice(0, sent.length));
  // Numbers count the whole thread, those on X included.
  const attachments = given?.map((item) => ({ ...item, tweet: item.tweet - sent.length }));
  if (attachments?.some((item) => item.tweet < 0)) {
    throw new PsnError("TWEET_ON_X", `Tweets 1 to ${sent.length} are on X and cannot be changed.`);
  }
  if (!attachments && !force) requireMediaStay(kept, fresh, sent.length);
  const media = attachments
    ? await storeAttachments(deps.media, attachments, fresh.length)
    : kept.map((tweet) => tweet.media);
  return fresh.map(({ text: body, separatorAfter }, index) => ({
    text: body,
    separatorAfter,
    media: media[index] ?? [],
  }));
}

/**
 * A new text takes the place of what is not on X yet. An author who last saw the post before its first tweet went out gives the
 * whole again, and the thread would say its beginning twice; the content's version does not show it, for no content changed.
 * @throws PsnError TWEET_REPEATED
 */
function requireRestAlone(text: string, first: string, sentCount: number): void {
  const plain = (words: string) => words.normalize("NFC").replace(/\s+/gu, " ").trim();
  if (sentCount === 0 || !`${plain(text)} `.startsWith(`${plain(first)} `)) return;
  throw new PsnError("TWEET_REPEATED", `The text begins with tweet 1, which is on X already (${sentCount} are).`, {
    hint: `Give only what comes after tweet ${sentCount}, or --force to say it again.`,
  });
}

/**
 * Media stay with the number of their tweet. Where a new text has another number of tweets, an image would go under other words or be
 * lost without a word; only that of the first tweet has an obvious place.
 * @throws PsnError MEDIA_WOULD_MOVE
 */
function requireMediaStay(kept: readonly NewTweet[], fresh: readonly { text: string }[], sentCount: number): void {
  if (fresh.length === kept.length) return;
  const moved = kept.findIndex((tweet, index) => {
    return index > 0 && tweet.media.length > 0 && tweet.text !== fresh[index]?.text;
  });
  if (moved < 0) return;
  const number = sentCount + moved + 1;
  const files = (kept[moved]?.media ?? []).map((item) => item.fileName).join(", ");
  throw new PsnError(
    "MEDIA_WOULD_MOVE",
    `Tweet ${number} has media (${files}), and the new text has ${fresh.length} tweets in place of ${kept.length}.`,
    {
      hint: "Say where all media belong: --media N:FILE. With --force they stay at their numbers, and the rest is dropped.",
    },
  );
}
