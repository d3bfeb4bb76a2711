/** Answers as errors, for the methods that throw. Pure. */
import { safeDetail } from "./detail.ts";
import type { XEndpoint } from "./endpoints.ts";
import { RateLimitError, XApiError, type XApiErrorFacts } from "./errors.ts";
import { answerMeta, type JudgeContext, judgeRefusal } from "./judge.ts";
import { describe, readProblem } from "./problem.ts";
import type { Answer } from "./transport.ts";

/** An answer that is no success, as the error to throw. */
export function toApiError(
  endpoint: XEndpoint,
  answer: Answer,
  context: JudgeContext,
  mayHaveHappened: boolean,
): XApiError {
  const meta = answerMeta(answer);
  const facts: XApiErrorFacts = {
    endpoint,
    status: meta.httpStatus,
    problemType: null,
    title: null,
    detail: answer.kind === "silent" ? answer.cause : describe(answer, context.secrets),
    transactionId: meta.transactionId,
    rateLimits: meta.rateLimits,
    mayHaveHappened,
  };
  if (answer.kind === "silent") return new XApiError(facts);
  const problem = readProblem(answer.json);
  facts.problemType = problem.type;
  facts.title = problem.title === null ? null : safeDetail(problem.title, context.secrets);
  const refusal = judgeRefusal(answer, context);
  return refusal?.kind === "wait" ? new RateLimitError(facts, refusal, answer.json) : new XApiError(facts, answer.json);
}
