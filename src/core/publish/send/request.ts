/** What X is asked for a tweet. */
import type { CreatePostRequest } from "../../platform.ts";
import type { RunTweet } from "../../post/rows.ts";

/** Poll, audience and promotion belong to the post as a whole, so to its first tweet; AI media is labelled where it is. */
export function requestOf(
  root: RunTweet,
  tweet: RunTweet,
  replyToId: string | null,
  mediaIds: readonly string[],
): CreatePostRequest {
  const { poll, replySettings, madeWithAi, paidPartnership } = root.metadata;
  const isFirst = tweet.id === root.id;
  return {
    text: tweet.content,
    replyToId,
    mediaIds: [...mediaIds],
    ...(poll && isFirst ? { poll } : {}),
    ...(replySettings && isFirst ? { replySettings } : {}),
    ...(madeWithAi && (isFirst || tweet.media.length > 0) ? { madeWithAi } : {}),
    ...(paidPartnership && isFirst ? { paidPartnership } : {}),
  };
}
