/** Fields that several commands of a post share, and how they are read. */
import { z } from "zod";
import { PsnError } from "../../core/errors.ts";
import type { Sending } from "../../core/posts/write.ts";
import { type PostMetadata, PostMetadataSchema } from "../../core/types/index.ts";
import { type Fields, flag, type Io } from "../_command.ts";
import { readWords } from "../_input.ts";

export const ID_FIELD = {
  id: z
    .string()
    .meta({ position: 0, description: "the post's id, a unique beginning of it, or the address of its tweet at X" }),
};

export const ACCOUNT_FIELD = {
  account: z
    .string()
    .optional()
    .meta({
      aliases: ["a"],
      placeholder: "@HANDLE",
      description: "Publish as this account (default: your default account)",
    }),
};

export const VERSION_FIELD = {
  version: z.int().min(0).optional().meta({
    placeholder: "N",
    takes: "the contentVersion that was shown, a whole number",
    description: "Refuse when the post has changed since this contentVersion was shown",
  }),
};

export const FORCE_FIELD = { force: flag("Also when another post of the account says exactly the same") };

/** Of an act that approves a post as it is: what must still be so, and what is done in spite of a warning. */
export const CHANGE_FIELDS = { ...VERSION_FIELD, ...FORCE_FIELD };

/** Of an act that changes what a post says. */
export const APPROVE_CHANGE_FIELD = {
  approve: flag("Approve it as it is after the change, too; a post that waits for its time needs that"),
};

/** Of an act that sends. */
export const SEND_FIELDS = { ...VERSION_FIELD, approve: flag("Approve it as it is, too"), ...FORCE_FIELD };

/** What the fields of `SEND_FIELDS` ask of an act; a command may lack any of them. */
export function sendingOf(given: Partial<Fields<typeof SEND_FIELDS>>): Sending {
  const { version, approve = false, force = false } = given;
  return { ...(version === undefined ? {} : { contentVersion: version }), approve, force };
}

const POLL_MINUTES_DEFAULT = 1440;
const POLL_HINT = '2 to 4 options of 1 to 25 characters, as in --poll "Yes|No"; --poll-minutes from 5 to 10080.';
const AVOIDED = "X lets only Enterprise apps quote posts (since April 2026); put the link into the text instead";

export const LABEL_FIELDS = {
  poll: z
    .string()
    .optional()
    .meta({ placeholder: '"A|B"', description: "A poll of 2 to 4 options on the first tweet, 25 characters each" }),
  pollFile: z
    .string()
    .optional()
    .meta({ placeholder: "FILE", description: "The same from a file, an option a line; - is stdin" }),
  pollMinutes: z.int().min(5).max(10_080).optional().meta({
    placeholder: "N",
    code: "POLL_INVALID",
    hint: POLL_HINT,
    description: "How long it runs, 5 to 10080 (default 1440, a day)",
  }),
  /** Refused always, with the reason: people and programs try it. */
  quote: z
    .string()
    .refine(() => false, { message: `A post cannot be quoted: ${AVOIDED}.` })
    .optional()
    .meta({
      placeholder: "POST",
      code: "QUOTE_NOT_ALLOWED",
      hint: "X shows a link to a post as a quote; it makes the tweet cost $0.20.",
      description: AVOIDED,
    }),
  madeWithAi: flag("Tell X that the media was made with AI"),
  paidPartnership: flag("Label it as a paid partnership"),
  altRequired: flag("Send nothing of it when X refuses an alt text (else the tweet goes without, and you are told)"),
  replySettings: PostMetadataSchema.shape.replySettings.meta({
    placeholder: "WHO",
    takes: "following, mentionedUsers, subscribers or verified; leave it out for everyone",
    description: "Who may reply: following, mentionedUsers, subscribers, verified",
  }),
};

/** A poll as front matter holds it. */
export interface FrontPoll {
  options: string[];
  minutes?: number;
}

/**
 * What `LABEL_FIELDS` ask X for; the poll of a file's front matter, when no option names one.
 * @throws PsnError USAGE, POLL_INVALID, TEXT_…
 */
export async function readLabels(
  io: Io,
  given: Fields<typeof LABEL_FIELDS>,
  { poll: inFront }: { poll?: FrontPoll } = {},
): Promise<PostMetadata> {
  const { madeWithAi, paidPartnership, replySettings, altRequired } = given;
  const poll = await readPoll(io, given, inFront);
  return {
    ...(poll ? { poll } : {}),
    ...(madeWithAi ? { madeWithAi } : {}),
    ...(paidPartnership ? { paidPartnership } : {}),
    ...(replySettings ? { replySettings } : {}),
    ...(altRequired ? { altRequired } : {}),
  };
}

// --- internal ---

async function readPoll(
  io: Io,
  { poll: words, pollFile, pollMinutes }: Fields<typeof LABEL_FIELDS>,
  inFront: FrontPoll | undefined,
): Promise<PostMetadata["poll"]> {
  const given = await readWords(io, "poll", words, pollFile);
  const options = given === undefined ? inFront?.options : optionsOf(given);
  if (options === undefined) {
    if (pollMinutes !== undefined) throw new PsnError("USAGE", "--poll-minutes goes with --poll.");
    return undefined;
  }
  const minutes = pollMinutes ?? (given === undefined ? inFront?.minutes : undefined) ?? POLL_MINUTES_DEFAULT;
  const poll = PostMetadataSchema.shape.poll.safeParse({
    options: options.map((option) => option.trim()),
    durationMinutes: minutes,
  });
  if (poll.success) return poll.data;
  throw new PsnError("POLL_INVALID", "X does not take such a poll.", { hint: POLL_HINT });
}

/** `A|B`, or an option a line. */
export function optionsOf(poll: string): string[] {
  const lines = poll.trim().split("\n");
  return lines.length > 1 ? lines.filter((line) => line.trim() !== "") : poll.split("|");
}
