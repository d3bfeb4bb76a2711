/**
 * The main job, end to end: a text becomes a thread, posts go out at their time, one is edited, one cancelled, a worker is
 * killed in mid-thread and another one finishes. Then X is read back and compared with what was approved.
 */
import type { DemoAnswer } from "./answer.ts";
import { publishText } from "./publish.ts";
import { readBack } from "./read-back.ts";
import type { Scene } from "./scene.ts";
import { schedulePosts } from "./schedule.ts";
import { signIn } from "./stage.ts";
import { killAndTakeOver } from "./take-over.ts";

/** All steps, and the answer. `startedMs` is when the demo began, on the clock of `performance`. */
export async function play(scene: Scene, startedMs: number): Promise<DemoAnswer> {
  const { source, x, narrator } = scene;
  const version = await scene.step("Hub", async () => {
    const value = await scene.openHub();
    return { value, says: `PostgreSQL ${value}, in a throwaway folder` };
  });
  narrator.line("Sandbox", `a local X: ${x.url}/`);
  const account = await scene.step("Sign-in", async () => {
    const value = await signIn(scene.app);
    return { value, says: `@${value}, by OAuth 2.0 with PKCE; the sandbox consented` };
  });
  const text = await publishText(scene);
  await scene.step("Worker", async () => {
    const { pid } = await scene.startWorker();
    return { value: null, says: `process ${pid} waits for what falls due` };
  });
  const { postcard, regret, correction, crossing } = await schedulePosts(scene);
  await scene.step("On time", async () => {
    for (const { postId } of [postcard, correction]) await scene.untilPublished(postId);
    return { value: null, says: `the worker published “${postcard.name}” and “${correction.name}”` };
  });
  const kill = await killAndTakeOver(scene, crossing.postId);
  const { comparison, posts } = await readBack(scene, [text, postcard, correction, regret, crossing]);
  return {
    held: comparison.held,
    durationMs: Math.round(performance.now() - startedMs),
    source: { file: source.file, characters: Array.from(source.text).length },
    preview: source.preview,
    account,
    hub: { version },
    sandbox: { url: x.url },
    steps: narrator.steps,
    posts,
    kill,
    comparison,
  };
}
