/**
 * The time that a person said yes to, where the command that was refused is given again. "In 2 hours" is another instant then; the one
 * that was shown is meant.
 */
import { sql } from "drizzle-orm";
import type { Hub, Tx } from "../db/connection.ts";
import { approvalMode } from "../post/approval-mode.ts";
import { readAuthorNow } from "../post/due.ts";
import type { Post } from "./read.ts";

/** A command reads its clock first and asks later: it may have stored media in between. */
export const READ_BEFORE_MS = 60_000;

/**
 * In the transaction of an act that sets a time: the instant of a yes that waits for this act, where the time is counted from now and its
 * words can have meant that instant when the question was asked. Any other time is answered as it is.
 */
export async function asShown<Time extends { at: Date; isFromNow?: true }>(
  tx: Tx,
  hub: Pick<Hub, "requiresPerson" | "approvalMark">,
  { root }: Post,
  schedule: Time,
): Promise<Time> {
  if (!schedule.isFromNow || (await approvalMode(tx, hub)) === "agent") return schedule;
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
