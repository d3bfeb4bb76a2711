/**
 * When an author's time has come. The hub's clock says so, corrected by X's where X has said that they differ (`Date`, see
 * publish/x-clock.ts). Only times that authors gave are judged so: leases, waits and histories are the hub's own and compared
 * with nothing else.
 *
 * A wrong correction could send before the author's time, which nothing takes back, so it is believed narrowly:
 *   - only a difference that is also told to the person (over a minute, beyond what the measure leaves open);
 *   - to send later than the hub's clock says, whatever its age: X is asked for its time again before it is believed no more;
 *   - to send earlier, only while it is fresh: two minutes, and never longer than the difference itself. A clock that was set
 *     right meanwhile makes it look older by just that much, so it ends with the repair.
 */
import { type SQL, sql } from "drizzle-orm";
import type { Db, Tx } from "../db/connection.ts";

/** A difference of more than this is worth a word to a person, and a correction. In ms. */
export const SKEW_TOLD_MS = 60_000;
const FRESH_MS = 120_000;

const isTold = sql`abs(ahead_ms) - bound_ms > ${sql.raw(String(SKEW_TOLD_MS))}`;
const isFresh = sql`measured_at <= psn.now()
    and measured_at > psn.now() - least(abs(ahead_ms), ${sql.raw(String(FRESH_MS))}) * interval '1 millisecond'`;
/** What X said last, whichever host it is. */
const latest = sql`from psn.clock_offsets order by measured_at desc limit 1`;

/** How far authors' times are judged ahead of the hub's clock, as an interval; none as a rule. */
export const correction: SQL = sql`coalesce((
    select case
      when not (${isTold}) then 0
      when ${isFresh} then ahead_ms
      else least(ahead_ms, 0)
    end * interval '1 millisecond'
    ${latest}
  ), interval '0')`;

/** Now, as authors' times are compared with it. */
export const authorNow: SQL = sql`(psn.now() + ${correction})`;

/** The same, read. */
export async function readAuthorNow(db: Db | Tx): Promise<Date> {
  const { rows } = await db.execute<{ now: string }>(sql`select ${authorNow} as now`);
  const [row] = rows;
  if (!row) throw new Error("a select without a table has one row");
  return new Date(row.now);
}

/**
 * Whether the hub's clock and X's disagree about a waiting post's time, and what X said is old: before anything hangs on it X is
 * to be asked what time it is.
 */
export async function needsClock(db: Db): Promise<boolean> {
  const { rows } = await db.execute(sql`
    select
    from (select * ${latest}) as said
    where ${isTold}
      and not (${isFresh})
      and exists (
        select
        from psn.posts
        where status = 'scheduled'
          and due_at > psn.now() + least(said.ahead_ms, 0) * interval '1 millisecond'
          and due_at <= psn.now() + greatest(said.ahead_ms, 0) * interval '1 millisecond'
      )`);
  return rows.length > 0;
}
