/**
 * Whose "no" is it? Each refusal of X as somebody has seen or documented it, and whether it is about the tweet, or about
 * everything of the account or of the app. Pure.
 *
 * The numbers are those of the old API, which still stand inside answers of the new one
 * (https://docs.x.com/x-api/fundamentals/response-codes-and-errors and the page of the old API at the same place).
 */
import type { HeldReason, RefusedReason } from "../../core/platform.ts";
import type { Problem } from "./problem.ts";

/** How one line is recognised; any one of them does. */
interface Signs {
  /** Numbers of the old API, anywhere inside `errors`. */
  codes?: readonly number[];
  /** Last segments of the problem type. */
  types?: readonly string[];
  /** In what X says. Only where the status is 403: elsewhere X may repeat words of the author. */
  words: RegExp;
}

export interface HoldLine extends Signs {
  scope: "account" | "app";
  reason: HeldReason;
  /** After so many ms it is worth asking again; null: when a person has done something. */
  restMs: number | null;
}

const HOUR_MS = 3_600_000;

/** The first that fits wins: an answer that names the app's package says so beside a type that other refusals share. */
export const HOLDS: readonly HoldLine[] = [
  {
    // xurl's changelog: move the app to the Pay-per-use package and the Production environment.
    // Bodies: github.com/gr2m/twitter-together/issues/255 and X's own OpenAPI (ClientForbiddenProblem).
    scope: "app",
    reason: "app_not_enrolled",
    restMs: null,
    words: /client-not-enrolled|must be attached to a project|attached to a project\b|appropriate level of api access/i,
  },
  {
    // 453: "You currently have access to a subset of X API V2 endpoints …". 261: "Application cannot perform write
    // actions". 416: "Invalid / suspended application". The types: X's OpenAPI, and x-api.md 2.4.
    scope: "app",
    reason: "app_forbidden",
    restMs: null,
    codes: [453, 261, 416],
    types: ["client-forbidden", "unsupported-authentication", "oauth1-permissions"],
    words:
      /oauth1 app permissions|subset of (X|Twitter) API|application cannot perform write actions|(app|application) (is|has been) suspended/i,
  },
  {
    // 326: "To protect our users from spam and other malicious activity, this account is temporarily locked. Please log
    // in to https://x.com to unlock your account." (old API's page; github.com/PipedreamHQ/pipedream/issues/3935)
    scope: "account",
    reason: "locked",
    restMs: null,
    codes: [326],
    words: /account is (temporarily )?locked|log in to \S+ to unlock/i,
  },
  {
    // 64: "Your account is suspended and is not permitted to access this feature." 63: "User has been suspended."
    scope: "account",
    reason: "suspended",
    restMs: null,
    codes: [63, 64],
    types: ["user-suspended"],
    words: /account (is|has been|was) suspended|user (is|has been|was) suspended/i,
  },
  {
    // 185: "User is over daily status update limit." No header says until when, and X has half-hourly parts of the day.
    scope: "account",
    reason: "daily_limit",
    restMs: 3 * HOUR_MS,
    codes: [185],
    words: /over (the )?daily (status update|tweet|post) limit|daily limit for (sending )?(tweets|posts)/i,
  },
  {
    // 226: "This request looks like it might be automated. To protect our users from spam …, we can't complete this
    // action right now. Please try again later."
    scope: "account",
    reason: "automated",
    restMs: 6 * HOUR_MS,
    codes: [226],
    words: /looks like it might be automated/i,
  },
];

export interface TweetLine extends Signs {
  reason: RefusedReason;
}

/** Refusals of the one tweet, or of what it carries. Words count at any status: nothing but this tweet hangs on them. */
export const TWEET_REFUSALS: readonly TweetLine[] = [
  // github.com/akrherz/iembot/issues/143 (v2's words, February 2026); 187: "Status is a duplicate."
  { reason: "duplicate", words: /duplicate content|status is a duplicate/i, codes: [187] },
  // 385: "You attempted to reply to a Tweet that is deleted or not visible to you."
  { reason: "parent_missing", words: /deleted or not visible/i, codes: [385] },
  {
    // 433: "The original Tweet author restricted who can reply to this Tweet." The words: x-api.md 2.3, 2026.
    reason: "reply_not_allowed",
    words: /only reply to or quote|reply to this conversation is not allowed|not been mentioned or otherwise engaged/i,
    types: ["not-authorized-for-resource"],
    codes: [433],
  },
  // x-api.md 2.4 [D+]
  { reason: "media_too_long", words: /video longer than/i },
  // 324: "The validation of media ids failed." 325: "A media id was not found."
  {
    reason: "media_invalid",
    words: /media ids? (is|are) (invalid|not valid|not found)|media id was not found|validation of media ids failed/i,
    codes: [324, 325],
  },
  // 386: "The Tweet exceeds the number of allowed attachment types."
  { reason: "invalid", words: /number of allowed attachment types/i, codes: [386] },
  // 186: "Tweet needs to be a bit shorter."
  { reason: "too_long", words: /needs to be a bit shorter/i, codes: [186] },
  // X's rules of 2026, x-api.md 2.3
  { reason: "cashtags", words: /cashtag/i },
];

/** The line of a table that an answer fits; null for none. */
export function lineFor<Line extends Signs>(
  lines: readonly Line[],
  problem: Problem,
  wordsCount: boolean,
): Line | null {
  const words = wordsCount ? wordsOf(problem) : "";
  for (const line of lines) {
    if (problem.codes.some((code) => line.codes?.includes(code))) return line;
    if (problem.types.some((type) => line.types?.includes(type))) return line;
    if (line.words.test(words)) return line;
  }
  return null;
}

/** All that X says in words. */
export function wordsOf({ title, detail, reason, enrollment, details, messages }: Problem): string {
  // What is null becomes an empty line.
  return [title, detail, reason, enrollment, ...details, ...messages].join(" \n ");
}
