/** Media in the loop: attached to a tweet, and taken from it. */
import { checkedAltText, inspectAttachments } from "../../../core/posts/write.ts";
import type { Io } from "../../_command.ts";
import { findFile } from "../../_files.ts";
import type { Dialog } from "./dialog.ts";
import type { Session } from "./session.ts";
import type { KeyHelp } from "./view.ts";

/**
 * Asks for a file, looks at it, and only then asks for its alt text: nobody describes a picture that is not there.
 * @throws PsnError FILE_AMBIGUOUS, MEDIA_…, ALT_TOO_LONG
 */
export async function attach(io: Io, session: Session, dialog: Dialog, position: number): Promise<void> {
  const typed = await dialog.ask(`A file for tweet ${position + 1}:`);
  if (!typed) return;
  const file = await pathOf(io, typed);
  await inspectAttachments([{ tweet: 0, file, altText: null }], 1);
  const altText = await dialog.ask("What is to be seen, for those who cannot see it? Enter for no alt text.");
  if (altText === null) return;
  await session.attach(position, file, checkedAltText(altText));
  dialog.say("Attached.");
}

/** Asks which, where there are several. @throws PsnError MEDIA_NOT_FOUND */
export async function detach(session: Session, dialog: Dialog, position: number): Promise<void> {
  const count = session.tweets[position]?.media.length ?? 0;
  let item: number | null = 0;
  if (count > 1) {
    const numbers = Array.from({ length: count }, (_, index): KeyHelp => [`${index + 1}`, `the ${index + 1}.`]);
    const key = await dialog.pick("Which one?", [...numbers, ["x", "all"]]);
    if (key === null) return;
    item = key === "x" ? null : Number(key) - 1;
  }
  await session.act({ do: "detach", position, item });
  dialog.say("Detached.");
}

// --- internal ---

async function pathOf(io: Io, typed: string): Promise<string> {
  // Terminals paste a dropped file with quotes or backslashes.
  const bare = typed.replace(/^(['"])(.*)\1$/, "$2").replace(/\\(.)/g, "$1");
  return await findFile(io.cwd, bare.replace(/^~(?=\/)/, io.env.HOME ?? "~"));
}
