/** The task that publishes one post. The row in the hub decides; a run that comes twice or too early does nothing. */
import { task, wait } from "@trigger.dev/sdk";
import { z } from "zod";
import type { PublishResult } from "../core/publish/deps.ts";
import type { Env } from "../core/utils/env.ts";
import { PublishJobSchema } from "../engines/embedded.ts";
import { PUBLISH_TASK_ID, TRIGGER_CLOUD_URL, triggerApi } from "../engines/trigger-api.ts";
import { answerPing, PingSchema } from "../engines/trigger-ping.ts";
import { type RunHost, runPost } from "../engines/trigger-run.ts";
import { wakeWatchdog } from "../engines/trigger-silence.ts";
import { withHost } from "./_host.ts";

const PayloadSchema = z.union([PublishJobSchema, PingSchema]);

const SELF_HOSTED_WAIT_MS_MAX = 20_000;
const CLOUD_WAIT_MS_MAX = 25 * 3_600_000;

export const publishPost = task({
  id: PUBLISH_TASK_ID,
  queue: { name: "publish-post", concurrencyLimit: 10 },
  maxDuration: 3_600,
  // A run fails only when the hub is away; what X refuses or delays is in the row.
  retry: { maxAttempts: 10, minTimeoutInMs: 2_000, maxTimeoutInMs: 120_000, factor: 2, randomize: true },
  run: async (payload: z.input<typeof PayloadSchema>, { ctx, signal }): Promise<PublishResult | { kind: "pong" }> => {
    const job = PayloadSchema.parse(payload);
    return await withHost(ctx.run.id, async ({ deps, engine, isRetired }) => {
      if ("ping" in job) return await answerPing(deps, job.ping);
      if (isRetired) return { kind: "not_ours", postId: job.postId };
      const result = await runPost(deps, engine, job, { runId: ctx.run.id, ...waitOn(process.env) }, signal);
      await wakeWatchdog(deps.hub, triggerApi({}));
      return result;
    });
  },
});

/** How a run waits. On Trigger.dev Cloud a waiting run costs nothing; on a self-hosted server it keeps its process. */
export function waitOn(env: Env): Omit<RunHost, "runId"> {
  const isCloud = !env.TRIGGER_API_URL || env.TRIGGER_API_URL.startsWith(TRIGGER_CLOUD_URL);
  const longestMs = isCloud ? CLOUD_WAIT_MS_MAX : SELF_HOSTED_WAIT_MS_MAX;
  return {
    waitsHere: (until, now) => until.getTime() - now.getTime() <= longestMs,
    waitUntil: (until) => wait.until({ date: until }),
  };
}
