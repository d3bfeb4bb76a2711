/** `psn post edit`: other words, media or another time, for what is not on X yet. */
import { PsnError } from "../../core/errors.ts";
import { findPostId, loadPost, type Post } from "../../core/posts/read.ts";
import * as write from "../../core/posts/write.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import {
  type Attachment,
  MEDIA_OPTIONS,
  readAttachments,
  readText,
  storeAttachments,
  TEXT_OPTIONS,
} from "../_input.ts";
import { composeTweets } from "../_preview.ts";
import { readWhen, WHEN_OPTIONS } from "../_when.ts";
import { ID_ARGUMENT, readVersion, textOption, VERSION_OPTION } from "./_options.ts";
import { renderStand, StandSchema, stand } from "./_stand.ts";

export interface EditInput {
  /** The whole unsent text anew. */
  text?: string;
  attachments?: Attachment[];
  schedule?: write.Schedule;
  /** Refuse when the post has changed since this version was shown. */
  contentVersion?: number;
}

/**
 * Changes the unsent text, its media or the time; each alone or together. What is on X stays as it is.
 * @throws PsnError POST_CHANGED, TIME_IN_PAST, POST_…, MEDIA_…
 */
export async function editScheduledPost(app: App, id: string, edit: EditInput): Promise<Post> {
  const postId = await findPostId(app.hub.db, id);
  const post = await loadPost(app.hub.db, postId);
  const unsent = await editedTweets(app, post, edit);
  const change = {
    ...(unsent ? { unsentTweets: unsent } : {}),
    ...(edit.text === undefined ? {} : { source: edit.text }),
    ...(edit.schedule ? { schedule: edit.schedule } : {}),
  };
  const { contentVersion = post.root.contentVersion } = edit;
  await write.editPost(app.hub, app.engine, postId, change, { contentVersion });
  return await loadPost(app.hub.db, postId);
}

export const editCommand = defineCommand({
  name: "post edit",
  summary: "Change the unsent text, the media or the time of a post",
  args: [ID_ARGUMENT],
  options: {
    ...TEXT_OPTIONS,
    text: { type: "string", value: "TEXT", help: "The whole unsent text anew" },
    ...MEDIA_OPTIONS,
    ...WHEN_OPTIONS,
    ...VERSION_OPTION,
  },
  examples: ['psn post edit 7k3m --text "Better words."', "psn post edit 7k3m --date 2026-03-16 --time 09:00"],
  answer: StandSchema,
  async run(io, { args, options }) {
    const given = await readText(io, textOption(options, "text"), options);
    const attachments = readAttachments(io, options);
    return await withApp(io, async (app) => {
      const when = readWhen(options, app.hubEnv.timezone, new Date());
      if (!given && attachments.length === 0 && !when) {
        throw new PsnError("USAGE", "Nothing to change was given.", {
          hint: "Give --text, --file, --media or a time.",
        });
      }
      const post = await editScheduledPost(app, args.id ?? "", {
        ...(given ? { text: given.text } : {}),
        ...(attachments.length > 0 ? { attachments } : {}),
        ...(when ? { schedule: when } : {}),
        ...readVersion(options),
      });
      return await stand(app, post.root.id, { preview: true });
    });
  },
  render: renderStand,
});

// --- internal ---

async function editedTweets(app: App, post: Post, edit: EditInput): Promise<write.NewTweet[] | null> {
  if (edit.text === undefined && edit.attachments === undefined) return null;
  const sent = post.tweets.filter((tweet) => tweet.externalPostId !== null);
  const kept = post.tweets.filter((tweet) => tweet.externalPostId === null);
  const texts =
    edit.text === undefined
      ? kept.map((tweet) => ({ text: tweet.content, separatorAfter: tweet.separatorAfter }))
      : composeTweets(edit.text);
  // Numbers count the whole thread, those on X included.
  const attachments = edit.attachments?.map((item) => ({ ...item, tweet: item.tweet - sent.length }));
  if (attachments?.some((item) => item.tweet < 0)) {
    throw new PsnError("TWEET_ON_X", `Tweets 1 to ${sent.length} are on X and cannot be changed.`);
  }
  const fresh = attachments ? await storeAttachments(app.media, attachments, texts.length) : null;
  return texts.map((tweet, index) => ({ ...tweet, media: fresh?.[index] ?? kept[index]?.media ?? [] }));
}
