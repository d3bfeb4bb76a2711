/** The engine's step of setup: what wakes posts at their time, and whether somebody works. */
import { countWorkers } from "../engines/worker.ts";
import type { App } from "./_app.ts";
import type { Step } from "./_step.ts";

/** Always good: without a worker one can still post at once, and scheduled posts wait for it. */
export async function setupEngine(app: App): Promise<Step> {
  const { name } = app.engine;
  if (name !== "embedded") return { step: "engine", status: "skipped", message: `Engine: ${name}.`, data: { name } };
  const workers = await countWorkers(app.hub);
  return {
    step: "engine",
    status: "skipped",
    message: `Engine: ${name}, on the hub itself. Scheduled posts go out while psn worker runs (${workers} running now).`,
    data: { name, workers },
  };
}
