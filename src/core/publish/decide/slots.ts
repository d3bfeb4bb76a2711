/** What becomes of a post that is late, and when a missed one goes out. Pure: no clock, no database. */
import type { PostStatus, PostSubStatus } from "../../types/index.ts";

/** A post that is later than this was missed; what is less late goes out as if it were on time. */
export const MISSED_MS = 2 * 60_000;

/** A slot that is nearer than this part of the gap is taken now: a post does not wait twice for a second. */
const SLACK = 0.1;

/** A late post, as it is when it is looked at. */
export interface LatePost {
  status: PostStatus;
  subStatus: PostSubStatus | null;
  /** Since the time that its author gave. */
  lateMs: number;
  /** Since the time that it waited for last, which may have been its slot. */
  dueLateMs: number;
  /** It waits in the queue of missed posts; see `isQueued` in lease/take.ts. */
  isQueued: boolean;
  /** A request of it has no answer, so it must be looked for at once. */
  hasOpenAttempt: boolean;
  /** A worker ran when it was due, and since then. */
  workerWasAlive: boolean;
}

/** The missed posts of one account, as they are when one of them is looked at. */
export interface SlotQueue {
  now: Date;
  /** Between two of them; 0 lets all go at once. */
  gapMs: number;
  /** Missed posts whose time came before this one's, and that have not had their slot. */
  ahead: number;
  /** When the last missed post of the account went out; null when that is longer ago than the gap. */
  lastAt: Date | null;
  /** A missed post of the account is going out at this moment, or its worker died over it. */
  isBusy: boolean;
  /** When the last missed post goes on that has had its slot and waits for a limit or another try; null when none does. */
  goesOnAt: Date | null;
}

export type LateStep =
  | { do: "publish"; wasMissed: boolean }
  /** It follows the missed posts before it. */
  | { do: "wait"; until: Date }
  /** Too late to be sent without a word from its author. */
  | { do: "fail" };

/** The one rule for posts that are late. */
export function lateStep(post: LatePost, queue: SlotQueue, graceMs: number): LateStep {
  if (post.status === "scheduled" && post.lateMs > graceMs) return { do: "fail" };
  // A request without an answer is looked for at once; what is on X already is not kept waiting for the rest.
  const mayWait = post.status === "scheduled" || (post.isQueued && !post.hasOpenAttempt);
  const wasMissed = mayWait && (post.subStatus === "catching_up" || !post.workerWasAlive);
  if (!wasMissed) return { do: "publish", wasMissed };
  // Its slot may be missed as well, by another night.
  if (post.dueLateMs > graceMs) return { do: "fail" };
  const until = slotOf(queue);
  return until ? { do: "wait", until } : { do: "publish", wasMissed };
}

/** @returns the time of its slot, or null when that is now */
export function slotOf({ now, gapMs, ahead, lastAt, isBusy, goesOnAt }: SlotQueue): Date | null {
  if (gapMs <= 0) return null;
  const nowMs = now.getTime();
  // A clock that jumped back must not put the slot off for longer than the gap.
  const afterLastMs = lastAt === null ? nowMs : Math.min(lastAt.getTime(), nowMs) + gapMs;
  const afterWaitingMs = goesOnAt === null ? nowMs : goesOnAt.getTime() + gapMs;
  const freeMs = Math.max(nowMs, afterLastMs, afterWaitingMs, isBusy ? nowMs + gapMs : nowMs);
  const slotMs = freeMs + ahead * gapMs;
  return slotMs - nowMs <= gapMs * SLACK ? null : new Date(slotMs);
}
