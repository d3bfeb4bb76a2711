/** `psn post copy`: the one way to say something again. */
import { z } from "zod";
import { findPostId } from "../../core/posts/read.ts";
import { copyPost } from "../../core/posts/write.ts";
import { withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { ID_FIELD } from "./_fields.ts";
import { PostStatusAnswerSchema, postStatus, renderPostStatus } from "./_status.ts";

export const copyCommand = defineCommand({
  input: z.object(ID_FIELD),
  answer: PostStatusAnswerSchema,
  run: (io, { id }) =>
    withApp(io, async (app) => {
      const { postId } = await copyPost(app.hub, await findPostId(app.hub.db, id), app.media);
      return await postStatus(app, postId, { preview: true });
    }),
  render: renderPostStatus,
});
