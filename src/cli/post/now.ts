/** `psn post now`: publishes in this process; no worker is needed. */
import { z } from "zod";
import { findPostId, loadPost, type Post } from "../../core/posts/read.ts";
import { type Sending, type Submission, submitPost, takeNow } from "../../core/posts/write.ts";
import type { PublishResult } from "../../core/publish/deps.ts";
import { publishNow, publishPost } from "../../core/publish/publish.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { refreshEntitlementOf } from "./_entitlement.ts";
import { ID_FIELD, SEND_FIELDS, sendingOf } from "./_fields.ts";
import { failedExit, PostStatusAnswerSchema, postStatus, renderPostStatus } from "./_status.ts";

/**
 * Publishes an approved post in this process, without a worker.
 * @throws PsnError POST_NOT_APPROVED, POST_CHANGED, POST_PUBLISHED, POST_…, X_KEYS_MISSING
 */
export async function postNow(
  app: App,
  id: string,
  signal?: AbortSignal,
  sending: Sending = {},
): Promise<{ post: Post; result: PublishResult }> {
  const deps = await app.publishDeps();
  const postId = await findPostId(app.hub.db, id);
  await refreshEntitlementOf(app, postId);
  const lease = await takeNow(app.hub, app.engine, postId, deps.workerId, sending);
  const result = await publishNow(deps, lease, signal);
  return { post: await loadPost(app.hub.db, postId), result };
}

/**
 * Creates a post and publishes it in this process. Repeated with its key, it goes on where a run that died left the post.
 * @throws PsnError X_KEYS_MISSING before anything is stored, and what `submitPost` throws
 */
export async function createAndPublish(app: App, given: Submission, signal?: AbortSignal) {
  const deps = await app.publishDeps();
  const submitted = await submitPost(app, given, { kind: "now", owner: deps.workerId });
  const { postId, lease } = submitted;
  if (lease) {
    await publishNow(deps, lease, signal);
  } else {
    // Takes it only if it is due, or if the process that had it is gone.
    const { scheduleVersion } = (await loadPost(app.hub.db, postId)).root;
    await publishPost(deps, { postId, scheduleVersion }, signal);
  }
  return submitted;
}

export const nowCommand = defineCommand({
  input: z.object({ ...ID_FIELD, ...SEND_FIELDS }),
  answer: PostStatusAnswerSchema,
  run: (io, { id, ...sending }) =>
    withApp(io, async (app) => {
      const { post } = await postNow(app, id, io.signal, sendingOf(sending));
      return await postStatus(app, post.root.id);
    }),
  render: renderPostStatus,
  exitCode: failedExit,
});
