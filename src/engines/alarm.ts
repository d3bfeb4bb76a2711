/**
 * Runs jobs at the next due time. It polls the posts' own index: graphile's view would scan (28 ms at 100,000 jobs).
 * Between due times it polls every few seconds, so that a lost notification delays a post by no more than that.
 */
import type { Clock } from "../core/clock.ts";
import type { Hub } from "../core/db/connection.ts";

const POLL_MS_MAX = 5_000;
/** Between two polls, so that a thousand posts in one second, or notifications, are not a thousand polls. */
const POLL_MS_MIN = 5;
/** Also fires for posts that were due this long before the first poll. Older jobs run without it. */
const LOOKBACK_SECONDS = 1;
/** After a lease ended: the sweep may not free the post at once. */
const ABANDONED_POLL_MS = 1_000;

export interface AlarmCallbacks {
  /** Posts are due: start jobs. */
  due(): void;
  /** A lease ended: its worker is gone. */
  abandoned(): Promise<void>;
}

export class Alarm {
  readonly #hub: Hub;
  readonly #clock: Clock;
  readonly #stop: AbortSignal;
  readonly #callbacks: AlarmCallbacks;
  #changed = new AbortController();
  /** The hub's time when it last fired, as text to keep the microseconds. It does not fire again for what was due by then. */
  #firedUntil: string | null = null;

  constructor(hub: Hub, clock: Clock, stop: AbortSignal, callbacks: AlarmCallbacks) {
    this.#hub = hub;
    this.#clock = clock;
    this.#stop = stop;
    this.#callbacks = callbacks;
    stop.addEventListener("abort", () => this.poll(), { once: true });
  }

  /** Something may have changed: ends the present wait. */
  poll(): void {
    this.#changed.abort();
  }

  /** Runs until stopped. `onError` may repair what broke and answer true; then it polls again at once. */
  async run(onError: (error: unknown) => Promise<boolean>): Promise<void> {
    while (!this.#stop.aborted) {
      this.#changed = new AbortController();
      let waitMs = POLL_MS_MAX;
      try {
        const { dueMs, abandonedMs, now } = await this.#next();
        if (this.#stop.aborted) return;
        if (dueMs <= 0) {
          this.#callbacks.due();
          this.#firedUntil = now;
        }
        if (abandonedMs <= 0) await this.#callbacks.abandoned();
        // After it fired, the next poll finds the due time after this one.
        waitMs = Math.min(
          dueMs <= 0 ? POLL_MS_MIN : dueMs,
          abandonedMs <= 0 ? ABANDONED_POLL_MS : abandonedMs,
          POLL_MS_MAX,
        );
      } catch (error) {
        if (await onError(error)) waitMs = POLL_MS_MIN;
      }
      if (this.#stop.aborted) return;
      await this.#clock.sleep(waitMs, this.#changed.signal);
      if (this.#changed.signal.aborted) await this.#clock.sleep(POLL_MS_MIN, this.#stop);
    }
  }

  /** The next due time that it has not fired for, and the end of the next lease; in ms from the hub's now. */
  async #next(): Promise<{ dueMs: number; abandonedMs: number; now: string }> {
    const { rows } = await this.#hub.pool.query(
      `with moment as (select psn.now() as now)
       select now::text,
         (select extract(epoch from min(due_at) - now) * 1000 from psn.posts
           where due_at > case when $1::timestamptz <= now then $1::timestamptz else now - make_interval(secs => $2) end) as due,
         (select extract(epoch from min(lease_expires_at) - now) * 1000 from psn.posts
           where status = 'publishing') as abandoned
       from moment`,
      [this.#firedUntil, LOOKBACK_SECONDS],
    );
    const ms = (value: string | null) => (value === null ? Number.POSITIVE_INFINITY : Number(value));
    return { dueMs: ms(rows[0].due), abandonedMs: ms(rows[0].abandoned), now: rows[0].now };
  }
}
