/**
 * The embedded engine's worker: a process that publishes due posts, keeps tokens fresh, sweeps for abandoned posts and
 * removes media. Several may run on one hub, on one machine or more.
 *
 * graphile-worker runs the jobs. Around it, by its public API only: an alarm that nudges it at the next due time, so a
 * post goes out milliseconds after its time instead of at the next poll.
 */
import { EventEmitter } from "node:events";
import type { Runner, Task, WorkerEvents, WorkerPool } from "graphile-worker";
import { isHubOutage, messageOf } from "../core/db/errors.ts";
import { GRAPHILE_SCHEMA, loadGraphile } from "../core/db/graphile.ts";
import type { AheadResult } from "../core/publish/ahead/ahead.ts";
import type { PublishDeps, PublishResult } from "../core/publish/deps.ts";
import { publishPost } from "../core/publish/publish.ts";
import { sweep } from "../core/publish/watchdog.ts";
import { refreshClock, skewOf } from "../core/publish/x-clock.ts";
import { refreshDue } from "../core/tokens/keeper.ts";
import { Alarm } from "./alarm.ts";
import { PUBLISH_TASK, PublishJobSchema } from "./embedded.ts";
import { AHEAD_MS, mediaAhead } from "./media-ahead.ts";
import { announce } from "./presence.ts";

/** graphile-worker polls this often for jobs that failed and are tried again. The alarm runs the others. */
const POLL_MS = 10_000;
const WATCHDOG_MS = 30_000;
const REFRESH_EVERY_MS = 30 * 60_000;
/** An embedded hub that goes on with its open connections and takes no new ones is found this soon. */
const PROBE_MS = 5_000;
const CLEAN_MS = 60 * 60_000;
/** How often it asks for its first job, with the pause between. */
const FIRST_TRIES_MAX = 3;
const FIRST_PAUSE_MS = 1_000;
/** A running post ends within one request to X. One that has not by then is left to its lease. */
const STOP_MS_MAX = 45_000;

export type WorkerNews =
  | { kind: "ready" }
  | { kind: "result"; result: PublishResult }
  /** What came of media before their post's time. */
  | { kind: "ahead"; ahead: AheadResult }
  | { kind: "refreshed"; counts: { refreshed: number; signedOut: number; unavailable: number } }
  | { kind: "swept"; abandoned: number; overdue: number }
  /** The hub's clock and X's differ by more than a minute; said once, and again when it changes. */
  | { kind: "skew"; says: string }
  /** The embedded hub was stopped or broke, and was started again. */
  | { kind: "revived" }
  /** Something went wrong; the worker goes on. */
  | { kind: "error"; what: string; message: string };

export interface Worker {
  /** Takes no new posts, lets running ones finish their tweet or releases them, then resolves; within 45 seconds. */
  stop(): Promise<void>;
  /** Resolves when the worker has stopped, for any reason. */
  done: Promise<void>;
}

export interface WorkerOptions {
  concurrency?: number;
  /** How often tokens that will expire soon are refreshed. Default 30 minutes. */
  refreshEveryMs?: number;
  onNews?: (news: WorkerNews) => void;
  /** Removes media that no post needs any more; called every hour. */
  cleanMedia?: () => Promise<unknown>;
  /** What a job does; the benchmark measures here. Default: publishes the post. */
  publish?: typeof publishPost;
}

