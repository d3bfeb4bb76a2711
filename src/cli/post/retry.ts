/** `psn post retry`: a failed or waiting post goes on. */
import { findPostId } from "../../core/posts/read.ts";
import { retryPost, takeNow } from "../../core/posts/write.ts";
import { publishNow } from "../../core/publish/publish.ts";
import { withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { hasHost } from "../_host.ts";
import { ID_ARGUMENT } from "./_options.ts";
import { failedExit, renderStand, StandSchema, stand } from "./_stand.ts";

export const retryCommand = defineCommand({
  name: "post retry",
  summary: "Let a failed or waiting post go on, from its first tweet that is not on X",
  args: [ID_ARGUMENT],
  answer: StandSchema,
  run: (io, { args }) =>
    withApp(io, async (app) => {
      const postId = await findPostId(app.hub.db, args.id ?? "");
      const deps = await app.publishDeps();
      await retryPost(app.hub, app.engine, postId);
      // With no worker alive the command does the work itself, as `post now` does.
      if (!(await hasHost(app))) {
        await publishNow(deps, await takeNow(app.hub, app.engine, postId, deps.workerId), io.signal);
      }
      return await stand(app, postId);
    }),
  render: renderStand,
  exitCode: failedExit,
});
