/** A home (hub, sandbox, configuration) with one engine that is really at work, for tests that both engines must pass. */
import { type App, openApp } from "../../src/cli/_app.ts";
import { historyOf, loadPost } from "../../src/core/posts/read.ts";
import { approvePost, createPost, schedulePost } from "../../src/core/posts/write.ts";
import { publishPost } from "../../src/core/publish/publish.ts";
import type { Env } from "../../src/core/utils/env.ts";
import { startWorker } from "../../src/engines/worker.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { TriggerStub } from "./trigger-stub.ts";
import { runTask } from "./trigger-tasks.ts";

export const KEY = "tr_dev_stub";

export interface Bench {
  home: TestHome;
  env: Env;
  app: App;
  /** Only with Trigger.dev. */
  stub: TriggerStub | null;
  /** An approved draft; `texts` of several make a thread. */
  draft(...texts: string[]): Promise<string>;
  scheduled(inMs: number, ...texts: string[]): Promise<{ id: string; at: Date; scheduleVersion: number }>;
  status(id: string): Promise<string>;
  /** Waits until the post has this status; throws after `ms`. */
  until(id: string, status: string, ms?: number): Promise<void>;
  /** When the post says it goes on. */
  next(id: string): Promise<Date>;
  /** When the engine itself would come for it. */
  wakesAt(id: string): Promise<Date | null>;
  /** An old wake-up comes, whatever the post has become. */
  staleWake(id: string, scheduleVersion: number): Promise<void>;
  /** Texts on X, oldest first. */
  onX(): string[];
  close(): Promise<void>;
}

export async function openBench(engine: "embedded" | "trigger", options: { working?: boolean } = {}): Promise<Bench> {
  const home = await testHome();
  await home.signIn();
  const stub = engine === "trigger" ? new TriggerStub(KEY) : null;
  const env: Env = {
    ...home.env,
    PSN_ENGINE: engine,
    ...(stub ? { TRIGGER_API_URL: stub.url, TRIGGER_SECRET_KEY: KEY } : {}),
  };
  const app = await openApp({ env, poolMax: 10 });
  const isWorking = options.working ?? true;
  if (stub && isWorking) stub.onRun = (run) => runTask(run.task, run.payload, { runId: run.id, env });
  const worker = stub || !isWorking ? null : await startWorker(await app.publishDeps());
  const deps = await app.publishDeps();

  const bench: Bench = {
    home,
    env,
    app,
    stub,
    async draft(...texts) {
      const [account] = (await app.hub.pool.query("select id from psn.accounts limit 1")).rows;
      const tweets = texts.map((text) => ({ text, separatorAfter: "", media: [] }));
      const { postId } = await createPost(app.hub, { accountId: account.id, source: texts.join("\n"), tweets });
      await approvePost(app.hub, postId);
      return postId;
    },
    async scheduled(inMs, ...texts) {
      const id = await bench.draft(...texts);
      const at = new Date(Date.now() + inMs);
      const { scheduleVersion } = await schedulePost(app.hub, app.engine, id, { at, timezone: "Europe/Berlin" });
      return { id, at, scheduleVersion };
    },
    status: async (id) => (await loadPost(app.hub.db, id)).root.status,
    async until(id, status, ms = 8_000) {
      const end = Date.now() + ms;
      while ((await bench.status(id)) !== status) {
        if (Date.now() > end) {
          const { events } = await historyOf(app.hub.db, id);
          const life = events.map(({ at, note }) => `${at.toISOString()} ${note}`).join("\n  ");
          throw new Error(`post ${id} is ${await bench.status(id)}, not ${status}:\n  ${life}`);
        }
        await Bun.sleep(20);
      }
    },
    async next(id) {
      const { dueAt } = (await loadPost(app.hub.db, id)).root;
      if (!dueAt) throw new Error(`post ${id} waits for nothing`);
      return dueAt;
    },
    async wakesAt(id) {
      if (stub) return stub.open(id).find((run) => run.status === "DELAYED")?.delayedUntil ?? null;
      const { rows } = await app.hub.pool.query("select run_at from graphile_worker._private_jobs where key = $1", [
        `post:${id}`,
      ]);
      return rows[0]?.run_at ?? null;
    },
    async staleWake(id, scheduleVersion) {
      if (stub) await runTask("publish-post", { postId: id, scheduleVersion }, { runId: "run_stale", env });
      else await publishPost(deps, { postId: id, scheduleVersion });
    },
    onX: () => (home.sandbox.sandbox.report().accounts.sandbox_author?.posts ?? []).map((post) => post.text),
    async close() {
      await worker?.stop();
      await stub?.close();
      await app.close();
      await home.close();
    },
  };
  return bench;
}
