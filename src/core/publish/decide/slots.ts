/** When a post that was missed goes out. Pure: no clock, no database. */

/** A post that is later than this was missed; what is less late goes out as if it were on time. */
export const MISSED_MS = 2 * 60_000;

/** A turn that is nearer than this part of the gap is taken now: a post is not put off twice for a second. */
const SLACK = 0.1;

/** How the missed posts of one account stand when one of them is looked at. */
export interface Queue {
  now: Date;
  /** Between two of them; 0 lets all go at once. */
  gapMs: number;
  /** Missed posts whose time came before this one's, and that have not had their turn. */
  ahead: number;
  /** When the last missed post of the account went out; null when that is longer ago than the gap. */
  lastAt: Date | null;
  /** A missed post of the account is going out at this moment, or its worker died over it. */
  isBusy: boolean;
  /** When the last missed post goes on that has had its turn and rests for a limit or another try; null when none does. */
  goesOnAt: Date | null;
}

/** @returns the time of its turn, or null when that is now */
export function turnOf({ now, gapMs, ahead, lastAt, isBusy, goesOnAt }: Queue): Date | null {
  if (gapMs <= 0) return null;
  const nowMs = now.getTime();
  // A clock that jumped back must not put the turn off for longer than the gap.
  const afterLastMs = lastAt === null ? nowMs : Math.min(lastAt.getTime(), nowMs) + gapMs;
  const afterRestingMs = goesOnAt === null ? nowMs : goesOnAt.getTime() + gapMs;
  const freeMs = Math.max(nowMs, afterLastMs, afterRestingMs, isBusy ? nowMs + gapMs : nowMs);
  const turnMs = freeMs + ahead * gapMs;
  return turnMs - nowMs <= gapMs * SLACK ? null : new Date(turnMs);
}
