import { countWorkers } from "../engines/presence.ts";
import type { App } from "./_app.ts";

/** Whether anything publishes what falls due: Trigger.dev, or a living worker of the embedded engine. */
export async function hasHost(app: App): Promise<boolean> {
  return app.engine.name !== "embedded" || (await countWorkers(app.hub)) > 0;
}
