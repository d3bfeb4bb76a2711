/**
 * What to do after X has answered, or has not. Pure: no clock, no database, no fetch; `now` and `random` come from the
 * caller. Each arm becomes one transaction that records the attempt's outcome and the step.
 */

import type { Outcome, RefusedReason } from "../../platform.ts";
import type { AttemptOutcome, PostSubStatus } from "../../types/index.ts";
import { LOOKS_AFTER_MS, parentDelayMs, RETRIES_MAX, rateLimitWaitUntil, retryDelayMs } from "./backoff.ts";
import { holdOf, type NewHold } from "./holds.ts";
import { type OutageSituation, waitForReturn } from "./outage.ts";

export type Step =
  /** Wait until a time, then go on from the first tweet without an id. */
  | { do: "wait"; outcome: AttemptOutcome; subStatus: PostSubStatus; until: Date; spendsRetry: boolean; note: string }
  /** The tweet may exist: leave the attempt open and look at X. */
  | { do: "look"; until: Date; note: string }
  /** The account's token was refused; ask the token keeper, which decides between outage and sign-in. */
  | { do: "refresh"; outcome: "signed_out"; note: string }
  /** X no longer holds the media; upload again, which is safe. */
  | { do: "upload_again"; outcome: "refused"; note: string }
  /** X refuses everything of the account or the app, whatever the tweet: all of its posts wait. */
  | { do: "hold"; outcome: "out_of_credits" | "refused"; hold: NewHold; note: string }
  /** X does not show the tweet that this one replies to, though it took that one a moment ago: look whether it is there. */
  | { do: "check_parent"; outcome: "refused"; note: string }
  /** X has these words already: look whether they are this tweet, of which the hub has no record. */
  | { do: "check_duplicate"; outcome: "refused"; code: string; note: string }
  | { do: "stop"; outcome: AttemptOutcome; code: string; note: string };

/** What the decision needs to know beside the outcome. */
export interface Situation extends OutageSituation {
  /** Retries already spent since the last tweet that was posted. */
  retryCount: number;
  /** Rate limits met in a row, without a tweet posted in between. */
  waitCount: number;
  /** An earlier attempt at this very tweet had no answer and was not found on X. */
  mayExist: boolean;
  /** This token was made by a refresh just now, so a 401 does not mean that it is stale. */
  tokenIsFresh: boolean;
  /** This tweet's media was uploaded in this very run, so uploading again will not help. */
  mediaIsFresh: boolean;
  /** How long ago the tweet was posted that this one replies to; null for the first. */
  parentAgeMs: number | null;
}

/** X's replicas may not show a tweet that is younger than this. */
const PARENT_FRESH_MS = 5 * 60_000;

/** The step that follows from one answer that brought no id. */
export function nextStep(outcome: Exclude<Outcome, { kind: "posted" }>, situation: Situation): Step {
  const { now, random } = situation;
  switch (outcome.kind) {
    case "unknown":
      return {
        do: "look",
        until: new Date(now.getTime() + (LOOKS_AFTER_MS[0] ?? 0)),
        note: `X gave no usable answer (${outcome.cause}). Looking whether the tweet is there before anything else.`,
      };

    case "not_sent":
      return waitForReturn(situation, "X_UNREACHABLE", `X could not be reached (${outcome.cause})`);

    case "wait": {
      const until = rateLimitWaitUntil(outcome.until, now, situation.waitCount, random);
      const whose = outcome.scope === "app" ? "the app's" : "the account's";
      return {
        do: "wait",
        outcome: "wait",
        subStatus: "rate_limited",
        until,
        spendsRetry: false,
        note: `X's rate limit (${whose}) is used up. Going on by itself; no try is spent.`,
      };
    }

    case "signed_out":
      // A token that X itself handed out a moment ago and now refuses: X is ill, not the account (2026-06-30).
      if (situation.tokenIsFresh) {
        return {
          do: "wait",
          outcome: "signed_out",
          subStatus: "awaiting_auth",
          until: new Date(now.getTime() + 60_000 + 60_000 * random),
          spendsRetry: false,
          note: "X refuses even a token it has just made, so this looks like an outage at X. Trying again by itself.",
        };
      }
      return { do: "refresh", outcome: "signed_out", note: "X refused the access token; asking for a new one." };

    case "out_of_credits":
    case "held": {
      const hold = holdOf(outcome);
      return { do: "hold", outcome: outcome.kind === "held" ? "refused" : outcome.kind, hold, note: hold.note };
    }

    case "refused":
      return afterRefusal(outcome, situation);
  }
}

