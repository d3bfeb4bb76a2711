/** A home with workers as processes of their own, for tests of what happens to them. */
import { join } from "node:path";
import { type App, openApp } from "../../src/cli/_app.ts";
import { completeXOAuth, setupXOAuth } from "../../src/cli/setup-x-oauth.ts";
import { loadPost } from "../../src/core/posts/read.ts";
import { approvePost, createPost, schedulePost } from "../../src/core/posts/write.ts";
import { type Env, PROJECT_DIR } from "../../src/core/utils/env.ts";
import { consent, type TestHome, testHome } from "../../src/testing/cli.ts";

/** A busy machine takes seconds to start a program. */
const READY_MS_MAX = 20_000;

export interface WorkerProcess {
  pid: number;
  exited: Promise<number>;
  log(): string;
  ready(): Promise<void>;
}

export class Place {
  readonly workers: WorkerProcess[] = [];
  constructor(
    readonly home: TestHome,
    readonly env: Env,
    readonly app: App,
  ) {}

  /** A worker process; it is ended with the place. */
  worker(...args: string[]): WorkerProcess {
    const child = Bun.spawn([join(PROJECT_DIR, "bin/psn"), "worker", ...args], {
      env: this.env as Record<string, string>,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    let log = "";
    const read = async (stream: ReadableStream<Uint8Array>) => {
      const decoder = new TextDecoder();
      for await (const chunk of stream) log += decoder.decode(chunk, { stream: true });
    };
    void read(child.stderr);
    void read(child.stdout);
    const worker: WorkerProcess = {
      pid: child.pid,
      exited: child.exited,
      log: () => log,
      ready: () =>
        eventually(
          () => log.includes("ready"),
          () => `the worker is not ready: ${log}`,
          READY_MS_MAX,
        ),
    };
    this.workers.push(worker);
    return worker;
  }

  async scheduled(inMs: number, ...texts: string[]): Promise<{ id: string; at: Date }> {
    const [account] = (await this.app.hub.pool.query("select id from psn.accounts limit 1")).rows;
    const tweets = texts.map((text) => ({ text, separatorAfter: "", media: [] }));
    const { postId } = await createPost(this.app.hub, { accountId: account.id, source: texts.join("\n"), tweets });
    await approvePost(this.app.hub, postId);
    const at = new Date(Date.now() + inMs);
    await schedulePost(this.app.hub, this.app.engine, postId, { at, timezone: "UTC" });
    return { id: postId, at };
  }

  async root(id: string) {
    return (await loadPost(this.app.hub.db, id)).root;
  }

  async until(id: string, status: string, ms = 8_000): Promise<void> {
    let seen = "";
    await eventually(
      async () => {
        // The hub may be down just now: that is what some tests are about.
        seen = await this.root(id).then(
          ({ status: now }) => now,
          (error) => `not to be read (${error.message.slice(0, 60)})`,
        );
        return seen === status;
      },
      () => `post ${id} is ${seen}, not ${status}`,
      ms,
    );
  }

  onX(): string[] {
    return (this.home.sandbox.sandbox.report().accounts.sandbox_author?.posts ?? []).map((post) => post.text);
  }

  async close(): Promise<void> {
    for (const worker of this.workers) {
      try {
        process.kill(worker.pid, "SIGCONT");
        process.kill(worker.pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    await Promise.all(this.workers.map((worker) => worker.exited));
    await this.app.close();
    await this.home.close();
  }
}

export async function eventually(is: () => boolean | Promise<boolean>, why: () => string, ms = 8_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await is())) {
    if (Date.now() > end) throw new Error(why());
    await Bun.sleep(15);
  }
}

/** On a database of the shared test server. */
export async function place(): Promise<Place> {
  const home = await testHome();
  await home.signIn();
  return new Place(home, home.env, await openApp({ env: home.env }));
}

/** On an embedded hub of its own. */
export async function embeddedPlace(): Promise<Place> {
  const home = await testHome();
  const env = { ...home.env, DATABASE_URL: "embedded" };
  const app = await openApp({ env });
  const step = await setupXOAuth(app, { again: true });
  await completeXOAuth(app, await consent(String(step.data?.url), "sandbox_author"));
  return new Place(home, env, app);
}
