/**
 * X's words for posting, as schemas: what we send is checked strictly, what X answers is read tolerantly, because X
 * renamed half of its vocabulary in August 2026 and adds fields without notice.
 */
import { z } from "zod";
import type { RateLimitWindow } from "../../core/platform.ts";
import { isNumericId } from "../../core/platform.ts";
import { safeDetail } from "./detail.ts";
import type { XEndpoint } from "./endpoints.ts";

export { RateLimitError, ThreadError, XApiError } from "./errors.ts";

/** What X last said of one endpoint's limits, for one account. A window that X did not mention is null. */
export interface RateLimitInfo {
  endpoint: XEndpoint;
  /** The documented window. */
  per15Minutes: RateLimitWindow | null;
  /** The account's and the app's windows of 24 hours; undocumented, and absent on some plans. */
  user24Hours: RateLimitWindow | null;
  app24Hours: RateLimitWindow | null;
  /** Until when a 429 said to wait; null when the last answer was none, or named no time. */
  blockedUntil: Date | null;
  /** When the answer came that this was read from, by our clock. */
  seenAt: Date;
}

/** An id as X writes it: a string of up to 19 digits. Never a number: ids pass 2^53. */
export const NumericIdSchema = z.string().refine(isNumericId, "an id of X is a string of 1 to 19 digits");

/**
 * A bound for what is sent, and no judgement on its length: X counts 23 for a URL of up to 4,096 characters, so that a
 * long post of 25,000 may have 170 times as many UTF-16 units. `core/compose` counts, and X has the last word.
 */
const TEXT_UNITS_MAX = 5_000_000;

const UrlSchema = z.string().min(1).max(4096);

const MediaSchema = z.strictObject({
  media_ids: z.array(NumericIdSchema).min(1).max(4),
  tagged_user_ids: z.array(NumericIdSchema).max(10).optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  preview_media_id: NumericIdSchema.optional(),
  embeddable: z.boolean().optional(),
});

const PollSchema = z.strictObject({
  options: z.array(z.string().min(1).max(25)).min(2).max(4),
  duration_minutes: z.number().int().min(5).max(10_080),
});

/**
 * The body of `POST /2/tweets` (X's `CreatePostsRequest`, 2.167), with the rules on what excludes what that version
 * dropped from the document and still enforces. `text` is always sent, if only as "": X's backend refuses an absent
 * one.
 */
export const TweetCreateSchema = z
  .strictObject({
    text: z.string().max(TEXT_UNITS_MAX).default(""),
    media: MediaSchema.optional(),
    reply: z
      .strictObject({
        in_reply_to_tweet_id: NumericIdSchema,
        exclude_reply_user_ids: z.array(NumericIdSchema).optional(),
      })
      .optional(),
    poll: PollSchema.optional(),
    quote_tweet_id: NumericIdSchema.optional(),
    /** Absent means everyone; X has no word for that. */
    reply_settings: z.enum(["following", "mentionedUsers", "subscribers", "verified"]).optional(),
    made_with_ai: z.boolean().optional(),
    paid_partnership: z.boolean().optional(),
    community_id: NumericIdSchema.optional(),
    share_with_followers: z.boolean().optional(),
    for_super_followers_only: z.boolean().optional(),
    nullcast: z.boolean().optional(),
    geo: z.strictObject({ place_id: z.string().min(1).optional() }).optional(),
    card_uri: UrlSchema.optional(),
    direct_message_deep_link: UrlSchema.optional(),
    edit_options: z.strictObject({ previous_post_id: NumericIdSchema }).optional(),
  })
  .refine((tweet) => tweet.text.trim() !== "" || tweet.media !== undefined || tweet.card_uri !== undefined, {
    message: "a tweet needs a text or media",
  })
  .refine(
    (tweet) =>
      [tweet.media, tweet.poll, tweet.quote_tweet_id, tweet.card_uri, tweet.direct_message_deep_link].filter(
        (part) => part !== undefined,
      ).length <= 1,
    { message: "media, poll, quote, card and direct message link exclude each other" },
  );
/** What `createTweet` takes; `text` may be left out beside media. */
export type TweetCreate = z.input<typeof TweetCreateSchema>;

/** X adds problems to successful answers too; only their presence is of interest here. */
const ProblemsSchema = z.array(z.unknown()).nullish();

/**
 * A created post. `text` is X's version of it (t.co links, escaped entities) and not to be compared as it stands. The
 * edit history that comes along has been seen holding an empty string: it is never the id.
 */
export const TweetResponseSchema = z.object({
  data: z.object({ id: NumericIdSchema, text: z.string().optional().catch(undefined) }),
  errors: ProblemsSchema,
});

const ProcessingSchema = z.object({
  /** pending, in_progress, succeeded or failed; a plain string in X's document. */
  state: z.string(),
  check_after_secs: z.number().nonnegative().nullish().catch(null),
  progress_percent: z.number().nullish().catch(null),
  /** Undocumented, present on some failures. */
  error: z
    .object({ name: z.string().nullish().catch(null), message: z.string().nullish().catch(null) })
    .nullish()
    .catch(null),
});
export type MediaProcessing = z.infer<typeof ProcessingSchema>;

/** The answer of the one-shot upload, of initialize, of finalize and of STATUS: they share one shape. */
export const MediaUploadResponseSchema = z.object({
  data: z.object({
    id: NumericIdSchema,
    media_key: z.string().nullish().catch(null),
    size: z.number().nullish().catch(null),
    expires_after_secs: z.number().nonnegative().nullish().catch(null),
    /** Absent when there is nothing to process: the media is ready. */
    processing_info: ProcessingSchema.nullish(),
  }),
  errors: ProblemsSchema,
});

/** `GET /2/users/me`. */
export const UserResponseSchema = z.object({
  data: z.object({
    id: NumericIdSchema,
    /** X allows 15 characters, and has older names that are longer. */
    username: z.string().regex(/^\w{1,64}$/),
    name: z
      .string()
      .max(256)
      .catch("")
      .transform((name) => safeDetail(name)),
    subscription_type: z
      .string()
      .regex(/^\w{1,64}$/)
      .nullish()
      .catch(null),
  }),
});
