/** What every step of the play works with: the throwaway PSN, the local X, the current worker, and who says what happens. */
import type { App } from "../cli/_app.ts";
import type { Post } from "../core/posts/read.ts";
import type { RunningSandbox } from "../sandbox/server.ts";
import type { DemoFolder } from "./folder.ts";
import type { Narrator } from "./narrator.ts";
import type { Source } from "./source.ts";
import { openHub, requireRunning, startReadyWorker, untilPublished, type Wait } from "./stage.ts";
import type { WorkerProcess } from "./worker-process.ts";

const PUBLISH_MS_MAX = 40_000;

export interface SceneInput {
  source: Source;
  folder: DemoFolder;
  x: RunningSandbox;
  narrator: Narrator;
  signal: AbortSignal;
}

export class Scene {
  readonly source: Source;
  readonly folder: DemoFolder;
  readonly x: RunningSandbox;
  readonly narrator: Narrator;
  readonly signal: AbortSignal;
  #app: App | null = null;
  #worker: WorkerProcess | null = null;

  constructor({ source, folder, x, narrator, signal }: SceneInput) {
    this.source = source;
    this.folder = folder;
    this.x = x;
    this.narrator = narrator;
    this.signal = signal;
  }

  get app(): App {
    if (this.#app === null) throw new Error("the hub is not open");
    return this.#app;
  }

  get worker(): WorkerProcess {
    if (this.#worker === null) throw new Error("no worker was started");
    return this.#worker;
  }

  /** How long a step waits for the current worker. */
  get wait(): Omit<Wait, "what"> {
    return { signal: this.signal, worker: this.worker, timeoutMs: PUBLISH_MS_MAX };
  }

  /** Does one step, and says what came of it, with its time. */
  async step<T>(name: string, act: () => Promise<{ value: T; says: string }>): Promise<T> {
    requireRunning(this.signal);
    return await this.narrator.step(name, act);
  }

  /** @returns Postgres' version */
  async openHub(): Promise<string> {
    const { app, version } = await openHub(this.folder, this.x.url);
    this.#app = app;
    return version;
  }

  /** Starts a worker process, which is the current one from now on, and waits until it is ready. */
  async startWorker(): Promise<WorkerProcess> {
    this.#worker = await startReadyWorker(this);
    return this.#worker;
  }

  async untilPublished(postId: string): Promise<Post> {
    return await untilPublished(this.app, postId, this.wait);
  }

  /** Stops the worker, which a kept demo no longer needs. */
  async stopWorker(): Promise<void> {
    await this.#worker?.stop();
  }

  /** Closes the hub, so that it can be removed. */
  async close(): Promise<void> {
    await this.#worker?.kill();
    await this.#app?.close().catch(() => {});
  }
}
