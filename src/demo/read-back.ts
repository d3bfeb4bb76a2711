/** X is read back and compared with what was approved. */
import { loadPost } from "../core/posts/read.ts";
import type { DemoAnswer } from "./answer.ts";
import { compare } from "./compare.ts";
import { type Part, tweets } from "./part.ts";
import type { Scene } from "./scene.ts";
import { readAll } from "./seen.ts";
import { HANDLE } from "./stage.ts";
import { CORRECTION, REGRET } from "./texts.ts";

/** Texts that must not be there. */
const ABSENT = [
  { name: REGRET.name, text: REGRET.text },
  { name: CORRECTION.name, text: CORRECTION.before },
];

export async function readBack(scene: Scene, parts: Part[]): Promise<Pick<DemoAnswer, "comparison" | "posts">> {
  // A post that wrongly goes out after its cancellation would do so by now.
  const seen = await scene.step("Read back", async () => {
    const value = await readAll(scene.x, HANDLE);
    const { posts, creates } = value;
    return { value, says: `${tweets(posts.length)} on X, from ${creates.received} create requests` };
  });
  const expected = parts.flatMap((part) => part.expected ?? []);
  const { held, checks, problems, threads } = compare({ threads: expected, absent: ABSENT }, seen);
  const posts: DemoAnswer["posts"] = [];
  for (const { name, how, postId, scheduledFor } of parts) {
    const thread = threads.find((candidate) => candidate.name === name);
    const own = problems.filter((problem) => problem.thread === name).map(({ says }) => says);
    posts.push({
      name,
      how,
      id: postId,
      status: (await loadPost(scene.app.hub.db, postId)).root.status,
      tweetsOnX: thread?.ids.length ?? 0,
      scheduledFor: scheduledFor?.toISOString() ?? null,
      firstOnXAt: thread?.firstAt?.toISOString() ?? null,
      latenessMs: thread?.latenessMs ?? null,
      held: own.length === 0,
      problems: own,
    });
  }
  return { comparison: { held, checks, problems, tweetsOnX: seen.posts.length, creates: seen.creates }, posts };
}
