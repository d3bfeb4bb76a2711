/**
 * The port between the core and what runs posts at their time. `engines/` holds its two hosts.
 *
 * The row in the hub decides; a run only makes somebody look at it. A run that comes twice, late, or for a schedule that
 * has changed does nothing.
 */
import type { SQL } from "drizzle-orm";
import type { Hub, Tx } from "./db/connection.ts";

/** One run that an engine holds for a post. */
export interface EngineRun {
  postId: string;
  /** A run of an older version than the row's is ignored. */
  scheduleVersion: number;
  at: Date;
}

export interface Engine {
  readonly name: "embedded" | "trigger";
  /** In the transaction that writes the row. Replaces an earlier run of the same post. */
  enqueue(tx: Tx, engineRun: EngineRun): Promise<void>;
  /** The same for many posts, at least one, in one statement and in their order; see `enqueueRuns`. */
  enqueueAll?(tx: Tx, engineRuns: readonly EngineRun[]): Promise<void>;
  /**
   * For a row of psn.posts that is overdue: true where its run has come and waits in the engine's own queue. It keeps its
   * place there.
   */
  readonly isInQueue?: SQL;
  /** In the transaction that writes the row: no run is wanted any more. */
  cancel(tx: Tx, postId: string): Promise<void>;
  /**
   * After the commit: makes an engine outside the hub agree with the row, as often as it is called. Nothing to do for
   * the embedded one. A crash before it is repaired by the watchdog.
   */
  reconcile(hub: Hub, postId: string): Promise<void>;
}

/** Enqueues many, in their order, in one statement where the engine can. */
export async function enqueueRuns(engine: Engine, tx: Tx, engineRuns: readonly EngineRun[]): Promise<void> {
  if (engineRuns.length > 0 && engine.enqueueAll) return await engine.enqueueAll(tx, engineRuns);
  for (const engineRun of engineRuns) await engine.enqueue(tx, engineRun);
}
