/** A post as it is now: the answer of nearly every command, as JSON and for a person. */
import { z } from "zod";
import { firstRefusable } from "../../core/posts/approve.ts";
import { composingOf } from "../../core/posts/composing.ts";
import { fixFor, gatherNotices, type Notice } from "../../core/posts/notices.ts";
import { previewPost } from "../../core/posts/preview.ts";
import { loadPost, type Post } from "../../core/posts/read.ts";
import type { App } from "../_app.ts";
import { hasHost } from "../_host.ts";
import type { Paint } from "../_paint.ts";
import { PreviewSchema, renderPreview } from "../_preview.ts";
import { PostAnswerSchema, postAnswer } from "../_shapes.ts";
import { columnsOf, hung, printable, screenWidth } from "../_wrap.ts";

export const NoticeSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  postId: z.string().optional(),
});

export const PostStatusAnswerSchema = z.object({
  post: PostAnswerSchema,
  preview: PreviewSchema.optional(),
  notices: z.array(NoticeSchema),
  /** The command that usually comes next. */
  next: z.string().nullable(),
});
export type PostStatusAnswer = z.infer<typeof PostStatusAnswerSchema>;

/** The post as it is now, with what its author should hear. */
export async function postStatus(
  app: App,
  postId: string,
  more: { preview?: boolean } = {},
): Promise<PostStatusAnswer> {
  const post = await loadPost(app.hub.db, postId);
  const notices = (await gatherNotices(app.hub.db, await app.clientId())).filter((notice) => notice.postId !== postId);
  const waits = post.root.status === "scheduled" || (post.root.status === "retry" && post.root.dueAt !== null);
  if (waits && !(await hasHost(app))) {
    notices.unshift({
      code: "NO_WORKER",
      message: "No worker is running, and a post that waits for its time needs one.",
      hint: "psn worker",
    });
  }
  return {
    post: postAnswer(post, app.hubEnv.timezone),
    ...(more.preview ? { preview: await previewPost(app.hub.db, post) } : {}),
    notices,
    next: nextCommand(post),
  };
}

/** Of a command that publishes: a post that failed is a failure. */
export function failedExit(answer: PostStatusAnswer): number {
  return answer.post.status === "failed" ? 1 : 0;
}

export function renderPostStatus(answer: PostStatusAnswer, paint: Paint): string {
  const { post } = answer;
  const lines = renderNotices(answer.notices, paint);
  if (answer.preview) lines.push(renderPreview(answer.preview, paint), "");
  lines.push(
    `${paint.bold(post.id)}  ${statusText(post.status, post.subStatus, paint)}  @${post.account}${post.approved ? "" : "  not approved"}`,
  );
  lines.push(...renderLabels(post.labels).map((label) => `  ${label}`));
  if (post.planned && !post.scheduled) lines.push(`  meant for ${post.planned.local}, ${post.planned.utc}`);
  const goesOut = post.subStatus === "catching_up" ? "was due" : "goes out";
  if (post.scheduled) lines.push(`  ${goesOut} ${post.scheduled.local}, ${post.scheduled.utc}`);
  if (post.status === "retry" && post.next) lines.push(`  goes on ${post.next.local}`);
  if (post.failReason) lines.push(...hung(`  ${paint.red(post.failCode ?? "")} `, printable(post.failReason)));
  for (const tweet of post.tweets) if (tweet.url) lines.push(`  ${tweet.position + 1}  ${tweet.url}`);
  if (answer.next) lines.push(`  ${paint.dim(`next: ${answer.next}`)}`);
  return lines.join("\n");
}

/** What X gets beside the text, in words. */
export function renderLabels({
  poll,
  replySettings,
  madeWithAi,
  paidPartnership,
}: PostStatusAnswer["post"]["labels"]): string[] {
  return [
    ...(poll ? [`poll: ${printable(poll.options.join(" | "))}, open for ${poll.durationMinutes} minutes`] : []),
    ...(replySettings ? [`replies: ${replySettings} only`] : []),
    ...(madeWithAi ? ["label: made with AI"] : []),
    ...(paidPartnership ? ["label: paid partnership"] : []),
  ];
}

export function renderNotices(notices: readonly Notice[], paint: Paint, width = screenWidth()): string[] {
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

// --- internal ---

function nextCommand(post: Post): string | null {
  const { root } = post;
  const refusable = root.status === "draft" ? firstRefusable(post) : null;
  switch (root.status) {
    case "draft":
      if (!root.approvedHash && refusable) return `psn post text ${root.id} ${refusable.position + 1} "…"`;
      return root.approvedHash
        ? `psn post now ${root.id}, or psn post schedule ${root.id}${composingOf(root.metadata).planned ? "" : ' --at "in 2 hours"'}`
        : `psn post approve ${root.id}`;
    case "scheduled":
      return `psn post cancel ${root.id} takes it back`;
    case "failed":
      return fixFor(root.failCode, root.id);
    default:
      return null;
  }
}
