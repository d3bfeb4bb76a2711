/** `psn post cancel`: takes a post back before it goes out. */
import { z } from "zod";
import { findPostToChange, loadPost, type Post } from "../../core/posts/read.ts";
import * as write from "../../core/posts/write.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { ID_FIELD, sendingOf, VERSION_FIELD } from "./_fields.ts";
import { doneBefore, NewPostAnswerSchema, renderNewPost } from "./_repeated.ts";
import { postStatus } from "./_status.ts";

/**
 * Takes a scheduled or waiting post back to draft. What is on X stays there.
 * @throws PsnError POST_…, POST_CHANGED
 */
export async function cancelPost(
  app: App,
  id: string,
  expecting: write.Expecting = {},
): Promise<{ post: Post; wasDone: boolean }> {
  const postId = await findPostToChange(app.hub.db, id);
  const { wasDone } = await write.cancelPost(app.hub, app.engine, postId, expecting);
  return { post: await loadPost(app.hub.db, postId), wasDone };
}

export const cancelCommand = defineCommand({
  input: z.object({ ...ID_FIELD, ...VERSION_FIELD }),
  answer: NewPostAnswerSchema,
  run: (io, { id, version }) =>
    withApp(io, async (app) => {
      const { post, wasDone } = await cancelPost(app, id, sendingOf({ version }));
      const repeated = wasDone ? { repeated: doneBefore(post, app.hubEnv.timezone) } : {};
      return { ...(await postStatus(app, post.root.id)), ...repeated };
    }),
  render: renderNewPost,
});
