/**
 * The embedded worker: one process that publishes what falls due, keeps tokens fresh and looks after the neglected.
 * Many may run over one hub, on one machine or several.
 *
 * graphile-worker runs the jobs. Around it, by its public API only: an alarm that nudges it at the next due time, so a
 * post goes out milliseconds after its time instead of at the next poll.
 */
import { EventEmitter } from "node:events";
import type { Task, WorkerEvents, WorkerPool } from "graphile-worker";
import { isHubOutage } from "../core/db/errors.ts";
import { GRAPHILE_SCHEMA, loadGraphile } from "../core/db/graphile.ts";
import type { PublishDeps, PublishResult } from "../core/publish/deps.ts";
import { publishPost } from "../core/publish/publish.ts";
import { sweep } from "../core/publish/watchdog.ts";
import { refreshDue } from "../core/tokens/keeper.ts";
import { Alarm } from "./alarm.ts";
import { PUBLISH_TASK, PublishJobSchema } from "./embedded.ts";
import { announce } from "./presence.ts";

/** Each lane asks so often by itself, though the alarm wakes them all: for jobs that failed and are tried again. */
const POLL_MS = 10_000;
const WATCHDOG_MS = 30_000;
const REFRESH_EVERY_MS = 30 * 60_000;
const CLEAN_MS = 60 * 60_000;
/** A running post ends within one request to X; whoever has not by then is left to the lease. */
const STOP_MS_MAX = 45_000;

export type WorkerNews =
  | { kind: "ready" }
  | { kind: "result"; result: PublishResult }
  | { kind: "refreshed"; counts: { refreshed: number; signedOut: number; unavailable: number } }
  | { kind: "swept"; abandoned: number; overdue: number }
  /** The embedded hub was stopped or broke, and was started again. */
  | { kind: "revived" }
  | { kind: "trouble"; what: string; message: string };

export interface Worker {
  /** Takes no new posts, lets running ones finish their tweet or hands them back, then resolves; within 45 seconds. */
  stop(): Promise<void>;
  /** Resolves when the worker has stopped, for whatever reason. */
  done: Promise<void>;
}

export interface WorkerOptions {
  concurrency?: number;
  /** How often tokens that will expire soon are refreshed. Default 30 minutes. */
  refreshEveryMs?: number;
  onNews?: (news: WorkerNews) => void;
  /** Removes media that no post needs any more; called now and then. */
  cleanMedia?: () => Promise<unknown>;
  /** What a wake-up does; the bench puts a stopwatch here. Default: publishes the post. */
  publish?: typeof publishPost;
}

/** Starts working and resolves when it is ready for the first job. */
export async function startWorker(deps: PublishDeps, options: WorkerOptions = {}): Promise<Worker> {
  const { Logger, run } = await loadGraphile();
  const { hub, clock, engine } = deps;
  const concurrency = options.concurrency ?? 8;
  const news = options.onNews ?? (() => {});
  const stopping = new AbortController();
  const trouble = (what: string) => (error: unknown) =>
    news({ kind: "trouble", what, message: String((error as Error)?.message ?? error).slice(0, 500) });

  // The alarm asks the hub every few seconds, so it is the first to know that it went away.
  const mendHub = async (error: unknown): Promise<boolean> => {
    trouble("alarm")(error);
    if (!hub.embedded || !isHubOutage(error) || stopping.signal.aborted) return false;
    try {
      const wasDown = await hub.embedded.revive();
      if (wasDown) news({ kind: "revived" });
      return wasDown;
    } catch (broken) {
      trouble("hub")(broken);
      return false;
    }
  };

  const publish: Task = async (payload) => {
    const job = PublishJobSchema.parse(payload);
    const result = await (options.publish ?? publishPost)(deps, job, stopping.signal);
    if (result.kind !== "not_ours") news({ kind: "result", result });
  };

  const events = new EventEmitter() as WorkerEvents;
  const pools: WorkerPool[] = [];
  const alarm = new Alarm(hub, clock, stopping.signal, {
    due: () => {
      for (const pool of pools) pool.nudge(concurrency);
    },
    abandoned: async () => {
      await sweep(hub, engine, { onlyAbandoned: true });
    },
  });
  events.on("pool:create", ({ workerPool }) => pools.push(workerPool));
  events.on("pool:listen:notification", () => alarm.look());
  events.on("pool:listen:success", () => alarm.look());
  // graphile tries a failed job again; the row's lease and the watchdog see to the post before that.
  events.on("job:error", ({ error }) => trouble("publishing")(error));

  const presence = await announce(hub);
  const runner = await run({
    pgPool: hub.pool,
    events,
    // Given, so that neither the environment nor a `tasks` or a `crontab` in the current folder has a say.
    schema: GRAPHILE_SCHEMA,
    taskList: { [PUBLISH_TASK]: publish },
    parsedCronItems: [],
    concurrency,
    pollInterval: POLL_MS,
    noHandleSignals: true,
    logger: new Logger(() => () => {}),
  }).catch((error) => {
    presence.release();
    throw error;
  });

  const every = async (ms: number, what: string, act: () => Promise<void>) => {
    while (!stopping.signal.aborted) {
      await act().catch(trouble(what));
      await clock.sleep(ms, stopping.signal);
    }
  };
  const loops = [
    alarm.run(mendHub),
    every(WATCHDOG_MS, "watchdog", async () => {
      const { abandoned, overdue } = await sweep(hub, engine);
      if (abandoned + overdue > 0) news({ kind: "swept", abandoned, overdue });
    }),
    every(options.refreshEveryMs ?? REFRESH_EVERY_MS, "token refresh", async () => {
      const counts = await refreshDue(deps, { signal: stopping.signal });
      if (counts.refreshed + counts.signedOut + counts.unavailable > 0) news({ kind: "refreshed", counts });
    }),
    every(CLEAN_MS, "media", async () => void (await options.cleanMedia?.())),
    presence.keep(clock, stopping.signal, trouble("presence")),
  ];
  const ended = runner.promise.finally(async () => {
    stopping.abort();
    await Promise.all(loops);
  });
  const late = new AbortController();
  const lateEnd = new Promise<void>((resolve) =>
    late.signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  const done = Promise.race([ended, lateEnd]).finally(() => presence.release());
  news({ kind: "ready" });
  return {
    done,
    async stop() {
      stopping.abort();
      runner.stop().catch(() => {});
      const waited = new AbortController();
      void clock.sleep(STOP_MS_MAX, waited.signal).then(() => late.abort());
      await done.catch(() => {});
      waited.abort();
    },
  };
}
