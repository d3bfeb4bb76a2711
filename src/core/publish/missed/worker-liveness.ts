/**
 * Since when somebody has been looking after this hub without a break: a worker's sweep or the watchdog of Trigger.dev,
 * whichever came. It tells a post that was missed (a laptop slept, no worker ran) from one that had to wait because
 * many were due at once.
 */
import { type SQL, sql } from "drizzle-orm";
import type { Hub } from "../../db/connection.ts";
import { hubSettings } from "../../db/schema.ts";

const AWAKE_SETTING = "awake";
/** Sweeps come every half minute, or every minute; a longer silence is a sleep. */
const SILENT_SECONDS = 150;

/** Somebody is here. After a silence everything begins anew. */
export async function noteWorkerAlive(hub: Hub): Promise<void> {
  await hub.db.execute(sql`
    insert into ${hubSettings} as seen (key, value, updated_at)
    values (${AWAKE_SETTING}, to_jsonb(psn.now()), psn.now())
    on conflict (key) do update
    set value = case when ${isAwake(sql`seen`)} then seen.value else excluded.value end,
      updated_at = excluded.updated_at`);
}

/** True for a time at which nobody was here; also when nobody has been until this moment. */
export function noWorkerAt(at: SQL): SQL {
  return sql`not exists (
      select
      from ${hubSettings} as seen
      where seen.key = ${AWAKE_SETTING}
        and ${isAwake(sql`seen`)}
        and (seen.value #>> '{}')::timestamptz <= ${at}
    )`;
}

// --- internal ---

/** A note from the future is of a clock that jumped, and tells nothing. */
function isAwake(row: SQL): SQL {
  const silence = sql`make_interval(secs => ${SILENT_SECONDS})`;
  return sql`${row}.updated_at between psn.now() - ${silence} and psn.now() + ${silence}`;
}
