/** A post as it is now: the answer of nearly every command, as JSON and for a person. */
import { z } from "zod";
import { statusSaid } from "../../core/post/status-words.ts";
import { labelsSaid } from "../../core/posts/approval-shown.ts";
import { firstRefusable } from "../../core/posts/approve.ts";
import { composingOf } from "../../core/posts/composing.ts";
import { fixFor } from "../../core/posts/fix.ts";
import { previewIn, previewPost } from "../../core/posts/preview.ts";
import { loadPost, type Post } from "../../core/posts/read.ts";
import { STUCK_KINDS, type StuckPost, stuckPosts } from "../../core/posts/stuck.ts";
import { unpublishingOf } from "../../core/types/index.ts";
import { withLocalTimes } from "../../core/utils/zone-clock.ts";
import { NextSchema } from "../_answer.ts";
import type { App } from "../_app.ts";
import { type NextStep, nextSteps } from "../_effects.ts";
import { EXIT, exitCodeOf, type Failure } from "../_errors.ts";
import { surroundings } from "../_host.ts";
import type { Paint } from "../_paint.ts";
import { PreviewSchema, renderPreview } from "../_preview.ts";
import { PostAnswerSchema, postAnswer } from "../_shapes.ts";
import { TimeSchema, timeAnswer } from "../_summary.ts";
import { hung, printable } from "../_wrap.ts";
import { NoticeSchema, renderAttention, statusText, told } from "./_attention.ts";
import { uploadLines } from "./_upload.ts";

export const StuckSchema = z.object({
  postId: z.string(),
  account: z.string(),
  status: z.string(),
  subStatus: z.string().nullable(),
  kind: z.enum(STUCK_KINDS),
  needsPerson: z.boolean(),
  reason: z.string(),
  next: z.array(NextSchema),
  /** When it goes on by itself; null when it does not. */
  until: TimeSchema.nullable(),
  tweetCount: z.number(),
  postedCount: z.number(),
  beginning: z.string(),
});

export function stuckAnswer(
  { failCode: _code, until, next, reason, ...post }: StuckPost,
  zone: string,
): z.infer<typeof StuckSchema> {
  return {
    ...post,
    reason: withLocalTimes(reason, zone),
    next: nextSteps(next),
    until: until ? timeAnswer(until, zone) : null,
  };
}

export const PostStatusAnswerSchema = z.object({
  post: PostAnswerSchema,
  preview: PreviewSchema.optional(),
  notices: z.array(NoticeSchema),
  /** One line on everything else that needs a look; null when all is well. */
  attention: z.string().nullable(),
  /** Why this post is not on X yet, or not all of it; null when it is on its way as planned. */
  stuck: StuckSchema.nullable(),
  /** The commands of which one usually comes next. */
  next: z.array(NextSchema),
});
export type PostStatusAnswer = z.infer<typeof PostStatusAnswerSchema>;

/** The post and how it will look on X. */
export interface Shown {
  post: PostStatusAnswer["post"];
  preview: NonNullable<PostStatusAnswer["preview"]>;
}

/** The post as it is now, to work on. */
export async function postShown(app: App, postId: string): Promise<Shown> {
  return await shownOf(app, await loadPost(app.hub.db, postId));
}

/** The post as it is now, with what its author should hear. */
export async function postStatus(
  app: App,
  postId: string,
  more: { preview?: boolean } = {},
): Promise<PostStatusAnswer> {
  const around = await surroundings(app);
  const [stuck] = await stuckPosts(app.hub.db, around, { postId });
  // A worker may have it in hand: what is said of it is what it is after that was asked.
  const post = await loadPost(app.hub.db, postId);
  const { notices, attention } = await told(app, around, { postId, isStuck: stuck !== undefined });
  return {
    ...(more.preview ? await shownOf(app, post) : { post: postAnswer(post, app.hubEnv.timezone) }),
    notices,
    attention,
    stuck: stuck ? stuckAnswer(stuck, app.hubEnv.timezone) : null,
    next: nextSteps(nextCommands(post, stuck)),
  };
}

/** Of a command that publishes: null when the post is on X, or waits as it was asked to. */
export function postFailure({ post, stuck, next }: PostStatusAnswer): Failure | null {
  const exit = exitOf(post);
  if (exit === EXIT.ok) return null;
  const isFailed = post.status === "failed";
  const waits = post.status === "publishing" ? "post_publishing" : "retrying";
  const code = isFailed ? (post.failCode ?? "FAILED") : (stuck?.kind ?? post.subStatus ?? waits).toUpperCase();
  const message = (isFailed ? post.failReason : stuck?.reason) ?? goingOn(post);
  // It goes on by itself, and the same command meanwhile only takes it up where it is.
  const retryable = exit === EXIT.notYet && post.next !== null;
  const at = stuck?.until ?? post.next;
  const retryAt = retryable && at ? { retryAt: at.utc } : {};
  return { exit, error: { code, message, next, retryable, ...retryAt } };
}

/** Here nothing of a post's media is on its way. */
const WITHOUT_UPLOADS = new Set(["draft", "published"]);

/** Of these it is said what happens and when, also where nothing is wrong. */
const UNDER_WAY = new Set(["retry", "publishing"]);

