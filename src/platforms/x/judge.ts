/**
 * What an answer of X means. Pure: no clock, no fetch; `now` comes from the caller.
 *
 * The one question behind every line: may the tweet exist? Only X's own word (a 4xx), or a failure that proves that
 * nothing was sent, says no. All else is "unknown", and the caller looks at X before it sends again: a needless look
 * costs a fraction of a cent, a second copy cannot be taken back.
 */
import type { AnswerMeta, HeldAnswer, Outcome, RefusedReason } from "../../core/platform.ts";
import { safeDetail } from "./detail.ts";
import { describe, type Problem, readProblem } from "./problem.ts";
import { rateLimitWindows, readWait } from "./rate-limit.ts";
import { HOLDS, lineFor, TWEET_REFUSALS, wordsOf } from "./refusals.ts";
import { type Answer, aheadMsOf, isClientError, isSuccess, type Responded } from "./transport.ts";
import { TweetResponseSchema } from "./types.ts";

export interface JudgeContext {
  now: Date;
  /** What must not appear in a detail, should X echo it: the request's token. */
  secrets: readonly string[];
}

/** The arms that mean the same for every endpoint. */
export type Refusal = Extract<Outcome, { kind: "wait" | "signed_out" | "out_of_credits" | "held" }>;

/** The answer to `POST /2/tweets`. `isReply` tells a missing parent from a wrong address. */
export function processCreatePostResponse(answer: Answer, context: JudgeContext & { isReply: boolean }): Outcome {
  if (answer.kind === "silent") {
    return answer.neverSent ? { kind: "not_sent", cause: answer.cause } : { kind: "unknown", cause: answer.cause };
  }
  const detail = describe(answer, context.secrets);
  if (isSuccess(answer)) {
    const parsed = TweetResponseSchema.safeParse(answer.json);
    return parsed.success
      ? { kind: "posted", externalPostId: parsed.data.data.id }
      : { kind: "unknown", cause: `no id of a tweet in the answer. ${detail}` };
  }
  if (!isClientError(answer)) return { kind: "unknown", cause: detail };

  switch (answer.status) {
    // 408 comes from a server that stopped waiting, maybe after it had passed the request on. X documents no 409; a
    // conflict can be with the same tweet, sent before.
    case 408:
    case 409:
      return { kind: "unknown", cause: detail };
    // Sent back unprocessed, by definition: a proxy wants a login, the wrong server was reached, or it was too early.
    case 407:
    case 421:
    case 425:
      return { kind: "not_sent", cause: detail };
    case 413:
      return { kind: "refused", reason: "invalid", detail };
  }
  // A page in place of JSON is not X's API speaking, and what stands in front of it may have passed the request on. A
  // page with 429 (and 413, above) is that front's own answer to too much: it never passes those on.
  if (answer.form === "other" && answer.status !== 429) return { kind: "unknown", cause: detail };
  const refusal = judgeRefusal(answer, context);
  if (refusal !== null) return refusal;
  return { kind: "refused", reason: refusedReason(answer, context.isReply), detail };
}

/**
 * The refusals that are about the account or the app and not about what was asked: credits and caps (402, but also 403
 * and 429 by their body), rate limit (429), sign-in (401), an account that is locked or over its day, an app that may not.
 * Null when it is none of them, or no 4xx.
 */
export function judgeRefusal(answer: Responded, context: JudgeContext): Refusal | null {
  if (!isClientError(answer)) return null;
  const detail = describe(answer, context.secrets);
  const problem = readProblem(answer.json);

  // Before 429: a used-up monthly cap answers 429 with a healthy rate-limit header, and waiting does not help.
  const cap = spentCap(answer.status, problem);
  if (cap !== null) return { kind: "out_of_credits", cap, detail };

  if (answer.status === 429 || problem.codes.includes(88) || problem.type === "rate-limit-exceeded") {
    return { kind: "wait", ...readWait(answer.headers, context.now, aheadMsOf(answer)), detail };
  }
  const held = heldBy(answer.status, problem, detail);
  if (held !== null) return held;
  if (answer.status === 401) return { kind: "signed_out", detail };
  return null;
}

function spentCap(status: number, problem: Problem): "credits" | "spend_cap" | "usage_cap" | null {
  const name = (problem.title ?? "").replace(/[^a-z]/gi, "").toLowerCase();
  if (problem.type === "usage-capped" || name === "usagecapexceeded") return "usage_cap";
  if (problem.type === "spend-cap-reached" || name === "spendcapreached") return "spend_cap";
  if (problem.type === "credits" || name === "creditsdepleted") return "credits";
  // Only where the status speaks of money or limits: a detail elsewhere may repeat words of the author.
  if (status !== 402 && status !== 403 && status !== 429) return null;
  const words = wordsOf(problem);
  if (/spend(ing)?[ -]?(cap|limit)|SpendCapReached/i.test(words)) return "spend_cap";
  if (/usage cap|UsageCapExceeded/i.test(words)) return "usage_cap";
  if (/does not have any credits|CreditsDepleted/i.test(words)) return "credits";
  return status === 402 ? "credits" : null;
}

/** X refuses everything of the account or the app. */
function heldBy(status: number, problem: Problem, detail: string): HeldAnswer | null {
  const line = lineFor(HOLDS, problem, status === 403);
  if (line === null) return null;
  const { scope, reason, restMs } = line;
  return { kind: "held", scope, reason, restMs, detail };
}

function refusedReason(answer: Responded, isReply: boolean): RefusedReason {
  const problem = readProblem(answer.json);
  const line = lineFor(TWEET_REFUSALS, problem, true);
  if (line !== null) return line.reason;
  if (answer.status === 400 && problem.parameters.some((name) => /^\$?\.?media\b.*media_ids/.test(name))) {
    return "media_invalid";
  }
  if (answer.status === 403) return "not_permitted";
  if (answer.status === 404 && isReply) return "parent_missing";
  return "invalid";
}

/** What is kept of any answer, for history and support. */
export function answerMeta(answer: Answer): AnswerMeta {
  if (answer.kind === "silent") return NO_ANSWER_META;
  const transactionId = safeDetail(answer.headers.get("x-transaction-id") ?? "").slice(0, 100);
  return {
    httpStatus: answer.status,
    transactionId: transactionId === "" ? null : transactionId,
    rateLimits: rateLimitWindows(answer.headers, aheadMsOf(answer)),
    clock: answer.clock,
  };
}

/** For answers that never came, and requests that never left. */
export const NO_ANSWER_META: AnswerMeta = { httpStatus: null, transactionId: null, rateLimits: [] };
