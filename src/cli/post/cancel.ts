/** `psn post cancel`: takes a post back before it goes out. */
import { findPostId, loadPost, type Post } from "../../core/posts/read.ts";
import * as write from "../../core/posts/write.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { ID_ARGUMENT } from "./_options.ts";
import { renderStand, StandSchema, stand } from "./_stand.ts";

/**
 * Takes a scheduled or waiting post back to draft. What is on X stays there.
 * @throws PsnError POST_…
 */
export async function cancelPost(app: App, id: string): Promise<Post> {
  const postId = await findPostId(app.hub.db, id);
  await write.cancelPost(app.hub, app.engine, postId);
  return await loadPost(app.hub.db, postId);
}

export const cancelCommand = defineCommand({
  name: "post cancel",
  summary: "Take a scheduled or waiting post back to draft",
  args: [ID_ARGUMENT],
  answer: StandSchema,
  run: (io, { args }) =>
    withApp(io, async (app) => {
      const post = await cancelPost(app, args.id ?? "");
      return await stand(app, post.root.id);
    }),
  render: renderStand,
});
