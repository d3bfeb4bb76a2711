/** Conditions on a row of posts, as SQL: whether it may be taken for publishing. */
import { type SQL, sql } from "drizzle-orm";
import { MISSED_MS } from "../decide/slots.ts";

/** Due under this schedule version, or its owner's lease has run out. */
export function mayTake(row: SQL, scheduleVersion: SQL): SQL {
  return sql`(
          (
            ${row}.status in ('scheduled', 'retry')
            and ${row}.schedule_version = ${scheduleVersion}
            and ${row}.due_at <= psn.now()
          )
          or (${row}.status = 'publishing' and ${row}.lease_expires_at < psn.now())
        )`;
}

/**
 * A waiting post of which nothing is on X, and that waits for its turn or was not woken at its time: it takes its turn
 * with those that were missed. One that its author sent by hand (it has no time) does not.
 */
export const isHeldUp = sql`(
    status = 'retry'
    and external_post_id is null
    and (
      sub_status is not distinct from 'catching_up'
      or (
        scheduled_at is not null
        and due_at < psn.now() - make_interval(secs => ${MISSED_MS / 1000})
      )
    )
  )`;
