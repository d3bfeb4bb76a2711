/** The end of the loop: the author approves what is on the screen, and says when it goes out. */

import { PsnError } from "../../../core/errors.ts";
import { readAuthorNow } from "../../../core/post/due.ts";
import { isWaiting } from "../../../core/post/transitions.ts";
import type { Schedule } from "../../../core/posts/write.ts";
import { readingsOf } from "../../../core/times/readings.ts";
import { timeAnswer } from "../../_summary.ts";
import { EXAMPLE_DAY, readWhen } from "../../_when.ts";
import type { Shown } from "../_status.ts";
import type { Dialog } from "./dialog.ts";
import type { Session } from "./session.ts";
import { fateOf } from "./standing.ts";
import type { KeyHelp } from "./view.ts";

const PUBLISH = "publish";

/**
 * Asks, approves, and schedules or publishes. `planned` is a time that is offered, if any.
 * @returns false when the author went back
 * @throws PsnError what approval, schedule or publishing are refused with
 */
export async function approveShown(
  dialog: Dialog,
  session: Session,
  planned: Schedule | null,
  signal: AbortSignal,
): Promise<boolean> {
  const refusable = session.tweets.find((tweet) => tweet.warnings.some((warning) => warning.blocking));
  if (refusable) {
    dialog.choose(refusable.position);
    throw new PsnError("POST_REFUSABLE", `X would refuse tweet ${refusable.position + 1} as it is; see there.`);
  }
  const count = session.tweets.length;
  const { post } = session.status;
  const tweets = count === 1 ? "one tweet" : `all ${count} tweets`;
  const isOpen = planned !== null && !isWaiting(post) && planned.at > session.now();
  const key = await dialog.pick(questionOf(post, tweets, session.now()), [
    ["p", isWaiting(post) ? "publish now instead…" : "publish now…"],
    ["t", isWaiting(post) ? "another time…" : "at a time…"],
    ...(isOpen ? [["F", `yes, for ${timeAnswer(planned.at, planned.timezone).local}`] as const] : []),
    ...(post.approved ? [] : [["A", "yes, and decide later"] as const]),
  ]);
  if (key === null) return false;
  if (key === "p") return await publishNow(dialog, session, `To publish ${tweets} as @${post.account} now`, signal);
  const schedule = key === "t" ? await askTime(dialog, session) : key === "F" ? planned : null;
  if (key === "t" && !schedule) return false;
  if (!(await approve(dialog, session))) return false;
  if (schedule) {
    dialog.busy("Scheduling…");
    await session.schedule(schedule);
  }
  return true;
}

// --- internal ---

function questionOf(post: Shown["post"], tweets: string, now: Date): string {
  const fate = fateOf(post, now);
  if (fate) return `This, ${tweets} as @${post.account}, ${post.approved ? "is approved and " : ""}${fate}.`;
  if (post.approved) return `This, ${tweets}, is approved, to be posted as @${post.account}. When?`;
  return `Approve this, ${tweets}, to be posted as @${post.account}?`;
}

/** What costs money and cannot be taken back needs a word, not a key. */
async function publishNow(dialog: Dialog, session: Session, what: string, signal: AbortSignal): Promise<boolean> {
  if (!(await dialog.askWord(`${what}, type ${PUBLISH} and press Enter.`, PUBLISH))) {
    dialog.say("Nothing was published.");
    return false;
  }
  if (!(await approve(dialog, session))) return false;
  dialog.busy("Publishing…");
  await session.publish(signal, (line) => dialog.busy(`Publishing… ${line}`));
  return true;
}

/** What was said before is asked about once more. */
async function approve(dialog: Dialog, session: Session): Promise<boolean> {
  try {
    await session.approve(false);
  } catch (error) {
    if (!(error instanceof PsnError) || error.code !== "POST_DUPLICATE") throw error;
    if ((await dialog.pick(error.message, [["F", "approve it all the same"]])) === null) return false;
    await session.approve(true);
  }
  return true;
}

/** A time in the future, read back and confirmed; null for back. */
async function askTime(dialog: Dialog, session: Session): Promise<Schedule | null> {
  const zone = session.app.hubEnv.timezone;
  const question = `When, in ${zone}? “tomorrow 9am”, “in 2 hours”, “${EXAMPLE_DAY} 09:00”`;
  for (let typed = await dialog.ask(question); typed; typed = await dialog.ask(question, typed)) {
    try {
      const schedule = await readTime(dialog, session, typed);
      if (!schedule) continue;
      const { at, timezone } = schedule;
      const { local } = timeAnswer(at, timezone);
      // However it was said, it is the instant that was read back.
      if ((await dialog.pick(`Send it ${local}?`, [["y", "yes"]])) !== null) return { at, timezone };
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
      dialog.complain(error);
    }
  }
  return null;
}

async function readTime(dialog: Dialog, session: Session, typed: string): Promise<Schedule | null> {
  const { hub, hubEnv } = session.app;
  const now = await readAuthorNow(hub.db);
  try {
    return readWhen({ at: typed }, hubEnv.timezone, now);
  } catch (error) {
    const readings = error instanceof PsnError && error.code === "TIME_AMBIGUOUS" ? readingsOf(error) : [];
    if (!(error instanceof PsnError) || readings.length === 0) throw error;
    const key = await dialog.pick(
      error.message,
      readings.map(({ local }, index): KeyHelp => [String(index + 1), local]),
    );
    const chosen = readings[Number(key) - 1];
    return key === null || !chosen ? null : readWhen({ at: chosen.at }, hubEnv.timezone, now);
  }
}
