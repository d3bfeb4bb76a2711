/** `psn post delete`: removes a draft. */
import { z } from "zod";
import { findPostId } from "../../core/posts/read.ts";
import { deletePost } from "../../core/posts/write.ts";
import { withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { ID_ARGUMENT } from "./_options.ts";

export const deleteCommand = defineCommand({
  name: "post delete",
  summary: "Remove a draft",
  args: [ID_ARGUMENT],
  answer: z.object({ id: z.string(), deleted: z.literal(true) }),
  run: (io, { args }) =>
    withApp(io, async (app) => {
      const id = await findPostId(app.hub.db, args.id ?? "");
      await deletePost(app.hub, id);
      return { id, deleted: true as const };
    }),
  render: ({ id }) => `Draft ${id} is removed.`,
});
