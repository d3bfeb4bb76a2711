/** What the play needs: a configured PSN in a throwaway folder, signed in at the sandbox. The steps are a user's. */
import { join } from "node:path";
import { type App, openApp } from "../cli/_app.ts";
import { sandboxEnv } from "../cli/sandbox.ts";
import { setupHub } from "../cli/setup-hub.ts";
import { completeXOAuth, setupXOAuth } from "../cli/setup-x-oauth.ts";
import { wallClock } from "../core/clock.ts";
import { statusEmbedded } from "../core/db/embedded/index.ts";
import { PsnError } from "../core/errors.ts";
import { loadPost, type Post } from "../core/posts/read.ts";
import { type Env, writeEnvFile } from "../core/utils/env.ts";
import { countWorkers } from "../engines/presence.ts";
import { SANDBOX_HANDLE } from "../sandbox/types.ts";
import { consent } from "./consent.ts";
import type { DemoFolder } from "./folder.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.ts";

export const HANDLE = SANDBOX_HANDLE;
const WORKER_READY_MS_MAX = 60_000;
const POLL_MS = 20;

/** What PSN sees of the environment in the demo: the throwaway folder, and nothing of the caller's own setup. */
export function demoEnv({ configDir, dataDir }: DemoFolder): Env {
  return { PSN_CONFIG_DIR: configDir, PSN_DATA_DIR: dataDir };
}

/** Writes the configuration and starts the hub. Close the app before the folder is removed. */
export async function openHub(folder: DemoFolder, url: string): Promise<{ app: App; version: string }> {
  const env = demoEnv(folder);
  // With the data folder in it, PSN_CONFIG_DIR alone leads to this demo's posts while it is kept.
  await writeEnvFile(join(folder.configDir, "hub.env"), { PSN_DATA_DIR: folder.dataDir });
  await writeEnvFile(join(folder.configDir, "keys.env"), sandboxEnv(url));
  await setupHub({ env, interactive: false, note: () => {}, dryRun: false, willWrite: () => {} }, {});
  const app = await openApp({ env, applicationName: "psn demo" });
  const { version } = await statusEmbedded({ dataDir: join(folder.dataDir, "hub") });
  return { app, version: version ?? "" };
}

/** Signs the sandbox's account in as a person does: opens the address, says yes, pastes where the browser ends. */
export async function signIn(app: App): Promise<string> {
  const step = await setupXOAuth(app);
  if (step.status !== "need_input" || typeof step.data?.url !== "string") {
    throw new PsnError("DEMO_SIGN_IN", `The sign-in did not begin: ${step.message}`);
  }
  const { account } = await completeXOAuth(app, await consent(step.data.url, HANDLE));
  return account.handle;
}

/** Starts a worker process and waits until it is ready for what falls due. */
export async function startReadyWorker(stage: { app: App; folder: DemoFolder; signal: AbortSignal }) {
  const { app, folder, signal } = stage;
  const worker = await startWorkerProcess(folder.root, demoEnv(folder));
  await until({ signal, worker, timeoutMs: WORKER_READY_MS_MAX, what: "the worker to be ready" }, async () => {
    return (await countWorkers(app.hub)) > 0 || null;
  });
  return worker;
}

export interface Wait {
  signal: AbortSignal;
  /** Waiting ends when it does. */
  worker?: WorkerProcess;
  timeoutMs: number;
  /** What is waited for, for the error. */
  what: string;
}

/** Waits until a post is published. @throws PsnError DEMO_POST_FAILED with the reason, DEMO_… */
export async function untilPublished(app: App, postId: string, wait: Omit<Wait, "what">): Promise<Post> {
  return await until({ ...wait, what: `post ${postId} to be published` }, async () => {
    const post = await loadPost(app.hub.db, postId);
    if (post.root.status === "failed") {
      const reason = post.root.failReason ?? "no reason is recorded";
      throw new PsnError("DEMO_POST_FAILED", `A post failed (${post.root.failCode}): ${reason}`);
    }
    return post.root.status === "published" ? post : null;
  });
}

/**
 * Asks until there is an answer other than null.
 * @throws PsnError DEMO_STOPPED, DEMO_WORKER_DIED, DEMO_TIMEOUT
 */
export async function until<T>(wait: Wait, ask: () => Promise<T | null>): Promise<T> {
  const end = Date.now() + wait.timeoutMs;
  for (;;) {
    requireRunning(wait.signal);
    const answer = await ask();
    if (answer !== null) return answer;
    if (wait.worker?.hasEnded()) {
      // On Ctrl-C in a terminal the worker gets the signal, too.
      await wallClock.sleep(100, wait.signal);
      requireRunning(wait.signal);
      const last = wait.worker.lastWords().split("\n").at(-1) ?? "";
      throw new PsnError("DEMO_WORKER_DIED", `The worker ended by itself. Its last words: ${last || "none"}`, {
        hint: "This is a bug in PSN, or the system ended it.",
      });
    }
    if (Date.now() > end) {
      throw new PsnError("DEMO_TIMEOUT", `The demo waited ${wait.timeoutMs / 1000} s in vain for ${wait.what}.`, {
        hint: "A machine under heavy load may be that slow; try again. Otherwise it is a bug in PSN.",
      });
    }
    await wallClock.sleep(POLL_MS, wait.signal);
  }
}

/** @throws PsnError DEMO_STOPPED once the demo was asked to stop */
export function requireRunning(signal: AbortSignal): void {
  if (!signal.aborted) return;
  if (signal.reason instanceof PsnError) throw signal.reason;
  throw new PsnError("DEMO_STOPPED", "The demo was stopped before its end.", {
    hint: "What it had started is stopped and removed.",
  });
}
