/** `psn post retry`: a failed or waiting post goes on. */
import { z } from "zod";
import { findPostToChange } from "../../core/posts/read.ts";
import { retryPost } from "../../core/posts/write.ts";
import { withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { hasHost } from "../_host.ts";
import { ID_FIELD, sendingOf, VERSION_FIELD } from "./_fields.ts";
import { watcherOf } from "./_progress.ts";
import { NewPostAnswerSchema, renderNewPost } from "./_repeated.ts";
import { postFailure } from "./_status.ts";
import { withPerson } from "./_with-person.ts";
import { postNow, sentAnswer } from "./now.ts";

export const retryCommand = defineCommand({
  input: z.object({ ...ID_FIELD, ...VERSION_FIELD }),
  answer: NewPostAnswerSchema,
  run: (io, { id, version }) =>
    withApp(io, async (app) => {
      const postId = await findPostToChange(app.hub.db, id);
      // Keys that are missing are met before the post is queued.
      await app.liveDeps();
      const expecting = sendingOf({ version });
      return await sentAnswer(app, postId, expecting, async () => {
        await withPerson(io, app, () => retryPost(app.hub, app.engine, postId, expecting));
        // With no worker alive the command does the work itself, as `post now` does.
        if (!(await hasHost(app))) await postNow(app, postId, watcherOf(io));
      });
    }),
  render: renderNewPost,
  failure: postFailure,
});
