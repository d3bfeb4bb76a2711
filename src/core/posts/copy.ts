/** A copy of a post: the one way to say something again. It says in what it is not, or will not be, what the original was. */
import { and, eq, isNotNull } from "drizzle-orm";
import type { Hub, Tx } from "../db/connection.ts";
import { posts } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import type { MediaStore } from "../media/store.ts";
import { approvalsAlike } from "../post/content-hash.ts";
import type { TweetRow } from "../post/rows.ts";
import { insertDraft } from "./create.ts";
import { loadPost, type Post } from "./read.ts";
import { postedRecently, requireNew } from "./said-before.ts";
import { asNewTweet, holdKept, mediaGone, type NewTweet } from "./tweets.ts";

export const COPY_CHANGES = [
  /** X has these words of the account already, and refuses the same again for a while. */
  "said_before",
  /** Another post says exactly the same: approving the copy asks for --force. */
  "same_as_other",
  /** Files that are not kept any more, which the copy lacks. */
  "media_left_out",
  /** X keeps an upload for a day and for one tweet. */
  "media_uploaded_again",
  /** The original's time is not the copy's. */
  "no_time",
  /** It replies to the tweet that the original replies to. */
  "same_parent",
  /** It says again what its author took down at X. */
  "taken_down",
] as const;
export interface CopyChange {
  kind: (typeof COPY_CHANGES)[number];
  /** One sentence, its instants as `withLocalTimes` reads them. */
  message: string;
}

export interface Copying {
  /** Is asked whether it still has the media: a copy that lacks them would fail at its time, long after its author has left. */
  store?: MediaStore;
  /** Copy without media that are not kept any more. */
  withoutLost?: boolean;
}

/**
 * A new draft with the same content. The original is not touched.
 * @throws PsnError POST_UNKNOWN, MEDIA_GONE (unless `withoutLost`, and where nothing would be left); nothing is written then
 */
export async function copyPost(
  hub: Hub,
  postId: string,
  { store, withoutLost = false }: Copying = {},
): Promise<{ postId: string; changes: CopyChange[] }> {
  const original = await loadPost(hub.db, postId);
  const lost = store ? await lostIn(store, original.tweets) : new Map<string, string>();
  return await hub.db.transaction(async (tx) => {
    const { tweets, leftOut } = await tweetsOf(tx, original, lost, withoutLost);
    // What was planned was planned for the original, and its file is the original's.
    const { planned: _, sourceFile: __, ...metadata } = original.root.metadata;
    const { accountId, source } = original.root;
    const changes = await changesIn(tx, original, tweets, leftOut);
    return { postId: await insertDraft(tx, { accountId, source: source ?? "", metadata, tweets }), changes };
  });
}

// --- internal ---

/** Names of files that the store has lost, by hash. */
async function lostIn(store: MediaStore, tweets: readonly TweetRow[]): Promise<Map<string, string>> {
  const lost = new Map<string, string>();
  for (const item of tweets.flatMap((tweet) => tweet.media)) {
    try {
      await store.source(item);
    } catch (error) {
      // A store that cannot be asked just now says nothing about the media.
      if (error instanceof PsnError) lost.set(item.sha256, item.fileName);
    }
  }
  return lost;
}

/** The copy takes over bytes that were attached long ago. @throws PsnError MEDIA_GONE */
async function tweetsOf(
  tx: Tx,
  { root, tweets }: Post,
  lostInStore: ReadonlyMap<string, string>,
  withoutLost: boolean,
): Promise<{ tweets: NewTweet[]; leftOut: string[] }> {
  const all = tweets.map(asNewTweet);
  const gone = await holdKept(
    tx,
    all.flatMap((tweet) => tweet.media),
  );
  const lost = new Map([...lostInStore, ...gone.map(({ sha256, fileName }) => [sha256, fileName] as const)]);
  const [name] = lost.values();
  if (name === undefined) return { tweets: all, leftOut: [] };
  const kept = all
    .map((tweet) => ({ ...tweet, media: tweet.media.filter(({ sha256 }) => !lost.has(sha256)) }))
    .filter((tweet) => tweet.text.trim() !== "" || tweet.media.length > 0);
  if (kept.length === 0) throw mediaGone(name);
  if (!withoutLost) {
    throw new PsnError("MEDIA_GONE", mediaGone(name).message, {
      hint: "Nothing was written. To copy its words without it, add --without-lost; then attach the file again.",
      next: [`psn post copy ${root.id} --without-lost`],
    });
  }
  return { tweets: kept, leftOut: [...new Set(lost.values())] };
}

async function changesIn(
  tx: Tx,
  { root, account, tweets: original }: Post,
  tweets: readonly NewTweet[],
  leftOut: readonly string[],
): Promise<CopyChange[]> {
  const changes: CopyChange[] = [];
  const say = (kind: CopyChange["kind"], message: string) => changes.push({ kind, message });
  const said = await postedRecently(
    tx,
    root.accountId,
    tweets.map(({ text }) => text),
  );
  const latest = [...said.values()].sort((a, b) => b.getTime() - a.getTime())[0];
  if (latest) {
    const numbers = [...said.keys()].map((position) => position + 1).join(", ");
    say(
      "said_before",
      `@${account.handle} posted the words of ${said.size === 1 ? "tweet" : "tweets"} ${numbers} before, last at ${latest.toISOString()}: X refuses the same words again for a while, so change them.`,
    );
  }
  try {
    await requireNew(tx, root.accountId, approvalsAlike(root.accountId, tweets, root.metadata), null);
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    say("same_as_other", `${error.message} As it is, its approval needs --force.`);
  }
  if (leftOut.length > 0) say("media_left_out", `It lacks ${leftOut.join(", ")}, which is not kept any more.`);
  if (tweets.some(({ media }) => media.length > 0)) {
    say("media_uploaded_again", "Its media are uploaded to X again: an upload lasts a day and belongs to one tweet.");
  }
  if (root.scheduledAt || root.metadata.planned) say("no_time", "It has no time of its own yet.");
  const { replyToId } = root.metadata;
  if (replyToId !== undefined) say("same_parent", await parentSaid(tx, replyToId));
  const down = original.filter(({ deletedAt }) => deletedAt !== null).map(({ threadPosition }) => threadPosition + 1);
  if (down.length > 0) {
    say(
      "taken_down",
      `It has ${down.length === 1 ? "tweet" : "tweets"} ${down.join(", ")} again, which you took down.`,
    );
  }
  return changes;
}

async function parentSaid(tx: Tx, replyToId: string): Promise<string> {
  const [gone] = await tx
    .select({ id: posts.id })
    .from(posts)
    .where(and(eq(posts.externalPostId, replyToId), isNotNull(posts.deletedAt)))
    .limit(1);
  if (!gone) return `It replies to the same tweet (${replyToId}).`;
  return `It replies to the same tweet (${replyToId}), which was taken down: name another with --reply-to, or none.`;
}
