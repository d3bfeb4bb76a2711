/** The words of the house as types. The same words stand in SQL, on the command line and in the docs. */
import { z } from "zod";

/** `retry` is a post that waits for another try; `sub_status` says what it waits for. */
export const POST_STATUSES = ["draft", "scheduled", "publishing", "retry", "published", "failed"] as const;
export type PostStatus = (typeof POST_STATUSES)[number];

const POST_SUB_STATUSES = [
  "retry_1",
  "retry_2",
  "retry_3",
  "rate_limited",
  /** The network, X or the media store is away; nothing was sent, and it goes on by itself. */
  "unreachable",
  "media_uploading",
  /** X has all bytes of a GIF or video, and works on it. */
  "media_processing",
  "media_uploaded",
  "thread_partial",
  /** Asking X whether an unanswered request made a tweet. */
  "confirming",
  /** The account must sign in again; the post waits and goes out afterwards. */
  "awaiting_auth",
  /** The app is out of credits (402) or at its spending limit; one command lets every post go on. */
  "out_of_credits",
  /** X refuses everything of the account, which is locked or over its day; the post waits with its order. */
  "account_held",
  /** X refuses everything of the app, which is not enrolled or lacks a permission. */
  "app_held",
  /** A limit of its author's on what may be spent is used up; it goes on when the day or the month is over, or the limit is raised. */
  "over_cap",
  /** Missed while nothing was running; it waits for its slot among the account's other missed posts. */
  "catching_up",
  /** Its author takes it down at X, and it is not done; of posts that are published, failed or drafts. */
  "unpublishing",
  /** Some of its tweets were taken down, as its author asked. */
  "partly_unpublished",
  /** Nothing of it is on X any more. */
  "unpublished",
] as const;
export type PostSubStatus = (typeof POST_SUB_STATUSES)[number];

/** How far a post is taken down. */
export const UNPUBLISHING = ["unpublishing", "partly_unpublished", "unpublished"] as const satisfies PostSubStatus[];
export type Unpublishing = (typeof UNPUBLISHING)[number];

/** Null for every sub-status that is about something else. */
export function unpublishingOf(subStatus: string | null): Unpublishing | null {
  return UNPUBLISHING.find((one) => one === subStatus) ?? null;
}

/** Free-form facts on the root row of a post, validated whenever they are read. */
export const PostMetadataSchema = z
  .object({
    /** The file that the text came from, absolute: by it the file is known again. Never read back from disk. */
    sourceFile: z.string().max(4096).optional(),
    madeWithAi: z.boolean().optional(),
    /** Nothing of the post is sent when X refuses one of its alt texts. */
    altRequired: z.boolean().optional(),
    paidPartnership: z.boolean().optional(),
    /** X's id of the account's own tweet that the post's first tweet replies to. */
    replyToId: z
      .string()
      .regex(/^[0-9]{1,19}$/)
      .optional(),
    replySettings: z.enum(["following", "mentionedUsers", "subscribers", "verified"]).optional(),
    poll: z
      .object({
        options: z.array(z.string().min(1).max(25)).min(2).max(4),
        durationMinutes: z.number().int().min(5).max(10_080),
      })
      .optional(),
  })
  .loose();
export type PostMetadata = z.infer<typeof PostMetadataSchema>;

/** How an attempt ended. `null` in the column: it was written, and what became of it is not known yet. */
export type AttemptOutcome =
  | "posted"
  | "adopted" // no answer came, the tweet was found on X
  | "absent" // no answer came, and X was looked at until the tweet's absence was certain
  | "refused"
  | "wait"
  | "signed_out"
  | "out_of_credits"
  | "not_sent"
  | "duplicate" // it made a second copy of a tweet that has an id; the author got a notice
  | "double"; // the same, in hubs that an earlier version wrote

/** A line of a post's history, before it is written. */
export interface NewEvent {
  kind: string;
  status: PostStatus;
  subStatus?: PostSubStatus | null;
  note: string;
  facts?: Record<string, unknown>;
}
