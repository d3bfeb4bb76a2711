/** Whether a tweet that was never sent, as far as the record knows, stands on X all the same. Pure. */
import { compareIds, type OwnPost, type Platform } from "../../platform.ts";

/** A tweet of the hub, as it would be sent now. */
export interface UnsentTweet {
  text: string;
  replyToId: string | null;
  mediaCount: number;
}

/** A post of the account that the record does not know, as far as it is kept. */
export type Stray = Pick<OwnPost, "id" | "text" | "replyToId" | "mediaCount" | "isBeginning">;

export type StrayVerdict =
  | { kind: "none" }
  /** The same words, or the same place under one of our own tweets: it was sent before. */
  | { kind: "ours"; post: Stray }
  /** A picture without words tells nobody whose it is. */
  | { kind: "perhaps"; post: Stray };

/** @param strays posts of the account that the record does not know */
export function judgeStray(tweet: UnsentTweet, strays: readonly Stray[], sameText: Platform["sameText"]): StrayVerdict {
  const alike = strays
    .filter((post) => post.replyToId === tweet.replyToId && post.mediaCount === tweet.mediaCount)
    .filter((post) => sameText(tweet.text, post.text, post.isBeginning))
    .toSorted((a, b) => compareIds(a.id, b.id));
  const [post] = alike;
  if (!post) return { kind: "none" };
  const hasWords = tweet.text.trim() !== "";
  return { kind: hasWords || tweet.replyToId !== null ? "ours" : "perhaps", post };
}
