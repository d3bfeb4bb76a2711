/**
 * Trigger.dev's crons can end without a word: a server that lost its Redis calls them active and runs none until a version with
 * changed code is deployed. Plain runs work all the time. So whoever meets a silent watchdog says so, and starts one run of it.
 */
import { sql } from "drizzle-orm";
import type { Hub } from "../core/db/connection.ts";
import { hubSettings } from "../core/db/schema.ts";
import type { Engine } from "../core/engine.ts";
import { lastAlive } from "../core/publish/worker-liveness.ts";
import { engineChosenAt } from "./switch.ts";
import { type TriggerApi, TriggerError } from "./trigger-api.ts";

/** It comes every minute; two may be late. */
const SILENT_SECONDS = 180;
const CALLED_SETTING = "watchdog_called";

/** @returns one sentence for a person when no watchdog has come for three minutes; null when all is well */
export async function silenceOf(hub: Hub): Promise<string | null> {
  // Handed to Trigger.dev a moment ago, it had no time to come yet.
  const { rows } = await hub.db.execute<{ seconds: number | null }>(sql`
    select extract(epoch from psn.now() - greatest(
      ${lastAlive},
      ${engineChosenAt}
    ))::float8 as seconds`);
  const seconds = rows[0]?.seconds ?? null;
  if (seconds !== null && seconds <= SILENT_SECONDS) return null;
  const since = seconds === null ? "has never come" : `last came ${ago(seconds)} ago`;
  return `Trigger.dev's watchdog ${since}; its crons may have been lost. Posts with a run of their own still go out.`;
}

/** Starts one run of the watchdog, at most once a minute whoever asks. */
export async function startWatchdog(hub: Hub, api: TriggerApi): Promise<void> {
  const { rowCount } = await hub.db.execute(sql`
    insert into ${hubSettings} as called (key, value, updated_at)
    values (${CALLED_SETTING}, to_jsonb(psn.now()), psn.now())
    on conflict (key) do update
    set value = excluded.value, updated_at = excluded.updated_at
    where called.updated_at not between psn.now() - interval '1 minute' and psn.now()`);
  if (rowCount === 1) await api.watch();
}

/** Starts one where none has come for three minutes; what fails is tried by the next who asks. One short query while all is well. */
export async function wakeWatchdog(hub: Hub, api: TriggerApi): Promise<void> {
  if ((await silenceOf(hub)) === null) return;
  await startWatchdog(hub, api).catch((error) => {
    if (!(error instanceof TriggerError)) throw error;
  });
}

/** The engine of a command: whoever schedules also looks whether the watchdog still comes. */
export function watchful(engine: Engine, api: TriggerApi): Engine {
  return {
    ...engine,
    async reconcile(hub, postId) {
      await engine.reconcile(hub, postId);
      await wakeWatchdog(hub, api);
    },
  };
}

// --- internal ---

function ago(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 2_880 ? `${Math.round(minutes / 60)} hours` : `${Math.round(minutes / 1_440)} days`;
}
