/** What a post needs is away: the network, X, the media store. Nothing was sent, so no try is spent. Pure. */
import type { AttemptOutcome, PostSubStatus } from "../../types/index.ts";
import { unavailableLookDelayMs } from "./backoff.ts";
import { duration } from "./duration.ts";

/** What the decision needs to know. */
export interface OutageSituation {
  now: Date;
  /** In [0, 1). */
  random: number;
  /** How long this post has waited for it; 0 when it is away for the first time. */
  outageMs: number;
  /** A post that is later than this is not sent without a word from its author. */
  graceMs: number;
}

export type OutageStep =
  | {
      do: "wait";
      outcome: AttemptOutcome;
      subStatus: PostSubStatus;
      until: Date;
      spendsRetry: false;
      note: string;
    }
  | { do: "stop"; outcome: AttemptOutcome; code: string; note: string };

/** Waits with growing gaps, 10 s to 10 min, up to the grace. `what` is a sentence without its full stop. */
export function waitForReturn(
  { now, random, outageMs, graceMs }: OutageSituation,
  code: string,
  what: string,
): OutageStep {
  if (outageMs >= graceMs) {
    const note = `${what}. It has been so for ${duration(outageMs)}, so the post is too late to be sent without a word from you. Nothing was sent.`;
    return { do: "stop", outcome: "not_sent", code, note };
  }
  return {
    do: "wait",
    outcome: "not_sent",
    subStatus: "unreachable",
    until: new Date(now.getTime() + unavailableLookDelayMs(outageMs, random)),
    spendsRetry: false,
    note: `${what}. Nothing was sent. Trying again by itself; no try is spent.`,
  };
}
