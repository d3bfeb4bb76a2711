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

/** Begins the heartbeat. Times are counted from before each renewal was asked, so they err on the safe side. */
export function holdLease(deps: { hub: Hub; clock: Clock }, lease: Lease): HeldLease {
  const { hub, clock } = deps;
  const stopped = new AbortController();
  let isLost = false;
  let goodUntilMs = clock.now().getTime() + LEASE_MS;

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
    stop: () => stopped.abort(),
  };
}
