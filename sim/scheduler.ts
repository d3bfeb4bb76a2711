/**
 * One step at a time. Every await of the code under test ends up here as an operation that waits to be done; the
 * scheduler does one, lets the code run on until it waits again, and chooses the next by prng. Time stands still
 * meanwhile and moves only when nothing is left to do at this instant.
 */
import type { Clock } from "../src/core/clock.ts";
import type { Prng } from "./prng.ts";

/** A process of the simulated world: it can die, freeze, and have a clock that is wrong. */
export class Process {
  readonly name: string;
  isDead = false;
  /** In virtual ms; operations of a frozen process wait. */
  frozenUntilMs = 0;
  clockShiftMs = 0;
  /** Called when it dies: what the system cleans up after it. */
  readonly onDeath: (() => Promise<void>)[] = [];

  constructor(name: string) {
    this.name = name;
  }
}

interface Operation {
  process: Process;
  label: string;
  readyAtMs: number;
  /** False while another transaction's lock is in the way. */
  isFree: () => boolean;
  run: () => Promise<void> | void;
  /** Done before anything else, without a choice. */
  isUrgent: boolean;
}

export interface GateOptions {
  afterMs?: number;
  isFree?: () => boolean;
  isUrgent?: boolean;
}

const NEVER = new Promise<never>(() => {});
/**
 * A quarter of an hour of a world takes some 1,400 steps, and its healing as many; but three workers that wait six hours for what X
 * refused until then look at the hub some 75,000 times (seed 3765).
 */
export const STEPS_MAX = 120_000;

export class Scheduler {
  nowMs: number;
  steps = 0;
  /** After so many a seed counts as stuck. */
  stepsMax = STEPS_MAX;
  readonly log: string[] = [];
  readonly #prng: Prng;
  readonly #startMs: number;
  #operations: Operation[] = [];
  /** Called before each operation; may kill or freeze its process. */
  beforeStep: (process: Process, label: string) => "go" | "die_before" | "die_after" = () => "go";

  constructor(prng: Prng, startMs: number) {
    this.#prng = prng;
    this.#startMs = startMs;
    this.nowMs = startMs;
  }

  note(who: string, what: string): void {
    const seconds = ((this.nowMs - this.#startMs) / 1000).toFixed(3);
    this.log.push(`${seconds.padStart(10)}  ${who.padEnd(9)} ${what}`);
  }

  /** Waits for its turn, then does `act` and gives back what came of it. A dead process never gets it. */
  gate<T>(process: Process, label: string, act: () => Promise<T> | T, options: GateOptions = {}): Promise<T> {
    if (process.isDead) return NEVER;
    return new Promise<T>((resolve, reject) => {
      this.#operations.push({
        process,
        label,
        readyAtMs: this.nowMs + (options.afterMs ?? 0),
        isFree: options.isFree ?? (() => true),
        isUrgent: options.isUrgent ?? false,
        run: async () => {
          try {
            const value = await act();
            if (!process.isDead) resolve(value);
          } catch (error) {
            if (!process.isDead) reject(error);
          }
        },
      });
    });
  }

  /** A clock as one process sees it. */
  clockOf(process: Process): Clock {
    return {
      now: () => new Date(this.nowMs + process.clockShiftMs),
      sleep: (ms, signal) => this.#sleep(process, ms, signal),
    };
  }

  kill(process: Process, why: string): void {
    if (process.isDead) return;
    process.isDead = true;
    this.note(process.name, `DIES (${why})`);
    this.#operations = this.#operations.filter((operation) => operation.process !== process);
  }

  /** Kills it, and lets the system clean up. */
  async bury(process: Process, why: string): Promise<void> {
    this.kill(process, why);
    for (const clean of process.onDeath.splice(0)) await clean();
  }

  /**
   * Steps until `isDone`, or until nothing can happen any more, or virtual time or patience ends.
   * @returns why it ended
   */
  async run(untilMs: number, isDone: () => boolean = () => false): Promise<"done" | "time" | "idle" | "steps"> {
    await settle();
    while (!isDone()) {
      if (this.steps >= this.stepsMax) return "steps";
      const operation = this.#choose();
      if (operation === "idle") return "idle";
      if (operation.readyAtMs > untilMs || this.nowMs > untilMs) {
        this.#operations.push(operation);
        return "time";
      }
      this.steps++;
      await this.#step(operation);
      await settle();
    }
    return "done";
  }

  // --- internal ---

  async #step(operation: Operation): Promise<void> {
    const { process, label } = operation;
    const fate = operation.isUrgent ? "go" : this.beforeStep(process, label);
    if (fate === "die_before") {
      this.kill(process, `before ${label}`);
    } else {
      if (fate === "die_after") this.kill(process, `after ${label}`);
      if (label !== "tick") this.note(process.name, label);
      await operation.run();
    }
    if (process.isDead) for (const clean of process.onDeath.splice(0)) await clean();
  }

  /** Takes an operation out: an urgent one, or any that is ready; else time moves to the next that will be. */
  #choose(): Operation | "idle" {
    const operations = this.#operations;
    const urgent = operations.findIndex(({ isUrgent }) => isUrgent);
    if (urgent >= 0) return operations.splice(urgent, 1)[0] as Operation;
    for (;;) {
      const ready: number[] = [];
      let nextMs = Number.POSITIVE_INFINITY;
      for (const [index, { process, readyAtMs, isFree }] of operations.entries()) {
        if (!isFree()) continue;
        const atMs = Math.max(readyAtMs, process.frozenUntilMs);
        if (atMs <= this.nowMs) ready.push(index);
        else nextMs = Math.min(nextMs, atMs);
      }
      if (ready.length > 0) return operations.splice(this.#prng.pick(ready), 1)[0] as Operation;
      if (nextMs === Number.POSITIVE_INFINITY) return "idle";
      this.nowMs = nextMs;
    }
  }

  #sleep(process: Process, ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (process.isDead) return NEVER;
    if (signal?.aborted) return Promise.resolve();
    return new Promise<void>((resolve) => {
      const operation: Operation = {
        process,
        label: "tick",
        readyAtMs: this.nowMs + Math.max(0, ms),
        isFree: () => true,
        isUrgent: false,
        run: () => {
          signal?.removeEventListener("abort", cut);
          resolve();
        },
      };
      const cut = () => {
        const index = this.#operations.indexOf(operation);
        if (index >= 0) this.#operations.splice(index, 1);
        if (!process.isDead) resolve();
      };
      signal?.addEventListener("abort", cut, { once: true });
      this.#operations.push(operation);
    });
  }
}

/** Lets everything that can run on run on: promises, and the streams of a Response. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
