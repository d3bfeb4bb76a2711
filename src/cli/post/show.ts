/** `psn post show`: a post as it is, and everything that happened to it. */
import { z } from "zod";
import { findPostId, historyOf } from "../../core/posts/read.ts";
import { utcToUserTime, withLocalTimes } from "../../core/utils/zone-clock.ts";
import { withApp } from "../_app.ts";
import { defineCommand, flag } from "../_command.ts";
import { isPageWanted, PAGE_ANSWER, PAGE_FIELDS } from "../_page-fields.ts";
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
  input: z.object({ ...ID_FIELD, all: flag("The whole history, each edit and each second of it"), ...PAGE_FIELDS }),
  examples: ["psn post show 7k3m --open", "psn post show 7k3m --png thread.png"],
  answer: PostStatusAnswerSchema.extend({
    ...PAGE_ANSWER,
    history: z.array(EventSchema),
    attempts: z.array(AttemptSchema),
    triggerRunId: z.string().nullable().meta({ description: "Its run at Trigger.dev; null where it has had none" }),
    timezone: z.string(),
    all: z.boolean(),
  }),
  run: (io, { id, all, ...page }) =>
    withApp(io, async (app) => {
      const isPage = isPageWanted(page);
      const postId = await findPostId(app.hub.db, id);
      const { events, attempts, triggerRunId } = await historyOf(app.hub.db, postId);
      const answer = {
        ...(await postStatus(app, postId, { preview: true })),
        timezone: app.hubEnv.timezone,
        triggerRunId,
        all,
        history: events.map(({ at, kind, status, note }) => ({
          at: at.toISOString(),
          kind,
          status,
          note: withLocalTimes(note, app.hubEnv.timezone),
        })),
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
      if (!isPage) return answer;
      const { showDraft } = await import("./_draft-page.ts");
      return await showDraft(io, app, postId, page, answer);
    }),
  render(answer, paint) {
    const { history, attempts, timezone, all } = answer;
    const lines = all ? history.map((event) => ({ ...event, count: 1 })) : folded(history);
    const shown = all ? lines : lines.slice(-LINES_MAX);
    const isLonger = shown.length < lines.length || shown.some(({ count }) => count > 1);
    const unsuccessful = attempts.filter(({ outcome }) => outcome !== "posted");
    const tries = all ? attempts : unsuccessful.slice(-LINES_MAX);
    return [
      renderPostStatus({ ...answer, stateFirst: true }, paint),
      "",
      paint.bold("Its life, the latest first"),
      ...shown
        .toReversed()
        .flatMap(({ at, note, count }) =>
          hung(
            `  ${paint.dim(timeIn(at, timezone))}  `,
            printable(count > 1 ? `${count} edits, the last: ${note}` : note),
          ),
        ),
      ...(isLonger ? [paint.dim(`  all of it: psn post show ${answer.post.id} --all`)] : []),
      ...(tries.length > 0 ? ["", paint.bold(all ? "Attempts" : "Attempts that did not end well at once")] : []),
      ...tries.toReversed().map((attempt) => renderAttempt(attempt, timezone, paint)),
    ].join("\n");
  },
});

// --- internal ---

const LINES_MAX = 8;

type Event = z.infer<typeof EventSchema>;

/** Edits of a draft, of which many come in a row. */
const EDITS = new Set(["edited", "created", "undone", "approved"]);

/** Runs of edits as one line, with the last of them. */
function folded(history: readonly Event[]): (Event & { count: number })[] {
  const lines: (Event & { count: number })[] = [];
  for (const event of history) {
    const before = lines.at(-1);
    if (before && event.status === "draft" && before.kind === event.kind && EDITS.has(event.kind)) {
      lines[lines.length - 1] = { ...event, count: before.count + 1 };
    } else {
      lines.push({ ...event, count: 1 });
    }
  }
  return lines;
}

/** An instant in the author's zone, without the zone's name: all lines have the same. */
const timeIn = (at: string, zone: string): string => {
  const { date, time } = utcToUserTime(new Date(at), zone);
  return `${date} ${time.split(".")[0]}`;
};

function renderAttempt(attempt: z.infer<typeof AttemptSchema>, zone: string, paint: Paint): string {
  const { startedAt, tweet, number, outcome, httpStatus, transactionId } = attempt;
  const status = httpStatus ? ` (HTTP ${httpStatus})` : "";
  const transaction = transactionId ? paint.dim(`  X transaction ${transactionId}`) : "";
  return `  ${paint.dim(timeIn(startedAt, zone))}  tweet ${tweet}, try ${number}: ${outcome ?? "not known yet"}${status}${transaction}`;
}
