/** The worker as a process of its own: at its time, two of them, killed, stopped, paused, and with the hub restarting. */
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { startEmbedded, stopEmbedded } from "../../src/core/db/embedded/index.ts";
import { eventually, PATIENCE_MS } from "./posts.ts";
import { frozen, openEmbeddedStage, openWorkerStage, type WorkerStage } from "./worker-stage.ts";

const stages: Promise<WorkerStage>[] = [];
/** Each test has a hub of its own, so they run side by side. */
const onStage =
  (act: (stage: WorkerStage) => Promise<void>, open = openWorkerStage) =>
  async () => {
    const opened = open();
    stages.push(opened);
    await act(await opened);
  };
afterAll(async () => {
  for (const opened of stages) await (await opened).close();
});

const HOUR_MS = 3_600_000;
/** For a test, several such waits. */
const TEST_MS_MAX = 3 * PATIENCE_MS;

test.concurrent(
  "posts go out at their time: not before it, and by the alarm, not by the poll",
  onStage(async (stage) => {
    const worker = stage.worker();
    await worker.ready();
    for (let index = 0; index < 3; index++) {
      const id = await stage.dueIn(600, `on time ${index}`);
      const at = (await stage.root(id)).scheduledAt?.getTime() ?? 0;
      await stage.until(id, "published");
      expect((await stage.root(id)).publishedAt?.getTime()).toBeGreaterThanOrEqual(at);
    }
    // How late it is depends on the machine; bench/schedule measures it.
    expect(stage.onX()).toEqual(["on time 0", "on time 1", "on time 2"]);
  }),
  TEST_MS_MAX,
);

test.concurrent(
  "a second worker is refused unless asked for; with --also two work side by side and each post goes out once",
  onStage(async (stage) => {
    await stage.worker().ready();
    const refused = stage.worker();
    expect(await refused.exited).toBe(3);
    expect(refused.log()).toContain("WORKER_RUNNING");
    await stage.worker("--also").ready();
    const ids: string[] = [];
    for (let index = 0; index < 20; index++) ids.push((await stage.scheduled(HOUR_MS, `shared ${index}`)).id);
    await Promise.all(ids.map((id) => stage.timeComes(id)));
    for (const id of ids) await stage.until(id, "published");
    expect(stage.onX().toSorted()).toEqual(ids.map((_, index) => `shared ${index}`).toSorted());
  }),
  TEST_MS_MAX,
);

test.concurrent(
  "scenario 1: kill -9 in mid-thread; another worker takes over within 15 seconds, nothing is doubled",
  onStage(async (stage) => {
    const first = stage.worker();
    await first.ready();
    await stage.worker("--also").ready();
    // X has the second tweet, but its answer is not home when the worker dies.
    stage.answerLate("killed 2", 2 * PATIENCE_MS);
    const id = await stage.due("killed 1", "killed 2", "killed 3");
    await stage.sent("killed 2");
    const holder = Number((await stage.root(id)).leaseOwner?.split(":")[1]);
    process.kill(holder, "SIGKILL");
    // The other worker may take over when the lease ends, which is within 15 seconds by the hub's clock.
    const { leaseExpiresAt } = await stage.root(id);
    const hubNow = (await stage.app.hub.pool.query("select now() as now")).rows[0].now as Date;
    expect((leaseExpiresAt?.getTime() ?? 0) - hubNow.getTime()).toBeLessThanOrEqual(15_000);
    await stage.until(id, "published");
    const { rows } = await stage.app.hub.pool.query(
      "select count(*)::int as takeovers from psn.post_events where post_id = $1 and kind = 'taken_over'",
      [id],
    );
    expect(rows[0].takeovers).toBeGreaterThan(0);
    expect(stage.onX()).toEqual(["killed 1", "killed 2", "killed 3"]);
  }),
  TEST_MS_MAX,
);

test.concurrent(
  "Ctrl-C in mid-thread: the tweet in flight is finished, the post released, and the next worker goes on",
  onStage(async (stage) => {
    stage.answerLate("stopped 2", 3_000);
    const first = stage.worker();
    await first.ready();
    const id = await stage.due("stopped 1", "stopped 2", "stopped 3");
    await stage.sent("stopped 2");
    process.kill(first.pid, "SIGINT");
    expect(await first.exited, first.log()).toBe(0);
    const released = await stage.root(id);
    expect([released.status, released.subStatus, released.platformPostIds.length]).toEqual([
      "retry",
      "thread_partial",
      2,
    ]);
    expect(stage.onX()).toEqual(["stopped 1", "stopped 2"]);
    await stage.worker().ready();
    await stage.until(id, "published");
    expect(stage.onX()).toEqual(["stopped 1", "stopped 2", "stopped 3"]);
  }),
  TEST_MS_MAX,
);

test.concurrent(
  "Ctrl-C twice does not wait",
  onStage(async (stage) => {
    // Far longer than the test: a worker that waited for the answer would not end in it.
    stage.answerLate("slow", 600_000);
    const worker = stage.worker();
    await worker.ready();
    await stage.due("slow");
    await stage.sent("slow");
    process.kill(worker.pid, "SIGINT");
    // The first one is taken in before the second comes; two that are pending at once count as one.
    await Bun.sleep(300);
    process.kill(worker.pid, "SIGINT");
    expect(await worker.exited).toBe(130);
  }),
  TEST_MS_MAX,
);

test.concurrent(
  "scenario 20: a laptop that slept: what is hours late waits for its author, the rest goes out once",
  onStage(async (stage) => {
    const worker = stage.worker();
    await worker.ready();
    process.kill(worker.pid, "SIGSTOP");
    const late = await stage.scheduled(HOUR_MS, "nine hours late");
    const little = await stage.scheduled(HOUR_MS, "a little late");
    await stage.timeComes(late.id, 9 * 3_600);
    await stage.timeComes(little.id, 3_600);
    process.kill(worker.pid, "SIGCONT");
    await stage.until(little.id, "published");
    await stage.until(late.id, "failed");
    expect((await stage.root(late.id)).failCode).toBe("MISSED_ITS_TIME");
    expect(stage.onX()).toEqual(["a little late"]);
  }),
  TEST_MS_MAX,
);

test.concurrent(
  "the hub restarts under a running worker: it goes on by itself, with what was due meanwhile too",
  onStage(async (stage) => {
    const dataDir = join(String(stage.env.PSN_DATA_DIR), "hub");
    const worker = stage.worker();
    await worker.ready();
    const before = await stage.due("before the restart");
    await stage.until(before, "published");
    const after = await stage.scheduled(HOUR_MS, "after the restart");
    const during = await frozen(worker, async () => {
      const due = await stage.dueIn(100, "due while the hub was away");
      await stopEmbedded({ dataDir });
      await startEmbedded({ dataDir });
      return due;
    });
    await stage.until(during, "published");
    await stage.timeComes(after.id);
    await stage.until(after.id, "published");
    expect(stage.onX()).toEqual(["before the restart", "due while the hub was away", "after the restart"]);
    // The lock that says "a worker is alive" is taken again.
    await eventually(
      async () => JSON.parse((await stage.home.psn(["worker", "status"], { env: stage.env })).stdout).workers === 1,
      () => "the worker is not seen any more",
    );
    process.kill(worker.pid, "SIGTERM");
    expect(await worker.exited, worker.log()).toBe(0);
    await stopEmbedded({ dataDir });
  }, openEmbeddedStage),
  TEST_MS_MAX,
);
