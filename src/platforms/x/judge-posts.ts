/** What the answers of X's reading endpoints mean. Pure. */
import { z } from "zod";
import type { Identity, IdentityAnswer, OwnPostsAnswer } from "../../core/platform.ts";
import { type JudgeContext, judgeRefusal } from "./judge.ts";
import { type DecodedPost, decodeOwnPost } from "./own-posts.ts";
import { describe, readProblem } from "./problem.ts";
import { type Answer, isSuccess } from "./transport.ts";
import { UserResponseSchema } from "./types.ts";

/** One page of a timeline. */
export interface PostsPage {
  kind: "page";
  posts: DecodedPost[];
  /** Null on the last page. */
  nextToken: string | null;
  /**
   * False when the page cannot vouch for what is absent: it held something unreadable, or fewer posts than it counted.
   */
  whole: boolean;
}

export type PageAnswer =
  | PostsPage
  /** X does not take a query parameter; in the other vocabulary it may. */
  | { kind: "other_dialect"; cause: string }
  | Exclude<OwnPostsAnswer, { kind: "posts" }>;

const PageSchema = z.object({
  data: z.array(z.unknown()).max(1000).nullish(),
  meta: z
    .object({
      next_token: z.string().min(1).max(1024).nullish().catch(null),
      result_count: z.number().int().nonnegative().nullish().catch(null),
    })
    .nullish(),
});

/** The answer to `GET /2/users/:id/tweets`. */
export function processTimelineResponse(answer: Answer, context: JudgeContext): PageAnswer {
  const failure = judgeReadFailure(answer, context);
  if (failure !== null) return failure;
  const json = answer.kind === "responded" ? answer.json : undefined;
  const parsed = PageSchema.safeParse(json);
  // An empty timeline says so: a body with neither posts nor a count of none is no list, and absence in it means
  // nothing.
  if (!parsed.success || (!parsed.data.data && parsed.data.meta?.result_count !== 0)) {
    return unavailable(answer, context, "no list of posts in the answer. ");
  }
  const raw = parsed.data.data ?? [];
  const posts = raw.map(decodeOwnPost).filter((post) => post !== null);
  const counted = parsed.data.meta?.result_count ?? raw.length;
  return {
    kind: "page",
    posts,
    nextToken: parsed.data.meta?.next_token ?? null,
    whole: posts.length === raw.length && counted <= raw.length && !missesPosts(json),
  };
}

const ErrorsSchema = z.object({
  errors: z
    .array(
      z.object({
        parameter: z.string().nullish().catch(null),
      }),
    )
    .max(1000)
    .nullish(),
});

/** The answer to `GET /2/users/me`. A 401 is only `signed_out`: whether for good is not X's to say in one answer. */
export function processMeResponse(answer: Answer, context: JudgeContext): IdentityAnswer {
  const failure = judgeReadFailure(answer, context);
  if (failure?.kind === "signed_out") return failure;
  if (failure !== null) return { kind: "unavailable", cause: failure.cause };
  const parsed = UserResponseSchema.safeParse(answer.kind === "responded" ? answer.json : undefined);
  if (!parsed.success)
    return { kind: "unavailable", cause: unavailable(answer, context, "no user in the answer. ").cause };
  const { id, username, name, subscription_type: subscription } = parsed.data.data;
  const identity: Identity = { platformUserId: id, handle: username, name, subscription: subscription ?? null };
  return { kind: "identity", identity };
}

/** Null when the answer is a success that is worth reading. */
export function judgeReadFailure(answer: Answer, context: JudgeContext): Exclude<PageAnswer, PostsPage> | null {
  if (answer.kind === "silent") return { kind: "unavailable", cause: answer.cause, retryAt: null };
  if (isSuccess(answer)) return null;
  const refusal = judgeRefusal(answer, context);
  if (refusal?.kind === "signed_out") return refusal;
  if (refusal?.kind === "wait") return { kind: "unavailable", cause: refusal.detail, retryAt: refusal.until };
  if (refusal !== null) return { kind: "unavailable", cause: refusal.detail, retryAt: null };
  if (answer.status === 400 && complainsOfVocabulary(answer.json)) {
    return { kind: "other_dialect", cause: describe(answer, context.secrets) };
  }
  return unavailable(answer, context);
}

function complainsOfVocabulary(json: unknown): boolean {
  const { parameters, messages, detail } = readProblem(json);
  return [...parameters, ...messages, detail ?? ""].some((text) =>
    /\b(tweet\.fields|post\.fields|expansions)\b/.test(text),
  );
}

/** What a post refers to may be gone without a post of the list being so. */
const ABOUT_A_REFERENCE = /^(referenced_|in_reply_to_|attachments|entities|author_id|edit_history_|includes)/;

/** Problems inside a 200 that may stand for a post which is missing from the list. */
function missesPosts(json: unknown): boolean {
  const parsed = ErrorsSchema.safeParse(json);
  if (!parsed.success) return true;
  return (parsed.data.errors ?? []).some(({ parameter }) => !ABOUT_A_REFERENCE.test(parameter ?? ""));
}

export function unavailable(
  answer: Answer,
  context: JudgeContext,
  before = "",
): { kind: "unavailable"; cause: string; retryAt: null; isForbidden?: boolean } {
  const cause = answer.kind === "silent" ? answer.cause : describe(answer, context.secrets);
  const isForbidden = answer.kind === "responded" && answer.status === 403;
  return { kind: "unavailable", cause: before + cause, retryAt: null, ...(isForbidden ? { isForbidden } : {}) };
}
