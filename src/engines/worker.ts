/**
 * The embedded worker: one process that publishes what falls due, keeps tokens fresh and looks after the neglected.
 * Many may run over one hub, on one machine or several.
 *
 * graphile-worker runs the jobs. Around it, by its public API only: an alarm that nudges it at the next due time, so a
 * post goes out milliseconds after its time instead of at the next poll.
 */
import { EventEmitter } from "node:events";
import { Logger, run, type Task, type WorkerEvents, type WorkerPool } from "graphile-worker";
import type pg from "pg";
import type { Clock } from "../core/clock.ts";
import type { Hub } from "../core/db/connection.ts";
import { type PublishDeps, type PublishResult, publishPost } from "../core/publish/publish.ts";
import { sweep } from "../core/publish/watchdog.ts";
import { refreshDue } from "../core/tokens/keeper.ts";
import { PUBLISH_TASK, PublishJobSchema } from "./embedded.ts";

const POLL_MS = 5_000;
const WATCHDOG_MS = 60_000;
const REFRESH_MS = 30 * 60_000;
/** Between two looks of the alarm, so that a job which cannot start does not make it spin. */
const ALARM_MS_MIN = 200;

/** Held, shared, by every living worker on a session of its own; Postgres drops it the moment the process dies. */
const WORKER_LOCK = 0x70736e02;

export type WorkerNews =
  | { kind: "ready" }
  | { kind: "result"; result: PublishResult }
  | { kind: "refreshed"; counts: { refreshed: number; signedOut: number; unavailable: number } }
  | { kind: "swept"; abandoned: number; overdue: number }
  | { kind: "trouble"; what: string; message: string };

export interface Worker {
  /** Takes no new posts, lets running ones finish their tweet or hands them back, then resolves. */
  stop(): Promise<void>;
  /** Resolves when the worker has stopped, for whatever reason. */
  done: Promise<void>;
}

export interface WorkerOptions {
  concurrency?: number;
  onNews?: (news: WorkerNews) => void;
}

/** Starts working and resolves when it is ready for the first job. */
export async function startWorker(deps: PublishDeps, options: WorkerOptions = {}): Promise<Worker> {
  const { hub, clock, engine } = deps;
  const concurrency = options.concurrency ?? 4;
  const news = options.onNews ?? (() => {});
  const stopping = new AbortController();
  const trouble = (what: string) => (error: unknown) =>
    news({ kind: "trouble", what, message: String((error as Error)?.message ?? error).slice(0, 500) });

  const publish: Task = async (payload) => {
    const job = PublishJobSchema.parse(payload);
    const result = await publishPost(deps, job, stopping.signal);
    if (result.kind !== "not_ours") news({ kind: "result", result });
  };

  const events = new EventEmitter() as WorkerEvents;
  const pools: WorkerPool[] = [];
  const alarm = new Alarm(hub, clock, stopping.signal, async (isAbandoned) => {
    if (isAbandoned) await sweep(hub, engine, { onlyAbandoned: true });
    for (const pool of pools) pool.nudge(concurrency);
  });
  events.on("pool:create", ({ workerPool }) => pools.push(workerPool));
  events.on("pool:listen:notification", () => alarm.look());
  events.on("pool:listen:success", () => alarm.look());

  const presence = await announce(hub);
  const runner = await run({
    pgPool: hub.pool,
    events,
    taskList: { [PUBLISH_TASK]: publish },
    concurrency,
    pollInterval: POLL_MS,
    noHandleSignals: true,
    logger: new Logger(() => () => {}),
  });

  const every = async (ms: number, what: string, act: () => Promise<void>) => {
    while (!stopping.signal.aborted) {
      await act().catch(trouble(what));
      await clock.sleep(ms, stopping.signal);
    }
  };
  const loops = [
    alarm.run(trouble("alarm")),
    every(WATCHDOG_MS, "watchdog", async () => {
      const swept = await sweep(hub, engine);
      if (swept.abandoned + swept.overdue > 0) news({ kind: "swept", ...swept });
    }),
    every(REFRESH_MS, "token refresh", async () => {
      const counts = await refreshDue(deps, { signal: stopping.signal });
      if (counts.refreshed + counts.signedOut + counts.unavailable > 0) news({ kind: "refreshed", counts });
    }),
    presence.keep(clock, stopping.signal, trouble("presence")),
  ];
  const done = runner.promise.finally(async () => {
    stopping.abort();
    await Promise.all(loops);
    presence.release();
  });
  news({ kind: "ready" });
  return {
    done,
    async stop() {
      stopping.abort();
      await runner.stop().catch(() => {});
      await done.catch(() => {});
    },
  };
}

