/** What was missed while no worker ran, on real workers: two of them, started over a hub full of late posts. */
import { afterAll, expect, test } from "bun:test";
import { loadPost } from "../../src/core/posts/read.ts";
import { startWorker, type Worker } from "../../src/engines/worker.ts";
import { type Bench, openBench } from "./kit.ts";

const GAP_MS = 1_500;

let bench: Bench | undefined;
const workers: Worker[] = [];
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await bench?.close();
});

test("scenario 20: two workers start over five posts missed by hours: one at a time, in order, each once; the punctual one is punctual", async () => {
  const there = await openBench("embedded", { working: false });
  bench = there;
  const { hub } = there.app;
  const ids: string[] = [];
  for (const part of [1, 2, 3, 4, 5]) ids.push((await there.scheduled(60_000 + part * 1_000, `missed ${part}`)).id);
  const past = "interval '2 hours'";
  await hub.pool.query(
    `update psn.posts set scheduled_at = scheduled_at - ${past}, due_at = due_at - ${past} where id = any($1)`,
    [ids],
  );
  await hub.pool.query(`update graphile_worker._private_jobs set run_at = run_at - ${past}`);
  const deps = { ...(await there.app.publishDeps()), catchUpMs: GAP_MS };
  const waits: string[] = [];
  const onNews: Parameters<typeof startWorker>[1] = {
    onNews: (news) => {
      if (news.kind === "result" && news.result.kind === "deferred") waits.push(news.result.note);
    },
  };
  workers.push(
    ...(await Promise.all(["one", "two"].map((name) => startWorker({ ...deps, workerId: `${name}:0:0` }, onNews)))),
  );
  const punctual = await there.scheduled(2_000, "punctual");
  for (const id of [...ids, punctual.id]) await there.until(id, "published", 20_000);

  const at = async (id: string) => (await loadPost(hub.db, id)).root.publishedAt?.getTime() ?? 0;
  const times: number[] = [];
  for (const id of ids) times.push(await at(id));
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  for (const gap of gaps) expect(gap).toBeGreaterThan(GAP_MS * 0.8);
  expect(there.onX().filter((text) => text !== "punctual")).toEqual(ids.map((_, index) => `missed ${index + 1}`));
  expect((await at(punctual.id)) - punctual.at.getTime()).toBeLessThan(1_000);
  // Told in words to whoever watches the worker; each was put off at least once.
  expect(waits.length).toBeGreaterThanOrEqual(4);
  expect(waits[0]).toMatch(/^It was missed by \d+ minutes while nothing was running; it follows the one before by/);
}, 40_000);
