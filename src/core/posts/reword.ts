/** All unsent words of a thread given anew, and which tweet's media goes with which of them. */
import { partsOf } from "../compose/acts.ts";
import { PsnError } from "../errors.ts";
import type { NewTweet } from "./tweets.ts";

const BETWEEN_TWEETS = "\n\n";

/**
 * The tweets of `text`, which its author parted by lines of `---`. A tweet whose words stay keeps its media, wherever it stands now;
 * the others keep theirs in their order, as long as there are as many as before.
 * @throws PsnError MEDIA_WOULD_MOVE, TEXT_…
 */
export function rewordTweets(before: readonly NewTweet[], text: string, sentCount: number): NewTweet[] {
  const texts = partsOf(text);
  const partners = partnersOf(before, texts);
  const kept = new Set(partners);
  const lost = before.findIndex((tweet, index) => tweet.media.length > 0 && !kept.has(index));
  if (lost >= 0) {
    const files = before[lost]?.media.map((item) => item.fileName).join(", ");
    throw new PsnError(
      "MEDIA_WOULD_MOVE",
      `Tweet ${sentCount + lost + 1} has media (${files}), and the new text does not show where it belongs.`,
      { hint: "Change the words and the number of tweets one after the other, or detach the media first." },
    );
  }
  return texts.map((words, index) => {
    const old = before[partners[index] ?? -1];
    const isLast = index === texts.length - 1;
    return { text: words, separatorAfter: isLast ? "" : BETWEEN_TWEETS, media: old?.media ?? [] };
  });
}

// --- internal ---

/** For each new text the index of the tweet that it was, or -1. */
function partnersOf(before: readonly NewTweet[], texts: readonly string[]): number[] {
  const taken = new Set<number>();
  const partners = texts.map((text) => {
    const index = before.findIndex((tweet, candidate) => tweet.text === text && !taken.has(candidate));
    if (index >= 0) taken.add(index);
    return index;
  });
  const others = before.flatMap((_, index) => (taken.has(index) ? [] : [index]));
  const open = partners.filter((partner) => partner < 0).length;
  if (open !== others.length) return partners;
  return partners.map((partner) => (partner < 0 ? (others.shift() ?? -1) : partner));
}
