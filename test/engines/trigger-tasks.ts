/** Runs the real tasks in the SDK's own test context. The catalog stands before the tasks are imported, or they vanish. */
import { resourceCatalog } from "@trigger.dev/core/v3";
import { runInMockTaskContext } from "@trigger.dev/core/v3/test";
import { StandardResourceCatalog } from "@trigger.dev/core/v3/workers";
import type { Env } from "../../src/core/utils/env.ts";

resourceCatalog.setGlobalResourceCatalog(new StandardResourceCatalog());
resourceCatalog.setCurrentFileContext("src/trigger/media-ahead.ts", "media-ahead");
await import("../../src/trigger/media-ahead.ts");
resourceCatalog.setCurrentFileContext("src/trigger/publish-post.ts", "publish-post");
await import("../../src/trigger/publish-post.ts");
resourceCatalog.setCurrentFileContext("src/trigger/token-refresher.ts", "token-refresher");
await import("../../src/trigger/token-refresher.ts");
resourceCatalog.setCurrentFileContext("src/trigger/watchdog.ts", "watchdog");
await import("../../src/trigger/watchdog.ts");

export const manifests = () => resourceCatalog.listTaskManifests();

/** The context is global to the process, so one run at a time. */
let last: Promise<unknown> = Promise.resolve();

/** Runs a task as Trigger.dev's worker does, with its environment variables in place. */
export async function runTask(
  id: string,
  payload: unknown,
  options: { runId: string; env: Env; signal?: AbortSignal },
): Promise<unknown> {
  const turn = last.then(
    () => inEnv(options.env, () => act(id, payload, options)),
    () => inEnv(options.env, () => act(id, payload, options)),
  );
  last = turn;
  return await turn;
}

// --- internal ---

async function act(id: string, payload: unknown, { runId, signal }: { runId: string; signal?: AbortSignal }) {
  const run = resourceCatalog.getTask(id)?.fns.run;
  if (!run) throw new Error(`task ${id} is not in the catalog`);
  const given = signal ?? new AbortController().signal;
  return await runInMockTaskContext(({ ctx }) => run(payload, { ctx, signal: given } as never), {
    ctx: { run: { id: runId } },
  });
}

async function inEnv<T>(env: Env, run: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    return await run();
  } finally {
    for (const name of Object.keys(env)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}
