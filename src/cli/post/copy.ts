/** `psn post copy`: the one way to say something again. */
import { z } from "zod";
import { findPostId } from "../../core/posts/read.ts";
import { COPY_CHANGES, copyPost } from "../../core/posts/write.ts";
import { withLocalTimes } from "../../core/utils/zone-clock.ts";
import { withApp } from "../_app.ts";
import { defineCommand, flag } from "../_command.ts";
import { hung, printable } from "../_wrap.ts";
import { ID_FIELD } from "./_fields.ts";
import { PostStatusAnswerSchema, postStatus, renderPostStatus } from "./_status.ts";

export const copyCommand = defineCommand({
  input: z.object({
    ...ID_FIELD,
    withoutLost: flag("Copy the words without media that are not kept any more"),
  }),
  answer: PostStatusAnswerSchema.extend({
    /** In what the copy is not, or will not be, what the original was. */
    changes: z.array(z.object({ kind: z.enum(COPY_CHANGES), message: z.string() })),
  }),
  run: (io, { id, withoutLost }) =>
    withApp(io, async (app) => {
      const from = await findPostId(app.hub.db, id);
      const { postId, changes } = await copyPost(app.hub, from, { store: app.media, withoutLost });
      const told = changes.map(({ kind, message }) => ({
        kind,
        message: withLocalTimes(message, app.hubEnv.timezone),
      }));
      return { ...(await postStatus(app, postId, { preview: true })), changes: told };
    }),
  render: (answer, paint) =>
    [renderPostStatus(answer, paint), ...answer.changes.flatMap(({ message }) => hung("! ", printable(message)))].join(
      "\n",
    ),
});
