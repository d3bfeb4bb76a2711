/** What was missed while no worker ran, on real workers: two of them, started over a hub full of late posts. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { loadPost } from "../../src/core/posts/read.ts";
import { startWorker, type Worker } from "../../src/engines/worker.ts";
import { type EngineStage, openEngineStage } from "./stage.ts";

const GAP_MS = 1_500;

let stage: EngineStage;
const workers: Worker[] = [];
beforeAll(async () => {
  stage = await openEngineStage("embedded", { isWorking: false });
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await stage.close();
});

test("scenario 20: two workers start over five posts missed by hours: one at a time, in order, each once; the punctual one is punctual", async () => {
  const { hub } = stage.app;
  const ids: string[] = [];
  for (const part of [1, 2, 3, 4, 5]) {
    const { id } = await stage.scheduled(3_600_000, `missed ${part}`);
    await stage.timeComes(id, 2 * 3_600 - part);
    ids.push(id);
  }
  const deps = { ...(await stage.app.publishDeps()), catchUpMs: GAP_MS };
  const waits: string[] = [];
  const onNews: Parameters<typeof startWorker>[1] = {
    onNews: (news) => {
      if (news.kind === "result" && news.result.kind === "deferred") waits.push(news.result.note);
    },
  };
  workers.push(
    ...(await Promise.all(["one", "two"].map((name) => startWorker({ ...deps, workerId: `${name}:0:0` }, onNews)))),
  );
  const punctual = await stage.due("punctual");
  for (const id of [...ids, punctual]) await stage.until(id, "published");

  const at = async (id: string) => (await loadPost(hub.db, id)).root.publishedAt?.getTime() ?? 0;
  const times: number[] = [];
  for (const id of ids) times.push(await at(id));
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  for (const gap of gaps) expect(gap).toBeGreaterThan(GAP_MS * 0.8);
  expect(stage.onX().filter((text) => text !== "punctual")).toEqual(ids.map((_, index) => `missed ${index + 1}`));
  // It does not queue behind the missed ones.
  expect(await at(punctual)).toBeLessThan(times.at(-1) ?? 0);
  // The worker says so in words; each was deferred at least once.
  expect(waits.length).toBeGreaterThanOrEqual(4);
  expect(waits[0]).toMatch(/^It was missed by 2 hours while nothing was running; it follows the one before by/);
}, 300_000);