function afterRefusal(outcome: Extract<Outcome, { kind: "refused" }>, situation: Situation): Step {
  // X's catch-all is here too: a refusal whose words were lost on the way may have been "duplicate".
  if ((outcome.reason === "duplicate" || outcome.reason === "not_permitted") && situation.mayExist) {
    return {
      do: "look",
      until: new Date(situation.now.getTime() + (LOOKS_AFTER_MS[0] ?? 0)),
      note: "X refuses it, perhaps because it has it already: an earlier try had no answer. Looking for it.",
    };
  }
  if (outcome.reason === "media_invalid" && !situation.mediaIsFresh) {
    return { do: "upload_again", outcome: "refused", note: "X no longer holds the media; uploading it again." };
  }
  if (outcome.reason === "parent_missing" && situation.parentAgeMs !== null) {
    return { do: "check_parent", outcome: "refused", note: `${REFUSALS.parent_missing} X says: "${outcome.detail}"` };
  }
  return {
    do: outcome.reason === "duplicate" ? "check_duplicate" : "stop",
    outcome: "refused",
    code: codeOf(outcome.reason),
    note: `${REFUSALS[outcome.reason]} X says: "${outcome.detail}"`,
  };
}

const REFUSALS: Record<RefusedReason, string> = {
  duplicate: "The account posted the same text not long ago.",
  not_permitted: "X does not permit this tweet: it may be too long for the account, or the account is locked.",
  too_long: "The tweet is too long for the account.",
  reply_not_allowed: "X does not allow this reply: the tweet before it may be gone, or be another account's.",
  parent_missing: "The tweet before this one is no longer on X.",
  media_invalid: "X does not accept the media.",
  media_too_long: "The video is longer than the account may post.",
  cashtags: "X allows one cashtag a tweet.",
  invalid: "X does not accept this tweet.",
};

/** After X refused a tweet as a duplicate, and the account's own posts do not show one that is free, or cannot be read. */
export function afterDuplicate(seen: "absent" | "not_known", step: Step, situation: Situation): Step {
  if (step.do !== "check_duplicate") return step;
  if (seen === "absent") return { ...step, do: "stop" };
  return {
    do: "look",
    until: new Date(situation.now.getTime() + (LOOKS_AFTER_MS[0] ?? 0)),
    note: "X has these words already, and the account's posts do not tell now whether it is this tweet. Looking again.",
  };
}

/** After X refused a request whose tweet might have existed, and does not: to send it again would only be refused again. */
export function refusedBefore(
  reason: RefusedReason,
  detail: string,
  perhapsId: string | null,
): { code: string; note: string } {
  const shown =
    perhapsId === null
      ? "the account does not show it"
      : `the account shows a post of the same words (https://x.com/i/status/${perhapsId}), without telling which media it has`;
  return { code: codeOf(reason), note: `X refused it, and ${shown}. X says: "${detail}"` };
}

/** A post on X may be the tweet, and only its author can tell: nothing is sent, and nothing taken for granted. */
export const PERHAPS_ON_X = "PERHAPS_ON_X";

/** After a request had no answer, and for as long as a post may wait X shows a post with its words, but not which media that has. */
export function perhapsOnX(shownId: string, { id, tweet }: { id: string; tweet: number }): string {
  const resolve = `psn post resolve ${id} ${tweet}`;
  return `X gave no usable answer, and the account shows a post with its words (https://x.com/i/status/${shownId}), but not which media that has. So it was not sent again. Look at it; when it is this tweet: ${resolve} --posted ${shownId}; when it is not: ${resolve} --not-posted`;
}

const codeOf = (reason: RefusedReason) => `X_${reason.toUpperCase()}`;

/** What a look at the account's own posts says of a parent that X did not show to a reply. */
export type ParentSeen = "there" | "absent" | "not_known";

/**
 * After X refused a reply because it does not show the tweet before it. That one is seldom gone: X's parts learn of a new
 * tweet at different times. A parent that is young, or that the account's own list shows, deserves patience.
 */
export function afterMissingParent(seen: ParentSeen, note: string, situation: Situation): Step {
  const isYoung = (situation.parentAgeMs ?? Number.POSITIVE_INFINITY) < PARENT_FRESH_MS;
  const retry = situation.retryCount + 1;
  if (retry > RETRIES_MAX || (seen === "absent" && !isYoung)) {
    return { do: "stop", outcome: "refused", code: "X_PARENT_MISSING", note };
  }
  const why = seen === "there" ? "the account does show it" : "it is young, or X's list cannot be read";
  return {
    do: "wait",
    outcome: "refused",
    subStatus: `retry_${retry}` as PostSubStatus,
    until: new Date(situation.now.getTime() + parentDelayMs(retry, situation.random)),
    spendsRetry: true,
    note: `X does not show the tweet before this one to the reply, but ${why}. Trying again (${retry} of ${RETRIES_MAX}).`,
  };
}

/** A failure after which nothing was sent: try again a few times, then stop. */
export function retryOrStop(situation: Situation, code: string, what: string): Extract<Step, { do: "wait" | "stop" }> {
  const outcome = "not_sent";
  const retry = situation.retryCount + 1;
  if (retry > RETRIES_MAX) {
    return { do: "stop", outcome, code, note: `${what}, also after ${RETRIES_MAX} more tries.` };
  }
  return {
    do: "wait",
    outcome,
    subStatus: `retry_${retry}` as PostSubStatus,
    until: new Date(situation.now.getTime() + retryDelayMs(retry, situation.random)),
    spendsRetry: true,
    note: `${what}. Trying again (${retry} of ${RETRIES_MAX}).`,
  };
}
