/** The last question of setup: who approves what is sent. Asked once, of a person, where posts go to X itself. */
import { hasChosenApproval, setApprovalMode } from "../core/post/approval-mode.ts";
import type { App } from "./_app.ts";
import { pickKey } from "./_ask.ts";
import type { Io } from "./_command.ts";

const QUESTION = "When an agent works for you: who approves what is sent? psn approval changes it later.";
const CHOICES = [
  ["a", "The agent, on your plain yes in its conversation (Esc, too)"],
  ["p", "Only you, by an act of your own: the client's question, the approval page, or a terminal"],
] as const;

/** @param pick asks; given by tests */
export async function askApprovalMode(
  { hub, keys }: Pick<App, "hub" | "keys">,
  io: Pick<Io, "interactive" | "json" | "signal" | "note">,
  pick: typeof pickKey = pickKey,
): Promise<void> {
  if (!io.interactive || io.json || hub.requiresPerson || hub.approvalMark?.isPerson) return;
  if (!(await keys()).isRealX || (await hasChosenApproval(hub.db))) return;
  await setApprovalMode(hub, (await pick(io, QUESTION, CHOICES)) === "p" ? "person" : "agent");
}