/** How many workers are alive on this hub at this moment, by the locks they hold. */
export async function countWorkers(hub: Hub): Promise<number> {
  const { rows } = await hub.pool.query(
    "select count(distinct pid)::int as workers from pg_locks where locktype = 'advisory' and classid = 0 and objid = $1 and granted and database = (select oid from pg_database where datname = current_database())",
    [WORKER_LOCK],
  );
  return rows[0].workers;
}

// --- internal ---

/** Wakes the worker at the next due time. The posts' own index tells it; graphile's view would scan (28 ms at 100,000). */
class Alarm {
  readonly #hub: Hub;
  readonly #clock: Clock;
  readonly #stop: AbortSignal;
  readonly #ring: (isAbandoned: boolean) => Promise<void>;
  #poke = new AbortController();

  constructor(hub: Hub, clock: Clock, stop: AbortSignal, ring: (isAbandoned: boolean) => Promise<void>) {
    this.#hub = hub;
    this.#clock = clock;
    this.#stop = stop;
    this.#ring = ring;
    stop.addEventListener("abort", () => this.look(), { once: true });
  }

  /** Something may have changed: look at the next due time again now. */
  look(): void {
    this.#poke.abort();
  }

  async run(trouble: (error: unknown) => void): Promise<void> {
    while (!this.#stop.aborted) {
      this.#poke = new AbortController();
      let waitMs = POLL_MS;
      try {
        const { dueMs, abandonedMs } = await this.#next();
        const nextMs = Math.min(dueMs, abandonedMs);
        if (nextMs <= 0) {
          await this.#ring(abandonedMs <= 0);
          waitMs = ALARM_MS_MIN;
        } else {
          waitMs = Math.min(nextMs, POLL_MS);
        }
      } catch (error) {
        trouble(error);
      }
      await this.#clock.sleep(waitMs, this.#poke.signal);
      // Several notifications at once are one look.
      if (this.#poke.signal.aborted) await this.#clock.sleep(5, this.#stop);
    }
  }

  async #next(): Promise<{ dueMs: number; abandonedMs: number }> {
    const { rows } = await this.#hub.pool.query(`
      select
        (select extract(epoch from min(due_at) - psn.now()) * 1000 from psn.posts
          where due_at is not null and due_at > psn.now() - interval '1 second') as due,
        (select extract(epoch from min(lease_expires_at) - psn.now()) * 1000 from psn.posts
          where status = 'publishing') as abandoned`);
    const ms = (value: string | null) => (value === null ? Number.POSITIVE_INFINITY : Number(value));
    return { dueMs: ms(rows[0].due), abandonedMs: ms(rows[0].abandoned) };
  }
}

/** Takes the presence lock on a connection of its own, and takes it again after the connection broke. */
async function announce(hub: Hub) {
  let client: pg.PoolClient | null = null;
  const take = async () => {
    const fresh = await hub.pool.connect();
    fresh.on("error", () => {
      client = null;
    });
    await fresh.query("select pg_advisory_lock_shared($1)", [WORKER_LOCK]);
    client = fresh;
  };
  await take();
  return {
    async keep(clock: Clock, stop: AbortSignal, trouble: (error: unknown) => void) {
      while (!stop.aborted) {
        await clock.sleep(POLL_MS, stop);
        if (client === null && !stop.aborted) await take().catch(trouble);
      }
    },
    /** Ends the session: a released pooled connection would keep the lock. */
    release: () => client?.release(true),
  };
}
