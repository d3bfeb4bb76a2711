/** Four posts for later: one as it is, one edited, one cancelled, and the thread whose worker is killed. */
import { cancelPost, createPost, editScheduledPost, schedulePost } from "../cli/post.ts";
import { approvePost } from "../core/posts/write.ts";
import { expectedOf, type Part } from "./part.ts";
import type { Scene } from "./scene.ts";
import { CORRECTION, CROSSING, HELD_WORDS, POSTCARD, REGRET } from "./texts.ts";

/** Longer than the demo: the killed worker's answer never comes. */
const ANSWER_HELD_MS = 300_000;
/** From the moment of scheduling. The edit and the cancellation need a moment before their posts' time. */
const AHEAD_MS = { postcard: 3_000, regret: 4_000, correction: 4_500, crossing: 5_500 } as const;

export type Scheduled = Record<keyof typeof AHEAD_MS, Part>;

export async function schedulePosts(scene: Scene): Promise<Scheduled> {
  const { app } = scene;
  // For later, and before anything is due: X will carry out this one tweet and keep its answer back.
  scene.x.sandbox.addFault({
    kind: "delay",
    when: "after",
    ms: ANSWER_HELD_MS,
    match: { method: "POST", path: "/2/tweets", bodyIncludes: HELD_WORDS },
  });
  const parts = await scene.step("Schedule", async () => {
    const nowMs = Date.now();
    const value: Scheduled = {
      postcard: await add(scene, POSTCARD.name, "scheduled", POSTCARD.text, nowMs + AHEAD_MS.postcard),
      regret: await add(scene, REGRET.name, "scheduled, cancelled", REGRET.text, nowMs + AHEAD_MS.regret),
      correction: await add(
        scene,
        CORRECTION.name,
        "scheduled, edited",
        CORRECTION.before,
        nowMs + AHEAD_MS.correction,
      ),
      crossing: await add(scene, CROSSING.name, "scheduled, worker killed", CROSSING.text, nowMs + AHEAD_MS.crossing),
    };
    const thread = value.crossing.expected?.tweets.length ?? 0;
    const span = `${AHEAD_MS.postcard / 1000} to ${AHEAD_MS.crossing / 1000} s ahead`;
    return { value, says: `4 posts, ${span}; one of them is a thread of ${thread}` };
  });
  await scene.step("Edit", async () => {
    const post = await editScheduledPost(app, parts.correction.postId, { text: CORRECTION.after });
    parts.correction.expected = expectedOf(CORRECTION.name, CORRECTION.after, post, parts.correction.scheduledFor);
    return { value: null, says: `“${CORRECTION.name}” gets other words; its time stays` };
  });
  await scene.step("Cancel", async () => {
    await cancelPost(app, parts.regret.postId);
    parts.regret.expected = null;
    return { value: null, says: `“${REGRET.name}” is a draft again` };
  });
  return parts;
}

// --- internal ---

async function add({ app }: Scene, name: string, how: string, text: string, atMs: number): Promise<Part> {
  const { post: draft } = await createPost(app, { text });
  await approvePost(app.hub, draft.root.id, { contentVersion: draft.root.contentVersion });
  const at = new Date(atMs);
  const post = await schedulePost(app, draft.root.id, { at, timezone: app.hubEnv.timezone });
  return { name, how, postId: post.root.id, expected: expectedOf(name, text, post, at), scheduledFor: at };
}
