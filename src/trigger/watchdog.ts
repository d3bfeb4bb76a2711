/** Finds posts that nobody looks after, and posts that Trigger.dev has not heard of, and hands them over again. */
import { schedules } from "@trigger.dev/sdk";
import { cleanMedia } from "../core/media/clean.ts";
import { sweep } from "../core/publish/watchdog.ts";
import { reconcile } from "../engines/trigger.ts";
import { withHost } from "./_host.ts";

export const watchdog = schedules.task({
  id: "watchdog",
  cron: "* * * * *",
  queue: { name: "watchdog", concurrencyLimit: 1 },
  ttl: "55s",
  maxDuration: 300,
  run: async (_payload, { ctx }) =>
    await withHost(ctx.run.id, async ({ deps, engine, media, isRetired }) => {
      if (isRetired) return null;
      const swept = await sweep(deps.hub, engine);
      const settled = await reconcile(deps.hub, engine);
      const cleaned = await cleanMedia(deps.hub, media);
      return { ...swept, settled, cleaned };
    }),
});
