/** `psn post now`: publishes in this process; no worker is needed. */
import { z } from "zod";
import { DryStop, PsnError } from "../../core/errors.ts";
import { findPostToChange, loadPost, type Post } from "../../core/posts/read.ts";
import { isSettled } from "../../core/posts/tweets.ts";
import {
  type Expecting,
  type Sending,
  type Submission,
  submitPost,
  takeNow,
  unlessSent,
} from "../../core/posts/write.ts";
import type { PublishDeps, PublishResult } from "../../core/publish/deps.ts";
import { isLeftBehind, publishAgain, publishNow } from "../../core/publish/publish.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { beforeApproval } from "./_before-approval.ts";
import { ID_FIELD, SEND_FIELDS, sendingOf } from "./_fields.ts";
import { type Watcher, watcherOf, withProgress } from "./_progress.ts";
import { doneBefore, type NewPostAnswer, NewPostAnswerSchema, renderNewPost } from "./_repeated.ts";
import { postFailure, postStatus } from "./_status.ts";
import { withPerson } from "./_with-person.ts";

/**
 * Publishes an approved post in this process, without a worker. Repeated after a run that died, it goes on where that one was.
 * @throws PsnError POST_NOT_APPROVED, POST_CHANGED, POST_PUBLISHED, POST_PUBLISHING while a living process has it, POST_…,
 *   X_KEYS_MISSING
 */
export async function postNow(
  app: App,
  id: string,
  watcher: Watcher = {},
  sending: Sending = {},
): Promise<{ post: Post; result: PublishResult }> {
  const deps = await app.liveDeps();
  const postId = await findPostToChange(app.hub.db, id);
  await beforeApproval(app, postId);
  const result = await withProgress(app, watcher, postId, () =>
    takeAndPublish(app, deps, postId, sending, watcher.signal),
  );
  return { post: await loadPost(app.hub.db, postId), result };
}

/**
 * Creates a post and publishes it in this process. Repeated with its key, it goes on where a run that died left the post.
 * @throws PsnError X_KEYS_MISSING before anything is stored, and what `submitPost` throws
 */
export async function createAndPublish(app: App, given: Submission, watcher: Watcher = {}) {
  const deps = await app.liveDeps();
  const submitted = await submitPost(app, given, { kind: "now", owner: deps.workerId });
  const { postId, lease } = submitted;
  if (!lease) await goOnPublishing(app, postId, watcher);
  else if (app.isDry) app.goesOn.push(SEND);
  else await withProgress(app, watcher, postId, () => publishNow(deps, lease, watcher.signal));
  return submitted;
}

/** Goes on with a post that an earlier run of the same command made, where that run left it. */
export async function goOnPublishing(app: App, postId: string, watcher: Watcher = {}): Promise<void> {
  const deps = await app.liveDeps();
  if (app.isDry) return await stopIfLeftBehind(app, deps, postId, watcher.signal);
  await withProgress(app, watcher, postId, () => publishAgain(deps, postId, watcher.signal));
}

export const nowCommand = defineCommand({
  input: z.object({ ...ID_FIELD, ...SEND_FIELDS }),
  answer: NewPostAnswerSchema,
  run: (io, { id, ...given }) =>
    withApp(io, async (app) => {
      const sending = sendingOf(given);
      const postId = await findPostToChange(app.hub.db, id);
      return await sentAnswer(app, postId, sending, () =>
        withPerson(io, app, () => postNow(app, postId, watcherOf(io), sending)),
      );
    }),
  render: renderNewPost,
  failure: postFailure,
});

/** The answer of a command that publishes at once; where it did so before, and its answer was lost, that the post is there. */
export async function sentAnswer(
  app: App,
  postId: string,
  expecting: Expecting,
  act: () => Promise<unknown>,
): Promise<NewPostAnswer> {
  const done = await unlessSent(app.hub, postId, expecting, async () => {
    await act();
    return true;
  });
  const answer = await postStatus(app, postId);
  if (done) return answer;
  return { ...answer, repeated: doneBefore(await loadPost(app.hub.db, postId), app.hubEnv.timezone) };
}

// --- internal ---

/** A dry run has taken the post, and sends nothing. */
const SEND = "send it to X";

async function takeAndPublish(
  app: App,
  deps: PublishDeps,
  postId: string,
  sending: Sending,
  signal: AbortSignal | undefined,
): Promise<PublishResult> {
  const before = app.isDry ? (await loadPost(app.hub.db, postId)).root.status : null;
  try {
    const lease = await takeNow(app.hub, app.engine, postId, deps.workerId, sending);
    if (app.isDry) {
      if (before === "retry" && !(await isSettled(app.hub.db, postId))) throw confirming(postId);
      app.goesOn.push(SEND);
      return { kind: "not_ours", postId };
    }
    return await publishNow(deps, lease, signal);
  } catch (error) {
    if (!(error instanceof PsnError) || error.code !== "POST_PUBLISHING") throw error;
    const { contentVersion } = (await loadPost(app.hub.db, postId)).root;
    if (sending.contentVersion !== undefined && sending.contentVersion !== contentVersion) throw error;
    if (app.isDry) {
      await stopIfLeftBehind(app, deps, postId, signal);
      throw error;
    }
    const result = await publishAgain(deps, postId, signal);
    if (result.kind === "not_ours" && (await loadPost(app.hub.db, postId)).root.status === "publishing") throw error;
    return result;
  }
}

/** What a run answers as long as X does not show it what it has, which a dry run does not ask. */
const confirming = (postId: string) =>
  new PsnError(
    "CONFIRMING",
    "The answer to a tweet was lost. X is asked first whether it has it, and a dry run does not ask.",
    {
      hint: "Nothing is sent while that is not known; do not send it again.",
      next: [`psn post show ${postId}`],
    },
  );

/** In a dry run: where a run died with the post, X is asked first for what it may have sent. @throws DryStop */
async function stopIfLeftBehind(app: App, deps: PublishDeps, postId: string, signal?: AbortSignal): Promise<void> {
  const { root, tweets } = await loadPost(app.hub.db, postId);
  if (root.status !== "publishing" || !(await isLeftBehind(deps, postId, signal))) return;
  const sent = tweets.filter(({ externalPostId }) => externalPostId !== null).length;
  const known = tweets.length === 1 ? "" : `; ${sent} of ${tweets.length} tweets are known to be there`;
  throw new DryStop(
    `go on where a run that died left the post: ask X for what it may have sent, and send what is missing${known}`,
  );
}
