/** `psn post create`: from a text to a draft, and with --now or a time to X. */
import { chooseAccount } from "../../core/accounts/accounts.ts";
import { PsnError } from "../../core/errors.ts";
import { loadPost, type Post } from "../../core/posts/read.ts";
import * as write from "../../core/posts/write.ts";
import type { PostMetadata } from "../../core/types/index.ts";
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
import { ACCOUNT_OPTION, LABEL_OPTIONS, readLabels, textOption } from "./_options.ts";
import { failedExit, renderStand, StandSchema, stand } from "./_stand.ts";
import { postNow } from "./now.ts";
import { schedulePost } from "./schedule.ts";

export interface CreateInput {
  text: string;
  account?: string;
  attachments?: Attachment[];
  metadata?: PostMetadata;
  idempotencyKey?: string;
}

/**
 * Splits a text and stores it as a draft. Nothing is sent.
 * @throws PsnError TEXT_…, ACCOUNT_…, MEDIA_…, IDEMPOTENCY_KEY_REUSED
 */
export async function createPost(app: App, input: CreateInput): Promise<{ post: Post; created: boolean }> {
  const account = await chooseAccount(app.hub.db, input.account);
  const composed = composeTweets(input.text);
  const media = await storeAttachments(app.media, input.attachments ?? [], composed.length);
  const { postId, created } = await write.createPost(app.hub, {
    accountId: account.id,
    source: input.text,
    tweets: composed.map((tweet, index) => ({ ...tweet, media: media[index] ?? [] })),
    ...(input.metadata ? { metadata: input.metadata } : {}),
    ...(input.idempotencyKey ? { idempotencyKey: input.idempotencyKey } : {}),
  });
  return { post: await loadPost(app.hub.db, postId), created };
}

export const createCommand = defineCommand({
  name: "post create",
  summary: "Split a text into tweets and keep it as a draft; with --now or a time, publish it",
  args: [{ name: "text", help: "the text; - reads stdin" }],
  options: {
    ...TEXT_OPTIONS,
    ...MEDIA_OPTIONS,
    ...ACCOUNT_OPTION,
    ...WHEN_OPTIONS,
    approve: { type: "boolean", help: "Approve the draft as it is split" },
    now: { type: "boolean", help: "Approve and publish at once" },
    ...LABEL_OPTIONS,
    "idempotency-key": { type: "string", value: "KEY", help: "The same key twice makes one post" },
  },
  examples: [
    'psn post create "Hello, X."',
    "psn post create --file essay.md --media 1:cover.png --alt 'A lighthouse at night'",
    "psn post create --file essay.md --date 2026-03-15 --time 09:00",
  ],
  answer: StandSchema,
  async run(io, { args, options }) {
    const given = await readText(io, args.text, options);
    if (!given) {
      throw new PsnError("TEXT_MISSING", "There is no text.", {
        hint: 'psn post create "…", --file FILE, or - for stdin',
      });
    }
    const attachments = readAttachments(io, options);
    const metadata = { ...(given.file ? { sourceFile: given.file } : {}), ...readLabels(options) };
    const idempotencyKey = textOption(options, "idempotency-key");
    const account = textOption(options, "account");
    return await withApp(io, async (app) => {
      const when = readWhen(options, app.hubEnv.timezone, new Date());
      if (when && options.now) throw new PsnError("USAGE", "Give --now or a time, not both.");
      const { post, created } = await createPost(app, {
        text: given.text,
        attachments,
        metadata,
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        ...(account === undefined ? {} : { account }),
      });
      // A repeated create answers with the post as it stands and does nothing more to it.
      if (created && (when || options.now || options.approve)) {
        await write.approvePost(app.hub, post.root.id, { contentVersion: post.root.contentVersion });
        if (when) await schedulePost(app, post.root.id, when);
        if (options.now) await postNow(app, post.root.id, io.signal);
      }
      return await stand(app, post.root.id, { preview: true });
    });
  },
  render: renderStand,
  exitCode: failedExit,
});
