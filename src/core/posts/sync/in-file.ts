/** What helps against a refusal, where the author has no command line but a file: each hint says what to write in it. Pure. */
import { PsnError } from "../../errors.ts";
import { type Reading, readingsOf } from "../../times/readings.ts";

/** The error as a sync says it. @param postId of the post that the file is; null where there is none yet */
export function forFile(error: PsnError, postId: string | null): PsnError {
  const { code, message, details } = error;
  const hint = hintOf(error, code.startsWith("TIME_") ? readingsOf(error) : []);
  // A post that was refused is nowhere, so nothing can be done with it.
  const next = (error.next ?? []).filter((command) => !command.includes("--") && (postId !== null || KEEPS.has(code)));
  return new PsnError(code, message.replace("use --timezone", "write timezone: ZONE beside it"), {
    ...(hint === undefined ? {} : { hint: withoutOptions(hint) }),
    ...(next.length > 0 ? { next } : {}),
    ...(details ? { details } : {}),
  });
}

// --- internal ---

/** Their commands are about another post, or about none. */
const KEEPS = new Set(["POST_DUPLICATE", "ACCOUNT_UNKNOWN", "ACCOUNT_AMBIGUOUS", "ACCOUNT_NONE"]);

const HINTS: Record<string, string> = {
  POST_DUPLICATE:
    "Of two that say the same a folder's sync takes one: give this file other words, or take it out of the folder.",
  FILE_IS_POST: "Give the file the id of its own post, or take the line “id: …” out.",
  ACCOUNT_DIFFERS:
    "Write in the file the account whose post it is: account: HANDLE. A post of another account is a file of its own, without the id.",
  ACCOUNT_AMBIGUOUS: "Write in the file which one is meant: account: HANDLE",
  PARENT_GONE:
    "Take reply_to out of the file to say it as a post of its own, or name another tweet there: reply_to: ADDRESS",
  LIMIT_NOT_ALLOWED: "Make its tweets shorter in the file.",
  POST_EMPTY: "Write a text into the file.",
  POST_REFUSABLE: "X would refuse it. Change it in the file.",
  MEDIA_GONE: "Put the media back beside the file, or take it out of the file.",
  MEDIA_DAMAGED: "Put the media back beside the file, or take it out of the file.",
  MEDIA_TOO_MANY: "Attach some of them to another tweet in the file: tweet: 2",
  MEDIA_MIX: "Attach some of them to another tweet in the file: tweet: 2",
  POLL_AND_MEDIA: "Attach the media to another tweet in the file: tweet: 2",
  NUMBERED_TWICE: "Take numbering out of the file, or your own numbers out of the text.",
};

function hintOf({ code, hint }: PsnError, readings: readonly Reading[]): string | undefined {
  if (readings.length === 0) return HINTS[code] ?? hint;
  return `Write in the file the time that is meant, with its offset: ${readings.map(({ at }) => `at: ${at}`).join(" or ")}`;
}

/** Without the sentences that advise an option of another command than the sync itself. */
const withoutOptions = (hint: string): string =>
  hint
    .split(/(?<=[.!?]) /)
    .filter((sentence) => !/(?:^|\s)--(?!no-touch|overwrite)[a-z]/.test(sentence))
    .join(" ");
