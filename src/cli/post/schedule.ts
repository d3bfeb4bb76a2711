/** `psn post schedule`: sets or moves the time of a post. */
import { PsnError } from "../../core/errors.ts";
import { findPostId, loadPost, type Post } from "../../core/posts/read.ts";
import * as write from "../../core/posts/write.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { readWhen, WHEN_OPTIONS } from "../_when.ts";
import { APPROVE_OPTION, ID_ARGUMENT, VERSION_OPTION } from "./_options.ts";
import { renderStand, StandSchema, stand } from "./_stand.ts";
import { approveIfNeeded } from "./approve.ts";

/**
 * Sets an approved post's time.
 * @throws PsnError POST_NOT_APPROVED, TIME_IN_PAST, POST_…
 */
export async function schedulePost(app: App, id: string, schedule: write.Schedule): Promise<Post> {
  const postId = await findPostId(app.hub.db, id);
  await write.schedulePost(app.hub, app.engine, postId, schedule);
  return await loadPost(app.hub.db, postId);
}

export const scheduleCommand = defineCommand({
  name: "post schedule",
  summary: "Set or move the time of a post",
  args: [ID_ARGUMENT],
  options: { ...WHEN_OPTIONS, ...VERSION_OPTION, ...APPROVE_OPTION },
  examples: ["psn post schedule 7k3m --date 2026-03-15 --time 09:00", 'psn post schedule 7k3m --at "in 2 hours"'],
  answer: StandSchema,
  run: (io, { args, options }) =>
    withApp(io, async (app) => {
      const when = readWhen(options, app.hubEnv.timezone, new Date());
      if (!when) {
        throw new PsnError("USAGE", "No time was given.", { hint: 'Give --date and --time, or --at "in 2 hours".' });
      }
      const postId = await findPostId(app.hub.db, args.id ?? "");
      if (options.approve) await approveIfNeeded(app, postId, options);
      await schedulePost(app, postId, when);
      return await stand(app, postId);
    }),
  render: renderStand,
});
