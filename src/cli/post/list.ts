/** `psn post list`: posts in short. */
import { z } from "zod";
import { chooseAccount } from "../../core/accounts/accounts.ts";
import { PsnError } from "../../core/errors.ts";
import { gatherNotices } from "../../core/posts/notices.ts";
import { listPosts } from "../../core/posts/read.ts";
import { POST_STATUSES } from "../../core/types/index.ts";
import { withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import type { Paint } from "../_paint.ts";
import { SummarySchema, summaryAnswer } from "../_shapes.ts";
import { printable } from "../_wrap.ts";
import { ACCOUNT_OPTION, textOption } from "./_options.ts";
import { NoticeSchema, renderNotices, statusText } from "./_stand.ts";

const LimitSchema = z.coerce.number().int().min(1).max(200).default(50);

export const listCommand = defineCommand({
  name: "post list",
  summary: "List posts, the latest changed first",
  options: {
    status: { type: "string", value: "STATUS", help: `Only these: ${POST_STATUSES.join(", ")}` },
    limit: { type: "string", value: "N", help: "At most N (default 50, at most 200)" },
    ...ACCOUNT_OPTION,
  },
  answer: z.object({ posts: z.array(SummarySchema), notices: z.array(NoticeSchema) }),
  run: (io, { options }) =>
    withApp(io, async (app) => {
      const status = z.enum(POST_STATUSES).optional().safeParse(options.status);
      if (!status.success) throw new PsnError("USAGE", `--status takes one of ${POST_STATUSES.join(", ")}.`);
      const limit = LimitSchema.safeParse(options.limit);
      if (!limit.success) throw new PsnError("USAGE", "--limit takes a whole number from 1 to 200.");
      const handle = textOption(options, "account");
      const account = handle === undefined ? null : await chooseAccount(app.hub.db, handle);
      const summaries = await listPosts(app.hub.db, {
        ...(status.data ? { statuses: [status.data] } : {}),
        ...(account ? { accountId: account.id } : {}),
        limit: limit.data,
      });
      return {
        posts: summaries.map((summary) => summaryAnswer(summary, app.hubEnv.timezone)),
        notices: await gatherNotices(app.hub.db),
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
