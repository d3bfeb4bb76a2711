/** Binds an approval to exactly what was shown: texts, order, media, alt texts, captions and labels, and whether it stops where X refuses an alt text. */
import { createHash } from "node:crypto";
import type { PostMetadata } from "../types/index.ts";

export interface HashedTweet {
  text: string;
  media: readonly {
    sha256: string;
    altText: string | null;
    captions?: readonly { language: string; sha256: string }[] | undefined;
  }[];
}

interface StoredContent {
  tweets: readonly { content: string; media: HashedTweet["media"] }[];
  root: { metadata: PostMetadata };
}

/** A sha256 in hex. The same for two posts exactly when the same is sent to X, also where X refuses an alt text. */
export function contentHash(tweets: readonly HashedTweet[], metadata: PostMetadata): string {
  const { madeWithAi = false, paidPartnership = false, replySettings = null, poll = null, replyToId } = metadata;
  const canonical = JSON.stringify([
    "psn content 1",
    tweets.map((tweet) => [tweet.text, tweet.media.map(hashedMedia)]),
    [madeWithAi, paidPartnership, replySettings, poll && [poll.options, poll.durationMinutes]],
    // Only where there is one: what was approved before follow-ups were known stays approved.
    ...(replyToId === undefined ? [] : [["replies to", replyToId]]),
    ...(metadata.altRequired === true ? ["alt text required"] : []),
  ]);
  return createHash("sha256").update(canonical).digest("hex");
}

/** The same of a post as it is stored. */
export function hashOfStored({ tweets, root }: StoredContent): string {
  return contentHash(
    tweets.map(({ content, media }) => ({ text: content, media })),
    root.metadata,
  );
}

/**
 * Whether `hash` is of this content. What was approved before hashes said that alt texts are required stays approved: it sends
 * what was approved, or less.
 */
export function isHashOf(hash: string | null, tweets: readonly HashedTweet[], metadata: PostMetadata): boolean {
  if (hash === null) return false;
  if (hash === contentHash(tweets, metadata)) return true;
  return metadata.altRequired === true && hash === contentHash(tweets, { ...metadata, altRequired: false });
}

/** The hashes of what readers see alike: two posts that differ only in what becomes of a refused alt text are duplicates. */
export function hashesAlike(tweets: readonly HashedTweet[], metadata: PostMetadata): string[] {
  return [true, false].map((altRequired) => contentHash(tweets, { ...metadata, altRequired }));
}

// --- internal ---

/** With captions only where there are any: what was approved before they were known stays approved. */
function hashedMedia({ sha256, altText, captions = [] }: HashedTweet["media"][number]): unknown[] {
  if (captions.length === 0) return [sha256, altText];
  return [sha256, altText, captions.map((caption) => [caption.language, caption.sha256])];
}
