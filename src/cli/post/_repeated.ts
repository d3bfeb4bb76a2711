/** What is said where an idempotency key was used before: the post that it made, and whether this command's own wish is carried out. */
import { z } from "zod";
import type { Post } from "../../core/posts/read.ts";
import { stateOf } from "../../core/posts/said-before.ts";
import { READ_BEFORE_MS } from "../../core/posts/time-shown.ts";
import type { Schedule, Wish } from "../../core/posts/write.ts";
import { readingOf } from "../../core/times/readings.ts";
import { utcToUserTime, withLocalTimes } from "../../core/utils/zone-clock.ts";
import { NextSchema } from "../_answer.ts";
import { nextSteps } from "../_effects.ts";
import type { Paint } from "../_paint.ts";
import { hung, printable } from "../_wrap.ts";
import { orList, type PostStatusAnswer, PostStatusAnswerSchema, renderPostStatus } from "./_status.ts";

const RepeatedSchema = z.object({
  /** The post was there already, and how it stands. */
  message: z.string(),
  /** Whether the post stands as this command asks. */
  carriedOut: z.boolean(),
  /** The commands that carry it out; empty where it is, or where nothing can. */
  next: z.array(NextSchema),
});

/** The answer of an act on a post, or of a new one; `repeated` where it was done or made before. */
export const NewPostAnswerSchema = PostStatusAnswerSchema.extend({ repeated: RepeatedSchema.optional() });
export type NewPostAnswer = z.infer<typeof NewPostAnswerSchema>;

export type Asked = Exclude<Wish, { kind: "now" }> | { kind: "publish" };

/** Of an act that was done before, and has nothing more to do. */
export function doneBefore({ root }: Post, zone: string): NonNullable<NewPostAnswer["repeated"]> {
  const again = root.status === "published" ? ` To say it again, make a copy: psn post copy ${root.id}.` : "";
  const message = withLocalTimes(`Post ${root.id} ${stateOf(root)} already; nothing was done again.${again}`, zone);
  return { message, carriedOut: true, next: [] };
}

/**
 * Of a post as it stands after the command. `now` is the hub's.
 * @param how what the two commands have in common
 */
export function repeatedAnswer(
  post: Post,
  asked: Asked,
  { zone, now, how }: { zone: string; now: Date; how: string },
): NonNullable<NewPostAnswer["repeated"]> {
  const { id } = post.root;
  const stands = withLocalTimes(`Post ${id} was there already, made ${how}; it ${stateOf(post.root)}.`, zone);
  if (isCarriedOut(post, asked)) return { message: `${stands} No second one was made.`, carriedOut: true, next: [] };
  return {
    message: `${stands} Nothing was changed: ${saidOf(asked)}`,
    carriedOut: false,
    next: nextSteps(commandsFor(post, asked, now)),
  };
}

export const renderNewPost = (answer: NewPostAnswer, paint: Paint): string =>
  [renderPostStatus(answer as PostStatusAnswer, paint), ...renderRepeated(answer.repeated, paint)].join("\n");

/** Whether the post stands as it was asked for. */
export function isCarriedOut({ root }: Post, asked: Asked): boolean {
  switch (asked.kind) {
    case "draft":
      return true;
    case "approve":
      return root.approvedHash !== null;
    case "publish":
      return GOING.has(root.status);
    case "schedule":
      return root.status !== "draft" && isTimeOf(root, asked.schedule);
  }
}

// --- internal ---

/** On its way to X or there; a post that failed is neither. */
const GOING = new Set(["publishing", "retry", "published"]);

/** Times that are asked for are whole seconds. */
const SECOND_MS = 1_000;

/** The post's time, or the same span from when the post was made or, where a person was asked, from between that and their yes. */
function isTimeOf({ scheduledAt, createdAt, approvedAt }: Post["root"], { at, spanMs }: Schedule): boolean {
  if (!scheduledAt || spanMs === undefined) return scheduledAt?.getTime() === at.getTime();
  const longestMs = scheduledAt.getTime() - createdAt.getTime() + READ_BEFORE_MS;
  const shortestMs = scheduledAt.getTime() - (approvedAt ?? createdAt).getTime() - SECOND_MS;
  return spanMs >= shortestMs && spanMs <= longestMs;
}

function saidOf(asked: Asked): string {
  switch (asked.kind) {
    case "schedule":
      return `it was not scheduled for ${utcToUserTime(asked.schedule.at, asked.schedule.timezone).text}.`;
    case "publish":
      return "it was not published by this command.";
    default:
      return "it was not approved by this command.";
  }
}

function commandsFor({ root }: Post, asked: Asked, now: Date): string[] {
  if (GOING.has(root.status) && asked.kind !== "approve") {
    // What may be on X is not sent again by a command that is pasted.
    return [`psn post show ${root.id}`];
  }
  const approve = root.approvedHash === null ? [`psn post approve ${root.id}`] : [];
  if (asked.kind === "publish") return [...approve, `psn post now ${root.id}`];
  if (asked.kind !== "schedule") return approve;
  const { at, timezone } = asked.schedule;
  return at > now ? [...approve, `psn post schedule ${root.id} --at ${readingOf(at, timezone).at}`] : [];
}

function renderRepeated(repeated: NewPostAnswer["repeated"], paint: Paint): string[] {
  if (!repeated) return [];
  const { message, carriedOut, next } = repeated;
  const what = next.length > 0 ? ` To do that: ${orList(next)}.` : "";
  return hung(carriedOut ? "" : `${paint.yellow("!")} `, printable(`${message}${what}`));
}
