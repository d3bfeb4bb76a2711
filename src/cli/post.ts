/** `psn post …`: from a text to a post on X. The functions are what the commands, and scripts, call. */
import { z } from "zod";
import { chooseAccount } from "../core/accounts/accounts.ts";
import { PsnError } from "../core/errors.ts";
import { failures, gatherNotices, type Notice } from "../core/posts/notices.ts";
import { findPostId, historyOf, listPosts, loadPost, type Post } from "../core/posts/read.ts";
import * as write from "../core/posts/write.ts";
import { publishNow } from "../core/publish/now.ts";
import type { PublishResult } from "../core/publish/publish.ts";
import { POST_STATUSES, type PostMetadata, type PostStatus } from "../core/types/index.ts";
import { countWorkers } from "../engines/worker.ts";
import { type App, withApp } from "./_app.ts";
import { type Command, defineCommand, type OptionDef, type Parsed } from "./_command.ts";
import { type Attachment, MEDIA_OPTIONS, readAttachments, readText, storeAttachments, TEXT_OPTIONS } from "./_input.ts";
import { runMain } from "./_main.ts";
import type { Paint } from "./_paint.ts";
import { composeTweets, PreviewSchema, previewOf, renderPreview } from "./_preview.ts";
import { PostAnswerSchema, postAnswer, SummarySchema, summaryAnswer } from "./_shapes.ts";
import { readWhen, WHEN_OPTIONS } from "./_when.ts";

// --- what can be done, for scripts and for the commands below ---

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

/**
 * Sets an approved post's time.
 * @throws PsnError POST_NOT_APPROVED, TIME_IN_PAST, POST_…
 */
export async function schedulePost(app: App, id: string, schedule: write.Schedule): Promise<Post> {
  const postId = await findPostId(app.hub.db, id);
  await write.schedulePost(app.hub, app.engine, postId, schedule);
  return await loadPost(app.hub.db, postId);
}

/**
 * Publishes an approved post in this process, without a worker.
 * @throws PsnError POST_NOT_APPROVED, POST_PUBLISHED, POST_…, X_KEYS_MISSING
 */
export async function postNow(
  app: App,
  id: string,
  signal?: AbortSignal,
): Promise<{ post: Post; result: PublishResult }> {
  const deps = await app.publishDeps();
  const postId = await findPostId(app.hub.db, id);
  const lease = await write.takeNow(app.hub, app.engine, postId, deps.workerId);
  const result = await publishNow(deps, lease, signal);
  return { post: await loadPost(app.hub.db, postId), result };
}

/** @throws PsnError POST_… */
export async function cancelPost(app: App, id: string): Promise<Post> {
  const postId = await findPostId(app.hub.db, id);
  await write.cancelPost(app.hub, app.engine, postId);
  return await loadPost(app.hub.db, postId);
}

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
  await write.editPost(
    app.hub,
    app.engine,
    postId,
    {
      ...(unsent ? { unsentTweets: unsent } : {}),
      ...(edit.text === undefined ? {} : { source: edit.text }),
      ...(edit.schedule ? { schedule: edit.schedule } : {}),
    },
    edit.contentVersion === undefined
      ? { contentVersion: post.root.contentVersion }
      : { contentVersion: edit.contentVersion },
  );
  return await loadPost(app.hub.db, postId);
}

/** The failed posts of the last seven days, with what to do about each. */
export async function getRecentFailures(app: App): Promise<Notice[]> {
  return await failures(app.hub.db);
}

// --- the commands ---

const NoticeSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  postId: z.string().optional(),
});

const StandSchema = z.object({
  post: PostAnswerSchema,
  preview: PreviewSchema.optional(),
  notices: z.array(NoticeSchema),
  /** The command that usually comes next. */
  next: z.string().nullable(),
});
type Stand = z.infer<typeof StandSchema>;

const idArgument = { name: "id", help: "the post's id, or a unique beginning of it", required: true };
const ACCOUNT_OPTION: Record<string, OptionDef> = {
  account: {
    type: "string",
    short: "a",
    value: "@HANDLE",
    help: "Publish as this account (default: your default account)",
  },
};
const VERSION_OPTION: Record<string, OptionDef> = {
  version: { type: "string", value: "N", help: "Refuse when the post has changed since this contentVersion was shown" },
};

