/** A worker whose embedded hub is stopped or killed under it, and `psn hub stop` while workers run. */
import { afterAll, expect, test } from "bun:test";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { statusEmbedded, stopEmbedded } from "../../src/core/db/embedded/index.ts";
import { embeddedPlace, eventually, type Place } from "./place.ts";

const places: Place[] = [];
afterAll(async () => {
  for (const there of places) {
    await there.close();
    await stopEmbedded({ dataDir: hubOf(there) });
  }
});

const hubOf = (there: Place) => join(String(there.env.PSN_DATA_DIR), "hub");
const PATIENCE_MS = 60_000;

async function opened(): Promise<Place> {
  const there = await embeddedPlace();
  places.push(there);
  return there;
}

const stop = (there: Place, ...args: string[]) => there.home.psn(["hub", "stop", ...args], { env: there.env });
const revivals = (log: string) => log.split("it was started again").length - 1;

test.concurrent(
  "psn hub stop under a worker is refused; with --force the worker brings the hub back and publishes what fell due",
  async () => {
    const there = await opened();
    const worker = there.worker();
    await worker.ready();
    const refused = await stop(there);
    expect(refused.code).toBe(1);
    expect(refused.json).toMatchObject({ error: { code: "HUB_IN_USE", details: { workers: 1 } } });
    expect((refused.json as { error: { hint: string } }).error.hint).toContain("psn worker uninstall");
    expect((await statusEmbedded({ dataDir: hubOf(there) })).running).toBe(true);

    const { id } = await there.scheduled(3_000, "due while the hub was stopped");
    expect((await stop(there, "--force")).json).toEqual({ stopped: true, workers: 1 });
    await there.until(id, "published", 25_000);
    expect(there.onX()).toEqual(["due while the hub was stopped"]);
    expect(revivals(worker.log())).toBe(1);

    process.kill(worker.pid, "SIGTERM");
    expect(await worker.exited, worker.log()).toBe(0);
    expect((await stop(there)).json).toEqual({ stopped: true, workers: 0 });
  },
  PATIENCE_MS,
);

test.concurrent(
  "kill -9 of Postgres in mid-thread: the worker starts it again, and every tweet is there once",
  async () => {
    const there = await opened();
    const worker = there.worker();
    await worker.ready();
    const match = { path: "/2/tweets", method: "POST", bodyIncludes: "vanished 2" };
    there.home.sandbox.sandbox.addFault({ kind: "delay", ms: 700, when: "after", match, times: 1 });
    const { id } = await there.scheduled(600, "vanished 1", "vanished 2", "vanished 3");
    await eventually(
      () => there.onX().includes("vanished 2"),
      () => "the second tweet was never sent",
    );
    const { pid } = await statusEmbedded({ dataDir: hubOf(there) });
    process.kill(pid ?? 0, "SIGKILL");
    await eventually(
      () => revivals(worker.log()) === 1,
      () => `the hub was not brought back: ${worker.log()}`,
      20_000,
    );
    await there.until(id, "published", 30_000);
    expect(there.onX()).toEqual(["vanished 1", "vanished 2", "vanished 3"]);
    // What went wrong meanwhile is told once each, not twice a second.
    expect(worker.log().split("\n").length).toBeLessThan(20);
  },
  PATIENCE_MS,
);

test.concurrent(
  "a hub whose folder was taken away is not replaced by an empty one; put back, it goes on",
  async () => {
    const there = await opened();
    const worker = there.worker();
    await worker.ready();
    const hub = hubOf(there);
    const { id } = await there.scheduled(2_000, "kept");
    const { dataDir } = await statusEmbedded({ dataDir: hub });
    await stopEmbedded({ dataDir: hub });
    await rename(dataDir, `${dataDir}.away`);
    await eventually(
      () => worker.log().includes("is not there any more"),
      () => `nothing was said: ${worker.log()}`,
      15_000,
    );
    expect((await statusEmbedded({ dataDir: hub })).exists).toBe(false);
    await rename(`${dataDir}.away`, dataDir);
    await there.until(id, "published", 30_000);
  },
  PATIENCE_MS,
);
