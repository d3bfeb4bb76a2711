/** What X says of single posts that are asked for by their ids, and of their deletion. Pure. */
import { z } from "zod";
import type { DeletionOutcome, PostsByIdAnswer } from "../../core/platform.ts";
import { type JudgeContext, judgeRefusal } from "./judge.ts";
import { judgeReadFailure, unavailable } from "./judge-posts.ts";
import { describe, readProblem } from "./problem.ts";
import { IDS_MAX } from "./requests.ts";
import { type Answer, isClientError, isSuccess } from "./transport.ts";
import { NumericIdSchema } from "./types.ts";

const ByIdSchema = z.object({
  data: z
    .array(z.object({ id: NumericIdSchema, author_id: NumericIdSchema.nullish().catch(null) }))
    .max(IDS_MAX)
    .nullish(),
  errors: z
    .array(
      z.object({
        type: z.string().nullish().catch(null),
        resource_id: z.string().nullish().catch(null),
        value: z.string().nullish().catch(null),
      }),
    )
    .max(IDS_MAX)
    .nullish(),
});

export type ByIdAnswer = PostsByIdAnswer | { kind: "other_dialect"; cause: string };

/**
 * The answer to `GET /2/tweets?ids=`. A post that is missing comes as a problem inside a 200. Only one that X calls not found is:
 * another problem, such as a protected account, says nothing of it.
 */
export function processByIdResponse(answer: Answer, context: JudgeContext): ByIdAnswer {
  const failure = judgeReadFailure(answer, context);
  if (failure !== null) return failure;
  const parsed = ByIdSchema.safeParse(answer.kind === "responded" ? answer.json : undefined);
  if (!parsed.success || (!parsed.data.data && !parsed.data.errors)) {
    return unavailable(answer, context, "neither posts nor problems in the answer. ");
  }
  const posts = (parsed.data.data ?? []).map(({ id, author_id }) => ({ id, authorId: author_id ?? null }));
  const isThere = new Set(posts.map(({ id }) => id));
  const missing = (parsed.data.errors ?? []).flatMap(({ type, resource_id, value }) => {
    const id = resource_id ?? value;
    return isNotFound(type) && id && !isThere.has(id) ? [id] : [];
  });
  return { kind: "posts", posts, missing };
}

const DeletedSchema = z.object({ data: z.object({ deleted: z.literal(true) }) });

/** The answer to `DELETE /2/tweets/:id`: 200 by X's document and its quickstart, 204 by one of its pages. */
export function processDeleteResponse(answer: Answer, context: JudgeContext): DeletionOutcome {
  if (answer.kind === "silent") {
    return answer.neverSent ? { kind: "not_sent", cause: answer.cause } : { kind: "unknown", cause: answer.cause };
  }
  const detail = describe(answer, context.secrets);
  if (isSuccess(answer)) {
    const isSaid = answer.status === 204 || DeletedSchema.safeParse(answer.json).success;
    return isSaid ? { kind: "deleted" } : { kind: "unknown", cause: `X does not say that it is deleted. ${detail}` };
  }
  // A page in place of JSON is not X's API speaking.
  if (!isClientError(answer) || answer.status === 408) return { kind: "unknown", cause: detail };
  if (answer.form === "other" && answer.status !== 429) return { kind: "unknown", cause: detail };
  const refusal = judgeRefusal(answer, context);
  if (refusal !== null) return refusal;
  const { type, codes } = readProblem(answer.json);
  // 144: "No status found with that ID." A 404 without X's word for it may be of another part of X.
  if (isNotFound(type) || codes.includes(144)) return { kind: "gone" };
  if (answer.status === 404) return { kind: "unknown", cause: detail };
  return { kind: "refused", detail };
}

// --- internal ---

const isNotFound = (type: string | null | undefined) => /(^|\/)resource-not-found\/?$/.test(type ?? "");
