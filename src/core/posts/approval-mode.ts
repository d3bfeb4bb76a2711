/** Who has to approve what PSN sends: an agent on the person's word, or the person by an act of their own. */
import { sql } from "drizzle-orm";
import type { Db, Hub, Tx } from "../db/connection.ts";

export const APPROVAL_MODES = ["agent", "person"] as const;
export type ApprovalMode = (typeof APPROVAL_MODES)[number];

/** The hub's mode; the environment (PSN_APPROVAL=person) may only tighten it. `agent` where nobody has chosen. */
export async function approvalMode(db: Db | Tx, hub: Pick<Hub, "requiresPerson">): Promise<ApprovalMode> {
  if (hub.requiresPerson) return "person";
  const { rows } = await db.execute<{ mode: string | null }>(sql`
    select value #>> '{}' as mode from psn.hub_settings where key = 'approval'`);
  return rows[0]?.mode === "person" ? "person" : "agent";
}

/** For all that use this hub. Whoever loosens it has asked the person before. */
export async function setApprovalMode(hub: Hub, mode: ApprovalMode): Promise<void> {
  await hub.db.execute(sql`
    insert into psn.hub_settings (key, value, updated_at)
    values ('approval', to_jsonb(${mode}::text), psn.now())
    on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at`);
}
