/** How a post was composed: its limit and its numbering. Kept with the post, so that later acts follow the same rules. */
import { z } from "zod";
import { type Alternative, alternativesTo } from "../compose/alternatives.ts";
import { type Composition, composeThread } from "../compose/compose.ts";
import { affixes, affixWeight, NUMBER_FORMS, type Numbering } from "../compose/numbering.ts";
import { CUT_ORDERS } from "../compose/open-cuts.ts";
import type { PreviewBreak } from "../compose/preview.ts";
import { type Torn, tornByBorders } from "../compose/torn.ts";
import type { Warning } from "../compose/warnings.ts";
import { PsnError } from "../errors.ts";
import { LONG_POST_LIMIT, TWEET_LIMIT, textLimitOf } from "../platform.ts";
import type { PostMetadata } from "../types/index.ts";
import { requireCuttable } from "./limits.ts";

const ComposingSchema = z.object({
  /** Weighted length that no tweet exceeds. */
  limit: z.number().int().min(2).max(LONG_POST_LIMIT).default(TWEET_LIMIT),
  numbering: z
    .object({ place: z.enum(["start", "end"]), form: z.enum(NUMBER_FORMS) })
    .nullable()
    .default(null),
  /** What comes first when a text is cut: that nothing is torn, or the fewest tweets. */
  cut: z.enum(CUT_ORDERS).default("whole"),
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

/** The time that the post's file named, in the file's own words where they were kept. */
export function plannedOf(metadata: PostMetadata): { at: Date; timezone: string; said: string | undefined } | null {
  const { planned } = composingOf(metadata);
  return planned && { at: new Date(planned.at), timezone: planned.timezone, said: planned.said };
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
  /** Where it stands in the text. */
  place?: { start: number; end: number };
}

/** A text as it was cut, and what its author should know of that. */
export interface CutText {
  tweets: CutTweet[];
  warnings: Warning[];
}

export type Cutting = Pick<Composing, "limit" | "numbering" | "cut">;

/**
 * The tweets of a text. `sent` are the words of tweets before it that are on X: numbers count them, too.
 * @throws PsnError TEXT_…, LIMIT_INVALID, NUMBERED_TWICE, POST_TOO_MANY_TWEETS where no cut makes few enough
 */
export function cutText(text: string, cutting: Cutting, sent: readonly string[] = []): CutText {
  const { limit, numbering, cut } = cutting;
  requireCuttable(text, limit);
  if (sent.length === 0 || numbering === null) return asCut(composeThread(text, cutting));
  const room = limit - affixWeight(numbering, COUNTED_MAX, String(COUNTED_MAX).length);
  const { tweets, warnings } = asCut(composeThread(text, { limit: room, cut }));
  const texts = withNumbers([...sent, ...tweets.map((tweet) => tweet.text)], numbering).slice(sent.length);
  return { tweets: tweets.map((tweet, index) => ({ ...tweet, text: texts[index] ?? tweet.text })), warnings };
}

/** The tweets of a new post. X takes media without words. @throws PsnError as `cutText` */
export function cutPost(text: string, { hasMedia, ...cutting }: Cutting & { hasMedia: boolean }): CutText {
  if (text.trim() === "" && hasMedia) return { tweets: [{ text: "", separatorAfter: "" }], warnings: [] };
  return cutText(text, cutting);
}

/** What a preview says of the cuts of a text whose tweets are as they were cut: what else there is, where asked for, and what they tear. */
export function cutFacts(
  text: string,
  cutting: Cutting,
  { tweets, warnings }: CutText,
  hasAlternatives = true,
): { composing: Warning[]; alternatives: Alternative[]; torn: (Torn | null)[] } {
  const alternatives = !hasAlternatives || text.trim() === "" ? [] : alternativesTo(text, tweets.length, cutting);
  return { composing: warnings, alternatives, torn: tornOf(tweets, cutting) };
}

/** What the ends of tweets tear, whose numbers are left out of account. */
export function tornOf(
  tweets: readonly { text: string; separatorAfter: string }[],
  { limit, numbering }: Pick<Cutting, "limit" | "numbering">,
): (Torn | null)[] {
  const words = withoutNumbers(
    tweets.map((tweet) => tweet.text),
    numbering,
  );
  const room = numbering === null ? limit : limit - affixWeight(numbering, tweets.length, String(tweets.length).length);
  return tornByBorders(
    tweets.map(({ separatorAfter }, index) => ({ text: words[index] ?? "", separatorAfter })),
    room,
  );
}

// --- internal ---

/** No thread has more tweets than this has digits for. */
const COUNTED_MAX = 999;

function asCut({ leading, tweets, warnings }: Composition): CutText {
  let start = leading.length;
  return {
    tweets: tweets.map(({ text, body, separatorAfter, break: end }) => {
      const place = { start, end: start + body.length };
      start = place.end + separatorAfter.length;
      return { text, separatorAfter, break: end, place };
    }),
    warnings,
  };
}
