/** The worker as a process of its own: at its time, two of them, killed, stopped, paused, and with the hub restarting. */
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { startEmbedded, stopEmbedded } from "../../src/core/db/embedded/index.ts";
import { embeddedPlace, eventually, type Place, place } from "./place.ts";

const places: Promise<Place>[] = [];
/** Each test has a hub of its own, so they run side by side. */
const inPlace =
  (act: (place: Place) => Promise<void>, open = place) =>
  async () => {
    const opened = open();
    places.push(opened);
    await act(await opened);
  };
afterAll(async () => {
  for (const opened of places) await (await opened).close();
});

const PATIENCE_MS = 40_000;

test.concurrent(
  "posts go out milliseconds after their time",
  inPlace(async (there) => {
    await there.worker().ready();
    const lateness: number[] = [];
    for (let index = 0; index < 6; index++) {
      const { id, at } = await there.scheduled(600, `on time ${index}`);
      await there.until(id, "published");
      const post = await there.root(id);
      lateness.push((post.publishedAt?.getTime() ?? 0) - at.getTime());
    }
    // The whole way to X and back on a machine that tests keep busy; the poll alone would be 2.5 s late on average.
    // What the worker itself adds is measured in bench/schedule.
    expect(lateness.toSorted((a, b) => a - b)[3]).toBeLessThan(1_000);
  }),
  PATIENCE_MS,
);

test.concurrent(
  "a second worker is refused unless asked for; with --also two work side by side and each post goes out once",
  inPlace(async (there) => {
    await there.worker().ready();
    const refused = there.worker();
    expect(await refused.exited).toBe(1);
    expect(refused.log()).toContain("WORKER_RUNNING");
    await there.worker("--also").ready();
    const posts = [];
    for (let index = 0; index < 20; index++) posts.push(await there.scheduled(1_500 - index * 20, `shared ${index}`));
    for (const { id } of posts) await there.until(id, "published", 15_000);
    expect(there.onX().toSorted()).toEqual(posts.map((_, index) => `shared ${index}`).toSorted());
  }),
  PATIENCE_MS,
);

test.concurrent(
  "scenario 1: kill -9 in mid-thread; another worker takes over within 15 seconds, nothing is doubled",
  inPlace(async (there) => {
    const first = there.worker();
    await first.ready();
    await there.worker("--also").ready();
    // X has the second tweet, but its answer is not home when the worker dies.
    const match = { path: "/2/tweets", method: "POST", bodyIncludes: "killed 2" };
    there.home.sandbox.sandbox.addFault({ kind: "delay", ms: 60_000, when: "after", match, times: 1 });
    const { id } = await there.scheduled(600, "killed 1", "killed 2", "killed 3");
    await eventually(
      () => there.onX().includes("killed 2"),
      () => "the second tweet was never sent",
    );
    const holder = Number((await there.root(id)).leaseOwner?.split(":")[1]);
    process.kill(holder, "SIGKILL");
    const killedAt = Date.now();
    await there.until(id, "published", 30_000);
    const { rows } = await there.app.hub.pool.query(
      "select at from psn.post_events where post_id = $1 and kind = 'taken_over'",
      [id],
    );
    expect(rows[0].at.getTime() - killedAt).toBeLessThan(15_000);
    expect(there.onX()).toEqual(["killed 1", "killed 2", "killed 3"]);
  }),
  PATIENCE_MS,
);

test.concurrent(
  "Ctrl-C in mid-thread: the tweet under way is finished, the rest handed back, and the next worker goes on",
  inPlace(async (there) => {
    const match = { path: "/2/tweets", method: "POST", bodyIncludes: "stopped 2" };
    there.home.sandbox.sandbox.addFault({ kind: "delay", ms: 900, when: "after", match, times: 1 });
    const first = there.worker();
    await first.ready();
    const { id } = await there.scheduled(600, "stopped 1", "stopped 2", "stopped 3");
    await eventually(
      () => there.onX().includes("stopped 2"),
      () => "the second tweet was never sent",
    );
    process.kill(first.pid, "SIGINT");
    expect(await first.exited, first.log()).toBe(0);
    const handed = await there.root(id);
    expect([handed.status, handed.subStatus, handed.platformPostIds.length]).toEqual(["retry", "thread_partial", 2]);
    expect(there.onX()).toEqual(["stopped 1", "stopped 2"]);
    await there.worker().ready();
    await there.until(id, "published");
    expect(there.onX()).toEqual(["stopped 1", "stopped 2", "stopped 3"]);
  }),
  PATIENCE_MS,
);

