/**
 * The port between the core and what wakes posts at their time. `engines/` holds its two hosts.
 *
 * The row in the hub decides; a wake-up only makes somebody look at it. A wake-up that comes twice, late, or for a
 * schedule that has changed does nothing.
 */
import type { Hub, Tx } from "./db/connection.ts";

export interface WakeUp {
  postId: string;
  /** A wake-up of an older version than the row's is ignored. */
  scheduleVersion: number;
  at: Date;
}

export interface Engine {
  readonly name: "embedded" | "trigger";
  /** In the transaction that writes the row. Replaces an earlier wake-up of the same post. */
  wake(tx: Tx, wakeUp: WakeUp): Promise<void>;
  /** In the transaction that writes the row: no wake-up is wanted any more. */
  forget(tx: Tx, postId: string): Promise<void>;
  /**
   * After the commit: makes an engine outside the hub agree with the row, as often as it is called. Nothing to do for
   * the embedded one. A crash before it is healed by the watchdog.
   */
  settle(hub: Hub, postId: string): Promise<void>;
}
