/** `psn post redo`: does again what was undone last. */
import { z } from "zod";
import { findPostId } from "../../core/posts/read.ts";
import { redoPost } from "../../core/posts/write.ts";
import { withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { ID_FIELD, sendingOf, VERSION_FIELD } from "./_fields.ts";
import { PostStatusAnswerSchema, postStatus, renderPostStatus } from "./_status.ts";

export const redoCommand = defineCommand({
  input: z.object({ ...ID_FIELD, ...VERSION_FIELD }),
  answer: PostStatusAnswerSchema,
  run: (io, { id, version }) =>
    withApp(io, async (app) => {
      const postId = await findPostId(app.hub.db, id);
      await redoPost(app.hub, app.engine, postId, sendingOf({ version }));
      return await postStatus(app, postId, { preview: true });
    }),
  render: renderPostStatus,
});
