/** Where a command finds itself: which worker, X and account there are for it. */
import { type AccountRow, chooseAccount } from "../core/accounts/choose.ts";
import type { Surroundings } from "../core/posts/stuck.ts";
import { hostOf, surroundingsOf } from "../engines/surroundings.ts";
import type { App } from "./_app.ts";

/** What the rule of stuck posts must know beside the hub. Keys that are missing leave out what needs them. */
export async function surroundings(app: App): Promise<Surroundings> {
  const keys = await app.keys().catch(() => null);
  const around = await surroundingsOf(app.hub, { engine: app.engine.name, timezone: app.hubEnv.timezone }, keys);
  return { ...around, isInDoubt: (app.mark?.doubt ?? null) !== null };
}

/** The account that a command means, with the keys that are configured: another host's is meant only by name. */
export async function accountFor(app: App, name: string | undefined): Promise<AccountRow> {
  const keys = await app.keys().catch(() => null);
  return await chooseAccount(app.hub.db, name, keys?.apiHost);
}

/** Whether anything publishes what falls due: Trigger.dev, or a living worker of the embedded engine. */
export const hasHost = async (app: App): Promise<boolean> => (await hostOf(app.hub, app.engine.name)).hasWorker;
