/** The worker is killed while a tweet's answer is on its way, and another one finishes the thread. */
import { historyOf, loadPost } from "../core/posts/read.ts";
import { countWorkers } from "../engines/presence.ts";
import type { DemoAnswer } from "./answer.ts";
import type { Scene } from "./scene.ts";
import { postsOnX } from "./seen.ts";
import { HANDLE, until } from "./stage.ts";
import { HELD_WORDS } from "./texts.ts";

/** The hub notices a dead worker by its closed connection. */
const NOTICED_MS_MAX = 5_000;

/** Waits until X has the tweet whose answer it keeps back, kills the worker that waits for it, and starts another. */
export async function killAndTakeOver(scene: Scene, postId: string): Promise<DemoAnswer["kill"]> {
  const workerPid = scene.worker.pid;
  const killed = await scene.step("Kill", async () => {
    await until({ ...scene.wait, what: "the tweet whose answer is kept back" }, async () => {
      return postsOnX(scene.x, HANDLE).find(({ text }) => text.includes(HELD_WORDS)) ?? null;
    });
    await scene.worker.kill();
    const { root, tweets } = await loadPost(scene.app.hub.db, postId);
    const position = tweets.findIndex(({ content }) => content.includes(HELD_WORDS));
    const value = { position, tweetCount: tweets.length, knownToHub: root.platformPostIds.length };
    const which = `tweet ${position + 1} of ${tweets.length}`;
    return { value, says: `SIGKILL for worker ${workerPid} while X has ${which} and its answer is on its way` };
  });
  const killedMs = performance.now();
  return await scene.step("Take over", async () => {
    await takeOver(scene, postId);
    const finishedAfterMs = Math.round(performance.now() - killedMs);
    const { position, tweetCount, knownToHub } = killed;
    const { attempts: all } = await historyOf(scene.app.hub.db, postId);
    const attempts = all.filter((attempt) => attempt.position === position);
    const outcome = attempts.at(-1)?.outcome ?? "none";
    const tweet = position + 1;
    const nextWorkerPid = scene.worker.pid;
    const found =
      outcome === "adopted" ? `found tweet ${tweet} on X, kept it` : `confirmed tweet ${tweet} (${outcome})`;
    const says = `worker ${nextWorkerPid} ${found}, and sent the last ${tweetCount - tweet}`;
    const kill = { workerPid, nextWorkerPid, tweet, tweetCount, knownToHub, outcome };
    return { value: { ...kill, attempts: attempts.length, finishedAfterMs }, says };
  });
}

// --- internal ---

async function takeOver(scene: Scene, postId: string): Promise<void> {
  // A worker that starts before the hub has noticed the death would think it is the second.
  const wait = { signal: scene.signal, timeoutMs: NOTICED_MS_MAX, what: "the hub to notice the dead worker" };
  await until(wait, async () => (await countWorkers(scene.app.hub)) === 0 || null);
  scene.narrator.waiting("a new worker starts; the dead one's lease has at most 10 s to run");
  await scene.startWorker();
  await scene.untilPublished(postId);
}
