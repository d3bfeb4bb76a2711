/** `psn post create`: from a text to a draft, and with --now or a time to X. */
import { z } from "zod";
import { PsnError } from "../../core/errors.ts";
import { approvalMode } from "../../core/post/approval-mode.ts";
import { loadPost, type Post } from "../../core/posts/read.ts";
import { approvePost, isAsMade, type Submission, saidIn, submitPost, type Wish } from "../../core/posts/write.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand, type Fields, flag, type Io } from "../_command.ts";
import { askWhen, EXAMPLE_DAY, readingClock, readWhen, WHEN_FIELDS } from "../_when.ts";
import { refreshEntitlement } from "./_before-approval.ts";
import { askBreaks } from "./_breaks.ts";
import { COMPOSE_FIELDS, type Given, readGiven, withTold } from "./_composing.ts";
import { ACCOUNT_FIELD, FORCE_FIELD, LABEL_FIELDS, readLabels } from "./_fields.ts";
import { watcherOf } from "./_progress.ts";
import {
  type Asked,
  isCarriedOut,
  type NewPostAnswer,
  NewPostAnswerSchema,
  renderNewPost,
  repeatedAnswer,
} from "./_repeated.ts";
import { REPLY_FIELDS, replyToMetadata, replyToOf } from "./_reply-to.ts";
import { sourceFileOf } from "./_source-file.ts";
import { postFailure, postStatus } from "./_status.ts";
import { withPerson } from "./_with-person.ts";
import { WrittenText } from "./loop/editor.ts";
import { canLoop, runLoop } from "./loop/loop.ts";
import { createAndPublish, goOnPublishing, postNow } from "./now.ts";
import { schedulePost } from "./schedule.ts";

/**
 * Splits a text and stores it as a draft. Nothing is sent.
 * @throws PsnError TEXT_…, ACCOUNT_…, MEDIA_…, LIMIT_NOT_ALLOWED, POST_DUPLICATE, FILE_IS_POST, IDEMPOTENCY_KEY_REUSED, POST_DELETED
 */
export async function createPost(app: App, input: Submission): Promise<{ post: Post; created: boolean }> {
  const { postId, created } = await submitPost(app, input);
  return { post: await loadPost(app.hub.db, postId), created };
}

/** Of a new post, beside its text. */
export const NEW_POST_FIELDS = {
  ...COMPOSE_FIELDS,
  ...ACCOUNT_FIELD,
  ...WHEN_FIELDS,
  approve: flag("Approve the draft as it is split; schedule it, if its file names a time"),
  now: flag("Approve and publish at once"),
  ...LABEL_FIELDS,
  ...REPLY_FIELDS,
  idempotencyKey: z.string().regex(/\S/, "A key has at least one character that is seen.").optional().meta({
    placeholder: "KEY",
    description: "The same key makes one post, also when that was deleted; a repeat goes on where a run broke off",
  }),
  new: flag("Make another post, also when the file is a post already"),
  ...FORCE_FIELD,
};

const FIELDS = {
  text: z.string().optional().meta({ position: 0, description: "the text; - reads stdin" }),
  ...NEW_POST_FIELDS,
};

const INPUT = z.object(FIELDS);

export const createCommand = defineCommand({
  input: INPUT,
  examples: [
    'psn post create "Hello, X."',
    "psn post create --file essay.md --media 1:cover.png --alt 'A lighthouse at night'",
    `psn post create --file essay.md --date ${EXAMPLE_DAY} --time 09:00`,
    'psn post create "Tea or coffee?" --poll "Tea|Coffee" --poll-minutes 60',
  ],
  answer: NewPostAnswerSchema,
  run: runCreate,
  render: renderNewPost,
  failure: postFailure,
});

/** From the fields of a new post to its answer; `psn post reply` is the same with a parent. */
export async function runCreate(io: Io, input: z.output<typeof INPUT>): Promise<NewPostAnswer> {
  const hand: { written: WrittenText | null } = { written: null };
  try {
    const given = await readGiven(io, input.text, input, async (typed) => {
      if (typed.trim() !== "") hand.written = await WrittenText.typed(io, typed);
    });
    for (const { message } of given.told) io.note(message);
    if (given.text === null && !given.attachments && io.interactive) {
      const sends = input.now || input.approve || (input.at ?? input.date) !== undefined;
      ({ written: hand.written, text: given.text } = await WrittenText.write(io, sends));
    }
    if (given.text === null && !given.attachments) {
      throw new PsnError("TEXT_MISSING", "There is no text.", {
        hint: 'psn post create "…", --file FILE, or - for stdin',
      });
    }
    return await make(io, input, given, hand.written);
  } catch (error) {
    if (hand.written) return await hand.written.failed(error);
    throw error;
  }
}

// --- internal ---

