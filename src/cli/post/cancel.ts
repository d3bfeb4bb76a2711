/** `psn post cancel`: takes a post back before it goes out. */
import { z } from "zod";
import { findPostToChange, loadPost, type Post } from "../../core/posts/read.ts";
import * as write from "../../core/posts/write.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { ID_FIELD, sendingOf, VERSION_FIELD } from "./_fields.ts";
import { PostStatusAnswerSchema, postStatus, renderPostStatus } from "./_status.ts";

/**
 * Takes a scheduled or waiting post back to draft. What is on X stays there.
 * @throws PsnError POST_…, POST_CHANGED
 */
export async function cancelPost(app: App, id: string, expecting: write.Expecting = {}): Promise<Post> {
  const postId = await findPostToChange(app.hub.db, id);
  await write.cancelPost(app.hub, app.engine, postId, expecting);
  return await loadPost(app.hub.db, postId);
}

export const cancelCommand = defineCommand({
  input: z.object({ ...ID_FIELD, ...VERSION_FIELD }),
  answer: PostStatusAnswerSchema,
  run: (io, { id, version }) =>
    withApp(io, async (app) => {
      const post = await cancelPost(app, id, sendingOf({ version }));
      return await postStatus(app, post.root.id);
    }),
  render: renderPostStatus,
});
