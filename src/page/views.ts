/** What a page is made of: tweets and people as readers see them. Whoever has them, a hub or a sandbox, says them in these words. */

export interface PersonView {
  name: string;
  /** Without @. */
  handle: string;
  /** Where the name leads; null when nowhere. */
  url: string | null;
  /** Any number that stays the same for the same person: it chooses the colour of the letter. */
  seed: string;
  isVerified: boolean;
}

/** A part of a text that X links. Offsets are UTF-16 units of the text; `end` is exclusive. */
export interface EntityView {
  start: number;
  end: number;
  kind: "url" | "mention" | "hashtag" | "cashtag";
  /** Where it leads; null for text that is only coloured. */
  url: string | null;
}

export interface MediaView {
  /** Address of the bytes on this page; null when only the fact is known. */
  url: string | null;
  kind: "photo" | "gif" | "video";
  width: number | null;
  height: number | null;
  altText: string | null;
  fileName: string;
}

export interface PollView {
  options: readonly string[];
  /** Such as “1 day left”. */
  timeLeft: string;
}

/** A tweet inside a tweet; null text when only its address is known. */
export interface QuoteView {
  name: string;
  handle: string;
  text: string | null;
  url: string | null;
}

export interface TimeView {
  iso: string;
  /** As in the head of a tweet: “3h”, “Nov 27”. */
  short: string;
  /** As below a tweet that was opened: “9:00 AM · Nov 27, 2026”. */
  full: string;
}

export interface TweetView {
  /** Of the element; unique on the page. */
  key: string;
  person: PersonView;
  /** To the byte what is, or will be, on X. */
  text: string;
  entities: readonly EntityView[];
  /** Where X folds a long text behind “Show more”; null when it is shown whole. */
  foldAt: number | null;
  time: TimeView | null;
  /** Where the time leads, at X's own path. */
  url: string | null;
  media: readonly MediaView[];
  poll: PollView | null;
  quote: QuoteView | null;
  /** The page behind a link, which X shows below a tweet without media. */
  card: { domain: string; url: string } | null;
  /** Words beside the time, such as “deleted”. */
  marks: readonly { text: string; isBad: boolean }[];
  isDeleted: boolean;
}
