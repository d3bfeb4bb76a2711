/**
 * Wakes the worker at the next due time. The posts' own index tells it; graphile's view would scan (28 ms at 100,000
 * jobs). Between due times it asks every few seconds, so that one lost notification costs no more than that.
 */
import type { Clock } from "../core/clock.ts";
import type { Hub } from "../core/db/connection.ts";

const LOOK_MS_MAX = 5_000;
/** After ringing, so that a post which cannot start does not make the alarm spin. */
const REST_MS = 200;
/** Several notifications at once are one look. */
const SETTLE_MS = 5;
/** After this a due post that did not start is left to the poll and the watchdog. */
const RING_FOR_MS = 1_000;

export interface AlarmHands {
  /** Posts are due: let jobs start. */
  due(): void;
  /** A post's worker has gone silent: its lease ran out. */
  abandoned(): Promise<void>;
}

export class Alarm {
  readonly #hub: Hub;
  readonly #clock: Clock;
  readonly #stop: AbortSignal;
  readonly #hands: AlarmHands;
  #poke = new AbortController();

  constructor(hub: Hub, clock: Clock, stop: AbortSignal, hands: AlarmHands) {
    this.#hub = hub;
    this.#clock = clock;
    this.#stop = stop;
    this.#hands = hands;
    stop.addEventListener("abort", () => this.look(), { once: true });
  }

  /** Something may have changed: look at the next due time again now. */
  look(): void {
    this.#poke.abort();
  }

  /** Runs until stopped. */
  async run(trouble: (error: unknown) => void): Promise<void> {
    while (!this.#stop.aborted) {
      this.#poke = new AbortController();
      let waitMs = LOOK_MS_MAX;
      try {
        const { dueMs, abandonedMs } = await this.#next();
        if (dueMs <= 0) this.#hands.due();
        if (abandonedMs <= 0) await this.#hands.abandoned();
        const nextMs = Math.min(dueMs, abandonedMs);
        waitMs = nextMs <= 0 ? REST_MS : Math.min(nextMs, LOOK_MS_MAX);
      } catch (error) {
        trouble(error);
      }
      if (this.#stop.aborted) return;
      await this.#clock.sleep(waitMs, this.#poke.signal);
      if (this.#poke.signal.aborted) await this.#clock.sleep(SETTLE_MS, this.#stop);
    }
  }

  async #next(): Promise<{ dueMs: number; abandonedMs: number }> {
    const { rows } = await this.#hub.pool.query(
      `select
        (select extract(epoch from min(due_at) - psn.now()) * 1000 from psn.posts
          where due_at is not null and due_at > psn.now() - make_interval(secs => $1)) as due,
        (select extract(epoch from min(lease_expires_at) - psn.now()) * 1000 from psn.posts
          where status = 'publishing') as abandoned`,
      [RING_FOR_MS / 1000],
    );
    const ms = (value: string | null) => (value === null ? Number.POSITIVE_INFINITY : Number(value));
    return { dueMs: ms(rows[0].due), abandonedMs: ms(rows[0].abandoned) };
  }
}