/** `stateFirst` opens with where the post stands; else its preview does, which is read before an approval. */
export function renderPostStatus(answer: PostStatusAnswer & { stateFirst?: boolean }, paint: Paint): string {
  const { post, stuck, next } = answer;
  const state = [
    `${paint.bold(post.id)}  ${statusText(post.status, post.subStatus, paint)}  @${post.account}${post.approved ? "" : "  not approved"}`,
  ];
  state.push(...renderLabels(post.labels).map((label) => `  ${label}`));
  if (post.planned && !post.scheduled) state.push(`  meant for ${post.planned.local}`);
  const goesOut = post.status === "scheduled" && stuck?.kind !== "overdue" ? "goes out" : "was set for";
  if (post.scheduled) state.push(`  ${goesOut} ${post.scheduled.local}`);
  if (post.failReason) state.push(...hung(`  ${paint.red(post.failCode ?? "")} `, printable(post.failReason)));
  else if (stuck) state.push(...hung("  ", printable(stuck.reason)));
  else if (UNDER_WAY.has(post.status)) state.push(...hung("  ", printable(goingOn(post))));
  if (!WITHOUT_UPLOADS.has(post.status)) state.push(...uploadLines(post).map((line) => `  ${line}`));
  for (const { position, url, deleted } of post.tweets) {
    if (url) state.push(`  ${position + 1}  ${url}`);
    else if (deleted) state.push(`  ${position + 1}  ${paint.dim(`taken down ${deleted.local}`)}`);
  }
  if (next.length > 0) state.push(`  ${paint.dim(`next: ${orList(next)}`)}`);
  const preview = answer.preview ? renderPreview(answer.preview, paint) : null;
  const parts = answer.stateFirst ? [state.join("\n"), preview] : [preview, state.join("\n")];
  const body = parts.filter((part) => part !== null).join("\n\n");
  return [...renderAttention(answer.attention, paint), body].join("\n");
}

/** What X gets beside the text, in words. */
export const renderLabels = (labels: PostStatusAnswer["post"]["labels"]): string[] =>
  labelsSaid(labels).map(([name, says]) => `${name}${name === "replies to" ? "" : ":"} ${printable(says)}`);

/** `psn …, or psn …` */
export const orList = (next: readonly NextStep[]): string => next.map(({ command }) => command).join(", or ");

// --- internal ---

async function shownOf({ hub, hubEnv: { timezone } }: App, post: Post): Promise<Shown> {
  return { post: postAnswer(post, timezone), preview: previewIn(timezone, await previewPost(hub.db, post)) };
}

/** What becomes of a post that is on its way as planned, in a sentence. */
function goingOn({ id, status, subStatus, next, tweets }: PostStatusAnswer["post"]): string {
  const said = `Post ${id} ${statusSaid(status, subStatus)}`;
  if (status === "publishing")
    return `${said}; ${tweets.filter(({ url }) => url !== null).length} of ${tweets.length} tweets are on X.`;
  if (status !== "retry") return `${said}.`;
  if (next === null) return `${said}; it goes on when that has ended.`;
  if (subStatus !== null) return `${said}; it goes on at ${next.local}.`;
  return `${said}: it is in the queue since ${next.local}, and a worker takes it up at once.`;
}

/** How far the post is, as an exit code. */
function exitOf({ status, subStatus, failCode, next }: PostStatusAnswer["post"]): Failure["exit"] {
  switch (status) {
    case "failed": {
      const exit = exitCodeOf(failCode ?? "FAILED");
      // An outage that was waited for in vain: it does not go on by itself.
      return exit === EXIT.unknown || exit === EXIT.bug ? exit : EXIT.refused;
    }
    case "retry":
      if (subStatus === "confirming") return EXIT.unknown;
      return subStatus === "awaiting_auth" && next === null ? EXIT.signIn : EXIT.notYet;
    case "publishing":
      return EXIT.notYet;
    default:
      return EXIT.ok;
  }
}

/** What may be done with a post of these kinds stands with its reason alone: anything else could send it twice, or would be refused. */
const ONLY_HELP: ReadonlySet<StuckPost["kind"]> = new Set(["confirming", "failed", "half_unpublished", "perhaps_on_x"]);

/** What helps a post that is stuck, and what else may be done with it as it is. */
function nextCommands(post: Post, stuck: StuckPost | undefined): string[] {
  const usual = stuck && ONLY_HELP.has(stuck.kind) ? [] : usualCommands(post, stuck?.kind === "time_passed");
  const all = [...new Set([...(stuck?.next ?? []), ...usual])];
  // Whoever was told to look at the post has done so.
  const others = all.filter((command) => command !== `psn post show ${post.root.id}`);
  return others.length > 0 ? others : all;
}

function usualCommands(post: Post, hasTimePassed: boolean): string[] {
  const { root } = post;
  if (unpublishingOf(root.subStatus) !== null) return [];
  switch (root.status) {
    case "draft": {
      if (root.approvedHash) {
        const time = composingOf(root.metadata).planned && !hasTimePassed ? "" : ' --at "in 2 hours"';
        return [`psn post now ${root.id}`, `psn post schedule ${root.id}${time}`];
      }
      const refusable = firstRefusable(post);
      return [refusable ? `psn post text ${root.id} ${refusable.position + 1} "…"` : `psn post approve ${root.id}`];
    }
    case "scheduled":
      return [`psn post cancel ${root.id}`];
    case "failed":
      return [fixFor(root.failCode, root.id)];
    case "retry":
    case "publishing":
      return [`psn post show ${root.id}`];
    default:
      return [];
  }
}
