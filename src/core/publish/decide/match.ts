/**
 * Finding out what became of a request without an answer, by looking at the account's own posts. Pure.
 */
import { compareIds, type OwnPost, type Platform } from "../../platform.ts";
import { LOOK_GAPS_MS, LOOKS_AFTER_MS } from "./backoff.ts";

/** What an attempt sent, in the form it is looked for. */
export interface SentTweet {
  text: string;
  replyToId: string | null;
  mediaCount: number;
  /** When the first request for this tweet began that had no answer, by the hub's clock. */
  startedAt: Date;
}

/**
 * X's clock makes the ids and ours the start time. Two hours allow for a machine whose zone is wrong by one: to miss
 * one's own tweet sends it twice, while an older one with the same text would have been refused as a duplicate anyway.
 */
const CLOCK_SKEW_MS = 2 * 60 * 60_000;

/**
 * The account's post that this attempt made, or null. `taken` holds ids that belong to other tweets of the hub already.
 * Of several the oldest is taken: it is the one the first send made.
 */
export function findSent(
  sent: SentTweet,
  posts: readonly OwnPost[],
  taken: ReadonlySet<string>,
  sameText: Platform["sameText"],
): OwnPost | null {
  const matches = posts.filter(
    (post) =>
      !taken.has(post.id) &&
      post.replyToId === sent.replyToId &&
      post.mediaCount === sent.mediaCount &&
      post.createdAt.getTime() >= sent.startedAt.getTime() - CLOCK_SKEW_MS &&
      sameText(sent.text, post.text),
  );
  return matches.toSorted((a, b) => compareIds(a.id, b.id))[0] ?? null;
}

/**
 * From which id on to look: the newest own post known before the send, or, when that is long ago or unknown, what X made
 * just before the attempt began. Without the second, a busy account's list would be cut short and never prove absence.
 */
export function lookSince(sent: { sinceId: string | null; startedAt: Date }, idTime: (id: string) => Date): string {
  const floor = lastIdBefore(sent.startedAt.getTime() - CLOCK_SKEW_MS, idTime);
  return sent.sinceId !== null && compareIds(sent.sinceId, floor) > 0 ? sent.sinceId : floor;
}

export type LookResult =
  | { kind: "found"; post: OwnPost }
  | { kind: "look_again"; afterMs: number; counts: boolean }
  /** Looked long enough at complete lists: the tweet does not exist. */
  | { kind: "absent" };

/** What is known of the looks so far. All by the hub's clock, which may jump. */
export interface LooksSoFar {
  /** Since the attempt began. */
  elapsedMs: number;
  /** Looks at a complete list that counted. */
  lookCount: number;
  /** Since the last of them. */
  sinceLookMs: number | null;
}

/** What one look at a complete list says. A look that comes before its time (somebody pressed retry) does not count. */
export function judgeLook(found: OwnPost | null, { elapsedMs, lookCount, sinceLookMs }: LooksSoFar): LookResult {
  if (found) return { kind: "found", post: found };
  const gapMs = LOOK_GAPS_MS[Math.min(lookCount, LOOK_GAPS_MS.length - 1)] ?? 0;
  if (sinceLookMs !== null && sinceLookMs < gapMs) {
    const afterMs = Math.min(gapMs, gapMs - sinceLookMs);
    return { kind: "look_again", counts: false, afterMs: Math.max(1_000, Math.round(afterMs)) };
  }
  const looks = lookCount + 1;
  const enoughMs = LOOKS_AFTER_MS.at(-1) ?? 0;
  if (looks >= LOOKS_AFTER_MS.length && elapsedMs >= enoughMs) return { kind: "absent" };
  const wantedMs = (LOOKS_AFTER_MS[Math.min(looks, LOOKS_AFTER_MS.length - 1)] ?? 0) - elapsedMs;
  const nextGapMs = LOOK_GAPS_MS[Math.min(looks, LOOK_GAPS_MS.length - 1)] ?? 0;
  return {
    kind: "look_again",
    counts: true,
    // A clock that jumped back must not put the next look off for hours.
    afterMs: Math.round(Math.min(Math.max(wantedMs, nextGapMs, 1_000), enoughMs)),
  };
}

const ID_MAX = 2n ** 63n - 1n;

/** The greatest id whose time is before `ms`, by bisection: the port gives the time of an id and not the other way round. */
function lastIdBefore(ms: number, idTime: (id: string) => Date): string {
  let low = 0n;
  let high = ID_MAX;
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if (idTime(String(middle)).getTime() < ms) low = middle;
    else high = middle - 1n;
  }
  return String(low);
}
