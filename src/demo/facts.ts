/** What was approved, and what X shows: the two sides of the comparison. */
import type { OwnPost } from "../core/platform.ts";

export interface ExpectedMedia {
  sha256: string;
  altText: string | null;
}

export interface ExpectedTweet {
  text: string;
  /** What stood between this tweet and the next in the source. */
  separatorAfter: string;
  media: ExpectedMedia[];
}

export interface ExpectedThread {
  name: string;
  /** The author's whole text, in NFC. */
  source: string;
  /** What stood in the source before the first tweet; nearly always empty. */
  leading: string;
  tweets: ExpectedTweet[];
  /** Null for a thread that was published at once. */
  notBefore: Date | null;
}

export interface Expected {
  threads: ExpectedThread[];
  /** Texts that must not be on X: cancelled, or replaced by an edit. */
  absent: { name: string; text: string }[];
}

/** One tweet as X holds it, deleted ones excluded. */
export interface SeenPost {
  id: string;
  text: string;
  replyToId: string | null;
  media: ExpectedMedia[];
  createdAt: Date;
}

export interface Seen {
  posts: SeenPost[];
  /** The same account as its readers get it: GET /2/users/:id/tweets. */
  timeline: { posts: OwnPost[]; complete: boolean };
  /** Create requests that X got, and those it carried out. */
  creates: { received: number; acted: number };
}
