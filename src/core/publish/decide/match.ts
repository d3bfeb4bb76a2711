/**
 * Finding out what became of a request without an answer, by looking at the account's own posts. Pure.
 */
import { compareIds, type OwnPost, type Platform } from "../../platform.ts";
import { assignInOrder } from "./assign.ts";
import { LOOK_GAPS_MS, LOOKS_AFTER_MS } from "./backoff.ts";

/** What an attempt sent, in the form it is looked for. */
export interface SentTweet {
  text: string;
  replyToId: string | null;
  /**
   * By what X names the uploads of this tweet's requests: media keys, or `_<media id>`. Empty without media, null where
   * it is not known.
   */
  mediaKeys: readonly string[] | null;
  /** When the first request for this tweet began that had no answer, by X's clock. */
  startedAt: Date;
}

/** What a list of own posts says of a sent tweet. */
export type Finding =
  | { kind: "found"; post: OwnPost }
  | { kind: "none" }
  /** A post may be the tweet, and X does not show what would tell: nothing is sent, and nothing adopted. */
  | { kind: "unclear"; post: OwnPost };

/** What is needed to compare. */
export interface Comparing {
  /** Ids that belong to other tweets of the hub already. */
  taken: ReadonlySet<string>;
  /** Nothing older than so much before its start can be a tweet of words; null where clocks say nothing. */
  earlierMsMax: number | null;
  sameText: Platform["sameText"];
}

/**
 * Which of the account's posts this attempt made. `others` are the account's other attempts without an outcome: two that
 * sent the same words each get their own post, in the order in which they began.
 */
export function findSent(
  sent: SentTweet,
  others: readonly SentTweet[],
  posts: readonly OwnPost[],
  comparing: Comparing,
): Finding {
  const free = posts.filter(({ id }) => !comparing.taken.has(id)).toSorted((a, b) => compareIds(a.id, b.id));
  const own = free.filter((post) => resemblance(sent, post, comparing) === "same");
  const rivals = others.filter((other) => own.some((post) => resemblance(other, post, comparing) === "same"));
  const attempts = [sent, ...rivals].toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
  const assigned = assignInOrder(attempts, own, (attempt, post) =>
    resemblance(attempt, post, comparing) === "same"
      ? Math.abs((post.createdAt ?? attempt.startedAt).getTime() - attempt.startedAt.getTime())
      : null,
  );
  const post = assigned.get(sent);
  if (post) return { kind: "found", post };
  const unclear = free.find((candidate) => resemblance(sent, candidate, comparing) === "unclear");
  return unclear ? { kind: "unclear", post: unclear } : { kind: "none" };
}

/** Whether a post is what was sent. An upload belongs to one tweet, so a post that shows one of them is that tweet. */
function resemblance(sent: SentTweet, post: OwnPost, comparing: Comparing): "same" | "unclear" | "other" {
  const wasWithMedia = sent.mediaKeys === null || sent.mediaKeys.length > 0;
  if (wasWithMedia && sent.mediaKeys && post.mediaKeys.some((key) => isOneOf(key, sent.mediaKeys ?? []))) return "same";
  if (post.replyToId !== sent.replyToId || !comparing.sameText(sent.text, post.text, post.isBeginning)) return "other";
  if (isTooOld(sent, post, comparing)) return "other";
  if (!wasWithMedia) return post.mediaCount === 0 ? "same" : "other";
  const isReadable = post.mediaKeys.length > 0 && !post.mediaKeys.includes(null);
  return sent.mediaKeys !== null && isReadable ? "other" : "unclear";
}

/** A reply is to a tweet of ours, which says more than clocks do. */
function isTooOld(sent: SentTweet, post: OwnPost, { earlierMsMax }: Comparing): boolean {
  if (sent.replyToId !== null || post.createdAt === null || earlierMsMax === null) return false;
  return post.createdAt.getTime() < sent.startedAt.getTime() - earlierMsMax;
}

const uploadOf = (key: string) => key.slice(key.indexOf("_") + 1);

function isOneOf(shown: string | null, keys: readonly string[]): boolean {
  return shown !== null && keys.some((key) => key === shown || uploadOf(key) === uploadOf(shown));
}

/**
 * From which id on to look: the newest own post known before the send, or, when that is long ago or unknown, what X made
 * before `floorAt`, by X's clock. Without the second, a busy account's list would be cut short and never prove absence.
 */
export function lookSince(
  sent: { sinceId: string | null; floorAt: Date },
  idTime: Platform["idTime"],
): { sinceId: string; isByClock: boolean } {
  const { sinceId, floorAt } = sent;
  // A host whose ids are counted says nothing of time by them.
  if (sinceId !== null && idTime(sinceId) === null) return { sinceId, isByClock: false };
  const floor = lastIdBefore(floorAt.getTime(), idTime);
  return sinceId !== null && compareIds(sinceId, floor) > 0
    ? { sinceId, isByClock: false }
    : { sinceId: floor, isByClock: true };
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
function lastIdBefore(ms: number, idTime: Platform["idTime"]): string {
  let low = 0n;
  let high = ID_MAX;
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if ((idTime(String(middle))?.getTime() ?? Number.NEGATIVE_INFINITY) < ms) low = middle;
    else high = middle - 1n;
  }
  return String(low);
}
