/** `psn post schedule`: sets or moves the time of a post. */

import { z } from "zod";
import { findPostToChange, loadPost, type Post } from "../../core/posts/read.ts";
import * as write from "../../core/posts/write.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { askReading, askWhen, EXAMPLE_DAY, readingClock, readWhen, WHEN_FIELDS } from "../_when.ts";
import { beforeApproval } from "./_before-approval.ts";
import { ID_FIELD, SEND_FIELDS, sendingOf } from "./_fields.ts";
import { PostStatusAnswerSchema, postStatus, renderPostStatus } from "./_status.ts";
import { withPerson } from "./_with-person.ts";

/**
 * Sets an approved post's time; null is the one that it has, or else the one that its file named.
 * @throws PsnError POST_NOT_APPROVED, POST_CHANGED, TIME_IN_PAST, TIME_MISSING, TIME_AMBIGUOUS, POST_…
 */
export async function schedulePost(
  app: App,
  id: string,
  schedule: write.Schedule | null,
  sending: write.Sending = {},
): Promise<Post> {
  const postId = await findPostToChange(app.hub.db, id);
  await beforeApproval(app, postId);
  await write.schedulePost(app.hub, app.engine, postId, schedule, sending);
  return await loadPost(app.hub.db, postId);
}

export const scheduleCommand = defineCommand({
  input: z.object({ ...ID_FIELD, ...WHEN_FIELDS, ...SEND_FIELDS }),
  examples: [`psn post schedule 7k3m --date ${EXAMPLE_DAY} --time 09:00`, 'psn post schedule 7k3m --at "in 2 hours"'],
  answer: PostStatusAnswerSchema,
  run: (io, { id, version, approve, force, ...when }) =>
    withApp(io, async (app) => {
      // Repeated when its time has come, it may find its work done: the hub judges what has passed.
      const now = await readingClock(io, app);
      const schedule = await askWhen(io, when, app.hubEnv.timezone, now, { mayBePast: true });
      const sending = sendingOf({ version, approve, force });
      const scheduled = (time: write.Schedule | null) =>
        withPerson(io, app, () => schedulePost(app, id, time, sending));
      const post = await scheduled(schedule).catch(async (error) => {
        const { timezone } = app.hubEnv;
        return await scheduled(readWhen({ at: await askReading(io, error) }, timezone, now, { mayBePast: true }));
      });
      return await postStatus(app, post.root.id);
    }),
  render: renderPostStatus,
});
