/** `psn post edit`: other words, media, labels or another time, for what is not on X yet. */
import { chooseAccount } from "../../core/accounts/accounts.ts";
import type { Numbering } from "../../core/compose/numbering.ts";
import { PsnError } from "../../core/errors.ts";
import { requireAllowed } from "../../core/post/transitions.ts";
import { composingOf, requireLimit, withoutNumbers } from "../../core/posts/composing.ts";
import { findPostId, loadPost, type Post } from "../../core/posts/read.ts";
import * as write from "../../core/posts/write.ts";
import type { PostMetadata } from "../../core/types/index.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { type Attachment, storeAttachments } from "../_input.ts";
import { askWhen, readWhen, WHEN_OPTIONS } from "../_when.ts";
import { COMPOSE_OPTIONS, composeTweets, readGiven } from "./_composing.ts";
import {
  FORCE_OPTION,
  ID_ARGUMENT,
  LABEL_OPTIONS,
  readLabels,
  readVersion,
  textOption,
  VERSION_OPTION,
} from "./_options.ts";
import { renderStand, StandSchema, stand } from "./_stand.ts";
import { canLoop, runLoop } from "./loop/loop.ts";

export interface EditInput {
  /** The whole unsent text anew. */
  text?: string;
  /** All media of the unsent tweets anew; tweets are counted from the start of the thread. */
  attachments?: readonly Attachment[];
  schedule?: write.Schedule;
  /** With a new text; what is absent stays as it was. */
  limit?: number;
  numbering?: Numbering | null;
  /** A time for a post that has one, and a plan for one that has none. */
  planned?: write.Schedule | null;
  /** Labels that change; the others stay. */
  metadata?: PostMetadata;
  /** Refuse when the post has changed since this version was shown. */
  contentVersion?: number;
  /** Also when another post of the account says exactly the same. */
  force?: boolean;
}

/**
 * Changes the unsent text, its media, its labels or the time; each alone or together. What is on X stays as it is.
 * @throws PsnError POST_CHANGED, TIME_IN_PAST, POST_…, MEDIA_…, LIMIT_NOT_ALLOWED, TWEET_REPEATED
 */
export async function editScheduledPost(app: App, id: string, edit: EditInput): Promise<Post> {
  const postId = await findPostId(app.hub.db, id);
  const post = await loadPost(app.hub.db, postId);
  const isWaiting = post.root.status === "scheduled" || post.root.status === "retry";
  const schedule = edit.schedule ?? (isWaiting ? edit.planned : null);
  const metadata = editedMetadata(post, edit);
  const unsentTweets = await editedTweets(app, post, edit, metadata ?? post.root.metadata);
  const change = {
    ...(unsentTweets ? { unsentTweets } : {}),
    ...(metadata ? { metadata } : {}),
    ...(edit.text === undefined ? {} : { source: edit.text, note: "The text was replaced" }),
    ...(schedule ? { schedule } : {}),
  };
  const { contentVersion = post.root.contentVersion, force = false } = edit;
  const sentCount = post.tweets.filter((tweet) => tweet.externalPostId !== null).length;
  await write.editPost(app.hub, app.engine, postId, change, { contentVersion, sentCount, force });
  return await loadPost(app.hub.db, postId);
}

export const editCommand = defineCommand({
  name: "post edit",
  summary: "Change the text, media, labels or time of a post; with nothing given, at a terminal, by keys",
  args: [ID_ARGUMENT],
  options: {
    text: { type: "string", value: "TEXT", help: "The whole unsent text anew" },
    ...COMPOSE_OPTIONS,
    ...WHEN_OPTIONS,
    ...LABEL_OPTIONS,
    ...VERSION_OPTION,
    ...FORCE_OPTION,
  },
  examples: ['psn post edit 7k3m --text "Better words."', "psn post edit 7k3m --date 2026-03-16 --time 09:00"],
  answer: StandSchema,
  async run(io, { args, options }) {
    const given = await readGiven(io, textOption(options, "text"), options);
    const labels = readLabels(options);
    if (given.text === null && (given.limit !== undefined || given.numbering !== undefined)) {
      throw new PsnError("USAGE", "--limit, --long and --numbering go with a new text.", {
        hint: "Give the text again: --text or --file.",
      });
    }
    return await withApp(io, async (app) => {
      const { at, timezone = app.hubEnv.timezone } = given.front;
      const now = new Date();
      const when = await askWhen(io, options, app.hubEnv.timezone, now);
      const isNothing = given.text === null && !given.attachments && !when && Object.keys(labels).length === 0;
      if (isNothing && canLoop(io)) {
        const postId = await findPostId(app.hub.db, args.id ?? "");
        requireAllowed("edit", postId, (await loadPost(app.hub.db, postId)).root.status);
        await runLoop(io, app, postId);
        return await stand(app, postId);
      }
      if (isNothing) {
        throw new PsnError("USAGE", "Nothing to change was given.", {
          hint: "Give --text, --file, --media, a label or a time.",
        });
      }
      await requireAccount(app, args.id ?? "", given.front.account);
      const post = await editScheduledPost(app, args.id ?? "", {
        ...(given.text === null ? {} : { text: given.text }),
        ...(given.attachments ? { attachments: given.attachments } : {}),
        ...(given.limit === undefined ? {} : { limit: given.limit }),
        ...(given.numbering === undefined ? {} : { numbering: given.numbering }),
        metadata: labels,
        planned: at === undefined ? null : readWhen({ at }, timezone, now),
        ...(when ? { schedule: when } : {}),
        force: Boolean(options.force),
        ...readVersion(options),
      });
      return await stand(app, post.root.id, { preview: true });
    });
  },
  render: renderStand,
});

