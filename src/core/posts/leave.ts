/** What stands between an act that approves or sends and its doing: the author's limits, then the person where one is asked. */
import type { Hub, Tx } from "../db/connection.ts";
import { requireWithinCaps } from "./caps.ts";
import { requirePerson, type Sends } from "./person-approval.ts";

/**
 * In the transaction of the act, after its content is written. Nobody is asked for what would only wait.
 * @param spanMs of a time that counts from the act
 * @throws PsnError OVER_CAP, TIME_OVER_CAP, CAP_TOO_SMALL, APPROVAL_NEEDED, APPROVAL_STALE
 */
export async function requireLeave(
  tx: Tx,
  hub: Pick<Hub, "requiresPerson" | "approvalMark">,
  postId: string,
  sends: Sends,
  spanMs?: number,
): Promise<void> {
  await requireWithinCaps(tx, postId, sends, spanMs);
  await requirePerson(tx, hub, postId, sends);
}
