/** The connections of one pool: at most so many at once, in the order in which they are asked for, as `pg` gives them. */
import type { Clock } from "../src/core/clock.ts";

export interface PoolBounds {
  /** Connections at most. */
  max: number;
  /** How long one is waited for; 0 for no bound, as in `pg`. */
  timeoutMs: number;
}

export class Slots {
  readonly #bounds: PoolBounds;
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(bounds: PoolBounds, clock: Clock) {
    this.#bounds = bounds;
    this.#clock = clock;
  }

  /** @throws Error as `pg` does, when none is free in time */
  async take(): Promise<void> {
    if (this.#taken < this.#bounds.max) {
      this.#taken++;
      return;
    }
    const { timeoutMs } = this.#bounds;
    const given = new AbortController();
    const give = () => given.abort();
    this.#waiting.push(give);
    if (timeoutMs === 0) {
      await new Promise<void>((resolve) => given.signal.addEventListener("abort", () => resolve(), { once: true }));
      return;
    }
    await this.#clock.sleep(timeoutMs, given.signal);
    if (given.signal.aborted) return;
    this.#waiting.splice(this.#waiting.indexOf(give), 1);
    throw new Error("timeout exceeded when trying to connect");
  }

  /** Gives one back: to the first that waits. */
  give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken--;
  }
}
