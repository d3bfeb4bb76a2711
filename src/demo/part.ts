/** A post of the play: what was approved, and how it goes out. */
import { composeThread } from "../core/compose/compose.ts";
import type { Post } from "../core/posts/read.ts";
import type { ExpectedThread } from "./facts.ts";

export interface Part {
  name: string;
  how: string;
  postId: string;
  /** Null for the cancelled one. */
  expected: ExpectedThread | null;
  scheduledFor: Date | null;
}

/** What X must show of a post: the author's text on one side, the tweets and separators as approved on the other. */
export function expectedOf(name: string, text: string, post: Post, notBefore: Date | null): ExpectedThread {
  return {
    name,
    source: text.normalize("NFC"),
    leading: composeThread(text).leading,
    tweets: post.tweets.map(({ content, separatorAfter }) => ({ text: content, separatorAfter, media: [] })),
    notBefore,
  };
}

export const tweets = (count: number) => (count === 1 ? "1 tweet" : `${count} tweets`);
