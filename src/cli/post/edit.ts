/** `psn post edit`: other words, media, labels or another time, for what is not on X yet. */
import { z } from "zod";
import { PsnError } from "../../core/errors.ts";
import { composingOf } from "../../core/posts/composing.ts";
import { findPostToChange, loadPost, type Post } from "../../core/posts/read.ts";
import {
  CHANGES,
  type Change,
  type Rewrite,
  requireEditable,
  rewritePost,
  type Sending,
  saidIn,
} from "../../core/posts/write.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { TimeSchema, timeAnswer } from "../_summary.ts";
import { askWhen, EXAMPLE_DAY, readingClock, readWhen, WHEN_FIELDS } from "../_when.ts";
import { hung } from "../_wrap.ts";
import { beforeApproval, refreshEntitlement } from "./_before-approval.ts";
import { COMPOSE_FIELDS, readGiven, withTold } from "./_composing.ts";
import { APPROVE_CHANGE_FIELD, ID_FIELD, LABEL_FIELDS, readLabels, SEND_FIELDS, sendingOf } from "./_fields.ts";
import { REPLY_FIELDS, replyToMetadata, replyToOf } from "./_reply-to.ts";
import { sourceFileOf } from "./_source-file.ts";
import { PostStatusAnswerSchema, postStatus, renderPostStatus } from "./_status.ts";
import { withPerson } from "./_with-person.ts";
import { canLoop, runLoop } from "./loop/loop.ts";
import { editPlainly } from "./loop/plain-edit.ts";
import { tellKept } from "./loop/words.ts";

/**
 * Changes the unsent text, its media, its labels or the time; each alone or together. What is on X stays as it is.
 * @throws PsnError POST_CHANGED, POST_NOT_APPROVED, TIME_IN_PAST, POST_…, MEDIA_…, LIMIT_NOT_ALLOWED, TWEET_REPEATED
 */
export async function editScheduledPost(app: App, id: string, edit: Rewrite, sending: Sending = {}): Promise<Post> {
  const postId = await findPostToChange(app.hub.db, id);
  await rewritePost(app, postId, edit, sending);
  return await loadPost(app.hub.db, postId);
}

/** What it changed, beside the post as it is now. */
export const EditAnswerSchema = PostStatusAnswerSchema.extend({
  /** Empty when the post was so already; absent after the loop, which shows each change. */
  changed: z.array(z.enum(CHANGES)).optional(),
  /** The time that it waited for before, where that changed. */
  was: TimeSchema.nullable().optional(),
});
export type EditAnswer = z.infer<typeof EditAnswerSchema>;

export const editCommand = defineCommand({
  input: z.object({
    ...ID_FIELD,
    text: z.string().optional().meta({ placeholder: "TEXT", description: "The whole unsent text anew" }),
    ...COMPOSE_FIELDS,
    ...WHEN_FIELDS,
    ...LABEL_FIELDS,
    ...REPLY_FIELDS,
    ...SEND_FIELDS,
    approve: APPROVE_CHANGE_FIELD.approve.meta({
      description:
        "Approve it as it is after the edit, too; a post that waits for its time needs that, and a draft for a time",
    }),
  }),
  examples: ['psn post edit 7k3m --text "Better words."', `psn post edit 7k3m --date ${EXAMPLE_DAY} --time 09:00`],
  answer: EditAnswerSchema,
  async run(io, input) {
    const { id, text, version, approve, force } = input;
    // The post first: what a person types for one that is not there would be lost.
    if (io.interactive && (text === "-" || input.file === "-")) {
      await withApp(io, async ({ hub }) => await findPostToChange(hub.db, id));
    }
    const given = await readGiven(io, text, input);
    for (const { message } of given.told) io.note(message);
    const labels = await readLabels(io, input, given.front);
    const file = await sourceFileOf(given, input.file);
    if (given.text === null && [given.limit, given.numbering, given.cut].some((one) => one !== undefined)) {
      throw new PsnError("USAGE", "--limit, --long, --numbering and --cut go with a new text.", {
        hint: "Give the text again: --text or --file.",
      });
    }
    return await withApp(io, async (app) => {
      const { at, timezone = app.hubEnv.timezone } = given.front;
      const clock = await readingClock(io, app);
      const when = await askWhen(io, input, app.hubEnv.timezone, clock);
      const follows = input.replyTo ?? given.front.replyTo;
      const isNothing =
        given.text === null && !given.attachments && !when && !follows && Object.keys(labels).length === 0;
      if (isNothing && canLoop(io)) {
        const postId = await findPostToChange(app.hub.db, id);
        await requireEditable(app.hub.db, postId).catch(async (error) => {
          await tellKept(io, app, postId);
          throw error;
        });
        await runLoop(io, app, postId);
        return await postStatus(app, postId);
      }
      if (isNothing && io.interactive) {
        const postId = await findPostToChange(app.hub.db, id);
        await editPlainly(io, app, postId, sendingOf({ version, approve, force }));
        return await postStatus(app, postId, { preview: true });
      }
      if (isNothing) {
        throw new PsnError("USAGE", "Nothing to change was given.", {
          hint: "Give --text, --file, --media, a label or a time.",
        });
      }
      const read = () =>
        readWhen({ at }, timezone, clock, { mayBePast: true }) as NonNullable<ReturnType<typeof readWhen>>;
      const postId = await findPostToChange(app.hub.db, id);
      const { root, account } = await loadPost(app.hub.db, postId);
      const { replyToId } = follows ? await replyToOf(app, follows, account.id) : {};
      const edit: Rewrite = {
        text: given.text ?? undefined,
        attachments: given.attachments ?? undefined,
        limit: given.limit,
        numbering: given.numbering,
        cut: given.cut,
        account: given.front.account,
        metadata: { ...labels, ...replyToMetadata(replyToId) },
        file,
        planned: at === undefined ? undefined : { said: saidIn(given.front), read },
        schedule: when ?? undefined,
      };
      await refreshEntitlement(app, account.id, given.limit ?? composingOf(root.metadata).limit);
      // New media replace those that are there, and were just stored; a new parent was just looked at.
      const replaced = { media: given.attachments !== null, parent: follows !== undefined };
      if (approve) await beforeApproval(app, postId, replaced);
      const sending = sendingOf({ version, approve, force });
      const { changed, was } = await withPerson(io, app, () => rewritePost(app, postId, edit, sending));
      const before = was && changed.includes("time") ? timeAnswer(was.at, was.timezone) : null;
      return { ...withTold(await postStatus(app, postId, { preview: true }), given), changed, was: before };
    });
  },
  render: (answer, paint) => [renderPostStatus(answer, paint), ...renderChanged(answer)].join("\n"),
});

// --- internal ---

const NAMES: Record<Change, string> = {
  text: "the text",
  media: "the media",
  labels: "the labels",
  plan: "the time that its file names",
  time: "the time",
};

/** For a person: what is different now, and what that means for a post that waits its time. */
function renderChanged({ changed, was, post }: EditAnswer): string[] {
  if (!changed) return [];
  if (changed.length === 0) return ["Nothing changed: the post was so already."];
  const names = changed.map((change) => NAMES[change]);
  const before = was ? ` (it was ${was.local})` : "";
  const isContent = changed.some((change) => change !== "time" && change !== "plan");
  const isSent = isContent && post.approved && post.status !== "draft";
  return hung("Changed: ", `${names.join(", ")}${before}.${isSent ? " It goes out as it is now." : ""}`);
}
