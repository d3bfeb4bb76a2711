/** Whether tweets can be a post at all: asked before anything is stored, and by a preview that stores nothing. Pure. */
import { PsnError } from "../errors.ts";
import { requireMix } from "../media/inspect.ts";
import { IMAGES_MAX } from "../platform.ts";
import type { PostMetadata } from "../types/index.ts";
import { requireTweetCount } from "./limits.ts";

/** What is asked of a tweet. */
interface Checked {
  text: string;
  media: readonly { mime: string; fileName: string }[];
}

/**
 * Refuses what can be no post.
 * @throws PsnError POST_EMPTY, POST_TOO_MANY_TWEETS, TEXT_INVALID_CHARACTER, MEDIA_TOO_MANY, MEDIA_MIX, POLL_AND_MEDIA
 */
export function requireTweets(tweets: readonly Checked[], metadata: PostMetadata): void {
  if (tweets.length === 0 || tweets.some((tweet) => tweet.text.trim() === "" && tweet.media.length === 0)) {
    throw new PsnError("POST_EMPTY", "A tweet needs text or media.", {
      hint: "Give a text: psn post create --file FILE",
      next: ["psn post create --file FILE"],
    });
  }
  requireTweetCount(tweets.length);
  const withNull = tweets.findIndex((tweet) => tweet.text.includes("\0"));
  if (withNull >= 0) {
    throw new PsnError("TEXT_INVALID_CHARACTER", `Tweet ${withNull + 1} holds the character U+0000.`, {
      hint: "It is invisible and of no use; is this really a text file?",
    });
  }
  for (const { media } of tweets) {
    if (media.length > IMAGES_MAX) {
      throw new PsnError("MEDIA_TOO_MANY", `X takes ${IMAGES_MAX} images a tweet at most.`, {
        hint: "Attach some of them to another tweet: --media 2:FILE",
      });
    }
    requireMix(media);
  }
  if (metadata.poll && (tweets[0]?.media.length ?? 0) > 0) {
    throw new PsnError("POLL_AND_MEDIA", "X takes a poll or media in a tweet, not both.", {
      hint: "Attach the media to another tweet of the thread: --media 2:FILE",
    });
  }
}
