/** Questions to a person at a terminal. What nobody answers is an error, never a yes. */
import * as clack from "@clack/prompts";
import { PsnError } from "../core/errors.ts";
import type { Io } from "./_command.ts";

/**
 * Asks before an act that cannot be undone, unless `--yes` was given.
 * @throws PsnError CONFIRMATION_NEEDED when nobody can be asked, CANCELLED when they said no
 */
export async function confirm(io: Io, { yes }: { yes?: unknown }, question: string): Promise<void> {
  if (yes === true) return;
  if (!io.interactive) {
    throw new PsnError("CONFIRMATION_NEEDED", `This needs a yes: ${question}`, {
      hint: "Ask the person, then run the same command with --yes.",
    });
  }
  const answer = await clack.confirm({ message: question, initialValue: false });
  if (answer !== true) throw new PsnError("CANCELLED", "Nothing was changed.");
}

/**
 * One line from a person. `secret` hides what is typed.
 * @throws PsnError CANCELLED
 */
export async function ask(message: string, options: { secret?: boolean } = {}): Promise<string> {
  const prompt = options.secret ? clack.password : clack.text;
  const answer = await prompt({ message, validate: (value) => (value?.trim() ? undefined : "It cannot be empty.") });
  if (clack.isCancel(answer) || typeof answer !== "string") {
    throw new PsnError("CANCELLED", "Setup was left.", { hint: "psn setup goes on where it was." });
  }
  return answer.trim();
}
