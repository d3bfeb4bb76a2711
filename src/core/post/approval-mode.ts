/**
 * Who has to approve what PSN sends: an agent on the person's word, or the person by an act of their own.
 *
 * The mode is in the hub, for all that use it. The mode `person` is marked in the configuration's folder as well: a hub that was put back
 * from a backup may be older than the person's choice, and the stricter of the two holds until a person loosens it.
 */

import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { isWriteRefused } from "../config/file-error.ts";
import { makeOwnFolder, readOwnFile } from "../config/own-file.ts";
import { replaceFile, syncFolder } from "../config/whole-file.ts";
import type { ApprovalMark, Db, Hub, Tx } from "../db/connection.ts";
import { readSetting, writeSetting } from "../db/settings.ts";

export const APPROVAL_MODES = ["agent", "person"] as const;
export type ApprovalMode = (typeof APPROVAL_MODES)[number];

const APPROVAL_SETTING = "approval";
const MARK = `${JSON.stringify({ psnApproval: 1, mode: "person" })}\n`;
const MARK_BYTES_MAX = 4 * 1024;

/** The stricter of the hub's mode, the mark's and the environment's (PSN_APPROVAL=person). `agent` where nobody has chosen. */
export async function approvalMode(
  db: Db | Tx,
  hub: Pick<Hub, "requiresPerson" | "approvalMark">,
): Promise<ApprovalMode> {
  if (hub.requiresPerson || hub.approvalMark?.isPerson) return "person";
  return (await readSetting(db, APPROVAL_SETTING)) === "person" ? "person" : "agent";
}

/** Whether somebody has said which it is. */
export async function hasChosenApproval(db: Db | Tx): Promise<boolean> {
  return (await readSetting(db, APPROVAL_SETTING)) !== null;
}

/** For all that use this hub. Whoever loosens it has asked the person before. A crash in between leaves the stricter one. */
export async function setApprovalMode(hub: Hub, mode: ApprovalMode): Promise<void> {
  if (mode === "person") await markPerson(hub);
  await writeSetting(hub.db, APPROVAL_SETTING, mode);
  if (mode === "agent" && hub.approvalMark) {
    if (hub.approvalMark.file) await rm(hub.approvalMark.file, { force: true });
    hub.approvalMark.isPerson = false;
  }
}

/**
 * The mark of a configuration. Whatever is in its place counts as the mode `person`.
 * @throws PsnError OWN_FILE_REPLACED for a link in its place
 */
export async function readApprovalMark(file: string): Promise<ApprovalMark> {
  return { file, isPerson: (await readOwnFile(file, MARK_BYTES_MAX)) !== null };
}

/** Marks the mode `person`, where the configuration can be written: also for a hub whose person chose it before there was a mark. */
export async function markPerson({ approvalMark }: Pick<Hub, "approvalMark">): Promise<void> {
  const file = approvalMark?.file ?? null;
  if (!approvalMark || approvalMark.isPerson || file === null) return;
  const folder = dirname(file);
  try {
    await makeOwnFolder(folder);
    await replaceFile(file, MARK);
    await syncFolder(folder);
    approvalMark.isPerson = true;
  } catch (error) {
    if (!isWriteRefused(error)) throw error;
  }
}
