/** Binds an approval to exactly what was shown: account, texts, order, media, alt texts, captions and labels, and whether it stops where X refuses an alt text. */
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

/** What an approval is kept as: that of a content for an account. */
export function approvalHash(accountId: string, tweets: readonly HashedTweet[], metadata: PostMetadata): string {
  return createHash("sha256")
    .update(JSON.stringify(["psn approval 1", accountId, contentHash(tweets, metadata)]))
    .digest("hex");
}

/**
 * Whether `hash` approves this content for this account. What was approved before hashes said that alt texts are required stays approved: it
 * sends what was approved, or less. So does what was approved before they named the account.
 */
export function isApprovalOf(
  hash: string | null,
  accountId: string,
  tweets: readonly HashedTweet[],
  metadata: PostMetadata,
): boolean {
  const wanted = metadata.altRequired === true ? [metadata, { ...metadata, altRequired: false }] : [metadata];
  return hash !== null && wanted.some((one) => approvalsOf(accountId, tweets, one).includes(hash));
}

/** The approvals of what readers see alike: two posts that differ only in what becomes of a refused alt text are duplicates. */
export function approvalsAlike(accountId: string, tweets: readonly HashedTweet[], metadata: PostMetadata): string[] {
  return [true, false].flatMap((altRequired) => approvalsOf(accountId, tweets, { ...metadata, altRequired }));
}

// --- internal ---

/** As it is kept, and as it was before it named the account. */
const approvalsOf = (accountId: string, tweets: readonly HashedTweet[], metadata: PostMetadata): string[] => [
  approvalHash(accountId, tweets, metadata),
  contentHash(tweets, metadata),
];

/** With captions only where there are any: what was approved before they were known stays approved. */
function hashedMedia({ sha256, altText, captions = [] }: HashedTweet["media"][number]): unknown[] {
  if (captions.length === 0) return [sha256, altText];
  return [sha256, altText, captions.map((caption) => [caption.language, caption.sha256])];
}
