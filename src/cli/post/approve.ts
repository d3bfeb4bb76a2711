/** `psn post approve`: the author's word, for exactly what was shown. */
import { z } from "zod";
import { findPostToChange } from "../../core/posts/read.ts";
import { approvePost } from "../../core/posts/write.ts";
import { withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { beforeApproval } from "./_before-approval.ts";
import { CHANGE_FIELDS, ID_FIELD, sendingOf } from "./_fields.ts";
import { PostStatusAnswerSchema, postStatus, renderPostStatus } from "./_status.ts";
import { withPerson } from "./_with-person.ts";

export const approveCommand = defineCommand({
  input: z.object({ ...ID_FIELD, ...CHANGE_FIELDS }),
  answer: PostStatusAnswerSchema,
  run: (io, { id, version, force }) =>
    withApp(io, async (app) => {
      const postId = await findPostToChange(app.hub.db, id);
      await beforeApproval(app, postId);
      await withPerson(io, app, () => approvePost(app.hub, postId, sendingOf({ version, force })));
      return await postStatus(app, postId, { preview: true });
    }),
  render: renderPostStatus,
});