/** @param written the text, where it was written in an editor */
async function make(
  io: Io,
  input: z.output<typeof INPUT>,
  given: Given,
  written: WrittenText | null,
): Promise<NewPostAnswer> {
  const { account, idempotencyKey, force, now, new: anew } = input;
  if (given.text !== null && canLoop(io) && !now && !input.approve) {
    given.text = await askBreaks(io, given.text);
  }
  const file = await sourceFileOf(given, input.file);
  const metadata = await readLabels(io, input, given.front);
  return await withApp(io, async (app) => {
    const { wish, planned } = await readWish(io, app, given, input);
    const { accountId, replyToId } = await replyToOf(
      app,
      input.replyTo ?? given.front.replyTo,
      account ?? given.front.account,
    );
    const submission: Submission = {
      text: given.text ?? "",
      account: accountId,
      attachments: given.attachments ?? [],
      limit: given.limit,
      numbering: given.numbering,
      cut: given.cut,
      metadata: { ...metadata, ...replyToMetadata(replyToId) },
      planned,
      idempotencyKey,
      file,
      anew,
      force,
    };
    await refreshEntitlement(app, accountId, submission.limit);
    const goes: Asked = now ? { kind: "publish" } : wish;
    const asksPerson = goes.kind !== "draft" && (await approvalMode(app.hub.db, app.hub)) === "person";
    const isUnnamed = idempotencyKey === undefined;
    if (io.isCall && isUnnamed && force) throw keyMissing();
    // It is given again: with a person's yes, or as a call whose answer was lost.
    const again = { ...submission, orUntouched: isUnnamed && (asksPerson || io.isCall === true) };
    // A question is about something that can be shown, so the draft is there first; given again it is that draft.
    const submit = async (): Promise<Made> => {
      if (asksPerson) return await submitPost(app, again);
      return now ? await createAndPublish(app, again, watcherOf(io)) : await submitPost(app, again, wish);
    };
    const mayBeDone = again.orUntouched && !anew && goes.kind !== "draft";
    const made = mayBeDone ? await orDone(app, goes, { byYes: asksPerson }, submit) : await submit();
    const { postId, created, wasDone = false } = made;
    await written?.stored();
    if (wasDone && goes.kind === "publish") await goOnPublishing(app, postId, watcherOf(io));
    if (asksPerson && !wasDone) await goOn(io, app, postId, goes, force);
    if (created && wish.kind === "draft" && !now && canLoop(io)) {
      await runLoop(io, app, postId);
      return withTold(await postStatus(app, postId), given);
    }
    const answer = withTold(await postStatus(app, postId, { preview: true }), given);
    if (created || (asksPerson && isUnnamed && !wasDone)) return answer;
    const how = isUnnamed ? "by the same command" : "with the same key";
    const around = { zone: app.hubEnv.timezone, now: await readingClock(io, app), how };
    return { ...answer, repeated: repeatedAnswer(await loadPost(app.hub.db, postId), goes, around) };
  });
}

interface Made {
  postId: string;
  created: boolean;
  /** By an earlier run of the same command, as far as it asks. */
  wasDone?: boolean;
}

/**
 * Makes a post without a key. One that says the same, and went out or got its time as this command asks, is it: the answer of the first
 * run was lost. In the mode `person` only one that went so far by their yes.
 */
async function orDone(app: App, goes: Asked, by: { byYes: boolean }, submit: () => Promise<Made>): Promise<Made> {
  try {
    return await submit();
  } catch (error) {
    const postId = error instanceof PsnError && error.code === "POST_DUPLICATE" ? error.details?.postId : undefined;
    if (typeof postId !== "string") throw error;
    const post = await loadPost(app.hub.db, postId);
    if (!isCarriedOut(post, goes) || !(await isAsMade(app.hub.db, post, by))) throw error;
    return { postId, created: false, wasDone: true };
  }
}

/** Each such call says it once more, so only a key tells a second one from the first made again. */
const keyMissing = () =>
  new PsnError("USAGE", "force goes with an idempotencyKey: the same text is sent once more by each call.", {
    hint: "Give a key of your own for this post, and the same one where the call is made again.",
  });

/** In the mode `person`: the draft that was just made goes as far as was wished. One that went further before stays where it is. */
async function goOn(io: Io, app: App, postId: string, wish: Asked, force: boolean): Promise<void> {
  const { root } = await loadPost(app.hub.db, postId);
  if (root.status !== "draft" || root.contentVersion !== 1 || root.scheduleVersion !== 0) return;
  const sending = { approve: true, force };
  await withPerson(io, app, async () => {
    if (wish.kind === "publish") await postNow(app, postId, watcherOf(io), sending);
    else if (wish.kind === "schedule") await schedulePost(app, postId, wish.schedule, sending);
    else if (wish.kind === "approve") await approvePost(app.hub, postId, { force });
  });
}

/** How far the post goes; `now` aside. @throws PsnError USAGE, TIME_… */
async function readWish(
  io: Io,
  app: App,
  { front }: Given,
  input: Fields<typeof FIELDS>,
): Promise<{ wish: Exclude<Wish, { kind: "now" }>; planned: Submission["planned"] }> {
  // By which the post goes out as well, so that “in 2 hours” is in two hours wherever a clock is off.
  const clock = await readingClock(io, app);
  // The first run of a repeated command may have kept a time that has come by now.
  const more = { mayBePast: input.idempotencyKey !== undefined };
  const when = await askWhen(io, input, app.hubEnv.timezone, clock, more);
  if (when && input.now) throw new PsnError("USAGE", "Give --now or a time, not both.");
  const { at, timezone = app.hubEnv.timezone } = front;
  // Where the author gives a time, the one in the file may have passed.
  const named = when ? { mayBePast: true } : more;
  const meant = at === undefined || input.now ? null : readWhen({ at }, timezone, clock, named);
  const planned = meant && { ...meant, said: saidIn(front) };
  const schedule = when ?? (input.approve ? meant : null);
  if (schedule) return { wish: { kind: "schedule", schedule }, planned };
  return { wish: { kind: input.approve ? "approve" : "draft" }, planned };
}
