/**
 * A worker of the simulation: what `engines/worker.ts` starts, with the shipped alarm, sweep, token refresh and publishing,
 * and lanes of its own in the place of graphile-worker's.
 *
 * graphile-worker itself cannot run here: its SQL asks the server's `now()`, its timers are the process's, and it LISTENs on
 * a session, so neither its time nor its order would be the seed's. Jobs that get lost, come late or are out of date stand for
 * it (`engine.ts`); `test/chaos` and `test/engines` run the library itself. Presence is left out too: it is an advisory lock on
 * a session, which only `psn worker status` and the like read.
 */
import type { AheadResult } from "../src/core/publish/ahead/ahead.ts";
import type { PublishDeps } from "../src/core/publish/deps.ts";
import { publishPost } from "../src/core/publish/publish.ts";
import { sweep } from "../src/core/publish/watchdog.ts";
import { refreshClock } from "../src/core/publish/x-clock.ts";
import { refreshDue } from "../src/core/tokens/keeper.ts";
import { Alarm } from "../src/engines/alarm.ts";
import { AHEAD_MS, mediaAhead } from "../src/engines/media-ahead.ts";
import type { SimEngine } from "./engine.ts";
import type { Process, Scheduler } from "./scheduler.ts";

const LANES = 2;
/** As in `engines/worker.ts`. */
const POLL_MS = 10_000;
const WATCHDOG_MS = 30_000;
const REFRESH_MS = 30 * 60_000;
/** After a statement failed, a lane waits so long. */
const PAUSE_MS = 1_000;

export interface SimWorker {
  /** Postgres says that a job was added. */
  notified(): void;
  /** Takes no new posts, and stops those that run where it is safe. */
  stop(): void;
  /** Resolves when it has stopped; never when its process dies. */
  done: Promise<void>;
}

/** @param hasMedia posts of this world carry some, so they are made ready before their time */
export function startSimWorker(
  scheduler: Scheduler,
  process: Process,
  deps: PublishDeps,
  { hasMedia }: { hasMedia: boolean },
): SimWorker {
  const { hub, clock, engine } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  const failed = (error: unknown) =>
    scheduler.note(process.name, `threw ${String((error as Error).message).slice(0, 80)}`);
  const lanes = Array.from({ length: LANES }, () => new Lane(scheduler, process, deps, signal));
  const nudge = () => {
    for (const lane of lanes) lane.nudge();
  };
  const alarm = new Alarm(hub, clock, signal, {
    due: nudge,
    abandoned: async () => {
      await sweep(hub, engine, { onlyAbandoned: true });
    },
  });
  const every = async (ms: number, act: () => Promise<unknown>) => {
    while (!signal.aborted) {
      await act().catch(failed);
      await clock.sleep(ms, signal);
    }
  };
  const tell = ({ kind }: AheadResult) => scheduler.note(process.name, `media ahead: ${kind}`);
  const ahead = mediaAhead(deps, signal, tell, failed);
  const loops = [
    alarm.run(async (error) => {
      failed(error);
      return false;
    }),
    every(WATCHDOG_MS, async () => {
      await refreshClock(deps);
      await sweep(hub, engine, { clientId: deps.clientId, apiHost: deps.apiHost });
    }),
    every(REFRESH_MS, () => refreshDue(deps, { signal })),
    ...(hasMedia ? [every(AHEAD_MS, () => ahead.begin())] : []),
    ...lanes.map((lane) => lane.run()),
  ];
  return {
    notified() {
      nudge();
      alarm.poll();
    },
    stop() {
      stopping.abort();
      nudge();
    },
    done: Promise.all(loops).then(() => ahead.settled()),
  };
}

// --- internal ---

/** Runs one job after another while any is due, then waits until it is nudged or for the next poll. */
class Lane {
  readonly #scheduler: Scheduler;
  readonly #process: Process;
  readonly #deps: PublishDeps;
  readonly #stop: AbortSignal;
  #nudged = new AbortController();

  constructor(scheduler: Scheduler, process: Process, deps: PublishDeps, stop: AbortSignal) {
    this.#scheduler = scheduler;
    this.#process = process;
    this.#deps = deps;
    this.#stop = stop;
  }

  nudge(): void {
    this.#nudged.abort();
  }

  async run(): Promise<void> {
    const { clock } = this.#deps;
    while (!this.#stop.aborted) {
      this.#nudged = new AbortController();
      try {
        if (await this.#runNext()) continue;
        await clock.sleep(POLL_MS, this.#nudged.signal);
      } catch (error) {
        this.#note(`threw ${String((error as Error).message).slice(0, 80)}`);
        await clock.sleep(PAUSE_MS, this.#stop);
      }
    }
  }

  /** @returns false when no job is due */
  async #runNext(): Promise<boolean> {
    const deps = this.#deps;
    const job = await (deps.engine as SimEngine).take(deps.hub);
    if (!job) return false;
    const result = await publishPost(deps, job, this.#stop);
    this.#note(`result ${result.kind}${result.kind === "failed" ? ` ${result.code}` : ""}`);
    return true;
  }

  #note(what: string): void {
    this.#scheduler.note(this.#process.name, what);
  }
}
