/** `psn post now`: publishes in this process; no worker is needed. */
import { findPostId, loadPost, type Post } from "../../core/posts/read.ts";
import { takeNow } from "../../core/posts/write.ts";
import type { PublishResult } from "../../core/publish/deps.ts";
import { publishNow } from "../../core/publish/publish.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { APPROVE_OPTION, FORCE_OPTION, ID_ARGUMENT, VERSION_OPTION } from "./_options.ts";
import { failedExit, renderStand, StandSchema, stand } from "./_stand.ts";
import { approveIfNeeded } from "./approve.ts";

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
  const lease = await takeNow(app.hub, app.engine, postId, deps.workerId);
  const result = await publishNow(deps, lease, signal);
  return { post: await loadPost(app.hub.db, postId), result };
}

export const nowCommand = defineCommand({
  name: "post now",
  summary: "Publish an approved post at once, in this process; no worker is needed",
  args: [ID_ARGUMENT],
  options: { ...VERSION_OPTION, ...APPROVE_OPTION, ...FORCE_OPTION },
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
