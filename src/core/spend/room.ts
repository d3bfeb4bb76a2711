/** What an act is refused with that would pass a limit. */
import { PsnError } from "../errors.ts";
import { readingOf } from "../times/readings.ts";
import { utcToUserTime } from "../utils/zone-clock.ts";
import {
  amountInWords,
  isTooSmall,
  type LimitState,
  limitInTheWay,
  limitInWords,
  type Need,
  needOf,
} from "./limits.ts";

/** A limit with what is planned in its window beside what is used, where something is. */
export interface PlannedState extends LimitState {
  planned?: number;
}

/**
 * @param about `what` begins a sentence, such as “Post 7k3m2p”; `later` is one that says how it is done when there is room again; `waitsMs` is how
 *   long after the act X bills it, null where that is at a time of its own: the same act is refused again then, whenever it is given;
 *   `anew` is the command with which it gets another time, up to that time
 * @throws PsnError OVER_CAP, TIME_OVER_CAP, CAP_TOO_SMALL
 */
export function requireRoom(
  states: readonly PlannedState[],
  need: Need,
  { what, later, waitsMs, anew }: { what: string; later: string; waitsMs: number | null; anew?: string },
): void {
  const limit = limitInTheWay(
    states.map((state) => ({ ...state, planned: state.planned ?? 0, used: state.used + (state.planned ?? 0) })),
    need,
  );
  if (!limit) return;
  const { unit, amount, planned, period, account, to, zone } = limit;
  const used = limit.used - planned;
  const needs = needOf(limit, need);
  const left = Math.max(0, amount - limit.used);
  const say = (value: number) => amountInWords(unit, value);
  const details = {
    cap: { account, period, unit, amount, used, planned, left, needs, resetsAt: to.toISOString() },
    needsPerson: true,
  };
  const next = ["psn spend", "psn limits show"];
  if (isTooSmall(limit, need)) {
    throw new PsnError(
      "CAP_TOO_SMALL",
      `${what} needs ${say(needs)}, more than your whole cap of ${limitInWords(limit)}.`,
      {
        hint: "It never fits as it is; the person can raise the cap with psn limits set.",
        next,
        details,
      },
    );
  }
  const isFixed = waitsMs === null;
  const retryAt = isFixed ? {} : { retryAt: new Date(to.getTime() - waitsMs).toISOString() };
  const reading = readingOf(to, zone);
  const instead = anew === undefined ? [] : [`${anew} ${reading.at}`];
  throw new PsnError(
    isFixed ? "TIME_OVER_CAP" : "OVER_CAP",
    `${what} needs ${say(needs)}, and your cap of ${limitInWords(limit)} leaves ${say(left)} (used: ${say(used)}, planned: ${say(planned)}). It resets at ${utcToUserTime(to, zone).text}.`,
    {
      hint: `${later} Or the person raises the cap with psn limits set.`,
      next: [...instead, ...next],
      details: { ...details, ...retryAt, ...(isFixed ? { readings: [reading] } : {}) },
    },
  );
}
