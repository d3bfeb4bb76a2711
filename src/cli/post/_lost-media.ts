/** Files that an undo or a redo could not bring back, for the answer and for a person. */
import { MEDIA_GO } from "../../core/posts/write.ts";
import { nextSteps } from "../_effects.ts";
import type { Paint } from "../_paint.ts";
import { renderNotices } from "./_attention.ts";
import { type PostStatusAnswer, renderPostStatus } from "./_status.ts";

/** The answer with a notice a file. */
export function withLost(answer: PostStatusAnswer, lost: readonly string[]): PostStatusAnswer {
  const commands = [`psn post attach ${answer.post.id} FILE`];
  const notices = lost.map((fileName) => ({
    code: "MEDIA_GONE",
    message: `${fileName} could not come back: ${MEDIA_GO}.`,
    hint: commands.join(),
    next: nextSteps(commands),
    postId: answer.post.id,
  }));
  return { ...answer, notices: [...notices, ...answer.notices] };
}

/** The post, after the files that it lost. */
export function renderWithLost(answer: PostStatusAnswer, paint: Paint): string {
  const lost = answer.notices.filter(({ code, postId }) => code === "MEDIA_GONE" && postId === answer.post.id);
  return [...renderNotices(lost, paint), renderPostStatus(answer, paint)].join("\n");
}