test.concurrent(
  "Ctrl-C twice does not wait",
  inPlace(async (there) => {
    const match = { path: "/2/tweets", method: "POST", bodyIncludes: "slow" };
    there.home.sandbox.sandbox.addFault({ kind: "delay", ms: 60_000, when: "after", match, times: 1 });
    const worker = there.worker();
    await worker.ready();
    await there.scheduled(600, "slow");
    await eventually(
      () => there.onX().includes("slow"),
      () => "nothing was sent",
    );
    process.kill(worker.pid, "SIGINT");
    await Bun.sleep(300);
    const asked = Date.now();
    process.kill(worker.pid, "SIGINT");
    expect(await worker.exited).toBe(130);
    expect(Date.now() - asked).toBeLessThan(1_000);
  }),
  PATIENCE_MS,
);

test.concurrent(
  "scenario 20: a laptop that slept: what is hours late waits for a word, the rest goes out once",
  inPlace(async (there) => {
    const worker = there.worker();
    await worker.ready();
    process.kill(worker.pid, "SIGSTOP");
    const late = await there.scheduled(60_000, "nine hours late");
    const little = await there.scheduled(60_000, "a little late");
    const move = (id: string, hours: number) =>
      there.app.hub.pool.query(
        `update psn.posts set scheduled_at = now() - make_interval(hours => $2), due_at = now() - make_interval(hours => $2)
         where id = $1`,
        [id, hours],
      );
    await move(late.id, 9);
    await move(little.id, 1);
    await there.app.hub.pool.query("update graphile_worker._private_jobs set run_at = now() - interval '1 hour'");
    await Bun.sleep(300);
    process.kill(worker.pid, "SIGCONT");
    await there.until(little.id, "published", 12_000);
    await there.until(late.id, "failed", 12_000);
    expect((await there.root(late.id)).failCode).toBe("MISSED_ITS_TIME");
    expect(there.onX()).toEqual(["a little late"]);
  }),
  PATIENCE_MS,
);

test.concurrent(
  "the hub restarts under a running worker: it goes on by itself, with what was due meanwhile too",
  inPlace(async (there) => {
    const dataDir = join(String(there.env.PSN_DATA_DIR), "hub");
    const worker = there.worker();
    await worker.ready();
    const before = await there.scheduled(600, "before the restart");
    await there.until(before.id, "published");
    const during = await there.scheduled(1_200, "due while the hub was away");
    const after = await there.scheduled(6_000, "after the restart");
    await stopEmbedded({ dataDir });
    await Bun.sleep(2_000);
    await startEmbedded({ dataDir });
    await there.until(during.id, "published", 20_000);
    await there.until(after.id, "published", 20_000);
    const late = ((await there.root(after.id)).publishedAt?.getTime() ?? 0) - after.at.getTime();
    expect(late).toBeLessThan(1_500);
    expect(there.onX()).toEqual(["before the restart", "due while the hub was away", "after the restart"]);
    // The lock that says "a worker is alive" is taken again.
    await eventually(
      async () => JSON.parse((await there.home.psn(["worker", "status"], { env: there.env })).stdout).workers === 1,
      () => "the worker is not seen any more",
      10_000,
    );
    process.kill(worker.pid, "SIGTERM");
    expect(await worker.exited, worker.log()).toBe(0);
    await stopEmbedded({ dataDir });
  }, embeddedPlace),
  PATIENCE_MS,
);
