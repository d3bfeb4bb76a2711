/** A home with workers as processes of their own, for tests of what happens to them. */
import { type App, openApp } from "../../src/cli/_app.ts";
import { completeXOAuth, setupXOAuth } from "../../src/cli/setup-x-oauth.ts";
import type { Env } from "../../src/core/utils/env.ts";
import { consent, type PsnProcess, startPsn, type TestHome, testHome } from "../../src/testing/cli.ts";
import { eventually, Posts } from "./posts.ts";

export interface WorkerProcess extends PsnProcess {
  /** Waits until it takes posts. */
  ready(): Promise<void>;
}

export class WorkerStage extends Posts {
  readonly workers: WorkerProcess[] = [];
  constructor(
    readonly home: TestHome,
    readonly env: Env,
    app: App,
  ) {
    super(app, home.sandbox);
  }

  /** A worker process; it is ended with the stage. */
  worker(...args: string[]): WorkerProcess {
    const worker = startWorkerProcess(this.env, ...args);
    this.workers.push(worker);
    return worker;
  }

  /** Waits until X has this tweet. */
  async sent(text: string): Promise<void> {
    await eventually(
      () => this.onX().includes(text),
      () => `"${text}" was never sent`,
    );
  }

  /** X posts this tweet and keeps its answer for `ms`. */
  answerLate(bodyIncludes: string, ms: number): void {
    const match = { path: "/2/tweets", method: "POST", bodyIncludes };
    this.sandbox.sandbox.addFault({ kind: "delay", ms, when: "after", match, times: 1 });
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

/** While the worker does nothing, so that what falls due meanwhile is due when it goes on, and not sent before. */
export async function frozen<T>(worker: { pid: number }, act: () => Promise<T>): Promise<T> {
  process.kill(worker.pid, "SIGSTOP");
  return await act().finally(() => process.kill(worker.pid, "SIGCONT"));
}

/** A worker that its test ends itself. */
export function startWorkerProcess(env: Env, ...args: string[]): WorkerProcess {
  const child = startPsn(["worker", ...args], { env });
  const ready = () =>
    eventually(
      () => child.log().includes("ready"),
      () => `the worker is not ready: ${child.log()}`,
    );
  return { ...child, ready };
}

/** On a database of the shared test server. */
export async function openWorkerStage(): Promise<WorkerStage> {
  const home = await testHome();
  await home.signIn();
  return new WorkerStage(home, home.env, await openApp({ env: home.env }));
}

/** On an embedded hub of its own. */
export async function openEmbeddedStage(): Promise<WorkerStage> {
  const home = await testHome();
  const env = { ...home.env, DATABASE_URL: "embedded" };
  const app = await openApp({ env });
  const step = await setupXOAuth(app, { again: true });
  await completeXOAuth(app, await consent(String(step.data?.url), "sandbox_author"));
  return new WorkerStage(home, env, app);
}
