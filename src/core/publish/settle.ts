/**
 * Finding out what became of a request without an answer, by looking at the account's own posts. Pure.
 */
import type { OwnPost } from "../platform.ts";
import { LOOKS_AFTER_MS } from "./retry-timing.ts";

/** What an attempt sent, in the form it is looked for. */
export interface SentTweet {
  text: string;
  replyToId: string | null;
  mediaCount: number;
  startedAt: Date;
  sinceId: string | null;
}

/** X's clock makes the ids and ours the start time; they may differ by this much. */
const CLOCK_SKEW_MS = 10 * 60_000;

/**
 * The account's post that this attempt made, or null. `taken` holds ids that belong to other tweets of the hub already.
 * Of several the oldest is taken: it is the one the first send made.
 */
export function findSent(sent: SentTweet, posts: readonly OwnPost[], taken: ReadonlySet<string>): OwnPost | null {
  const text = comparable(sent.text);
  const matches = posts.filter(
    (post) =>
      !taken.has(post.id) &&
      post.replyToId === sent.replyToId &&
      post.mediaCount === sent.mediaCount &&
      post.createdAt.getTime() >= sent.startedAt.getTime() - CLOCK_SKEW_MS &&
      comparable(post.text) === text,
  );
  return matches.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime())[0] ?? null;
}

/**
 * X trims white space at both ends and stores NFC. A link without a scheme comes back with one (`example.com` as
 * `http://example.com`), perhaps with a slash at its end, so both sides lose scheme and final slash.
 */
function comparable(text: string): string {
  return text
    .normalize("NFC")
    .replace(/\r\n?/g, "\n")
    .replace(/https?:\/\//gi, "")
    .replace(/\/(?=\s|$)/g, "")
    .trim();
}

export type LookResult =
  | { kind: "found"; post: OwnPost }
  | { kind: "look_again"; afterMs: number }
  /** Looked long enough at a complete list: the tweet does not exist. */
  | { kind: "absent" };

/** What one look at a complete list says, `elapsedMs` after the attempt began. */
export function judgeLook(found: OwnPost | null, elapsedMs: number): LookResult {
  if (found) return { kind: "found", post: found };
  const nextMs = LOOKS_AFTER_MS.find((ms) => ms > elapsedMs);
  // At least a second, so that a look that came a hair early is not repeated at once.
  return nextMs === undefined
    ? { kind: "absent" }
    : { kind: "look_again", afterMs: Math.max(1_000, nextMs - elapsedMs) };
}
