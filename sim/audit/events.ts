/**
 * What the auditor is given: plain data about what an author asked for and was answered, what left for X, and what X
 * holds. Times are ms since 1970 by the true clock, which nobody in the simulated world has.
 */

/** One tweet as its author wants it. */
export interface WantedTweet {
  text: string;
  /** SHA-256 of each picture or video, in order. */
  media: readonly string[];
}

/** What an act makes of a post; what is absent stays as it was. */
export interface Change {
  /** All tweets, in order. */
  tweets?: readonly WantedTweet[];
  /** Whether it is to go out at all. */
  isGoing?: boolean;
  /** Not before this time by the hub's clock, or the true one where the hub's is known to be off; null: at once. */
  notBeforeMs?: number | null;
}

/** A tweet as X holds it. */
export interface TweetOnX {
  id: string;
  /** X's id of the account. */
  account: string;
  text: string;
  replyToId: string | null;
  media: readonly string[];
}

export type AuditEvent =
  /** An author begins a post; it goes nowhere yet. */
  | {
      kind: "written";
      atMs: number;
      post: number;
      account: string;
      tweets: readonly WantedTweet[];
      /** The post that it follows up on. */
      follows?: number;
    }
  /** An act is under way: what was and what will be may both be true. */
  | { kind: "asked"; atMs: number; post: number; act: number; change: Change }
  /** An author wants tweets of a post gone from X, counted from 0; null: all that are there. It never goes out again. */
  | { kind: "take_down_asked"; atMs: number; post: number; act: number; positions: readonly number[] | null }
  /** A request to delete a tweet leaves its machine. */
  | { kind: "delete_sent"; atMs: number; tweetId: string }
  /** Its answer reaches the author. An act whose answer is lost has none. */
  | { kind: "answered"; atMs: number; act: number; outcome: "done" | "refused" }
  /** What is stored of a post right after an act of its author was confirmed. */
  | { kind: "stored"; atMs: number; post: number; texts: readonly string[] }
  /** The author posts at X by hand; that tweet is nobody's business here. */
  | { kind: "by_hand"; atMs: number; tweetId: string }
  /** The hub's clock is off, and X has said so: times that authors gave are judged by the true clock, with so much room. */
  | { kind: "hub_clock_off"; atMs: number; roomMs: number }
  /** The hub's clock is set; a time promised before cannot be held against it any more. */
  | { kind: "hub_clock_set"; atMs: number }
  /** A request for a tweet leaves its machine. `hubMs` is the hub's clock. */
  | { kind: "sent"; atMs: number; hubMs: number; text: string; replyToId: string | null; mediaCount: number }
  /** A request leaves with a sign-in that X made for one app, from a machine that is set up with the keys of one. */
  | { kind: "sign_in_used"; atMs: number; madeFor: string; setUpWith: string }
  /** All that X holds, each time when it has dealt with a request for a tweet. */
  | { kind: "on_x"; atMs: number; tweets: readonly TweetOnX[] }
  /** The name under which an account is shown when nothing moves any more, and X's name for it since before its last sign-in. */
  | { kind: "named"; atMs: number; account: string; shown: string; isNow: string }
  /** X refused everything of an account or an app for a while: this often, of which so many would be in order. */
  | { kind: "refused"; atMs: number; why: string; count: number; countMax: number }
  /** Faults end; from here on everything must end by itself, within so long. */
  | { kind: "healed"; atMs: number; restMsMax: number }
  /** What the author reads of a post when nothing moves any more. */
  | {
      kind: "shown";
      atMs: number;
      post: number;
      status: string;
      reason: string | null;
      texts: readonly string[];
      tweetIds: readonly string[];
      /** Of these, those that are shown as taken down. */
      deletedIds?: readonly string[];
    };