const createCommand = defineCommand({
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
    "made-with-ai": { type: "boolean", help: "Tell X that the media was made with AI" },
    "paid-partnership": { type: "boolean", help: "Label it as a paid partnership" },
    "reply-settings": {
      type: "string",
      value: "WHO",
      help: "Who may reply: following, mentionedUsers, subscribers, verified",
    },
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
    if (!given)
      throw new PsnError("TEXT_MISSING", "There is no text.", {
        hint: 'psn post create "…", --file FILE, or - for stdin',
      });
    const attachments = readAttachments(io, options);
    const metadata = readMetadata(options, given.file);
    return await withApp(io, async (app) => {
      const when = readWhen(options, app.hubEnv.timezone, new Date());
      if (when && options.now) throw new PsnError("USAGE", "Give --now or a time, not both.");
      const key = typeof options["idempotency-key"] === "string" ? { idempotencyKey: options["idempotency-key"] } : {};
      const account = typeof options.account === "string" ? { account: options.account } : {};
      const { post, created } = await createPost(app, { text: given.text, attachments, metadata, ...key, ...account });
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

const previewCommand = (name: string) =>
  defineCommand({
    name,
    summary: "Show how a text is split, with counts and cost; writes nothing",
    args: [{ name: "text", help: "the text; - reads stdin" }],
    options: { ...TEXT_OPTIONS },
    examples: ["psn preview --file essay.md", "pbpaste | psn preview -"],
    answer: PreviewSchema,
    async run(io, { args, options }) {
      const given = await readText(io, args.text, options);
      if (!given)
        throw new PsnError("TEXT_MISSING", "There is no text.", {
          hint: 'psn preview "…", --file FILE, or - for stdin',
        });
      return previewOf(composeTweets(given.text));
    },
    render: renderPreview,
  });

const approveCommand = defineCommand({
  name: "post approve",
  summary: "Approve a draft exactly as it is shown; nothing is sent by it",
  args: [idArgument],
  options: VERSION_OPTION,
  answer: StandSchema,
  run: (io, { args, options }) =>
    withApp(io, async (app) => {
      const postId = await findPostId(app.hub.db, args.id ?? "");
      await write.approvePost(app.hub, postId, readVersion(options));
      return await stand(app, postId, { preview: true });
    }),
  render: renderStand,
});

const scheduleCommand = defineCommand({
  name: "post schedule",
  summary: "Set or move the time of a post",
  args: [idArgument],
  options: { ...WHEN_OPTIONS, ...VERSION_OPTION, approve: { type: "boolean", help: "Approve it as it is, too" } },
  examples: ["psn post schedule 7k3m --date 2026-03-15 --time 09:00", 'psn post schedule 7k3m --at "in 2 hours"'],
  answer: StandSchema,
  run: (io, { args, options }) =>
    withApp(io, async (app) => {
      const when = readWhen(options, app.hubEnv.timezone, new Date());
      if (!when)
        throw new PsnError("USAGE", "No time was given.", { hint: 'Give --date and --time, or --at "in 2 hours".' });
      const postId = await findPostId(app.hub.db, args.id ?? "");
      if (options.approve) await approveIfNeeded(app, postId, options);
      await schedulePost(app, postId, when);
      return await stand(app, postId);
    }),
  render: renderStand,
});

const nowCommand = defineCommand({
  name: "post now",
  summary: "Publish an approved post at once, in this process; no worker is needed",
  args: [idArgument],
  options: { ...VERSION_OPTION, approve: { type: "boolean", help: "Approve it as it is, too" } },
  answer: StandSchema,
  run: (io, { args, options }) =>
    withApp(io, async (app) => {
      const postId = await findPostId(app.hub.db, args.id ?? "");
      if (options.approve) await approveIfNeeded(app, postId, options);
      await postNow(app, postId, io.signal);
      return await stand(app, postId);
    }),
  render: renderStand,
  exitCode: failedExit,
});

const editCommand = defineCommand({
  name: "post edit",
  summary: "Change the unsent text, the media or the time of a post",
  args: [idArgument],
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
    const given = await readText(io, typeof options.text === "string" ? options.text : undefined, options);
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

const cancelCommand = defineCommand({
  name: "post cancel",
  summary: "Take a scheduled or waiting post back to draft",
  args: [idArgument],
  answer: StandSchema,
  run: (io, { args }) => withApp(io, async (app) => await stand(app, (await cancelPost(app, args.id ?? "")).root.id)),
  render: renderStand,
});

const retryCommand = defineCommand({
  name: "post retry",
  summary: "Let a failed or waiting post go on, from its first tweet that is not on X",
  args: [idArgument],
  answer: StandSchema,
  run: (io, { args }) =>
    withApp(io, async (app) => {
      const postId = await findPostId(app.hub.db, args.id ?? "");
      const deps = await app.publishDeps();
      await write.retryPost(app.hub, app.engine, postId);
      // With no worker alive the command does the work itself, as `post now` does.
      if ((await countWorkers(app.hub)) === 0) {
        await publishNow(deps, await write.takeNow(app.hub, app.engine, postId, deps.workerId), io.signal);
      }
      return await stand(app, postId);
    }),
  render: renderStand,
  exitCode: failedExit,
});

const HistorySchema = z.array(z.object({ at: z.string(), kind: z.string(), status: z.string(), note: z.string() }));
const AttemptsSchema = z.array(
  z.object({
    tweet: z.number(),
    number: z.number(),
    startedAt: z.string(),
    outcome: z.string().nullable(),
    detail: z.string().nullable(),
    httpStatus: z.number().nullable(),
    transactionId: z.string().nullable(),
  }),
);

const showCommand = defineCommand({
  name: "post show",
  summary: "Show a post, where it stands, and its whole life",
  args: [idArgument],
  answer: StandSchema.extend({ history: HistorySchema, attempts: AttemptsSchema }),
  run: (io, { args }) =>
    withApp(io, async (app) => {
      const postId = await findPostId(app.hub.db, args.id ?? "");
      const { events, attempts } = await historyOf(app.hub.db, postId);
      return {
        ...(await stand(app, postId, { preview: true })),
        history: events.map(({ at, kind, status, note }) => ({ at: at.toISOString(), kind, status, note })),
        attempts: attempts.map((attempt) => ({
          tweet: attempt.position + 1,
          number: attempt.number,
          startedAt: attempt.startedAt.toISOString(),
          outcome: attempt.outcome,
          detail: attempt.detail,
          httpStatus: attempt.httpStatus,
          transactionId: attempt.transactionId,
        })),
      };
    }),
  render: (answer, paint) =>
    [
      renderStand(answer, paint),
      "",
      paint.bold("Its life"),
      ...answer.history.map((event) => `  ${paint.dim(event.at)}  ${event.note}`),
      ...(answer.attempts.length > 0 ? ["", paint.bold("Attempts")] : []),
      ...answer.attempts.map(
        (attempt) =>
          `  ${paint.dim(attempt.startedAt)}  tweet ${attempt.tweet}, try ${attempt.number}: ${attempt.outcome ?? "not known yet"}${attempt.httpStatus ? ` (HTTP ${attempt.httpStatus})` : ""}${attempt.transactionId ? paint.dim(`  X transaction ${attempt.transactionId}`) : ""}`,
      ),
    ].join("\n"),
});

const listCommand = defineCommand({
  name: "post list",
  summary: "List posts, the latest changed first",
  options: {
    status: { type: "string", value: "STATUS", help: `Only these: ${POST_STATUSES.join(", ")}` },
    limit: { type: "string", value: "N", help: "At most N (default 50, at most 200)" },
    ...ACCOUNT_OPTION,
  },
  answer: z.object({ posts: z.array(SummarySchema), notices: z.array(NoticeSchema) }),
  run: (io, { options }) =>
    withApp(io, async (app) => {
      const status = z.enum(POST_STATUSES).optional().safeParse(options.status);
      if (!status.success) throw new PsnError("USAGE", `--status takes one of ${POST_STATUSES.join(", ")}.`);
      const limit = z.coerce.number().int().min(1).max(200).default(50).safeParse(options.limit);
      if (!limit.success) throw new PsnError("USAGE", "--limit takes a whole number from 1 to 200.");
      const account = typeof options.account === "string" ? await chooseAccount(app.hub.db, options.account) : null;
      const summaries = await listPosts(app.hub.db, {
        ...(status.data ? { statuses: [status.data as PostStatus] } : {}),
        ...(account ? { accountId: account.id } : {}),
        limit: limit.data,
      });
      return {
        posts: summaries.map((summary) => summaryAnswer(summary, app.hubEnv.timezone)),
        notices: await gatherNotices(app.hub.db),
      };
    }),
  render: ({ posts, notices }, paint) =>
    [
      ...renderNotices(notices, paint),
      ...(posts.length === 0 ? ['No posts. psn post create "…" makes one.'] : []),
      ...posts.map((post) => {
        const when = post.scheduled ? `  ${post.scheduled.local}` : "";
        const size = post.tweetCount > 1 ? `  ${post.postedCount}/${post.tweetCount} on X` : "";
        return `${paint.bold(post.id)}  ${statusText(post.status, post.subStatus, paint)}  @${post.account}${when}${size}  ${paint.dim(post.beginning)}`;
      }),
    ].join("\n"),
});

const failuresCommand = defineCommand({
  name: "post failures",
  summary: "What failed or waits, and what to do about it",
  answer: z.object({ failures: z.array(NoticeSchema), notices: z.array(NoticeSchema) }),
  run: (io) =>
    withApp(io, async (app) => ({ failures: await getRecentFailures(app), notices: await gatherNotices(app.hub.db) })),
  render: ({ notices }, paint) =>
    notices.length === 0
      ? "Nothing failed in the last seven days, and nothing waits."
      : renderNotices(notices, paint).join("\n"),
});

const deleteCommand = defineCommand({
  name: "post delete",
  summary: "Remove a draft",
  args: [idArgument],
  answer: z.object({ id: z.string(), deleted: z.literal(true) }),
  run: (io, { args }) =>
    withApp(io, async (app) => {
      const id = await findPostId(app.hub.db, args.id ?? "");
      await write.deletePost(app.hub, id);
      return { id, deleted: true as const };
    }),
  render: ({ id }) => `Draft ${id} is removed.`,
});

const copyCommand = defineCommand({
  name: "post copy",
  summary: "Make a new draft with the same content",
  args: [idArgument],
  answer: StandSchema,
  run: (io, { args }) =>
    withApp(io, async (app) => {
      const { postId } = await write.copyPost(app.hub, await findPostId(app.hub.db, args.id ?? ""));
      return await stand(app, postId, { preview: true });
    }),
  render: renderStand,
});

const resumeCommand = defineCommand({
  name: "post resume",
  summary: "After buying credits: let every waiting post go on",
  answer: z.object({ resumed: z.number() }),
  run: (io) =>
    withApp(io, async (app) => {
      const { oauth } = await app.keys();
      return { resumed: await write.resumeApp(app.hub, app.engine, oauth.clientId) };
    }),
  render: ({ resumed }) =>
    `${resumed} waiting ${resumed === 1 ? "post is" : "posts are"} due now. A worker publishes them: psn worker`,
});

export const postCommands: Command[] = [
  createCommand,
  previewCommand("post preview"),
  approveCommand,
  scheduleCommand,
  nowCommand,
  editCommand,
  cancelCommand,
  retryCommand,
  showCommand,
  listCommand,
  failuresCommand,
  copyCommand,
  deleteCommand,
  resumeCommand,
] as unknown as Command[];

export const topPreviewCommand = previewCommand("preview") as unknown as Command;

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

async function approveIfNeeded(app: App, postId: string, options: Parsed["options"]): Promise<void> {
  const post = await loadPost(app.hub.db, postId);
  if (post.root.approvedHash === null) await write.approvePost(app.hub, postId, readVersion(options));
}

function readVersion(options: Parsed["options"]): { contentVersion?: number } {
  if (options.version === undefined) return {};
  const version = z.coerce.number().int().min(1).safeParse(options.version);
  if (!version.success)
    throw new PsnError("USAGE", "--version takes the contentVersion that was shown, a whole number.");
  return { contentVersion: version.data };
}

function readMetadata(options: Parsed["options"], file: string | null): PostMetadata {
  const who = z
    .enum(["following", "mentionedUsers", "subscribers", "verified"])
    .optional()
    .safeParse(options["reply-settings"]);
  if (!who.success) {
    throw new PsnError(
      "USAGE",
      "--reply-settings takes following, mentionedUsers, subscribers or verified; leave it out for everyone.",
    );
  }
  return {
    ...(file ? { sourceFile: file } : {}),
    ...(options["made-with-ai"] ? { madeWithAi: true } : {}),
    ...(options["paid-partnership"] ? { paidPartnership: true } : {}),
    ...(who.data ? { replySettings: who.data } : {}),
  };
}

async function stand(app: App, postId: string, more: { preview?: boolean } = {}): Promise<Stand> {
  const post = await loadPost(app.hub.db, postId);
  const notices = (await gatherNotices(app.hub.db)).filter((notice) => notice.postId !== postId);
  if (post.root.status === "scheduled" && (await countWorkers(app.hub)) === 0) {
    notices.unshift({
      code: "NO_WORKER",
      message: "No worker is running, and a scheduled post needs one at its time.",
      hint: "psn worker",
    });
  }
  return {
    post: postAnswer(post, app.hubEnv.timezone),
    ...(more.preview ? { preview: previewOf(post.tweets.map(asTweet)) } : {}),
    notices,
    next: nextCommand(post),
  };
}

function asTweet(tweet: Post["tweets"][number]) {
  return { text: tweet.content, separatorAfter: tweet.separatorAfter, media: tweet.media };
}

function nextCommand({ root }: Post): string | null {
  switch (root.status) {
    case "draft":
      return root.approvedHash
        ? `psn post now ${root.id}, or psn post schedule ${root.id} --at "in 2 hours"`
        : `psn post approve ${root.id}`;
    case "scheduled":
      return `psn post cancel ${root.id} takes it back`;
    case "failed":
      return `psn post retry ${root.id}`;
    default:
      return null;
  }
}

function failedExit(answer: Stand): number {
  return answer.post.status === "failed" ? 1 : 0;
}

function statusText(status: string, subStatus: string | null, paint: Paint): string {
  const colour =
    status === "published"
      ? paint.green
      : status === "failed"
        ? paint.red
        : status === "draft"
          ? paint.dim
          : paint.yellow;
  return colour(subStatus ? `${status} (${subStatus})` : status);
}

function renderNotices(notices: readonly Notice[], paint: Paint): string[] {
  return notices.map((notice) => `${paint.yellow("!")} ${notice.message}  ${paint.dim(notice.hint)}`);
}

function renderStand(answer: Stand, paint: Paint): string {
  const { post } = answer;
  const lines = renderNotices(answer.notices, paint);
  if (answer.preview) lines.push(renderPreview(answer.preview, paint), "");
  lines.push(
    `${paint.bold(post.id)}  ${statusText(post.status, post.subStatus, paint)}  @${post.account}${post.approved ? "" : "  not approved"}`,
  );
  if (post.scheduled) lines.push(`  goes out ${post.scheduled.local}, ${post.scheduled.utc}`);
  if (post.status === "retry" && post.next) lines.push(`  goes on ${post.next.local}`);
  if (post.failReason) lines.push(`  ${paint.red(post.failCode ?? "")} ${post.failReason}`);
  for (const tweet of post.tweets) if (tweet.url) lines.push(`  ${tweet.position + 1}  ${tweet.url}`);
  if (answer.next) lines.push(`  ${paint.dim(`next: ${answer.next}`)}`);
  return lines.join("\n");
}

if (import.meta.main) process.exitCode = await runMain(postCommands, ["post", ...process.argv.slice(2)]);
