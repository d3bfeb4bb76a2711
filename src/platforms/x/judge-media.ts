/**
 * What the answers of X's media endpoints mean. Pure. An upload publishes nothing, so whatever is unclear may be tried
 * again.
 */
import type { MediaAnswer } from "../../core/platform.ts";
import { safeDetail } from "./detail.ts";
import { type JudgeContext, judgeRefusal } from "./judge.ts";
import { describe, type Problem, readProblem } from "./problem.ts";
import { type Answer, isClientError, isSuccess } from "./transport.ts";
import { type MediaProcessing, MediaUploadResponseSchema } from "./types.ts";

/** Every arm but success. */
export type MediaFailure = Exclude<MediaAnswer, { kind: "ready" | "processing" }>;

/** X keeps an upload for a day unless it says otherwise. */
const EXPIRES_AFTER_SECONDS = 86_400;
const EXPIRES_AFTER_SECONDS_MAX = 30 * 86_400;

/** `check_after_secs` that X leaves out means 1; a longer pause than this only makes a post late. */
const CHECK_AFTER_SECONDS = 1;
const CHECK_AFTER_SECONDS_MAX = 30;

export type UploadStep =
  | { kind: "ready"; mediaId: string; mediaKey: string | null; expiresAt: Date }
  | {
      kind: "processing";
      mediaId: string;
      mediaKey: string | null;
      expiresAt: Date;
      checkAfterMs: number;
      percent: number | null;
    }
  /** X gave up for a reason of its own: asking about this upload again is useless, a new upload may succeed. */
  | { kind: "broken"; cause: string }
  | MediaFailure;

/** The answer to a one-shot upload, an initialize, a finalize or a STATUS. */
export function processMediaResponse(answer: Answer, context: JudgeContext): UploadStep {
  if (answer.kind === "silent" || !isSuccess(answer)) return judgeMediaFailure(answer, context);
  const parsed = MediaUploadResponseSchema.safeParse(answer.json);
  if (!parsed.success) {
    return { kind: "failed", cause: `no media id in the answer. ${describe(answer, context.secrets)}` };
  }
  const { id, media_key: mediaKey, processing_info: processing, ...data } = parsed.data.data;
  const held = { mediaId: id, mediaKey: mediaKey ?? null, expiresAt: expiresAt(data.expires_after_secs, context.now) };
  if (!processing || processing.state === "succeeded") return { kind: "ready", ...held };
  if (processing.state === "failed") return processingFailure(processing, context.secrets);
  // pending, in_progress, and any state that X may add: not ready is all that matters.
  const percent = processing.progress_percent ?? null;
  return { kind: "processing", ...held, checkAfterMs: checkAfterMs(processing), percent };
}

/** The answer to an append or to the alt text, where any success will do: append has answered 204 without a body. */
export function processPlainMediaResponse(answer: Answer, context: JudgeContext): { kind: "done" } | MediaFailure {
  if (answer.kind === "responded" && isSuccess(answer)) return { kind: "done" };
  return judgeMediaFailure(answer, context);
}

/** True when the edge found a chunk too large; its 413 has an empty body. */
export function isTooLarge(answer: Answer): boolean {
  return answer.kind === "responded" && answer.status === 413;
}

function judgeMediaFailure(answer: Answer, context: JudgeContext): MediaFailure {
  if (answer.kind === "silent") return { kind: "unavailable", cause: answer.cause };
  const detail = describe(answer, context.secrets);
  if (!isClientError(answer)) return { kind: "unavailable", cause: detail };
  const refusal = judgeRefusal(answer, context);
  if (refusal !== null) return refusal;
  if (answer.status === 413) return { kind: "refused", detail };
  // X's media outages have shown as 404 on fresh uploads (May 2025, January 2026). The others below are about the way
  // there.
  if ([404, 407, 408, 409, 421, 425].includes(answer.status) || answer.form === "other") {
    return { kind: "unavailable", cause: detail };
  }
  if (answer.status === 403 && isVague(readProblem(answer.json))) {
    return { kind: "refused", detail: `${detail} (a sign-in from before media.write was asked for answers like this)` };
  }
  return { kind: "refused", detail };
}

/** X says that something is not permitted, and not what. */
function isVague({ details, messages }: Problem): boolean {
  const said = [...details, ...messages];
  return said.length === 0 || said.some((words) => /not permitted to perform this action|scope/i.test(words));
}

/** X's own failure may pass; anything else is about the file. */
function processingFailure({ error }: MediaProcessing, secrets: readonly string[]): UploadStep {
  const said = [error?.name, error?.message].filter((text) => typeof text === "string" && text !== "").join(": ");
  const words = safeDetail(said, secrets);
  if (/internal ?error|timeout|unavailable/i.test(words)) return { kind: "broken", cause: `processing: ${words}` };
  return {
    kind: "refused",
    detail: words === "" ? "X could not process the file" : `X could not process the file: ${words}`,
  };
}

function expiresAt(seconds: number | null | undefined, now: Date): Date {
  const heldSeconds = Math.min(seconds ?? EXPIRES_AFTER_SECONDS, EXPIRES_AFTER_SECONDS_MAX);
  return new Date(now.getTime() + heldSeconds * 1000);
}

function checkAfterMs({ check_after_secs: seconds }: MediaProcessing): number {
  return Math.min(Math.max(seconds ?? CHECK_AFTER_SECONDS, CHECK_AFTER_SECONDS), CHECK_AFTER_SECONDS_MAX) * 1000;
}
