/** Keeps a lease alive while its run lasts, and knows when it may no longer send. */
import { sql } from "drizzle-orm";
import type { Clock } from "../../clock.ts";
import { ask } from "../../db/ask.ts";
import { batched, lockOfPost, rowsOf } from "../../db/batch.ts";
import type { Hub } from "../../db/connection.ts";
import { LEASE_MS, type Lease, leaseUntil } from "../../post/lease.ts";

export const HEARTBEAT_MS = 3_000;

/** Renews the lease. False when it is not ours any more. Runs whose heartbeats fall together share the statement. */
export const renewLease = batched<Lease, boolean>({
  key: ({ postId }) => postId,
  run: async (hub, leases, how) => {
    const wanted = leases.map(({ postId, owner, fencing }) => ({ post_id: postId, owner, fencing }));
    const statement = sql`
      with held as (
        select post.id
        from ${rowsOf(wanted)} as wanted (post_id text, owner text, fencing bigint)
        join psn.posts as post on post.id = wanted.post_id
        where post.status = 'publishing'
          and post.lease_owner = wanted.owner
          and post.lease_fencing = wanted.fencing
        order by post.id
        ${lockOfPost(how)}
      )
      update psn.posts as post
      set lease_expires_at = ${leaseUntil}
      from held
      where post.id = held.id
      returning post.id`;
    // One that hangs on a dead connection is given up at the next heartbeat, which takes another connection.
    const rows = await ask<{ id: string }>(hub, how.waits ? "renew_waiting" : "renew", statement, {
      timeoutMs: HEARTBEAT_MS,
    });
    return new Map(rows.map(({ id }) => [id, true]));
  },
  leftOut: () => false,
});

export interface HeldLease {
  readonly lease: Lease;
  /** Ask right before a send. False when the lease is gone, or was not renewed in time: this process may have slept. */
  hasTime(): boolean;
  stop(): void;
}

/**
 * Begins the heartbeat. Times are counted from before the lease or its renewal was asked for, so they err on the safe side.
 * @param askedAt when the lease was asked for, by `clock`
 */
export function holdLease(deps: { hub: Hub; clock: Clock }, lease: Lease, askedAt: Date): HeldLease {
  const { hub, clock } = deps;
  let isStopped = false;
  let isLost = false;
  let goodUntilMs = askedAt.getTime() + LEASE_MS;

  const beat = async () => {
    const askedMs = clock.now().getTime();
    try {
      if (await renewLease(hub, lease)) goodUntilMs = askedMs + LEASE_MS;
      else isLost = !isStopped;
    } catch {
      // The hub does not answer. The lease runs out by itself if that lasts; until then the run may go on.
    }
  };
  let ticks = 0;
  let beatAtMs = clock.now().getTime();
  let isBeating = false;
  const leave = tickerOf(clock).join(() => {
    // By the wall clock, for in a busy process each tick comes late; and by count, for a wall clock may jump back.
    const isTime = ++ticks >= HEARTBEAT_MS / TICK_MS || clock.now().getTime() - beatAtMs >= HEARTBEAT_MS;
    if (!isTime || isBeating || isLost) return;
    ticks = 0;
    beatAtMs = clock.now().getTime();
    isBeating = true;
    void beat().finally(() => {
      isBeating = false;
    });
  });

  return {
    lease,
    hasTime: () => !isLost && clock.now().getTime() < goodUntilMs,
    stop: () => {
      isStopped = true;
      leave();
    },
  };
}

/**
 * A signal that aborts once the wall clock has passed `until`. A timer alone stands still while the machine sleeps; this
 * one looks at the clock four times a second, so a connection that was being opened when the lid closed is given up
 * right after waking, before its request is sent.
 */
export function wallDeadline(clock: Clock, until: Date): { signal: AbortSignal; release(): void } {
  const deadline = new AbortController();
  const release = tickerOf(clock).join(() => {
    if (clock.now() >= until) deadline.abort();
  });
  return { signal: deadline.signal, release };
}

// --- internal ---

const TICK_MS = 250;

/** One timer for all runs of a process, however many go on at once; none while nothing does. */
class Ticker {
  readonly #clock: Clock;
  readonly #members = new Set<() => void>();
  #round: AbortController | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param onTick called every 250 ms, and never before the next tick; must not throw */
  join(onTick: () => void): () => void {
    this.#members.add(onTick);
    if (!this.#round) void this.#tick();
    return () => {
      this.#members.delete(onTick);
      if (this.#members.size > 0) return;
      this.#round?.abort(OVER);
      this.#round = null;
    };
  }

  async #tick(): Promise<void> {
    const round = new AbortController();
    this.#round = round;
    for (;;) {
      await this.#clock.sleep(TICK_MS, round.signal);
      if (round.signal.aborted) return;
      for (const onTick of [...this.#members]) onTick();
    }
  }
}

/** Why a wait ends whose reason is gone. Without one a controller makes an error with its stack, for nobody to read. */
const OVER = "over";

const tickers = new WeakMap<Clock, Ticker>();

function tickerOf(clock: Clock): Ticker {
  const known = tickers.get(clock) ?? new Ticker(clock);
  tickers.set(clock, known);
  return known;
}
