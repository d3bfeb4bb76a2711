/** What an author should hear beside what they asked for: as JSON, and for a person. */
import { z } from "zod";
import { gatherNotices, type Notice } from "../../core/posts/notices.ts";
import { countsOf, type Surroundings, stuckLine, tallyStuck } from "../../core/posts/stuck.ts";
import { withLocalTimes } from "../../core/utils/zone-clock.ts";
import { NextSchema } from "../_answer.ts";
import type { App } from "../_app.ts";
import { nextSteps } from "../_effects.ts";
import type { Paint } from "../_paint.ts";
import { columnsOf, hung, printable, screenWidth } from "../_wrap.ts";

export const NoticeSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  next: z.array(NextSchema),
  postId: z.string().optional(),
});
export type NoticeAnswer = z.infer<typeof NoticeSchema>;

export const noticeAnswer = ({ short: _short, next, message, ...notice }: Notice, zone: string): NoticeAnswer => ({
  ...notice,
  message: withLocalTimes(message, zone),
  next: nextSteps(next),
});

/**
 * What else needs a look: each thing for a program, one line for a person. The line counts all that are stuck, as `psn status` and
 * `psn post failures` do; where the post that the answer is about is the only one, the answer says so itself.
 */
export async function told(app: App, around: Surroundings, about: { postId: string; isStuck: boolean } | null = null) {
  const tally = await tallyStuck(app.hub.db, around);
  const notices = (await gatherNotices(app.hub.db, around, tally)).filter(
    ({ postId }) => postId === undefined || postId !== about?.postId,
  );
  const counts = countsOf(tally, around);
  const isOnlyThis = about?.isStuck === true && counts.needPerson + counts.wait === 1;
  const account = notices.find(({ short }) => short !== undefined);
  const attention =
    (isOnlyThis ? null : stuckLine(counts, around)) ?? (account ? `${account.short}: ${account.hint}` : null);
  return { notices: notices.map((notice) => noticeAnswer(notice, app.hubEnv.timezone)), attention };
}

/** The one line before an answer. */
export function renderAttention(attention: string | null, paint: Paint, width = screenWidth()): string[] {
  return attention === null ? [] : hung(`${paint.yellow("!")} `, printable(attention), width);
}

export function renderNotices(
  notices: readonly Pick<NoticeAnswer, "message" | "hint">[],
  paint: Paint,
  width = screenWidth(),
): string[] {
  const mark = `${paint.yellow("!")} `;
  return notices.flatMap(({ message, hint }) => {
    const text = printable(message);
    if (columnsOf(`! ${text}  ${hint}`) <= width) return [`${mark}${text}  ${paint.dim(hint)}`];
    return [...hung(mark, text, width), ...hung("  ", hint, width).map(paint.dim)];
  });
}

export function statusText(status: string, subStatus: string | null, paint: Paint): string {
  const colours: Record<string, (text: string) => string> = {
    published: paint.green,
    failed: paint.red,
    draft: paint.dim,
  };
  return (colours[status] ?? paint.yellow)(subStatus ? `${status} (${subStatus})` : status);
}
