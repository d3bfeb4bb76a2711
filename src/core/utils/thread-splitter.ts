/** The required name for `core/compose`, where the rules are: a text becomes the tweets of a thread, and is shown. */
import { composeThread } from "../compose/compose.ts";
import { TWEET_LIMIT, weightedLength } from "../compose/weighted-length.ts";

export { weightedLength };

/**
 * The tweets of `text`, each at most `maxLen` long by X's count and none cut inside a word, a URL or an emoji.
 * `composeThread` says more: every cut's reason, and the separators that give the source again.
 *
 * @throws PsnError when the text is empty or holds a character that X refuses.
 */
export function splitIntoThread(text: string, maxLen: number = TWEET_LIMIT): string[] {
  return composeThread(text, { limit: maxLen }).tweets.map((tweet) => tweet.text);
}

/** The tweets as a person reads them: each with `1/n` and its count of its limit, a blank line between two. */
export function formatThreadPreview(tweets: readonly string[], maxLen: number = TWEET_LIMIT): string {
  return tweets
    .map((text, index) => `${index + 1}/${tweets.length} (${weightedLength(text)}/${maxLen})\n${text}`)
    .join("\n\n");
}
