/** How a post was composed: its limit and its numbering. Kept with the post, so that later acts follow the same rules. */
import { z } from "zod";
import { composeThread } from "../compose/compose.ts";
import { affixes, affixWeight, NUMBER_FORMS, type Numbering } from "../compose/numbering.ts";
import type { PreviewBreak } from "../compose/preview.ts";
import { PsnError } from "../errors.ts";
import { LONG_POST_LIMIT, TWEET_LIMIT, textLimitOf } from "../platform.ts";
import type { PostMetadata } from "../types/index.ts";

const ComposingSchema = z.object({
  /** Weighted length that no tweet exceeds. */
  limit: z.number().int().min(2).max(LONG_POST_LIMIT).default(TWEET_LIMIT),
  numbering: z
    .object({ place: z.enum(["start", "end"]), form: z.enum(NUMBER_FORMS) })
    .nullable()
    .default(null),
  /** When the author means to publish it; said in a file, and not a schedule before they approve. */
  planned: z
    .object({
      at: z.iso.datetime(),
      timezone: z.string(),
      /** The file's own words, by which a later edit sees whether they are new. */
      said: z.string().optional(),
    })
    .nullable()
    .default(null),
});
export type Composing = z.infer<typeof ComposingSchema>;

/** What a post's metadata says of its composing; what is absent is the default. */
export function composingOf(metadata: PostMetadata): Composing {
  return ComposingSchema.parse(metadata);
}

/** The time that the post's file named. */
export function plannedOf(metadata: PostMetadata): { at: Date; timezone: string } | null {
  const { planned } = composingOf(metadata);
  return planned && { at: new Date(planned.at), timezone: planned.timezone };
}

/**
 * Whether the account may post tweets of that length.
 * @throws PsnError LIMIT_NOT_ALLOWED
 */
export function requireLimit(limit: number, account: { handle: string; subscription: string | null }): void {
  if (limit <= textLimitOf(account.subscription)) return;
  const known = account.subscription === null ? "X did not say that it has Premium" : "it has no Premium";
  throw new PsnError("LIMIT_NOT_ALLOWED", `@${account.handle} may post ${TWEET_LIMIT} characters: ${known}.`, {
    hint: `Leave out --long and --limit. After an upgrade try again, X is asked anew; psn setup --account @${account.handle} shows what it says.`,
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

/** A text without the number of any of `count` tweets: one that was shown may stand elsewhere now. */
export function withoutAnyNumber(text: string, count: number, numbering: Numbering): string {
  for (let position = 0; position < count; position++) {
    const { prefix, suffix } = affixes(numbering, position, count);
    if (!(text.startsWith(prefix) && text.endsWith(suffix))) continue;
    if (text.length > prefix.length + suffix.length) return text.slice(prefix.length, text.length - suffix.length);
  }
  return text;
}

/** Texts with their numbers. A single tweet never gets one. */
export function withNumbers(texts: readonly string[], numbering: Numbering | null): string[] {
  if (numbering === null || texts.length < 2) return [...texts];
  return texts.map((text, position) => {
    const { prefix, suffix } = affixes(numbering, position, texts.length);
    return prefix + text + suffix;
  });
}

/** A tweet as a text was cut, with why it ends there. */
export interface CutTweet {
  text: string;
  separatorAfter: string;
  break?: PreviewBreak;
}

/**
 * The tweets of a text. `sent` are the words of tweets before it that are on X: numbers count them, too.
 * @throws PsnError TEXT_…, LIMIT_INVALID
 */
export function cutText(
  text: string,
  { limit, numbering }: Pick<Composing, "limit" | "numbering">,
  sent: readonly string[] = [],
): CutTweet[] {
  if (sent.length === 0 || numbering === null) return composeThread(text, { limit, numbering }).tweets.map(asCut);
  const room = limit - affixWeight(numbering, COUNTED_MAX, String(COUNTED_MAX).length);
  const cut = composeThread(text, { limit: room }).tweets.map(asCut);
  const texts = withNumbers([...sent, ...cut.map((tweet) => tweet.text)], numbering).slice(sent.length);
  return cut.map((tweet, index) => ({ ...tweet, text: texts[index] ?? tweet.text }));
}

/** The tweets of a new post. X takes media without words. @throws PsnError as `cutText` */
export function cutPost(
  text: string,
  { hasMedia, ...composing }: Pick<Composing, "limit" | "numbering"> & { hasMedia: boolean },
): CutTweet[] {
  return text.trim() === "" && hasMedia ? [{ text: "", separatorAfter: "" }] : cutText(text, composing);
}

// --- internal ---

/** No thread has more tweets than this has digits for. */
const COUNTED_MAX = 999;

function asCut({ text, separatorAfter, break: end }: CutTweet): CutTweet {
  return { text, separatorAfter, ...(end ? { break: end } : {}) };
}
