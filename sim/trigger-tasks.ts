/** The tasks of `src/trigger/` on the simulated Trigger.dev: each run a process of its own that may die and is tried again. */

import { prepareAhead } from "../src/core/publish/ahead/ahead.ts";
import { mediaDue } from "../src/core/publish/ahead/due.ts";
import type { PublishDeps } from "../src/core/publish/deps.ts";
import { refreshDue } from "../src/core/tokens/keeper.ts";
import { hubEngine } from "../src/engines/switch.ts";
import { runPost } from "../src/engines/trigger-run.ts";
import { watchOver } from "../src/engines/trigger-watch.ts";
import type { Prng } from "./prng.ts";
import { Process, type Scheduler } from "./scheduler.ts";
import type { SimRun, SimTrigger } from "./trigger.ts";

const ATTEMPTS_MAX = 10;
const BACKOFF_MS = 2_000;
const BACKOFF_MS_MAX = 120_000;
/** Until the kill of a cancelled run's process. */
const KILL_MS_MAX = 5_000;
const WATCHDOG_MS = 60_000;
const REFRESH_MS = 30 * 60_000;
const AHEAD_MS = 60_000;

export interface TaskHost {
  scheduler: Scheduler;
  prng: Prng;
  trigger: SimTrigger;
  /** What a process of this run works with; it may be killed from here on. */
  depsOf(process: Process, runId: string): PublishDeps;
  /** A run that waits for less than this sleeps inside its process. */
  waitMsMax: number;
  /** Posts of this world carry media. */
  hasMedia: boolean;
}

export class TriggerTasks {
  readonly #host: TaskHost;
  /** What has to be done when a process died, by process. */
  readonly #mourners = new Map<Process, () => void>();
  #watchdog: Process | null = null;
  #ahead: Process | null = null;

  constructor(host: TaskHost) {
    this.#host = host;
    host.trigger.onRun = (run) => this.#attempt(run, 1);
    void this.#every(WATCHDOG_MS, () => this.#watch());
    void this.#every(REFRESH_MS, () => void this.#task("refresher", (deps) => refreshDue(deps)));
    if (host.hasMedia) void this.#every(AHEAD_MS, () => this.#prepareAhead());
  }

  owns(process: Process): boolean {
    return this.#mourners.has(process);
  }

  /** One of its processes was killed. */
  died(process: Process): void {
    const mourn = this.#mourners.get(process);
    this.#mourners.delete(process);
    mourn?.();
  }

  all(): Process[] {
    return [...this.#mourners.keys()];
  }

  // --- internal ---

  #attempt(run: SimRun, number: number): void {
    const { scheduler, prng, trigger, waitMsMax } = this.#host;
    const process = new Process(run.id);
    const again = () => {
      if (run.status !== "EXECUTING") return;
      if (number >= ATTEMPTS_MAX) return trigger.end(run, "FAILED");
      const afterMs = Math.min(BACKOFF_MS * 2 ** (number - 1), BACKOFF_MS_MAX) * (0.5 + prng.next());
      const retry = () => {
        if (run.status === "EXECUTING") this.#attempt(run, number + 1);
      };
      void scheduler.gate(new Process("trigger"), `tries ${run.id} again`, retry, { afterMs: Math.round(afterMs) });
    };
    this.#mourners.set(process, again);
    scheduler.note(run.id, `starts, attempt ${number}`);
    const kill = async () => {
      this.#mourners.delete(process);
      await scheduler.bury(process, "cancelled");
    };
    const cancelled = () => {
      void scheduler.gate(new Process("trigger"), `kills ${run.id}`, kill, { afterMs: prng.int(0, KILL_MS_MAX) });
    };
    run.cancelled.signal.addEventListener("abort", cancelled, { once: true });
    const deps = this.#host.depsOf(process, run.id);
    const work = async () => {
      if ((await hubEngine(deps.hub)) === "embedded") return "retired";
      const host = {
        runId: run.id,
        waitsHere: (until: Date, now: Date) => until.getTime() - now.getTime() <= waitMsMax,
        waitUntil: (until: Date) => deps.clock.sleep(Math.max(0, until.getTime() - trigger.nowMs)),
      };
      return (await runPost(deps, deps.engine, run.payload, host, run.cancelled.signal)).kind;
    };
    work().then(
      (result) => {
        this.#mourners.delete(process);
        scheduler.note(run.id, `result ${result}`);
        trigger.end(run, "COMPLETED");
      },
      (error) => {
        this.#mourners.delete(process);
        scheduler.note(run.id, `threw ${String((error as Error).message).slice(0, 80)}`);
        again();
      },
    );
  }

  /** One at a time; while one is at work the next is left out. */
  #watch(): void {
    if (this.#watchdog && this.owns(this.#watchdog)) return;
    this.#watchdog = this.#task("watchdog", async (deps) => {
      if ((await hubEngine(deps.hub)) === "embedded") return;
      await watchOver(deps, deps.engine);
    });
  }

  /** As `src/trigger/media-ahead.ts`: one at a time, and one post after the other. */
  #prepareAhead(): void {
    if (this.#ahead && this.owns(this.#ahead)) return;
    this.#ahead = this.#task("media-ahead", async (deps) => {
      if ((await hubEngine(deps.hub)) === "embedded") return;
      for (const postId of await mediaDue(deps.hub)) {
        const { kind } = await prepareAhead(deps, postId);
        this.#host.scheduler.note("media-ahead", `result ${kind}`);
      }
    });
  }

  #task(name: string, act: (deps: PublishDeps) => Promise<unknown>): Process {
    const process = new Process(name);
    this.#mourners.set(process, () => {});
    act(this.#host.depsOf(process, name))
      .catch((error) => this.#host.scheduler.note(name, `threw ${String((error as Error).message).slice(0, 80)}`))
      .finally(() => this.#mourners.delete(process));
    return process;
  }

  async #every(ms: number, act: () => void): Promise<void> {
    const { scheduler, prng } = this.#host;
    const clock = scheduler.clockOf(new Process("cron"));
    await clock.sleep(prng.int(0, WATCHDOG_MS));
    for (;;) {
      act();
      await clock.sleep(ms);
    }
  }
}
