/** Times, and posts in short, as JSON answers show them. Loads no rule of how a post is composed or approved: `_shapes.ts` shows one whole. */
import { z } from "zod";
import type { PostSummary } from "../core/posts/read.ts";
import { utcToUserTime } from "../core/utils/zone-clock.ts";

/** An instant as it is answered: in UTC, and as a clock in the author's zone shows it. */
export const TimeSchema = z.object({ utc: z.string(), local: z.string(), timezone: z.string() });
export type TimeAnswer = z.infer<typeof TimeSchema>;

export function timeAnswer(instant: Date, zone: string): TimeAnswer {
  return { utc: instant.toISOString(), local: utcToUserTime(instant, zone).text, timezone: zone };
}

export const SummarySchema = z.object({
  id: z.string(),
  account: z.string(),
  status: z.string(),
  subStatus: z.string().nullable(),
  beginning: z.string(),
  tweetCount: z.number(),
  postedCount: z.number(),
  scheduled: TimeSchema.nullable(),
  approved: z.boolean(),
  /** When it went out, or goes on: the first tweet's time, else the next. */
  at: TimeSchema.nullable(),
  failCode: z.string().nullable(),
  failReason: z.string().nullable(),
});
export type SummaryAnswer = z.infer<typeof SummarySchema>;

export function summaryAnswer(summary: PostSummary, zone: string): z.infer<typeof SummarySchema> {
  const { id, account, status, subStatus, beginning, tweetCount, postedCount, failCode, failReason } = summary;
  const scheduled = summary.scheduledAt ? timeAnswer(summary.scheduledAt, summary.scheduledTimezone ?? zone) : null;
  const { approved, publishedAt, dueAt } = summary;
  const instant = status === "published" ? publishedAt : dueAt;
  const at = instant ? timeAnswer(instant, summary.scheduledTimezone ?? zone) : null;
  return {
    id,
    account,
    status,
    subStatus,
    beginning,
    tweetCount,
    postedCount,
    scheduled,
    approved,
    at,
    failCode,
    failReason,
  };
}
