/** `psn post create`: from a text to a draft, and with --now or a time to X. */
import { chooseAccount } from "../../core/accounts/accounts.ts";
import type { Numbering } from "../../core/compose/numbering.ts";
import { TWEET_LIMIT } from "../../core/compose/weighted-length.ts";
import { PsnError } from "../../core/errors.ts";
import { requireLimit } from "../../core/posts/composing.ts";
import { loadPost, type Post } from "../../core/posts/read.ts";
import * as write from "../../core/posts/write.ts";
import type { PostMetadata } from "../../core/types/index.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { type Attachment, storeAttachments } from "../_input.ts";
import { askWhen, readWhen, WHEN_OPTIONS } from "../_when.ts";
import { COMPOSE_OPTIONS, composeTweets, readGiven } from "./_composing.ts";
import { ACCOUNT_OPTION, FORCE_OPTION, LABEL_OPTIONS, readLabels, textOption } from "./_options.ts";
import { failedExit, renderStand, StandSchema, stand } from "./_stand.ts";
import { editInEditor } from "./loop/editor.ts";
import { canLoop, runLoop } from "./loop/loop.ts";
import { postNow } from "./now.ts";
import { schedulePost } from "./schedule.ts";

export interface CreateInput {
  text: string;
  account?: string;
  attachments?: readonly Attachment[];
  metadata?: PostMetadata;
  idempotencyKey?: string;
  /** By X's count; default 280. */
  limit?: number;
  numbering?: Numbering | null;
  /** When the author means to publish it. A plan, not a schedule. */
  planned?: write.Schedule | null;
  /** Also when another post of the account says exactly the same. */
  force?: boolean;
}

/**
 * Splits a text and stores it as a draft. Nothing is sent.
 * @throws PsnError TEXT_…, ACCOUNT_…, MEDIA_…, LIMIT_NOT_ALLOWED, POST_DUPLICATE, IDEMPOTENCY_KEY_REUSED
 */
export async function createPost(app: App, input: CreateInput): Promise<{ post: Post; created: boolean }> {
  const { text, attachments = [], limit = TWEET_LIMIT, numbering = null, planned } = input;
  const account = await chooseAccount(app.hub.db, input.account);
  requireLimit(limit, account);
  // X takes media without words.
  const isWordless = text.trim() === "" && attachments.length > 0;
  const tweets = isWordless ? [{ text: "", separatorAfter: "" }] : composeTweets(text, { limit, numbering });
  const media = await storeAttachments(app.media, attachments, tweets.length);
  const { postId, created } = await write.createPost(app.hub, {
    accountId: account.id,
    source: text,
    tweets: tweets.map(({ text: words, separatorAfter }, index) => ({
      text: words,
      separatorAfter,
      media: media[index] ?? [],
    })),
    metadata: {
      ...input.metadata,
      ...(limit === TWEET_LIMIT ? {} : { limit }),
      ...(numbering ? { numbering } : {}),
      ...(planned ? { planned: { at: planned.at.toISOString(), timezone: planned.timezone } } : {}),
    },
    refuseDuplicate: !input.force,
    ...(input.idempotencyKey ? { idempotencyKey: input.idempotencyKey } : {}),
  });
  return { post: await loadPost(app.hub.db, postId), created };
}

export const createCommand = defineCommand({
  name: "post create",
  summary: "Split a text into tweets and keep it as a draft; --now or a time (--at, --date) approves and sends it",
  args: [{ name: "text", help: "the text; - reads stdin" }],
  options: {
    ...COMPOSE_OPTIONS,
    ...ACCOUNT_OPTION,
    ...WHEN_OPTIONS,
    approve: { type: "boolean", help: "Approve the draft as it is split; schedule it, if its file names a time" },
    now: { type: "boolean", help: "Approve and publish at once" },
    ...LABEL_OPTIONS,
    "idempotency-key": { type: "string", value: "KEY", help: "The same key twice makes one post" },
    ...FORCE_OPTION,
  },
  examples: [
    'psn post create "Hello, X."',
    "psn post create --file essay.md --media 1:cover.png --alt 'A lighthouse at night'",
    "psn post create --file essay.md --date 2026-03-15 --time 09:00",
    'psn post create "Tea or coffee?" --poll "Tea|Coffee" --poll-minutes 60',
  ],
  answer: StandSchema,
  async run(io, { args, options }) {
    const given = await readGiven(io, args.text, options);
    if (given.text === null && !given.attachments && io.interactive) given.text = await editInEditor(io.env, "");
    if (given.text === null && !given.attachments) {
      throw new PsnError("TEXT_MISSING", "There is no text.", {
        hint: 'psn post create "…", --file FILE, or - for stdin',
      });
    }
    const metadata = { ...(given.file ? { sourceFile: given.file } : {}), ...readLabels(options) };
    const idempotencyKey = textOption(options, "idempotency-key");
    const account = textOption(options, "account") ?? given.front.account;
    return await withApp(io, async (app) => {
      const now = new Date();
      const when = await askWhen(io, options, app.hubEnv.timezone, now);
      if (when && options.now) throw new PsnError("USAGE", "Give --now or a time, not both.");
      const { at, timezone = app.hubEnv.timezone } = given.front;
      const planned = at === undefined || options.now ? null : readWhen({ at }, timezone, now);
      const { post, created } = await createPost(app, {
        text: given.text ?? "",
        attachments: given.attachments ?? [],
        metadata,
        planned,
        force: Boolean(options.force),
        ...(given.limit === undefined ? {} : { limit: given.limit }),
        ...(given.numbering === undefined ? {} : { numbering: given.numbering }),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        ...(account === undefined ? {} : { account }),
      });
      // A repeated create answers with the post as it stands and does nothing more to it.
      if (created && (when || options.now || options.approve)) {
        const { id, contentVersion } = post.root;
        await write.approvePost(app.hub, id, { contentVersion, force: Boolean(options.force) });
        const schedule = when ?? planned;
        if (schedule) await schedulePost(app, id, schedule);
        if (options.now) await postNow(app, id, io.signal);
      }
      const isOpen = created && !(when || options.now || options.approve);
      if (isOpen && canLoop(io)) {
        await runLoop(io, app, post.root.id);
        return await stand(app, post.root.id);
      }
      return await stand(app, post.root.id, { preview: true });
    });
  },
  render: renderStand,
  exitCode: failedExit,
});
