/** Tweets longer than anybody may post: whether the account still may is X's to say, and changes without a word to us. */
import { entitlementFor, readEntitlement } from "../../accounts/entitlement.ts";
import { weightedLength } from "../../compose/weighted-length.ts";
import { TWEET_LIMIT, textLimitOf } from "../../platform.ts";
import type { Run } from "../run.ts";

/**
 * Before a run's first send: asked for the whole rest of the thread, so that none is left half posted.
 * @returns why it may not be sent; null when it may, or X cannot be asked and will say it itself
 */
export async function tooLongForAccount(run: Run): Promise<string | null> {
  if (run.isLengthChecked) return null;
  const { deps, root, tweets } = run;
  const longest = longestOf(tweets.filter((tweet) => tweet.externalPostId === null));
  const may = longest <= TWEET_LIMIT ? null : await entitlementFor(deps.hub, async () => deps, root.accountId, longest);
  if (may?.isFresh && longest > textLimitOf(may.subscription)) return reasonFor(may.handle, longest);
  run.isLengthChecked = true;
  return null;
}

/** After X refused a tweet without a clear word. @returns the reason where it is the length; null where it is not */
export async function refusedForLength({ deps, root }: Run, text: string): Promise<string | null> {
  const length = weightedLength(text);
  if (length <= TWEET_LIMIT) return null;
  const may = await readEntitlement(deps, root.accountId);
  return may && length > textLimitOf(may.subscription) ? reasonFor(may.handle, length) : null;
}

// --- internal ---

function longestOf(tweets: readonly { content: string }[]): number {
  // No text weighs more than two a unit, so most are not measured.
  return Math.max(0, ...tweets.map(({ content }) => (content.length * 2 > TWEET_LIMIT ? weightedLength(content) : 0)));
}

function reasonFor(handle: string, length: number): string {
  return `@${handle} may post ${TWEET_LIMIT} characters, for X says that it has no Premium (any more), and a tweet of this post has ${length}. Get Premium again and retry, or split it anew.`;
}
