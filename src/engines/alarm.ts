/**
 * Wakes the worker at the next due time. The posts' own index tells it; graphile's view would scan (28 ms at 100,000
 * jobs). Between due times it asks every few seconds, so that one lost notification costs no more than that.
 */
import type { Clock } from "../core/clock.ts";
import type { Hub } from "../core/db/connection.ts";

const LOOK_MS_MAX = 5_000;
/** Between two looks, so that a thousand posts in one second, or notifications, are not a thousand looks. */
const LOOK_MS_MIN = 5;
/** A post that is already this late when the worker starts, or wakes from sleep, is rung for too; jobs that are due run anyway. */
const LOOK_BACK_SECONDS = 1;
/** The silent one's lease ran out, the sweep did not free it: look again only after this. */
const ABANDONED_REST_MS = 1_000;

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
  /** The hub's time of the last ring, as text so that no microsecond is lost. What is due up to then has been rung for. */
  #rungUntil: string | null = null;

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

  /** Runs until stopped. `trouble` may mend what was broken and say so: then it looks again at once. */
  async run(trouble: (error: unknown) => Promise<boolean>): Promise<void> {
    while (!this.#stop.aborted) {
      this.#poke = new AbortController();
      let waitMs = LOOK_MS_MAX;
      try {
        const { dueMs, abandonedMs, now } = await this.#next();
        if (this.#stop.aborted) return;
        if (dueMs <= 0) {
          this.#hands.due();
          this.#rungUntil = now;
        }
        if (abandonedMs <= 0) await this.#hands.abandoned();
        // What is due has been rung for; the next look tells when the one after it is.
        waitMs = Math.min(
          dueMs <= 0 ? LOOK_MS_MIN : dueMs,
          abandonedMs <= 0 ? ABANDONED_REST_MS : abandonedMs,
          LOOK_MS_MAX,
        );
      } catch (error) {
        if (await trouble(error)) waitMs = LOOK_MS_MIN;
      }
      if (this.#stop.aborted) return;
      await this.#clock.sleep(waitMs, this.#poke.signal);
      if (this.#poke.signal.aborted) await this.#clock.sleep(LOOK_MS_MIN, this.#stop);
    }
  }

  /** The next due time that was not rung for, and the next lease that runs out; in ms from the hub's now. */
  async #next(): Promise<{ dueMs: number; abandonedMs: number; now: string }> {
    const { rows } = await this.#hub.pool.query(
      `with moment as (select psn.now() as now)
       select now::text,
         (select extract(epoch from min(due_at) - now) * 1000 from psn.posts
           where due_at > case when $1::timestamptz <= now then $1::timestamptz else now - make_interval(secs => $2) end) as due,
         (select extract(epoch from min(lease_expires_at) - now) * 1000 from psn.posts
           where status = 'publishing') as abandoned
       from moment`,
      [this.#rungUntil, LOOK_BACK_SECONDS],
    );
    const ms = (value: string | null) => (value === null ? Number.POSITIVE_INFINITY : Number(value));
    return { dueMs: ms(rows[0].due), abandonedMs: ms(rows[0].abandoned), now: rows[0].now };
  }
}
