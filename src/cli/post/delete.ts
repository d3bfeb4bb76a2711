/** `psn post delete`: removes a draft. */
import { z } from "zod";
import { findPostId } from "../../core/posts/read.ts";
import { deletePost } from "../../core/posts/write.ts";
import { withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { ID_FIELD } from "./_fields.ts";

export const deleteCommand = defineCommand({
  input: z.object(ID_FIELD),
  answer: z.object({ id: z.string(), deleted: z.literal(true) }),
  run: (io, { id }) =>
    withApp(io, async (app) => {
      const postId = await findPostId(app.hub.db, id);
      await deletePost(app.hub, postId);
      return { id: postId, deleted: true as const };
    }),
  render: ({ id }) => `Draft ${id} is removed.`,
});
