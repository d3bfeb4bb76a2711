/** How large a post may be. */
import { PsnError } from "../errors.ts";

export const TWEETS_MAX = 500;

/** @throws PsnError POST_TOO_MANY_TWEETS */
export function requireTweetCount(count: number): void {
  if (count <= TWEETS_MAX) return;
  throw new PsnError("POST_TOO_MANY_TWEETS", `That is ${count} tweets; a post holds ${TWEETS_MAX} at most.`, {
    hint: "Post it in parts.",
  });
}
