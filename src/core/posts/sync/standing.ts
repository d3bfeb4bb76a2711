/** Where a post stands otherwise than its file says, though their words are the same; and what an edit made of it, in words. Pure. */
import { utcToUserTime } from "../../utils/timezone.ts";
import { saidIn } from "../from-file.ts";
import type { Schedule } from "../schedule.ts";
import { isApprovedBy } from "./said.ts";
import type { KnownPost, ReadFile, SyncOptions } from "./types.ts";

export interface Standing {
  note: string;
  next: string[];
  /** Its author did something else by hand than the file says, and `--overwrite` would take the file's word. */
  isByHand: boolean;
}

/** Whether it goes out by itself. */
export const isWaiting = ({ status }: Pick<KnownPost, "status">): boolean =>
  status === "scheduled" || status === "retry";

/** Whether the file says what it said when its post was taken from it. */
export function saysAsTaken(file: ReadFile, post: KnownPost): boolean {
  if (post.bound) return post.bound.fingerprint === file.fingerprint;
  return post.source?.trimEnd() === file.content.text.trimEnd();
}

/** Null where the post does what the file says. */
export function standingOf(file: ReadFile, post: KnownPost, options: SyncOptions, now: Date): Standing | null {
  const { id, status, scheduled, planned } = post;
  if (file.content.approve && status === "draft" && !post.isApproved && !post.cancelledByHand) {
    return unapproved(id, options);
  }
  if (status === "failed") {
    return { note: "It has failed and does not go out.", next: [`psn post show ${id}`], isByHand: false };
  }
  if (planned === null) return null;
  if (file.content.at === undefined) {
    if (!isWaiting(post)) return null;
    // Only a person's command keeps an approved post back.
    const note = "The file names no time any more, and its post is still to go out at the one that it had.";
    return { note, next: [`psn post cancel ${id}`], isByHand: false };
  }
  if (planned.said !== saidIn(file.content)) return null;
  const isAhead = planned.at > now;
  const show = `psn post show ${id}`;
  const overwrite = isAhead ? [`psn post sync ${options.folder} --overwrite`] : [];
  if (status === "scheduled" && scheduled && scheduled.at.getTime() !== planned.at.getTime()) {
    const note = `It was rescheduled by hand, for ${shown(scheduled)}; the file says ${shown(planned)}.`;
    return { note, next: [show, ...overwrite], isByHand: isAhead };
  }
  if (status !== "draft" || !post.cancelledByHand || !isApprovedBy(file, options) || !isAhead) return null;
  const note = `It was cancelled by hand and stays a draft; the file says that it is approved for ${shown(planned)}.`;
  return { note, next: [show, ...overwrite], isByHand: true };
}

/** The file's own word is not enough, or was not when the file was last taken. */
function unapproved(id: string, { folder, mayApprove = false }: SyncOptions): Standing {
  const show = `psn post show ${id}`;
  if (!mayApprove)
    return { note: "It waits for your approval.", next: [show, `psn post approve ${id}`], isByHand: false };
  const note = "It waits for approval, and its file says approve: true, which --overwrite takes.";
  return { note, next: [show, `psn post sync ${folder} --overwrite`], isByHand: true };
}

/** What an edit did, as it is said in a plan and after it. @param approves whether the file's word approved it */
export function editedTo(before: KnownPost, after: KnownPost, approves: boolean): string {
  const base = `gives post ${after.id} what the file says`;
  const approved = approves && after.isApproved ? " and approves it" : "";
  if (after.status === "scheduled" && after.scheduled) {
    const stays = before.status === "scheduled" && before.scheduled?.at.getTime() === after.scheduled.at.getTime();
    if (stays) return `${base}${approved}; it stays scheduled for ${shown(after.scheduled)}`;
    return `${base}${approved.replace(" and", ",")} and schedules it for ${shown(after.scheduled)}`;
  }
  if (after.status === "retry") return `${base}${approved}; it goes on waiting for its next try`;
  if (isWaiting(before)) return `${base}; it is a draft again and waits for approval`;
  if (before.isApproved && !after.isApproved) return `${base}; it waits for approval again`;
  return `${base}${approved}`;
}

/** What became of a post that was held back, and whose file says again what was approved. */
export const givenBack = ({ id, scheduled }: KnownPost): string =>
  `puts post ${id} back as it was approved: ${scheduled ? `scheduled for ${shown(scheduled)}` : "it goes on"}`;

/** A time as its author reads it. */
export const shown = ({ at, timezone }: Schedule): string => utcToUserTime(at, timezone).text;
