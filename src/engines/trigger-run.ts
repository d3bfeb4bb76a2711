/**
 * What a run of Trigger.dev does when it comes: ask the row, publish, and see to the next wake-up. The task itself is a
 * few lines around this.
 */
import type { Engine } from "../core/engine.ts";
import type { PublishDeps, PublishResult } from "../core/publish/deps.ts";
import { publishPost } from "../core/publish/publish.ts";
import { noteRun, readWakeRow } from "./trigger.ts";

/** Trigger.dev's clock may run this much ahead of the hub's; a run that comes early waits. */
const EARLY_MS_MAX = 30_000;
/** Waits inside one run at most: each is a rate limit, a look or a retry. */
const WAITS_MAX = 200;

export interface RunHost {
  runId: string;
  /** Whether a wait until then is best slept inside this run; else the run ends and another comes. */
  waitsHere(until: Date, now: Date): boolean;
  /** Sleeps; what has been done is in the hub by then. On Trigger.dev Cloud the run is put away meanwhile. */
  waitUntil(until: Date): Promise<void>;
}

/**
 * Publishes the post that this run is for, as far as it goes.
 * @throws what publishing throws when not even that could be written down; the run is then tried again
 */
export async function runWakeUp(
  deps: PublishDeps,
  engine: Engine,
  wake: { postId: string; scheduleVersion: number },
  host: RunHost,
  signal?: AbortSignal,
): Promise<PublishResult> {
  const { hub } = deps;
  const { postId } = wake;
  // While this run lives it sees to the wake-ups itself, once, at its end.
  const quiet: PublishDeps = { ...deps, engine: { ...engine, reconcile: async () => {} } };
  try {
    for (let waits = 0; ; waits++) {
      const row = await readWakeRow(hub, postId);
      if (!row) return { kind: "not_ours", postId };
      // A moved run still carries the version it was made with; that the row names it is what makes it the right one.
      const isNamed = row.runId === host.runId;
      const scheduleVersion = isNamed ? row.scheduleVersion : wake.scheduleVersion;
      const earlyMs = row.wantedAt === null ? 0 : row.wantedAt.getTime() - row.now.getTime();
      if (earlyMs > 0 && earlyMs <= EARLY_MS_MAX && scheduleVersion === row.scheduleVersion) {
        await deps.clock.sleep(earlyMs, signal);
      }
      const result = await publishPost(quiet, { postId, scheduleVersion }, signal);
      const until = result.kind === "deferred" ? result.until : null;
      if (!until || waits >= WAITS_MAX || signal?.aborted || !host.waitsHere(until, row.now)) return result;
      const rested = await readWakeRow(hub, postId);
      if (rested?.wantedAt?.getTime() !== until.getTime() || rested.runId !== host.runId) return result;
      // Told, so that nobody starts a second run while this one waits.
      if (!(await noteRun(hub, postId, rested, { runId: host.runId, toldAt: until }))) return result;
      await host.waitUntil(until);
    }
  } finally {
    await engine.reconcile(hub, postId);
  }
}
