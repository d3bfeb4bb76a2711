/** How a post was composed: its limit and its numbering. Kept with the post, so that later acts follow the same rules. */
import { z } from "zod";
import { affixes, NUMBER_FORMS, type Numbering } from "../compose/numbering.ts";
import { PsnError } from "../errors.ts";
import { LONG_POST_LIMIT, TWEET_LIMIT, textLimitOf } from "../platform.ts";
import type { PostMetadata } from "../types/index.ts";

const ComposingSchema = z.object({
  /** Weighted length that no tweet shall exceed. */
  limit: z.number().int().min(2).max(LONG_POST_LIMIT).default(TWEET_LIMIT),
  numbering: z
    .object({ place: z.enum(["start", "end"]), form: z.enum(NUMBER_FORMS) })
    .nullable()
    .default(null),
  /** When the author means to publish it; said in a file, and not a schedule before they approve. */
  planned: z.object({ at: z.iso.datetime(), timezone: z.string() }).nullable().default(null),
});
export type Composing = z.infer<typeof ComposingSchema>;

/** What a post's metadata says of its composing; what is absent is the default. */
export function composingOf(metadata: PostMetadata): Composing {
  return ComposingSchema.parse(metadata);
}

/**
 * Whether the account may post tweets of that length.
 * @throws PsnError LIMIT_NOT_ALLOWED
 */
export function requireLimit(limit: number, account: { handle: string; subscription: string | null }): void {
  if (limit <= textLimitOf(account.subscription)) return;
  const known = account.subscription === null ? "X did not say that it has Premium" : "it has no Premium";
  throw new PsnError("LIMIT_NOT_ALLOWED", `@${account.handle} may post ${TWEET_LIMIT} characters: ${known}.`, {
    hint: `Leave out --long and --limit, or sign in again after an upgrade: psn setup --account @${account.handle}`,
  });
}

/** Texts without their numbers. A text whose number the author has changed by hand is taken as it is. */
export function withoutNumbers(texts: readonly string[], numbering: Numbering | null): string[] {
  if (numbering === null || texts.length < 2) return [...texts];
  return texts.map((text, position) => {
    const { prefix, suffix } = affixes(numbering, position, texts.length);
    const fits = text.startsWith(prefix) && text.endsWith(suffix) && text.length > prefix.length + suffix.length;
    return fits ? text.slice(prefix.length, text.length - suffix.length) : text;
  });
}

/** Texts with their numbers. A single tweet never gets one. */
export function withNumbers(texts: readonly string[], numbering: Numbering | null): string[] {
  if (numbering === null || texts.length < 2) return [...texts];
  return texts.map((text, position) => {
    const { prefix, suffix } = affixes(numbering, position, texts.length);
    return prefix + text + suffix;
  });
}
