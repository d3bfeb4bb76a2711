/** The task that refreshes every account's token before it expires, so that no post waits for it. */
import { schedules } from "@trigger.dev/sdk";
import { refreshDue } from "../core/tokens/keeper.ts";
import { withHost } from "./_host.ts";

export const tokenRefresher = schedules.task({
  id: "token-refresher",
  cron: "*/30 * * * *",
  queue: { name: "token-refresher", concurrencyLimit: 1 },
  // The next run does the same, so a run that has not started by then is not needed.
  ttl: "25m",
  maxDuration: 900,
  run: async (_payload, { ctx, signal }) =>
    await withHost(ctx.run.id, async ({ deps, isRetired }) =>
      isRetired ? null : await refreshDue(deps, signal ? { signal } : {}),
    ),
});