/** Starts working and resolves when it is ready for the first job. */
export async function startWorker(deps: PublishDeps, options: WorkerOptions = {}): Promise<Worker> {
  const { Logger, run } = await loadGraphile();
  const { hub, clock, engine } = deps;
  const concurrency = options.concurrency ?? 8;
  const news = options.onNews ?? (() => {});
  const stopping = new AbortController();
  const report = (what: string) => (error: unknown) =>
    news({ kind: "error", what, message: messageOf(error).slice(0, 500) });

  // The alarm polls the hub every few seconds, so it is the first to see an outage.
  const restartHub = async (error: unknown): Promise<boolean> => {
    report("alarm")(error);
    return isHubOutage(error) && (await reviveHub());
  };
  const reviveHub = async (): Promise<boolean> => {
    if (!hub.embedded || stopping.signal.aborted) return false;
    try {
      const wasDown = await hub.embedded.revive();
      if (wasDown) news({ kind: "revived" });
      // Its folder may have been replaced while it was down.
      if (wasDown) await deps.mark?.check();
      return wasDown;
    } catch (broken) {
      report("hub")(broken);
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
  events.on("pool:listen:notification", () => alarm.poll());
  events.on("pool:listen:success", () => alarm.poll());
  // graphile tries a failed job again; before that the lease ends and the watchdog enqueues the post.
  events.on("job:error", ({ error }) => report("publishing")(error));

  // graphile-worker 0.18 does not await the completion of a job, so an outage at that moment is a rejection that nothing
  // handles. The post is not touched by it: its row says that there is nothing left to do.
  const onStrayRejection = (error: unknown) => {
    report("job")(error);
    if (!isHubOutage(error)) process.exitCode = 1;
  };
  const presence = await announce(hub);
  process.on("unhandledRejection", onStrayRejection);
  const begin = async (triesLeft: number): Promise<Runner> => {
    const asked = firstAsked(events);
    const runner = await run({
      pgPool: hub.pool,
      events,
      // Given, so that the environment and a `tasks` or `crontab` in the current folder are not read.
      schema: GRAPHILE_SCHEMA,
      taskList: { [PUBLISH_TASK]: publish },
      parsedCronItems: [],
      concurrency,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      logger: new Logger(() => () => {}),
    });
    const error = await asked;
    if (error === null) return runner;
    await runner.stop().catch(() => {});
    pools.length = 0;
    if (triesLeft <= 1) throw error;
    report("jobs")(error);
    if (!(await reviveHub())) await clock.sleep(FIRST_PAUSE_MS, stopping.signal);
    return await begin(triesLeft - 1);
  };
  const runner = await begin(FIRST_TRIES_MAX).catch((error) => {
    process.off("unhandledRejection", onStrayRejection);
    presence.release();
    throw error;
  });

  const every = async (ms: number, what: string, act: () => Promise<void>) => {
    while (!stopping.signal.aborted) {
      await act().catch(report(what));
      await clock.sleep(ms, stopping.signal);
    }
  };
  const ahead = mediaAhead(deps, stopping.signal, (result) => news({ kind: "ahead", ahead: result }), report("media"));
  let skewTold: string | null = null;
  const loops = [
    alarm.run(restartHub),
    every(WATCHDOG_MS, "watchdog", async () => {
      await refreshClock(deps);
      const { abandoned, overdue } = await sweep(hub, engine, { clientId: deps.clientId, apiHost: deps.apiHost });
      if (abandoned + overdue > 0) news({ kind: "swept", abandoned, overdue });
      const says = await skewOf(hub, deps.platform.host);
      if (says !== null && says !== skewTold) news({ kind: "skew", says });
      skewTold = says;
    }),
    every(options.refreshEveryMs ?? REFRESH_EVERY_MS, "token refresh", async () => {
      const counts = await refreshDue(deps, { signal: stopping.signal });
      if (counts.refreshed + counts.signedOut + counts.unavailable > 0) news({ kind: "refreshed", counts });
    }),
    every(AHEAD_MS, "media", () => ahead.begin()),
    every(CLEAN_MS, "media", async () => void (await options.cleanMedia?.())),
    every(PROBE_MS, "hub", async () => void (await reviveHub())),
    presence.keep(clock, stopping.signal, report("presence")),
  ];
  const ended = runner.promise.finally(async () => {
    stopping.abort();
    await Promise.all(loops);
    await ahead.settled();
  });
  const late = new AbortController();
  const lateEnd = new Promise<void>((resolve) =>
    late.signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  const done = Promise.race([ended, lateEnd]).finally(() => {
    process.off("unhandledRejection", onStrayRejection);
    presence.release();
  });
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

// --- internal ---

/**
 * What came of asking for the first job: null, or the error. graphile-worker 0.18 reads the ids of its tasks with it and keeps the
 * promise of them, so one that failed then (the hub was restarted at that moment) would fail for ever, and run no job.
 */
function firstAsked(events: WorkerEvents): Promise<Error | null> {
  return new Promise((resolve) => {
    const isWell = () => resolve(null);
    events.once("worker:getJob:empty", isWell);
    events.once("job:start", isWell);
    events.once("worker:getJob:error", ({ error }) => resolve(error as Error));
  });
}
