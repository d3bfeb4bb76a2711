/** A worker whose embedded hub is stopped or killed under it, and `psn hub stop` while workers run. */
import { afterAll, expect, test } from "bun:test";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { statusEmbedded, stopEmbedded } from "../../src/core/db/embedded/index.ts";
import { eventually, PATIENCE_MS } from "./posts.ts";
import { frozen, openEmbeddedStage, type WorkerStage } from "./worker-stage.ts";

const stages: WorkerStage[] = [];
afterAll(async () => {
  for (const stage of stages) {
    await stage.close();
    await stopEmbedded({ dataDir: hubOf(stage) });
  }
});

const hubOf = (stage: WorkerStage) => join(String(stage.env.PSN_DATA_DIR), "hub");
/** For a test, several waits. */
const TEST_MS_MAX = 3 * PATIENCE_MS;

async function opened(): Promise<WorkerStage> {
  const stage = await openEmbeddedStage();
  stages.push(stage);
  return stage;
}

const stop = (stage: WorkerStage, ...args: string[]) =>
  stage.home.psnProcess(["hub", "stop", ...args], { env: stage.env });
const revivals = (log: string) => log.split("it was started again").length - 1;

test.concurrent(
  "psn hub stop under a worker is refused; with --force the worker brings the hub back and publishes what fell due",
  async () => {
    const stage = await opened();
    const worker = stage.worker();
    await worker.ready();
    const refused = await stop(stage);
    expect(refused.code).toBe(3);
    expect(refused.json).toMatchObject({ error: { code: "HUB_IN_USE", details: { workers: 1 } } });
    expect((refused.json as { error: { hint: string } }).error.hint).toContain("psn worker uninstall");
    expect((await statusEmbedded({ dataDir: hubOf(stage) })).running).toBe(true);

    const id = await frozen(worker, async () => {
      const due = await stage.dueIn(200, "due while the hub was stopped");
      expect((await stop(stage, "--force")).json).toEqual({ outcome: "ok", stopped: true, workers: 1 });
      return due;
    });
    await stage.until(id, "published");
    expect(stage.onX()).toEqual(["due while the hub was stopped"]);
    // The server answers a moment before the worker says that it is back.
    await eventually(
      () => revivals(worker.log()) > 0,
      () => `the worker did not bring the hub back: ${worker.log()}`,
    );

    process.kill(worker.pid, "SIGTERM");
    expect(await worker.exited, worker.log()).toBe(0);
    expect(revivals(worker.log())).toBe(1);
    expect((await stop(stage)).json).toEqual({ outcome: "ok", stopped: true, workers: 0 });
  },
  TEST_MS_MAX,
);

test.concurrent(
  "kill -9 of Postgres in mid-thread: the worker starts it again, and every tweet is there once",
  async () => {
    const stage = await opened();
    const worker = stage.worker();
    await worker.ready();
    stage.answerLate("vanished 2", 3_000);
    const id = await stage.due("vanished 1", "vanished 2", "vanished 3");
    await stage.sent("vanished 2");
    const { pid } = await statusEmbedded({ dataDir: hubOf(stage) });
    process.kill(pid ?? 0, "SIGKILL");
    await eventually(
      () => revivals(worker.log()) === 1,
      () => `the hub was not brought back: ${worker.log()}`,
    );
    await stage.until(id, "published");
    expect(stage.onX()).toEqual(["vanished 1", "vanished 2", "vanished 3"]);
    // What went wrong meanwhile is told once each, not twice a second.
    expect(worker.log().split("\n").length).toBeLessThan(20);
  },
  TEST_MS_MAX,
);

test.concurrent(
  "a hub whose folder was taken away is not replaced by an empty one; put back, it goes on",
  async () => {
    const stage = await opened();
    const worker = stage.worker();
    await worker.ready();
    const hub = hubOf(stage);
    const { dataDir } = await statusEmbedded({ dataDir: hub });
    const id = await frozen(worker, async () => {
      const due = await stage.dueIn(200, "kept");
      await stopEmbedded({ dataDir: hub });
      await rename(dataDir, `${dataDir}.away`);
      return due;
    });
    await eventually(
      () => worker.log().includes("is not there any more"),
      () => `nothing was said: ${worker.log()}`,
    );
    expect((await statusEmbedded({ dataDir: hub })).exists).toBe(false);
    await rename(`${dataDir}.away`, dataDir);
    await stage.until(id, "published");
  },
  TEST_MS_MAX,
);

test.concurrent(
  "scenario 69: a hub that goes on with its open connections and takes no new ones is restarted by the worker",
  async () => {
    const stage = await opened();
    const worker = stage.worker();
    await worker.ready();
    const { dataDir, pid } = await statusEmbedded({ dataDir: hubOf(stage) });
    const folder = join(dataDir, "postgres", "pg_dynshmem");
    for (const name of await readdir(folder)) await rm(join(folder, name));
    await eventually(
      () => revivals(worker.log()) >= 1,
      () => `the hub was not restarted: ${worker.log()}`,
    );
    expect((await statusEmbedded({ dataDir: hubOf(stage) })).pid).not.toBe(pid);
    const id = await stage.due("after the sweep");
    await stage.until(id, "published");
    expect(stage.onX()).toEqual(["after the sweep"]);
    // Nobody reads SQL.
    expect(worker.log()).not.toContain("select ");
  },
  TEST_MS_MAX,
);
