/** `psn post failures`: every post that is stuck, waits or failed, with its reason and the command that helps. */
import { z } from "zod";
import { failuresAmong, gatherNotices, type Notice } from "../../core/posts/notices.ts";
import { stuckPosts } from "../../core/posts/stuck.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { surroundings } from "../_host.ts";
import type { Paint } from "../_paint.ts";
import { hung, oneLine, printable } from "../_wrap.ts";
import { NoticeSchema, noticeAnswer, renderNotices, statusText } from "./_attention.ts";
import { orList, StuckSchema, stuckAnswer } from "./_status.ts";

/** The failed posts of the last seven days, with what to do about each. */
export async function getRecentFailures(app: App): Promise<Notice[]> {
  return failuresAmong(await stuckPosts(app.hub.db, await surroundings(app)));
}

export const failuresCommand = defineCommand({
  input: z.object({}),
  answer: z.object({
    failures: z.array(NoticeSchema),
    notices: z.array(NoticeSchema),
    /** Each post by name, those that need a person first. */
    posts: z.array(StuckSchema),
  }),
  run: (io) =>
    withApp(io, async (app) => {
      const around = await surroundings(app);
      const stuck = await stuckPosts(app.hub.db, around);
      return {
        failures: failuresAmong(stuck).map((notice) => noticeAnswer(notice, app.hubEnv.timezone)),
        notices: (await gatherNotices(app.hub.db, around)).map((notice) => noticeAnswer(notice, app.hubEnv.timezone)),
        posts: stuck.map((post) => stuckAnswer(post, app.hubEnv.timezone)),
      };
    }),
  render({ notices, posts }, paint) {
    // What concerns a post that is stuck stands under the post.
    const general = notices.filter(
      ({ postId, code }) =>
        code === "ALT_TEXT_REFUSED" || code === "CAPTIONS_REFUSED" || (postId === undefined && code !== "CATCHING_UP"),
    );
    if (posts.length === 0 && general.length === 0) return "Nothing failed in the last seven days, and nothing waits.";
    return [...renderNotices(general, paint), ...posts.flatMap((post) => renderStuck(post, paint))].join("\n");
  },
});

/** A stuck post in two to four lines. */
export function renderStuck(post: z.infer<typeof StuckSchema>, paint: Paint): string[] {
  const { postId, account, status, subStatus, reason, next, beginning } = post;
  const head = `${paint.bold(postId)}  ${statusText(status, subStatus, paint)}  @${account}`;
  return [
    head,
    `  ${paint.dim(`“${oneLine(beginning)}”`)}`,
    ...hung("  ", printable(reason)),
    ...hung("  → ", orList(next)),
  ];
}
