/** The task that enqueues abandoned and overdue posts again, every minute, and removes media that no post needs. */
import { schedules } from "@trigger.dev/sdk";
import { cleanMedia } from "../core/media/clean.ts";
import { WATCHDOG_TASK_ID } from "../engines/trigger-api.ts";
import { keepWatch } from "../engines/trigger-watch.ts";
import { withHost } from "./_host.ts";

export const watchdog = schedules.task({
  id: WATCHDOG_TASK_ID,
  cron: "* * * * *",
  queue: { name: "watchdog", concurrencyLimit: 1 },
  ttl: "55s",
  maxDuration: 300,
  run: async (_payload, { ctx, signal }) =>
    await withHost(ctx.run.id, async ({ deps, engine, media, isRetired }) => {
      if (isRetired) return null;
      const cleaned = await cleanMedia(deps.hub, media);
      return { ...(await keepWatch(deps, engine, signal)), cleaned };
    }),
});
