/** Where a post stands otherwise than its file says, though their words are the same; and what an edit made of it, in words. Pure. */
import { isWaiting } from "../../post/transitions.ts";
import { readingOf } from "../../times/readings.ts";
import { shellWord } from "../../utils/shell-word.ts";
import { utcToUserTime } from "../../utils/zone-clock.ts";
import { type Change, changesSaid, listOf } from "../changes.ts";
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
  const overwrite = isAhead ? [`psn post sync ${shellWord(options.folder)} --overwrite`] : [];
  if (status === "scheduled" && scheduled && scheduled.at.getTime() !== planned.at.getTime()) {
    const note = `It was rescheduled by hand, for ${shown(scheduled)}; the file says ${shown(planned)}.`;
    return { note, next: [show, ...overwrite], isByHand: isAhead };
  }
  if (status === "draft" && post.isApproved && !post.cancelledByHand && isAhead) {
    const note = `It is approved and does not wait for its time, ${shown(planned)}.`;
    return {
      note,
      next: [`psn post schedule ${id} --at ${readingOf(planned.at, planned.timezone).at}`],
      isByHand: false,
    };
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
  return { note, next: [show, `psn post sync ${shellWord(folder)} --overwrite`], isByHand: true };
}

/** What an edit did, as it is said in a plan and after it. `approves`: the file's word approved it. `goesOn`: it waited for its next try, and is tried at once. */
export function editedTo(
  before: KnownPost,
  after: KnownPost,
  { approves, goesOn, changed }: { approves: boolean; goesOn: boolean; changed: readonly Change[] },
): string {
  const { id, scheduled } = after;
  const at = after.status === "scheduled" && !goesOn ? scheduled : null;
  const stays = before.status === "scheduled" && before.scheduled?.at.getTime() === at?.at.getTime();
  const isDraftAgain = isWaiting(before) && !isWaiting(after);
  // The time of a post that waits for it is said by itself.
  const given = changed.filter((one) => one !== "time" || at === null);
  const isNews = given.length > 0;
  const acts: ((post: string) => string)[] = [
    ...(isNews ? [(post: string) => `gives ${post} the file's ${changesSaid(given)}`] : []),
    ...(approves && after.isApproved && (isNews || !before.isApproved) ? [(post: string) => `approves ${post}`] : []),
    ...(at && !stays ? [(post: string) => `schedules ${post} for ${shown(at)}`] : []),
    ...(isDraftAgain && !isNews ? [(post: string) => `takes ${post} back to a draft, which waits for approval`] : []),
  ];
  if (acts.length === 0) return `notes that post ${id} is as the file says`;
  const said = listOf(acts.map((act, index) => act(index === 0 ? `post ${id}` : "it")));
  if (at && stays) return `${said}; it stays scheduled for ${shown(at)}`;
  if (goesOn) return `${said}; it goes on`;
  if (after.status === "retry") return `${said}; it goes on waiting for its next try`;
  if (isDraftAgain && isNews) return `${said}; it is a draft again and waits for approval`;
  return before.isApproved && !after.isApproved && !isDraftAgain ? `${said}; it waits for approval again` : said;
}

/** What became of a post that was held back, and whose file says again what was approved. */
export const givenBack = ({ id, held }: KnownPost): string =>
  `puts post ${id} back as it was approved: ${held?.schedule ? `scheduled for ${shown(held.schedule)}` : "it goes on"}`;

/** A time as its author reads it. */
export const shown = ({ at, timezone }: Schedule): string => utcToUserTime(at, timezone).text;
