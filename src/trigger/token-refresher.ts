/** Refreshes every account's token before it expires, so that no post has to wait for it. */
import { schedules } from "@trigger.dev/sdk";
import { refreshDue } from "../core/tokens/keeper.ts";
import { withHost } from "./_host.ts";

export const tokenRefresher = schedules.task({
  id: "token-refresher",
  cron: "*/30 * * * *",
  queue: { name: "token-refresher", concurrencyLimit: 1 },
  // A run that could not start before the next one is due is not needed any more.
  ttl: "25m",
  maxDuration: 900,
  run: async (_payload, { ctx, signal }) =>
    await withHost(ctx.run.id, async ({ deps, isRetired }) =>
      isRetired ? null : await refreshDue(deps, signal ? { signal } : {}),
    ),
});
