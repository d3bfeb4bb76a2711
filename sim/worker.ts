/** A worker of the simulation: what `engines/worker.ts` does, on the engine and the clock of the simulation. */

import type { PublishDeps } from "../src/core/publish/deps.ts";
import { publishPost } from "../src/core/publish/publish.ts";
import { sweep } from "../src/core/publish/watchdog.ts";
import { refreshDue } from "../src/core/tokens/keeper.ts";
import type { SimEngine } from "./engine.ts";
import type { Process, Scheduler } from "./scheduler.ts";

const LANES = 2;
const WATCHDOG_MS = 60_000;
const REFRESH_MS = 30 * 60_000;

/** When somebody has to get up, so that idle workers need not ask all the time. */
export class Hints {
  #times: number[] = [];
  /** A lease may have run out by then: its owner died or froze. The real worker's alarm reads that in the hub. */
  #abandonedAtMs = Number.POSITIVE_INFINITY;
  readonly #waiting = new Set<() => void>();

  add(atMs: number): void {
    this.#times.push(atMs);
    this.#times.sort((a, b) => a - b);
    for (const wake of [...this.#waiting]) wake();
  }

  addAbandoned(atMs: number): void {
    this.#abandonedAtMs = Math.min(this.#abandonedAtMs, atMs);
    this.add(atMs);
  }

  takeAbandoned(nowMs: number): boolean {
    if (this.#abandonedAtMs > nowMs) return false;
    this.#abandonedAtMs = Number.POSITIVE_INFINITY;
    return true;
  }

  /** Takes the earliest hint whose time has come; each wakes one lane. */
  takeDue(nowMs: number): boolean {
    if ((this.#times[0] ?? Number.POSITIVE_INFINITY) > nowMs) return false;
    this.#times.shift();
    return true;
  }

  msUntilNext(nowMs: number): number {
    return Math.max(0, (this.#times[0] ?? nowMs + 600_000) - nowMs);
  }

  /** Aborts when a hint is added. */
  changed(): AbortSignal {
    const poke = new AbortController();
    const wake = () => {
      this.#waiting.delete(wake);
      poke.abort();
    };
    this.#waiting.add(wake);
    return poke.signal;
  }
}

export function startSimWorker(scheduler: Scheduler, process: Process, deps: PublishDeps, hints: Hints): void {
  const engine = deps.engine as SimEngine;
  const { hub, clock } = deps;
  const lane = async () => {
    for (;;) {
      if (!hints.takeDue(scheduler.nowMs)) {
        const isDead = () => process.isDead;
        await clock.sleep(hints.msUntilNext(scheduler.nowMs), hints.changed());
        if (isDead()) return;
        continue;
      }
      try {
        if (hints.takeAbandoned(scheduler.nowMs)) await sweep(hub, engine, { onlyAbandoned: true });
        const job = await engine.take(hub);
        if (job) {
          const result = await publishPost(deps, job);
          scheduler.note(process.name, `result ${result.kind}${result.kind === "failed" ? ` ${result.code}` : ""}`);
        }
      } catch (error) {
        scheduler.note(process.name, `threw ${String((error as Error).message).slice(0, 80)}`);
        await clock.sleep(1_000);
      }
    }
  };
  const every = async (ms: number, firstMs: number, act: () => Promise<unknown>) => {
    await clock.sleep(firstMs);
    for (;;) {
      await act().catch(() => {});
      await clock.sleep(ms);
    }
  };
  for (let index = 0; index < LANES; index++) void lane();
  void every(WATCHDOG_MS, 1_000 + Math.floor(deps.random() * WATCHDOG_MS), () => sweep(hub, engine));
  void every(REFRESH_MS, REFRESH_MS, () => refreshDue(deps));
}
