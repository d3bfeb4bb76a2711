/** What an edit changes, in words that its author knows. Pure. */
import { isDeepStrictEqual } from "node:util";
import type { PostMetadata } from "../types/index.ts";
import type { Post } from "./read.ts";
import { asNewTweet, type NewTweet, sentAndUnsent } from "./tweets.ts";

/** `plan` is the time that a file names for a post that waits for no time yet. */
export const CHANGES = ["text", "media", "labels", "plan", "time"] as const;
export type Change = (typeof CHANGES)[number];

/** A time as the author said it. */
type Time = { at: Date; timezone: string };

/** What an edit gives anew; what is absent stays. */
export interface Given {
  unsentTweets?: NewTweet[];
  source?: string;
  metadata?: PostMetadata;
  schedule?: Time;
}

/** What `edit` makes different from what the post is; empty when nothing. */
export function changesOf(post: Post, edit: Given): Change[] {
  const { root } = post;
  const before = sentAndUnsent(post).unsent.map(asNewTweet);
  const after = edit.unsentTweets ?? before;
  const metadata = edit.metadata ?? root.metadata;
  const texts = (tweets: readonly NewTweet[]) => tweets.map(({ text, separatorAfter }) => [text, separatorAfter]);
  const media = (tweets: readonly NewTweet[]) => {
    const items = tweets.map((tweet) =>
      tweet.media.map(({ sha256, altText, captions = [] }) => [
        sha256,
        altText,
        captions.map((caption) => [caption.language, caption.sha256]),
      ]),
    );
    // Tweets without media at the end are no media.
    return items.slice(0, items.findLastIndex((some) => some.length > 0) + 1);
  };
  const isSame: Record<Change, boolean> = {
    text: isDeepStrictEqual(texts(before), texts(after)) && (edit.source === undefined || edit.source === root.source),
    media: isDeepStrictEqual(media(before), media(after)),
    labels: isDeepStrictEqual(labelsOf(root.metadata), labelsOf(metadata)),
    plan: edit.schedule !== undefined || isDeepStrictEqual(planOf(root.metadata), planOf(metadata)),
    time: edit.schedule === undefined || isScheduledFor(post, edit.schedule),
  };
  return CHANGES.filter((change) => !isSame[change]);
}

/** Whether the post waits for exactly this time. */
export function isScheduledFor({ root }: Post, { at, timezone }: Time): boolean {
  const isTime = root.scheduledAt?.getTime() === at.getTime() && root.scheduledTimezone === timezone;
  return root.status === "scheduled" && isTime;
}

const NAMES: Record<Change, string> = {
  text: "text",
  media: "media",
  labels: "labels",
  plan: "time",
  time: "time",
};

/** What an edit changes, as a list in words: “text and media”; empty for nothing. */
export const changesSaid = (changed: readonly Change[]): string => listOf(changed.map((change) => NAMES[change]));

/** “one, two and three”. */
export function listOf(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

/** What an edit did that changes something, as a sentence without its full stop. */
export function editNote(changed: readonly Change[]): string {
  const isOne = changed.length === 1 && !PLURAL.has(changed[0]);
  const does = changed.every((change) => REPLACED.has(change)) ? "replaced" : "changed";
  return `The ${changesSaid(changed)} ${isOne ? "was" : "were"} ${does}`;
}

// --- internal ---

const PLURAL: ReadonlySet<Change | undefined> = new Set(["media", "labels"]);
const REPLACED: ReadonlySet<Change> = new Set(["text", "media"]);

/** All that is kept with a post but its plan and where it came from; what is absent and what is off are the same. */
function labelsOf({ sourceFile: _file, planned: _plan, ...labels }: PostMetadata & { planned?: unknown }) {
  return Object.fromEntries(
    Object.entries(labels).filter(([, value]) => value !== undefined && value !== null && value !== false),
  );
}

function planOf({ planned }: PostMetadata & { planned?: unknown }): unknown {
  return planned ?? null;
}
