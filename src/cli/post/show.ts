/** `psn post show`: a post as it is, and everything that happened to it. */
import { z } from "zod";
import { findPostId, historyOf } from "../../core/posts/read.ts";
import { withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import type { Paint } from "../_paint.ts";
import { hung, printable } from "../_wrap.ts";
import { ID_FIELD } from "./_fields.ts";
import { PostStatusAnswerSchema, postStatus, renderPostStatus } from "./_status.ts";

const EventSchema = z.object({ at: z.string(), kind: z.string(), status: z.string(), note: z.string() });
const AttemptSchema = z.object({
  /** From 1. */
  tweet: z.number(),
  number: z.number(),
  startedAt: z.string(),
  outcome: z.string().nullable(),
  detail: z.string().nullable(),
  httpStatus: z.number().nullable(),
  transactionId: z.string().nullable(),
});

export const showCommand = defineCommand({
  input: z.object(ID_FIELD),
  answer: PostStatusAnswerSchema.extend({ history: z.array(EventSchema), attempts: z.array(AttemptSchema) }),
  run: (io, { id }) =>
    withApp(io, async (app) => {
      const postId = await findPostId(app.hub.db, id);
      const { events, attempts } = await historyOf(app.hub.db, postId);
      return {
        ...(await postStatus(app, postId, { preview: true })),
        history: events.map(({ at, kind, status, note }) => ({ at: at.toISOString(), kind, status, note })),
        attempts: attempts.map((attempt) => ({
          tweet: attempt.position + 1,
          number: attempt.number,
          startedAt: attempt.startedAt.toISOString(),
          outcome: attempt.outcome,
          detail: attempt.detail,
          httpStatus: attempt.httpStatus,
          transactionId: attempt.transactionId,
        })),
      };
    }),
  render: (answer, paint) =>
    [
      renderPostStatus(answer, paint),
      "",
      paint.bold("Its life"),
      ...answer.history.flatMap((event) => hung(`  ${paint.dim(event.at)}  `, printable(event.note))),
      ...(answer.attempts.length > 0 ? ["", paint.bold("Attempts")] : []),
      ...answer.attempts.map((attempt) => renderAttempt(attempt, paint)),
    ].join("\n"),
});

// --- internal ---

function renderAttempt(attempt: z.infer<typeof AttemptSchema>, paint: Paint): string {
  const { startedAt, tweet, number, outcome, httpStatus, transactionId } = attempt;
  const status = httpStatus ? ` (HTTP ${httpStatus})` : "";
  const transaction = transactionId ? paint.dim(`  X transaction ${transactionId}`) : "";
  return `  ${paint.dim(startedAt)}  tweet ${tweet}, try ${number}: ${outcome ?? "not known yet"}${status}${transaction}`;
}
