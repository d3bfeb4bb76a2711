/** The time of a post whose author names none in this act: the last one that they gave, or the one of its file. */
import { sql } from "drizzle-orm";
import type { Tx } from "../db/connection.ts";
import { PsnError } from "../errors.ts";
import { type Reading, readingOf } from "../times/readings.ts";
import { listed } from "../times/refusals.ts";
import { utcToUserTime } from "../utils/zone-clock.ts";
import { plannedOf } from "./composing.ts";
import type { Post } from "./read.ts";

/** As its author said it. */
type Time = { at: Date; timezone: string };

/**
 * A post that waits for its time keeps it; any other gets the time that its file names, unless its author gave another one by hand.
 * @throws PsnError TIME_MISSING; TIME_AMBIGUOUS with both times in `details.readings`
 */
export async function timeMeant(tx: Tx, post: Post): Promise<Time> {
  const { id, status, scheduledAt, scheduledTimezone, metadata } = post.root;
  if (status === "scheduled" && scheduledAt) return { at: scheduledAt, timezone: scheduledTimezone ?? "UTC" };
  const planned = plannedOf(metadata);
  const last = await lastGiven(tx, id);
  if (planned && (last === null || last.at.getTime() === planned.at.getTime())) return planned;
  if (!planned) {
    throw new PsnError("TIME_MISSING", "No time was given, and the post's file named none.", {
      hint: last
        ? `The last one was ${shown(last)}: psn post schedule ${id} --at ${asReading(last).at}`
        : 'Give --date and --time, or --at "in 2 hours".',
    });
  }
  const readings = [last, planned].flatMap((time) => (time ? [asReading(time)] : []));
  throw new PsnError(
    "TIME_AMBIGUOUS",
    `No time was given: the post's file names ${shown(planned)}, and the last time that was given is ${last && shown(last)}.`,
    { hint: `Give the one that is meant with --at: ${listed(readings)}.`, details: { readings } },
  );
}

// --- internal ---

/** The time that the post got last, by any act. */
async function lastGiven(tx: Tx, postId: string): Promise<Time | null> {
  const { rows } = await tx.execute<{ at: string; timezone: string }>(sql`
    select facts ->> 'at' as at, facts ->> 'timezone' as timezone
    from psn.post_events
    where post_id = ${postId}
      and kind in ('scheduled', 'edited')
      and facts ? 'at'
    order by id desc
    limit 1`);
  const [row] = rows;
  return row ? { at: new Date(row.at), timezone: row.timezone } : null;
}

const shown = ({ at, timezone }: Time): string => utcToUserTime(at, timezone).text;
const asReading = ({ at, timezone }: Time): Reading => readingOf(at, timezone);
