/** Keeps a lease alive while its run lasts, and knows when it may no longer send. */
import type { Clock } from "../clock.ts";
import type { Hub } from "../db/connection.ts";
import { HEARTBEAT_MS, LEASE_MS, type Lease, renewLease } from "./ledger.ts";

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
  const stopped = new AbortController();
  let isLost = false;
  let goodUntilMs = askedAt.getTime() + LEASE_MS;

  const beat = async () => {
    while (!stopped.signal.aborted) {
      await clock.sleep(HEARTBEAT_MS, stopped.signal);
      if (stopped.signal.aborted) return;
      const askedMs = clock.now().getTime();
      try {
        if (await renewLease(hub, lease)) goodUntilMs = askedMs + LEASE_MS;
        else isLost = !stopped.signal.aborted;
      } catch {
        // The hub does not answer. The lease runs out by itself if that lasts; until then the run may go on.
      }
      if (isLost) return;
    }
  };
  void beat();

  return {
    lease,
    hasTime: () => !isLost && clock.now().getTime() < goodUntilMs,
    stop: () => stopped.abort(OVER),
  };
}

/** Why a wait ends whose reason is gone. Without one a controller makes an error with its stack, for nobody to read. */
const OVER = "over";
const TICK_MS = 250;

/**
 * A signal that aborts once the wall clock has passed `until`. A timer alone stands still while the machine sleeps; this
 * one looks at the clock four times a second, so a connection that was being opened when the lid closed is given up
 * right after waking, before its request is sent.
 */
export function wallDeadline(clock: Clock, until: Date): { signal: AbortSignal; release(): void } {
  const deadline = new AbortController();
  const released = new AbortController();
  const watch = async () => {
    while (!released.signal.aborted) {
      await clock.sleep(TICK_MS, released.signal);
      if (!released.signal.aborted && clock.now() >= until) return deadline.abort();
    }
  };
  void watch();
  return { signal: deadline.signal, release: () => released.abort(OVER) };
}
