/**
 * Since when workers have looked after this hub without a break: a worker's sweep or the watchdog of Trigger.dev,
 * whichever came. By it a post that was missed (a laptop slept, no worker ran) differs from one that had to wait because
 * many were due at once.
 */
import { type SQL, sql } from "drizzle-orm";
import type { Hub } from "../db/connection.ts";
import { hubSettings } from "../db/schema.ts";
import { settingTimeSql } from "../db/settings.ts";

/** Hubs keep it under this name. */
const LIVENESS_SETTING = "awake";
/** Sweeps come every half minute, or every minute; after a longer silence no worker was there. */
export const SILENCE = sql`make_interval(secs => 150)`;

/** A worker is here. After a silence everything begins anew, and X is looked at before the first send of each account. */
export async function noteWorkerAlive(hub: Hub): Promise<void> {
  await hub.db.execute(sql`
    insert into psn.account_looks as look (account_id, wanted_at, is_thorough)
    select distinct account_id, psn.now(), false
    from psn.posts
    where status in ('scheduled', 'publishing', 'retry')
      and ${unattended}
    on conflict (account_id) do update
    set wanted_at = excluded.wanted_at`);
  await hub.db.execute(sql`
    insert into ${hubSettings} as seen (key, value, updated_at)
    values (${LIVENESS_SETTING}, to_jsonb(psn.now()), psn.now())
    on conflict (key) do update
    set value = case when ${isRecent(sql`seen`)} then seen.value else excluded.value end,
      updated_at = excluded.updated_at`);
}

/** True for a time at which a worker was here, if one has been here ever since. */
export function workerWasAlive(at: SQL): SQL {
  return sql`exists (
      select
      from ${hubSettings} as seen
      where seen.key = ${LIVENESS_SETTING}
        and ${isRecent(sql`seen`)}
        and (seen.value #>> '{}')::timestamptz <= ${at}
    )`;
}

/** No worker is here, or none has been until now. */
export const unattended = sql`not exists (
    select
    from psn.hub_settings as seen
    where seen.key = ${sql.raw(`'${LIVENESS_SETTING}'`)}
      and ${isRecent(sql`seen`)}
  )`;

/** When a worker was last here; null when none ever was. */
export const lastAlive = settingTimeSql(LIVENESS_SETTING);

/** Until when a worker may have been here, and gone on elsewhere where this hub was put back; null when none ever was. */
export const perhapsAlive = sql`(${lastAlive} + ${SILENCE})`;

// --- internal ---

/** A note from the future is of a clock that jumped, and says nothing. */
function isRecent(row: SQL): SQL {
  return sql`${row}.updated_at between psn.now() - ${SILENCE} and psn.now() + ${SILENCE}`;
}
