/** What was missed while no worker ran, on real workers: two of them, started over a hub full of late posts. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { loadPost } from "../../src/core/posts/read.ts";
import { startWorker, type Worker, type WorkerNews } from "../../src/engines/worker.ts";
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

test("a hub that goes away while a worker asks for its first job: it asks anew, and publishes", async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  const deps = await stage.app.publishDeps();
  const { pool } = deps.hub;
  let breaks = 1;
  const connect: typeof pool.connect = pool.connect.bind(pool);
  const fragile = async () => {
    const client = await connect();
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      const { text = "" } = (args[0] ?? {}) as { text?: string };
      if (!text.includes("_private_tasks") || breaks-- <= 0) return query(...args);
      return Promise.reject(new Error("Connection terminated unexpectedly"));
    }) as typeof client.query;
    return client;
  };
  Object.assign(pool, { connect: (...args: []) => (args.length > 0 ? connect(...args) : fragile()) });
  const said: string[] = [];
  const onNews = (news: WorkerNews) => void (news.kind === "error" && said.push(news.what));
  workers.push(await startWorker({ ...deps, workerId: "three:0:0" }, { onNews }));
  Object.assign(pool, { connect });
  const id = await stage.due("after the first job was asked for in vain");
  await stage.until(id, "published");
  expect(said).toContain("jobs");
}, 300_000);
