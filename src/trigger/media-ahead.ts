/** The task that uploads media before their posts' times, every minute. What it does not finish the next run goes on with. */
import { schedules } from "@trigger.dev/sdk";
import { prepareAhead } from "../core/publish/ahead/ahead.ts";
import { mediaDue } from "../core/publish/ahead/due.ts";
import { withHost } from "./_host.ts";

export const mediaAhead = schedules.task({
  id: "media-ahead",
  cron: "* * * * *",
  queue: { name: "media-ahead", concurrencyLimit: 1 },
  ttl: "55s",
  maxDuration: 3_600,
  run: async (_payload, { ctx, signal }) =>
    await withHost(ctx.run.id, async ({ deps, isRetired }) => {
      if (isRetired) return null;
      const results = [];
      for (const postId of await mediaDue(deps.hub)) results.push(await prepareAhead(deps, postId, { signal }));
      return results;
    }),
});
