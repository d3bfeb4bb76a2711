/** A post whole, as JSON answers show it. */
import { z } from "zod";
import { wallClock } from "../core/clock.ts";
import { uploadProgress } from "../core/post/upload-state.ts";
import { isApproved } from "../core/posts/approve.ts";
import { composingOf } from "../core/posts/composing.ts";
import { type Post, tweetUrl } from "../core/posts/read.ts";
import { PostMetadataSchema } from "../core/types/index.ts";
import { withLocalTimes } from "../core/utils/zone-clock.ts";
import { TimeSchema, timeAnswer } from "./_summary.ts";

const LabelsSchema = PostMetadataSchema.pick({
  poll: true,
  replySettings: true,
  madeWithAi: true,
  paidPartnership: true,
  altRequired: true,
  replyToId: true,
});

export const PostAnswerSchema = z.object({
  id: z.string(),
  account: z.string(),
  status: z.string(),
  subStatus: z.string().nullable(),
  approved: z.boolean(),
  contentVersion: z.number(),
  scheduleVersion: z.number(),
  scheduled: TimeSchema.nullable(),
  /** The time that its file named; `psn post schedule` without a time takes it, unless another was given since. */
  planned: TimeSchema.nullable(),
  next: TimeSchema.nullable(),
  /** What X gets beside the text. */
  labels: LabelsSchema,
  failCode: z.string().nullable(),
  failReason: z.string().nullable(),
  platformPostIds: z.array(z.string()),
  tweets: z.array(
    z.object({
      position: z.number(),
      text: z.string(),
      externalPostId: z.string().nullable(),
      /** Null when it is not on X, or not any more. */
      url: z.string().nullable(),
      /** When it was taken down at X. */
      deleted: TimeSchema.nullable(),
      media: z.array(
        z.object({
          fileName: z.string(),
          mime: z.string(),
          altText: z.string().nullable(),
          /** Of a video, absent where it has none; `refused` is what X said where it does not take them. */
          captions: z
            .array(z.object({ language: z.string(), fileName: z.string(), refused: z.string().nullable() }))
            .optional(),
          /** How far it is on its way to X; null once its tweet is there. */
          upload: z
            .object({
              state: z.enum(["waiting", "uploading", "processing", "ready"]),
              percent: z.number().nullable(),
            })
            .nullable(),
        }),
      ),
    }),
  ),
});
export type PostAnswer = z.infer<typeof PostAnswerSchema>;

export function postAnswer(post: Post, zone: string, now = wallClock.now()): PostAnswer {
  const { root, account, tweets } = post;
  const { planned } = composingOf(root.metadata);
  return {
    id: root.id,
    account: account.handle,
    status: root.status,
    subStatus: root.subStatus,
    approved: isApproved(post),
    contentVersion: root.contentVersion,
    scheduleVersion: root.scheduleVersion,
    scheduled: root.scheduledAt ? timeAnswer(root.scheduledAt, root.scheduledTimezone ?? zone) : null,
    planned: planned ? timeAnswer(new Date(planned.at), planned.timezone) : null,
    labels: LabelsSchema.parse(root.metadata),
    next: root.dueAt ? timeAnswer(root.dueAt, zone) : null,
    failCode: root.failCode,
    failReason: root.failReason && withLocalTimes(root.failReason, zone),
    platformPostIds: root.platformPostIds,
    tweets: tweets.map((tweet) => ({
      position: tweet.threadPosition,
      text: tweet.content,
      externalPostId: tweet.externalPostId,
      url: tweet.externalPostId && !tweet.deletedAt ? tweetUrl(post, tweet.externalPostId) : null,
      deleted: tweet.deletedAt ? timeAnswer(tweet.deletedAt, zone) : null,
      media: tweet.media.map((item) => ({
        fileName: item.fileName,
        mime: item.mime,
        altText: item.altText,
        ...(item.captions.length > 0 ? { captions: captionsAnswer(item) } : {}),
        upload: tweet.externalPostId ? null : uploadProgress(item, now),
      })),
    })),
  };
}

function captionsAnswer({ captions, captionsSet }: Post["tweets"][number]["media"][number]) {
  return captions.map(({ language, fileName }) => ({
    language,
    fileName,
    refused: captionsSet[language]?.refused ?? null,
  }));
}
