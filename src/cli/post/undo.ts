/** `psn post undo`: takes the last change of a draft back. */
import { z } from "zod";
import { findPostId } from "../../core/posts/read.ts";
import { MEDIA_GO, undoPost } from "../../core/posts/write.ts";
import { withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { ID_FIELD, sendingOf, VERSION_FIELD } from "./_fields.ts";
import { PostStatusAnswerSchema, postStatus, renderPostStatus } from "./_status.ts";

export const undoCommand = defineCommand({
  input: z.object({ ...ID_FIELD, ...VERSION_FIELD }),
  answer: PostStatusAnswerSchema,
  run: (io, { id, version }) =>
    withApp(io, async (app) => {
      const postId = await findPostId(app.hub.db, id);
      const { lost } = await undoPost(app.hub, app.engine, postId, sendingOf({ version }));
      const answer = await postStatus(app, postId, { preview: true });
      const notices = lost.map((fileName) => ({
        code: "MEDIA_GONE",
        message: `${fileName} could not come back: ${MEDIA_GO}.`,
        hint: `psn post attach ${postId} FILE`,
        postId,
      }));
      return { ...answer, notices: [...notices, ...answer.notices] };
    }),
  render: renderPostStatus,
});
