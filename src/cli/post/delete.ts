/** `psn post delete`: removes a draft. A person at a terminal is asked before. */
import { z } from "zod";
import { findPostId } from "../../core/posts/read.ts";
import { deletePost } from "../../core/posts/write.ts";
import { withApp } from "../_app.ts";
import { confirm } from "../_ask.ts";
import { defineCommand, flag } from "../_command.ts";
import { ID_FIELD } from "./_fields.ts";

export const deleteCommand = defineCommand({
  input: z.object({ ...ID_FIELD, yes: flag("Do not ask, at a terminal") }),
  answer: z.object({ id: z.string(), deleted: z.literal(true) }),
  run: (io, { id, yes }) =>
    withApp(io, async (app) => {
      const postId = await findPostId(app.hub.db, id);
      if (io.interactive) await confirm(io, { yes }, `Remove draft ${postId}? It cannot be brought back.`);
      await deletePost(app.hub, postId);
      return { id: postId, deleted: true as const };
    }),
  render: ({ id }) => `Draft ${id} is removed.`,
});
