/**
 * The time that is meant where a command is given again: the one that a person said yes to, or the one that the post got by it. "In 2
 * hours" is another instant then.
 */
import { sql } from "drizzle-orm";
import type { Db, Hub, Tx } from "../db/connection.ts";
import { approvalMode } from "../post/approval-mode.ts";
import { readAuthorNow } from "../post/due.ts";
import type { Post } from "./read.ts";

/** A command reads its clock first and asks later: it may have stored media in between. */
export const READ_BEFORE_MS = 60_000;

/** As long after the act its words, said again, are the same wish; later they are a new one. As long as a question is open. */
const SAME_WISH_MINUTES = 10;
/** Such times are whole seconds. */
const SECOND_MS = 1_000;

/** A time as `Schedule` of `schedule.ts`. */
interface Given {
  at: Date;
  timezone: string;
  spanMs?: number;
}

/**
 * In the transaction of an act that sets a time: the instant that the post has by the same words of a moment ago, or that of a yes that waits for this act, where the time is counted from now and its
 * words can have meant that instant when the question was asked. Any other time is answered as it is.
 */
export async function asShown<Time extends Given>(
  tx: Db | Tx,
  hub: Pick<Hub, "requiresPerson" | "approvalMark">,
  { root }: Post,
  schedule: Time,
): Promise<Time> {
  const { spanMs } = schedule;
  if (spanMs === undefined) return schedule;
  if (await isSameWish(tx, root, { ...schedule, spanMs })) return { ...schedule, at: root.scheduledAt };
  if ((await approvalMode(tx, hub)) === "agent") return schedule;
  const { rows } = await tx.execute<{ sends: string; passed_ms: number }>(sql`
    select sends, (extract(epoch from psn.now() - created_at) * 1000)::float8 as passed_ms
    from psn.approvals
    where post_id = ${root.id}
      and content_version = ${root.contentVersion}
      and schedule_version = ${root.scheduleVersion}
      and sends not in ('draft', 'now')
      and granted_at is not null
      and used_at is null
      and expires_at > psn.now()
    order by granted_at desc
    limit 10`);
  const now = await readAuthorNow(tx);
  const shown = rows.find(({ sends, passed_ms }) => {
    const laterMs = schedule.at.getTime() - Date.parse(sends);
    return laterMs >= 0 && laterMs <= passed_ms + READ_BEFORE_MS && Date.parse(sends) > now.getTime();
  });
  return shown ? { ...schedule, at: new Date(shown.sends) } : schedule;
}

// --- internal ---

/** Whether the post has its time by the same span, given a moment ago. */
async function isSameWish(
  tx: Db | Tx,
  { id, status, scheduledAt, scheduledTimezone }: Post["root"],
  { timezone, spanMs }: Required<Given>,
): Promise<boolean> {
  if (!scheduledAt || status === "draft" || status === "failed" || scheduledTimezone !== timezone) return false;
  const { rows } = await tx.execute<{ at: string; span_ms: number | null; is_recent: boolean }>(sql`
    select event.facts ->> 'at' as at, (event.facts ->> 'spanMs')::float8 as span_ms,
      event.at > psn.now() - make_interval(mins => ${SAME_WISH_MINUTES}) as is_recent
    from psn.post_events as event
    where event.post_id = ${id}
      and event.kind in ('scheduled', 'edited')
      and event.facts ? 'at'
    order by event.id desc
    limit 1`);
  const [last] = rows;
  if (!last?.is_recent || last.span_ms === null || Date.parse(last.at) !== scheduledAt.getTime()) return false;
  return Math.abs(last.span_ms - spanMs) <= SECOND_MS;
}
