/** Arguments and options that several commands of a post share, and how they are read. */
import { z } from "zod";
import { PsnError } from "../../core/errors.ts";
import type { PostMetadata } from "../../core/types/index.ts";
import type { ArgumentDef, OptionDef, Parsed } from "../_command.ts";

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

export const LABEL_OPTIONS: Record<string, OptionDef> = {
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

/** What `LABEL_OPTIONS` ask X for. @throws PsnError USAGE */
export function readLabels(options: Parsed["options"]): PostMetadata {
  const who = z
    .enum(["following", "mentionedUsers", "subscribers", "verified"])
    .optional()
    .safeParse(options["reply-settings"]);
  if (!who.success) {
    throw new PsnError(
      "USAGE",
      "--reply-settings takes following, mentionedUsers, subscribers or verified; leave it out for everyone.",
    );
  }
  return {
    ...(options["made-with-ai"] ? { madeWithAi: true } : {}),
    ...(options["paid-partnership"] ? { paidPartnership: true } : {}),
    ...(who.data ? { replySettings: who.data } : {}),
  };
}
