/** A file of a post as `psn post sync` takes it: read by the same rules as `psn post create --file`. */
import type { PostFile } from "../../core/posts/sync/types.ts";
import type { Io } from "../_command.ts";
import { textOfBytes } from "../_input.ts";
import { readRest } from "./_composing.ts";
import { readLabels } from "./_fields.ts";
import { readFrontMatter } from "./_front-matter.ts";

/**
 * @param bytes what it holds: whoever asks has read it, and it may be another one by now
 * @throws PsnError TEXT_…, FRONT_MATTER_INVALID, POLL_INVALID, ALT_TOO_LONG, USAGE
 */
export async function readPostFile(io: Io, path: string, bytes: Uint8Array): Promise<PostFile> {
  const given = await readRest(io, { text: textOfBytes(bytes, path), file: path, isStdin: false }, NOTHING_GIVEN);
  const { poll } = await readLabels(io, NO_LABELS, given.front);
  const { id, at, timezone, account, replyTo, approve } = given.front;
  return {
    text: given.text ?? "",
    id,
    at,
    timezone,
    account,
    replyTo,
    approve,
    attachments: given.attachments,
    numbering: given.numbering ?? null,
    poll,
    foreign: given.ignored,
    doubt: given.told.find(({ code }) => code === "front_matter_unread")?.message ?? null,
  };
}

/** The text and the front matter of a file's bytes. @throws PsnError TEXT_…, FRONT_MATTER_INVALID */
export const readFront = (bytes: Uint8Array, path: string): ReturnType<typeof readFrontMatter> =>
  readFrontMatter(textOfBytes(bytes, path), path);

// --- internal ---

const NOTHING_GIVEN: Parameters<typeof readRest>[2] = {
  media: [],
  alt: [],
  altFile: [],
  captions: [],
  strip: false,
  fix: false,
  numbering: undefined,
  limit: undefined,
  cut: undefined,
  markdown: undefined,
  long: false,
};

const NO_LABELS: Parameters<typeof readLabels>[1] = {
  poll: undefined,
  pollFile: undefined,
  pollMinutes: undefined,
  quote: undefined,
  madeWithAi: false,
  paidPartnership: false,
  altRequired: false,
  replySettings: undefined,
};
