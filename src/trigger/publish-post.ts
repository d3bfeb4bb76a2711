/** The task that publishes one post. The row in the hub says what is due; a run only makes somebody look. */
import { task, wait } from "@trigger.dev/sdk";
import { z } from "zod";
import type { PublishResult } from "../core/publish/deps.ts";
import type { Env } from "../core/utils/env.ts";
import { PublishJobSchema } from "../engines/embedded.ts";
import { TRIGGER_CLOUD_URL } from "../engines/trigger-api.ts";
import { answerPing, PingSchema } from "../engines/trigger-ping.ts";
import { type RunHost, runWakeUp } from "../engines/trigger-run.ts";
import { withHost } from "./_host.ts";

const PayloadSchema = z.union([PublishJobSchema, PingSchema]);

const SELF_HOSTED_WAIT_MS_MAX = 20_000;
const CLOUD_WAIT_MS_MAX = 25 * 3_600_000;

export const publishPost = task({
  id: "publish-post",
  queue: { name: "publish-post", concurrencyLimit: 10 },
  maxDuration: 3_600,
  // What X refuses or delays is decided in the row; a run fails only when the hub is away.
  retry: { maxAttempts: 10, minTimeoutInMs: 2_000, maxTimeoutInMs: 120_000, factor: 2, randomize: true },
  run: async (payload: z.input<typeof PayloadSchema>, { ctx, signal }): Promise<PublishResult | { kind: "pong" }> => {
    const wake = PayloadSchema.parse(payload);
    return await withHost(ctx.run.id, async ({ deps, engine, isRetired }) => {
      if ("ping" in wake) return await answerPing(deps, wake.ping);
      if (isRetired) return { kind: "not_ours", postId: wake.postId };
      return await runWakeUp(deps, engine, wake, { runId: ctx.run.id, ...waitOn(process.env) }, signal);
    });
  },
});

/** How a run waits: on the cloud it is put away meanwhile; on a server of one's own it would hold its process. */
export function waitOn(env: Env): Omit<RunHost, "runId"> {
  const isCloud = !env.TRIGGER_API_URL || env.TRIGGER_API_URL.startsWith(TRIGGER_CLOUD_URL);
  const longestMs = isCloud ? CLOUD_WAIT_MS_MAX : SELF_HOSTED_WAIT_MS_MAX;
  return {
    waitsHere: (until, now) => until.getTime() - now.getTime() <= longestMs,
    waitUntil: (until) => wait.until({ date: until }),
  };
}
