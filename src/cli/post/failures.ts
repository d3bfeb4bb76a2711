/** `psn post failures`: what failed or waits, and what to do about it. */
import { z } from "zod";
import { failures, gatherNotices, type Notice } from "../../core/posts/notices.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { NoticeSchema, renderNotices } from "./_status.ts";

/** The failed posts of the last seven days, with what to do about each. */
export async function getRecentFailures(app: App): Promise<Notice[]> {
  return await failures(app.hub.db);
}

export const failuresCommand = defineCommand({
  input: z.object({}),
  answer: z.object({ failures: z.array(NoticeSchema), notices: z.array(NoticeSchema) }),
  run: (io) =>
    withApp(io, async (app) => ({
      failures: await getRecentFailures(app),
      notices: await gatherNotices(app.hub.db, await app.clientId()),
    })),
  render: ({ notices }, paint) =>
    notices.length === 0
      ? "Nothing failed in the last seven days, and nothing waits."
      : renderNotices(notices, paint).join("\n"),
});
