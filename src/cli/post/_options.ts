/** Arguments and options that several commands of a post share, and how they are read. */
import { z } from "zod";
import { PsnError } from "../../core/errors.ts";
import { type PostMetadata, PostMetadataSchema } from "../../core/types/index.ts";
import type { ArgumentDef, OptionDef, Parsed } from "../_command-old.ts";

export const ID_ARGUMENT: ArgumentDef = {
  name: "id",
  help: "the post's id, or a unique beginning of it",
  required: true,
};

export const ACCOUNT_OPTION: Record<string, OptionDef> = {
  account: {
    type: "string",
    short: "a",
    value: "@HANDLE",
    help: "Publish as this account (default: your default account)",
  },
};

export const VERSION_OPTION: Record<string, OptionDef> = {
  version: { type: "string", value: "N", help: "Refuse when the post has changed since this contentVersion was shown" },
};

export const APPROVE_OPTION: Record<string, OptionDef> = {
  approve: { type: "boolean", help: "Approve it as it is, too" },
};

export const FORCE_OPTION: Record<string, OptionDef> = {
  force: { type: "boolean", help: "Also when another post of the account says exactly the same" },
};

const POLL_MINUTES_DEFAULT = "1440";
const AVOIDED = "X lets only Enterprise apps quote posts (since April 2026); put the link into the text instead";

export const LABEL_OPTIONS: Record<string, OptionDef> = {
  poll: { type: "string", value: '"A|B"', help: "A poll of 2 to 4 options on the first tweet, 25 characters each" },
  "poll-minutes": { type: "string", value: "N", help: "How long it runs, 5 to 10080 (default 1440, a day)" },
  quote: { type: "string", value: "POST", help: AVOIDED },
  "made-with-ai": { type: "boolean", help: "Tell X that the media was made with AI" },
  "paid-partnership": { type: "boolean", help: "Label it as a paid partnership" },
  "reply-settings": {
    type: "string",
    value: "WHO",
    help: "Who may reply: following, mentionedUsers, subscribers, verified",
  },
};

/** The value of an option that takes a text, or undefined. */
export function textOption(options: Parsed["options"], name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

/** @throws PsnError USAGE */
export function readVersion(options: Parsed["options"]): { contentVersion?: number } {
  if (options.version === undefined) return {};
  const version = z.coerce.number().int().min(1).safeParse(options.version);
  if (!version.success) {
    throw new PsnError("USAGE", "--version takes the contentVersion that was shown, a whole number.");
  }
  return { contentVersion: version.data };
}

/** What `LABEL_OPTIONS` ask X for. @throws PsnError USAGE, POLL_INVALID, QUOTE_NOT_ALLOWED */
export function readLabels(options: Parsed["options"]): PostMetadata {
  const who = PostMetadataSchema.shape.replySettings.safeParse(options["reply-settings"]);
  if (!who.success) {
    throw new PsnError(
      "USAGE",
      "--reply-settings takes following, mentionedUsers, subscribers or verified; leave it out for everyone.",
    );
  }
  if (options.quote !== undefined) {
    throw new PsnError("QUOTE_NOT_ALLOWED", `A post cannot be quoted: ${AVOIDED}.`, {
      hint: "X shows a link to a post as a quote; it makes the tweet cost $0.20.",
    });
  }
  const poll = readPoll(options);
  return {
    ...(poll ? { poll } : {}),
    ...(options["made-with-ai"] ? { madeWithAi: true } : {}),
    ...(options["paid-partnership"] ? { paidPartnership: true } : {}),
    ...(who.data ? { replySettings: who.data } : {}),
  };
}

// --- internal ---

function readPoll(options: Parsed["options"]): PostMetadata["poll"] {
  const given = textOption(options, "poll");
  const minutes = textOption(options, "poll-minutes");
  if (given === undefined) {
    if (minutes !== undefined) throw new PsnError("USAGE", "--poll-minutes goes with --poll.");
    return undefined;
  }
  const poll = PostMetadataSchema.shape.poll.safeParse({
    options: given.split("|").map((option) => option.trim()),
    durationMinutes: Number(minutes ?? POLL_MINUTES_DEFAULT),
  });
  if (poll.success) return poll.data;
  throw new PsnError("POLL_INVALID", "X does not take such a poll.", {
    hint: '2 to 4 options of 1 to 25 characters, as in --poll "Yes|No"; --poll-minutes from 5 to 10080.',
  });
}
