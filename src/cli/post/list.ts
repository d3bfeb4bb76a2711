/** `psn post list`: posts in short. */
import { z } from "zod";
import { chooseAccount } from "../../core/accounts/choose.ts";
import { listPosts } from "../../core/posts/read.ts";
import { POST_STATUSES } from "../../core/types/index.ts";
import { withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { surroundings } from "../_host.ts";
import { SummarySchema, summaryAnswer } from "../_summary.ts";
import { NoticeSchema, renderAttention, told } from "./_attention.ts";
import { renderSummaries } from "./_table.ts";

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
  answer: z.object({ posts: z.array(SummarySchema), notices: z.array(NoticeSchema), attention: z.string().nullable() }),
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
        ...(await told(app, await surroundings(app))),
      };
    }),
  render: ({ posts, attention }, paint) =>
    [
      ...renderAttention(attention, paint),
      ...(posts.length > 0 ? renderSummaries(posts, paint) : ["No such post."]),
      ...(posts.length === 0 ? ['psn post create "…" makes one.'] : []),
    ].join("\n"),
});
