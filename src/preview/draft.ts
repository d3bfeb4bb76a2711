/** All that the page of a draft shows. */
import type { Preview } from "../core/compose/preview.ts";
import type { Db } from "../core/db/connection.ts";
import { hashOfStored } from "../core/post/content-hash.ts";
import { boundMedia, type Fact, labelsSaid } from "../core/posts/approval-shown.ts";
import { isApproved } from "../core/posts/approve.ts";
import { composingOf, withoutNumbers } from "../core/posts/composing.ts";
import { previewIn, previewPost } from "../core/posts/preview.ts";
import { type Post, tweetUrl } from "../core/posts/read.ts";
import { utcToUserTime } from "../core/utils/zone-clock.ts";
import type { MediaView, PollView, TimeView } from "../page/views.ts";
import { type Author, mediaKind, pollView, timeView } from "./tweet-view.ts";

export interface DraftTweetView {
  text: string;
  weightedLength: number;
  limit: number;
  costUsd: number;
  warnings: Preview["warnings"];
  media: readonly MediaView[];
  time: TimeView | null;
  url: string | null;
  isOnX: boolean;
  /** Why it ends where it does, and what that tears; null for the last. */
  cut: { why: string; tears: string | null } | null;
}

/** A thread as it is shown, whether the hub has it or not. */
export interface ThreadView {
  author: Author;
  tweets: readonly DraftTweetView[];
  poll: PollView | null;
  labels: readonly string[];
  costUsd: number;
  warnings: Preview["warnings"];
}

/** A thread that the hub has. */
export interface DraftView extends ThreadView {
  postId: string;
  status: Post["root"]["status"];
  subStatus: string | null;
  approved: boolean;
  contentVersion: number;
  contentHash: string;
  /** When it goes out, in the author's words. */
  scheduled: string | null;
  /** The time that its file named: as an instant, and in the author's words. */
  planned: { at: string; local: string } | null;
  failReason: string | null;
  /** What an approval binds beside words, account, time and cost. */
  bound: readonly Fact[];
}

/** A post as the page shows it, without what else its text could have been cut into. Reads, and writes nothing. */
export async function draftView(db: Db, post: Post, zone: string): Promise<DraftView> {
  const { root, account } = post;
  const { planned } = composingOf(root.metadata);
  const thread = threadView(await previewPost(db, post, { hasAlternatives: false }), {
    author: account,
    zone,
    media: post.tweets.map((tweet) => tweet.media.map((item) => mediaView(keptMediaUrl(item), item))),
    poll: root.metadata.poll ?? null,
  });
  return {
    ...thread,
    tweets: thread.tweets.map((tweet, index) => ({ ...tweet, ...sentFacts(post, index, zone) })),
    labels: labelsSaid(root.metadata)
      .filter(([name]) => name !== "poll")
      .map(([name, says]) => (name === "label" ? says : `${name}: ${says}`)),
    bound: [...labelsSaid(root.metadata), ...boundMedia(post)],
    postId: root.id,
    status: root.status,
    subStatus: root.subStatus,
    approved: isApproved(post),
    contentVersion: root.contentVersion,
    contentHash: hashOfStored(post),
    scheduled: root.scheduledAt ? utcToUserTime(root.scheduledAt, root.scheduledTimezone ?? zone).text : null,
    planned: planned ? { at: planned.at, local: utcToUserTime(new Date(planned.at), planned.timezone).text } : null,
    failReason: root.failReason,
  };
}

/** The author's words, without the numbers that PSN put on. */
export function bodiesOf({ tweets, root }: Post): string[] {
  return withoutNumbers(
    tweets.map((tweet) => tweet.content),
    composingOf(root.metadata).numbering,
  );
}

/** A thread of tweets as they would be sent. */
export function threadView(
  preview: Preview,
  more: {
    author: Author;
    zone: string;
    media: readonly (readonly MediaView[])[];
    poll: { options: readonly string[]; durationMinutes: number } | null;
  },
): ThreadView {
  const { tweets, warnings, costUsd } = previewIn(more.zone, preview);
  return {
    author: more.author,
    poll: more.poll ? pollView(more.poll) : null,
    labels: [],
    costUsd,
    warnings,
    tweets: tweets.map((tweet, index) => ({
      text: tweet.text,
      weightedLength: tweet.weightedLength,
      limit: tweet.limit,
      costUsd: tweet.costUsd,
      warnings: tweet.warnings,
      media: more.media[index] ?? [],
      time: null,
      url: null,
      isOnX: false,
      cut: index === tweets.length - 1 ? null : { why: tweet.break.why, tears: tweet.break.tears },
    })),
  };
}

/** The address of kept bytes on the page of their post. */
export const keptMediaUrl = ({ sha256 }: { sha256: string }) => `media/${sha256}`;

export function mediaView(
  url: string,
  item: { mime: string; width: number | null; height: number | null; altText: string | null; fileName: string },
): MediaView {
  const { mime, width, height, altText, fileName } = item;
  return { url, kind: mediaKind(mime), width, height, altText, fileName };
}

// --- internal ---

/** Whether a tweet is on X, since when and where; else when it goes out. */
function sentFacts(post: Post, index: number, zone: string) {
  const { root } = post;
  const row = post.tweets[index];
  const at = row?.publishedAt ?? root.scheduledAt;
  const id = row?.externalPostId ?? null;
  return {
    isOnX: id !== null,
    time: at ? timeView(at, root.scheduledTimezone ?? zone) : null,
    url: id === null ? null : tweetUrl(post, id),
  };
}
