/** `psn post schedule`: sets or moves the time of a post. */
import { PsnError } from "../../core/errors.ts";
import { composingOf } from "../../core/posts/composing.ts";
import { findPostId, loadPost, type Post } from "../../core/posts/read.ts";
import * as write from "../../core/posts/write.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { askWhen, WHEN_OPTIONS } from "../_when.ts";
import { APPROVE_OPTION, FORCE_OPTION, ID_ARGUMENT, VERSION_OPTION } from "./_options.ts";
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

/** The time that the post's file named. */
export function plannedOf(post: Post): write.Schedule | null {
  const { planned } = composingOf(post.root.metadata);
  return planned && { at: new Date(planned.at), timezone: planned.timezone };
}

export const scheduleCommand = defineCommand({
  name: "post schedule",
  summary: "Set or move the time of a post; without a time, the one that its file named",
  args: [ID_ARGUMENT],
  options: { ...WHEN_OPTIONS, ...VERSION_OPTION, ...APPROVE_OPTION, ...FORCE_OPTION },
  examples: ["psn post schedule 7k3m --date 2026-03-15 --time 09:00", 'psn post schedule 7k3m --at "in 2 hours"'],
  answer: StandSchema,
  run: (io, { args, options }) =>
    withApp(io, async (app) => {
      const when = await askWhen(io, options, app.hubEnv.timezone, new Date());
      const postId = await findPostId(app.hub.db, args.id ?? "");
      const schedule = when ?? plannedOf(await loadPost(app.hub.db, postId));
      if (!schedule) {
        throw new PsnError("USAGE", "No time was given, and the post's file named none.", {
          hint: 'Give --date and --time, or --at "in 2 hours".',
        });
      }
      if (options.approve) await approveIfNeeded(app, postId, options);
      await schedulePost(app, postId, schedule);
      return await stand(app, postId);
    }),
  render: renderStand,
});