// --- internal ---

/** A file that names another account is not this post's file. @throws PsnError ACCOUNT_DIFFERS */
async function requireAccount(app: App, id: string, handle: string | undefined): Promise<void> {
  if (handle === undefined) return;
  const { id: wanted } = await chooseAccount(app.hub.db, handle);
  const post = await loadPost(app.hub.db, await findPostId(app.hub.db, id));
  if (post.account.id === wanted) return;
  throw new PsnError(
    "ACCOUNT_DIFFERS",
    `Post ${post.root.id} is @${post.account.handle}'s, and the file says ${handle}.`,
    {
      hint: "Make a post of its own from the file: psn post create --file FILE",
    },
  );
}

/**
 * A new text takes the place of what is not on X yet. Whoever last saw the post before its first tweet went out gives the
 * whole again, and the thread would say its beginning twice; the content's version does not tell, for no content changed.
 * @throws PsnError TWEET_REPEATED
 */
function requireRestAlone(text: string, first: string, sentCount: number): void {
  const plain = (words: string) => words.normalize("NFC").replace(/\s+/gu, " ").trim();
  if (sentCount === 0 || !`${plain(text)} `.startsWith(`${plain(first)} `)) return;
  throw new PsnError("TWEET_REPEATED", `The text begins with tweet 1, which is on X already (${sentCount} are).`, {
    hint: `Give only what comes after tweet ${sentCount}, or --force to say it again.`,
  });
}

/** The metadata after the edit, or null when it stays. @throws PsnError LIMIT_NOT_ALLOWED */
function editedMetadata(post: Post, edit: EditInput): PostMetadata | null {
  const { limit, numbering, planned } = edit;
  const changes = {
    ...edit.metadata,
    ...(planned ? { planned: { at: planned.at.toISOString(), timezone: planned.timezone } } : {}),
    ...(limit === undefined ? {} : { limit }),
    ...(numbering === undefined ? {} : { numbering }),
  };
  if (Object.keys(changes).length === 0) return null;
  if (limit !== undefined) requireLimit(limit, post.account);
  return { ...post.root.metadata, ...changes };
}

async function editedTweets(
  app: App,
  post: Post,
  edit: EditInput,
  metadata: PostMetadata,
): Promise<write.NewTweet[] | null> {
  if (edit.text === undefined && edit.attachments === undefined) return null;
  const sent = post.tweets.filter((tweet) => tweet.externalPostId !== null);
  const kept = post.tweets.filter((tweet) => tweet.externalPostId === null);
  const { limit, numbering } = composingOf(metadata);
  const words = withoutNumbers(
    post.tweets.map((tweet) => tweet.content),
    composingOf(post.root.metadata).numbering,
  );
  if (edit.text !== undefined && !edit.force) requireRestAlone(edit.text, words[0] ?? "", sent.length);
  const texts =
    edit.text === undefined
      ? kept.map((tweet) => ({ text: tweet.content, separatorAfter: tweet.separatorAfter }))
      : composeTweets(edit.text, { limit, numbering }, words.slice(0, sent.length));
  // Numbers count the whole thread, those on X included.
  const attachments = edit.attachments?.map((item) => ({ ...item, tweet: item.tweet - sent.length }));
  if (attachments?.some((item) => item.tweet < 0)) {
    throw new PsnError("TWEET_ON_X", `Tweets 1 to ${sent.length} are on X and cannot be changed.`);
  }
  const fresh = attachments ? await storeAttachments(app.media, attachments, texts.length) : null;
  return texts.map(({ text, separatorAfter }, index) => ({
    text,
    separatorAfter,
    media: fresh?.[index] ?? kept[index]?.media ?? [],
  }));
}
