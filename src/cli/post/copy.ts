/** `psn post copy`: the one way to say something again. */
import { findPostId } from "../../core/posts/read.ts";
import { copyPost } from "../../core/posts/write.ts";
import { withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { ID_ARGUMENT } from "./_options.ts";
import { renderStand, StandSchema, stand } from "./_stand.ts";

export const copyCommand = defineCommand({
  name: "post copy",
  summary: "Make a new draft with the same content",
  args: [ID_ARGUMENT],
  answer: StandSchema,
  run: (io, { args }) =>
    withApp(io, async (app) => {
      const { postId } = await copyPost(app.hub, await findPostId(app.hub.db, args.id ?? ""), app.media);
      return await stand(app, postId, { preview: true });
    }),
  render: renderStand,
});
