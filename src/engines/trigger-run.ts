/** What a run of Trigger.dev does: it reads the post's row, publishes, and leaves the post with its next run. */
import type { Engine } from "../core/engine.ts";
import type { PublishDeps, PublishResult } from "../core/publish/deps.ts";
import { publishPost } from "../core/publish/publish.ts";
import { noteRun, readRunRow } from "./trigger.ts";

/** Trigger.dev's clock may run this much ahead of the hub's; a run that comes early waits. */
const EARLY_MS_MAX = 30_000;
/** Waits inside one run: each is a rate limit, a look-up or a retry. */
const WAITS_MAX = 200;

export interface RunHost {
  runId: string;
  /** True when the run itself waits until then. Otherwise it ends, and another run comes at that time. */
  waitsHere(until: Date, now: Date): boolean;
  /** Waits; everything done so far is in the hub. On Trigger.dev Cloud the run uses no machine while it waits. */
  waitUntil(until: Date): Promise<void>;
}

/**
 * Publishes the post of this run as far as possible.
 * @throws what publishing throws when the hub could not record the end; Trigger.dev then tries the run again
 */
export async function runPost(
  deps: PublishDeps,
  engine: Engine,
  job: { postId: string; scheduleVersion: number },
  host: RunHost,
  signal?: AbortSignal,
): Promise<PublishResult> {
  const { hub } = deps;
  const { postId } = job;
  // This run reconciles once, at its end, and not at every step of publishing.
  const quiet: PublishDeps = { ...deps, engine: { ...engine, reconcile: async () => {} } };
  try {
    for (let waits = 0; ; waits++) {
      const row = await readRunRow(hub, postId);
      if (!row) return { kind: "not_ours", postId };
      // A run that was moved carries the version of its start. It is the right run because the row names it.
      const isNamed = row.runId === host.runId;
      const scheduleVersion = isNamed ? row.scheduleVersion : job.scheduleVersion;
      const earlyMs = row.wantedAt === null ? 0 : row.wantedAt.getTime() - row.now.getTime();
      if (earlyMs > 0 && earlyMs <= EARLY_MS_MAX && scheduleVersion === row.scheduleVersion) {
        await deps.clock.sleep(earlyMs, signal);
      }
      const result = await publishPost(quiet, { postId, scheduleVersion }, signal);
      const until = result.kind === "deferred" ? result.until : null;
      if (!until || waits >= WAITS_MAX || signal?.aborted || !host.waitsHere(until, row.now)) return result;
      const deferred = await readRunRow(hub, postId);
      if (deferred?.wantedAt?.getTime() !== until.getTime() || deferred.runId !== host.runId) return result;
      // Noted, so that no second run starts while this one waits.
      if (!(await noteRun(hub, postId, deferred, { runId: host.runId, scheduledFor: until }))) return result;
      await host.waitUntil(until);
    }
  } finally {
    await engine.reconcile(hub, postId);
  }
}
