/** Four posts for later: one as it is, one edited, one cancelled, and the thread whose worker is killed. */
import { cancelPost, createPost, editScheduledPost, schedulePost } from "../cli/post.ts";
import { approvePost } from "../core/posts/write.ts";
import { expectedOf, type Part } from "./part.ts";
import type { Scene } from "./scene.ts";
import { CORRECTION, CROSSING, HELD_WORDS, POSTCARD, REGRET } from "./texts.ts";

/** Longer than the demo: the killed worker's answer never comes. */
const ANSWER_HELD_MS = 600_000;
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
    const postcard = await draft(scene, POSTCARD.text);
    const regret = await draft(scene, REGRET.text);
    const correction = await draft(scene, CORRECTION.before);
    const crossing = await draft(scene, CROSSING.text);
    // Times count from here, so that a slow machine does not use them up before.
    const nowMs = Date.now();
    const at = (name: keyof typeof AHEAD_MS) => new Date(nowMs + AHEAD_MS[name]);
    const value: Scheduled = {
      correction: await schedule(scene, correction, at("correction"), CORRECTION.name, "scheduled, edited"),
      regret: await schedule(scene, regret, at("regret"), REGRET.name, "scheduled, cancelled"),
      postcard: await schedule(scene, postcard, at("postcard"), POSTCARD.name, "scheduled"),
      crossing: await schedule(scene, crossing, at("crossing"), CROSSING.name, "scheduled, worker killed"),
    };
    const thread = value.crossing.expected?.tweets.length ?? 0;
    const span = `${AHEAD_MS.postcard / 1000} to ${AHEAD_MS.crossing / 1000} s ahead`;
    return { value, says: `4 posts, ${span}; one of them is a thread of ${thread}` };
  });
  await scene.step("Edit", async () => {
    const post = await editScheduledPost(app, parts.correction.postId, { text: CORRECTION.after }, { approve: true });
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

interface Draft {
  id: string;
  text: string;
}

async function draft({ app }: Scene, text: string): Promise<Draft> {
  const { post } = await createPost(app, { text });
  await approvePost(app.hub, post.root.id, { contentVersion: post.root.contentVersion });
  return { id: post.root.id, text };
}

async function schedule({ app }: Scene, { id, text }: Draft, at: Date, name: string, how: string): Promise<Part> {
  const post = await schedulePost(app, id, { at, timezone: app.hubEnv.timezone });
  return { name, how, postId: id, expected: expectedOf(name, text, post, at), scheduledFor: at };
}
