/** `psn post list`: posts in short. */
import { z } from "zod";
import { chooseAccount } from "../../core/accounts/accounts.ts";
import { gatherNotices } from "../../core/posts/notices.ts";
import { listPosts } from "../../core/posts/read.ts";
import { POST_STATUSES } from "../../core/types/index.ts";
import { withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import type { Paint } from "../_paint.ts";
import { SummarySchema, summaryAnswer } from "../_shapes.ts";
import { printable } from "../_wrap.ts";
import { NoticeSchema, renderNotices, statusText } from "./_status.ts";

export const listCommand = defineCommand({
  input: z.object({
    status: z
      .enum(POST_STATUSES)
      .optional()
      .meta({ placeholder: "STATUS", description: `Only these: ${POST_STATUSES.join(", ")}` }),
    limit: z
      .int()
      .min(1)
      .max(200)
      .default(50)
      .meta({ placeholder: "N", description: "At most N (default 50, at most 200)" }),
    account: z
      .string()
      .optional()
      .meta({ aliases: ["a"], placeholder: "@HANDLE", description: "Only posts of this account" }),
  }),
  answer: z.object({ posts: z.array(SummarySchema), notices: z.array(NoticeSchema) }),
  run: (io, { status, limit, account: handle }) =>
    withApp(io, async (app) => {
      const account = handle === undefined ? null : await chooseAccount(app.hub.db, handle);
      const summaries = await listPosts(app.hub.db, {
        ...(status ? { statuses: [status] } : {}),
        ...(account ? { accountId: account.id } : {}),
        limit,
      });
      return {
        posts: summaries.map((summary) => summaryAnswer(summary, app.hubEnv.timezone)),
        notices: await gatherNotices(app.hub.db, await app.clientId()),
      };
    }),
  render: ({ posts, notices }, paint) =>
    [
      ...renderNotices(notices, paint),
      ...(posts.length === 0 ? ['No posts. psn post create "…" makes one.'] : []),
      ...posts.map((post) => renderSummary(post, paint)),
    ].join("\n"),
});

// --- internal ---

function renderSummary(post: z.infer<typeof SummarySchema>, paint: Paint): string {
  const when = post.scheduled ? `  ${post.scheduled.local}` : "";
  const size = post.tweetCount > 1 ? `  ${post.postedCount}/${post.tweetCount} on X` : "";
  const status = statusText(post.status, post.subStatus, paint);
  return `${paint.bold(post.id)}  ${status}  @${post.account}${when}${size}  ${paint.dim(printable(post.beginning))}`;
}
