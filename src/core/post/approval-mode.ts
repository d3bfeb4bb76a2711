/** Who has to approve what PSN sends: an agent on the person's word, or the person by an act of their own. */
import type { Db, Hub, Tx } from "../db/connection.ts";
import { readSetting, writeSetting } from "../db/settings.ts";

export const APPROVAL_MODES = ["agent", "person"] as const;
export type ApprovalMode = (typeof APPROVAL_MODES)[number];

const APPROVAL_SETTING = "approval";

/** The hub's mode; the environment (PSN_APPROVAL=person) may only tighten it. `agent` where nobody has chosen. */
export async function approvalMode(db: Db | Tx, hub: Pick<Hub, "requiresPerson">): Promise<ApprovalMode> {
  if (hub.requiresPerson) return "person";
  return (await readSetting(db, APPROVAL_SETTING)) === "person" ? "person" : "agent";
}

/** Whether somebody has said which it is. */
export async function hasChosenApproval(db: Db | Tx): Promise<boolean> {
  return (await readSetting(db, APPROVAL_SETTING)) !== null;
}

/** For all that use this hub. Whoever loosens it has asked the person before. */
export async function setApprovalMode(hub: Hub, mode: ApprovalMode): Promise<void> {
  await writeSetting(hub.db, APPROVAL_SETTING, mode);
}
