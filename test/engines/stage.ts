/** A home (hub, sandbox, configuration) with one engine at work in this process, for tests that both engines must pass. */
import { openApp } from "../../src/cli/_app.ts";
import { publishPost } from "../../src/core/publish/publish.ts";
import type { Env } from "../../src/core/utils/env.ts";
import { startWorker } from "../../src/engines/worker.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { Posts } from "./posts.ts";
import { TriggerStub } from "./trigger-stub.ts";
import { runTask } from "./trigger-tasks.ts";

export const KEY = "tr_dev_stub";

export class EngineStage extends Posts {
  constructor(
    readonly home: TestHome,
    readonly env: Env,
    app: Posts["app"],
    stub: TriggerStub | null,
    readonly stopWorker: () => Promise<void>,
  ) {
    super(app, home.sandbox, stub);
  }

  /** When the post says that it goes on. */
  async next(id: string): Promise<Date> {
    const { dueAt } = await this.root(id);
    if (!dueAt) throw new Error(`post ${id} waits for nothing`);
    return dueAt;
  }

  /** A run for an older schedule comes, whatever the post has become. */
  async staleRun(id: string, scheduleVersion: number): Promise<void> {
    if (this.stub)
      await runTask("publish-post", { postId: id, scheduleVersion }, { runId: "run_stale", env: this.env });
    else await publishPost(await this.app.publishDeps(), { postId: id, scheduleVersion });
  }

  async close(): Promise<void> {
    await this.stopWorker();
    await this.stub?.close();
    await this.app.close();
    await this.home.close();
  }
}

/** `isWorking: false` leaves every run to the test. */
export async function openEngineStage(engine: "embedded" | "trigger", { isWorking = true } = {}): Promise<EngineStage> {
  const home = await testHome();
  await home.signIn();
  const stub = engine === "trigger" ? new TriggerStub(KEY) : null;
  const env: Env = {
    ...home.env,
    PSN_ENGINE: engine,
    ...(stub ? { TRIGGER_API_URL: stub.url, TRIGGER_SECRET_KEY: KEY } : {}),
  };
  const app = await openApp({ env, poolMax: 10 });
  if (stub && isWorking) stub.onRun = (run) => runTask(run.task, run.payload, { runId: run.id, env });
  const worker = stub || !isWorking ? null : await startWorker(await app.publishDeps());
  return new EngineStage(home, env, app, stub, async () => worker?.stop());
}
