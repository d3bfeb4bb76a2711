/** Finds the tweet that a form was made for, also where another window or a command has changed others meanwhile: it is known by its words. */
import { PsnError } from "../core/errors.ts";
import type { Post } from "../core/posts/read.ts";
import { wordsKey } from "./edit-forms.ts";

/** Where the tweet stood when the form was made, in which version of the post, and the key of the words that it had. */
export interface MeantFor {
  position: number;
  version: number;
  was: string;
}

/** Acts on that tweet; `isNew` for one that is put in. @returns its position @throws PsnError POST_CHANGED when it has other words now */
export async function onItsTweet(
  { position, version, was }: MeantFor,
  isNew: boolean,
  { post, act }: { post(): Promise<Post>; act(position: number, version: number): Promise<void> },
): Promise<number> {
  for (let round = 1; ; round++) {
    const { root, tweets } = await post();
    const isAsSeen = root.contentVersion === version;
    const at = isAsSeen ? position : isNew ? tweets.length : onlyOneWith(was, tweets);
    if (at === null) {
      throw new PsnError("POST_CHANGED", "This tweet was changed elsewhere meanwhile. Nothing of yours is lost.");
    }
    try {
      await act(at, root.contentVersion);
      return at;
    } catch (error) {
      // Another act came between the look and this one; it may have been about another tweet.
      if (!(error instanceof PsnError && error.code === "POST_CHANGED") || round >= ROUNDS_MAX) throw error;
    }
  }
}

// --- internal ---

/** How often an act is tried on its tweet while others come between: more windows than that nobody has. */
const ROUNDS_MAX = 20;

/** The position of the one tweet that has these words; null where none has, or several. */
function onlyOneWith(was: string, tweets: Post["tweets"]): number | null {
  const found = tweets.flatMap(({ content }, index) => (wordsKey(content) === was ? [index] : []));
  return found.length === 1 ? (found[0] ?? null) : null;
}
