/** `psn post undo` and `psn post redo`: a step back or forward through the changes of a draft. */
import { z } from "zod";
import { findPostToChange } from "../../core/posts/read.ts";
import type { redoPost, undoPost } from "../../core/posts/write.ts";
import { withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { beforeApproval } from "./_before-approval.ts";
import { APPROVE_CHANGE_FIELD, ID_FIELD, sendingOf, VERSION_FIELD } from "./_fields.ts";
import { renderWithLost, withLost } from "./_lost-media.ts";
import { PostStatusAnswerSchema, postStatus } from "./_status.ts";
import { withPerson } from "./_with-person.ts";

export const stepCommand = (step: typeof undoPost | typeof redoPost) =>
  defineCommand({
    input: z.object({ ...ID_FIELD, ...VERSION_FIELD, ...APPROVE_CHANGE_FIELD }),
    answer: PostStatusAnswerSchema,
    run: (io, { id, version, approve }) =>
      withApp(io, async (app) => {
        const postId = await findPostToChange(app.hub.db, id);
        const sending = sendingOf({ version, approve });
        if (approve) await beforeApproval(app, postId);
        const { lost } = await withPerson(io, app, () => step(app.hub, app.engine, postId, sending));
        return withLost(await postStatus(app, postId, { preview: true }), lost);
      }),
    render: renderWithLost,
  });
