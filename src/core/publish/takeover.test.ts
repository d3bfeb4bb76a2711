/** Workers that die, freeze, sleep or come second: one publishes, and each tweet exists once. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { openStage, type Stage } from "../../testing/stage.ts";
import { until } from "../../testing/wait.ts";
import type { Platform } from "../platform.ts";
import { takeNow } from "../posts/write.ts";
import type { PublishDeps } from "./deps.ts";
import { publishNow } from "./publish.ts";
import { sweep } from "./watchdog.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => stage.clean());

/** X takes a tweet at once, and its answer comes when the test lets it. */
function answeredLate(): { platform: Platform; release(): void } {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const real = stage.platform();
  const platform: Platform = {
    ...real,
    async createPost(...given) {
      const answer = await real.createPost(...given);
      await gate;
      return answer;
    },
  };
  return { platform, release: () => release() };
}

/** A worker that dies, never to come back, at one point of its dealings with X. */
function dyingAt(point: "before the send" | "after the send"): PublishDeps {
  const real = stage.platform();
  const never = new Promise<never>(() => {});
  const platform: Platform = {
    ...real,
    async createPost(...given) {
      if (point === "after the send") await real.createPost(...given);
      return await never;
    },
  };
  // Its heartbeat dies with it.
  return stage.deps({ platform, clock: { now: stage.clock.now, sleep: () => never } });
}

for (const point of ["before the send", "after the send"] as const) {
  test(`scenario 1: a worker dies right ${point}: another takes over, looks, and the tweet exists once`, async () => {
    const postId = await stage.due([`It died ${point}`, "And the rest"]);
    void stage.run(postId, dyingAt(point));
    await until(async () => (await stage.life(postId)).outcomes.length === 1);
    await until(() => point === "before the send" || stage.onX().length === 1);
    expect((await stage.run(postId)).kind).toBe("not_ours");
    await stage.pass(11_000);
    const found = await sweep(stage.hub, stage.deps().engine, { onlyAbandoned: true });
    expect(found.abandoned).toBe(1);
    const { root } = await stage.untilDone(postId);
    expect(root.status).toBe("published");
    const onX = stage.onX();
    expect(onX.map(({ text }) => text)).toEqual([`It died ${point}`, "And the rest"]);
    expect(onX[1]?.replyToId).toBe(onX[0]?.id ?? "");
    const { outcomes, kinds } = await stage.life(postId);
    expect(outcomes[0]).toBe(point === "before the send" ? "absent" : "adopted");
    expect(kinds).toContain("taken_over");
  });
}

test("scenario 9: stuck in publishing with no live lease: found by the watchdog, confirmed at X, and in its history", async () => {
  const postId = await stage.due(["Stuck at first"]);
  void stage.run(postId, dyingAt("after the send"));
  await until(() => stage.onX().length === 1);
  // While the lease lives nobody else touches it; nor is anything hidden.
  expect((await sweep(stage.hub, stage.deps().engine)).abandoned).toBe(0);
  expect((await stage.post(postId)).root.status).toBe("publishing");
  await stage.pass(11_000);
  expect((await sweep(stage.hub, stage.deps().engine)).abandoned).toBe(1);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
  expect(stage.sends()).toBe(1);
  const { kinds, notes } = await stage.life(postId);
  expect(kinds).toEqual(expect.arrayContaining(["taken_over", "tweet_adopted", "published"]));
  expect(notes).toContain("The worker before went silent; another one took over.");
  expect(notes).toContain("Tweet 1/1 was found on X; it is not sent again.");
});

test("a zombie whose lease is gone records its success, and starts no send", async () => {
  const postId = await stage.due(["From the grave", "Not by the zombie"]);
  const { platform, release } = answeredLate();
  const asleep = { now: stage.clock.now, sleep: () => new Promise<void>(() => {}) };
  const zombie = stage.run(postId, stage.deps({ platform, clock: asleep }));
  await until(() => stage.onX().length === 1);
  await stage.pass(11_000);
  stage.x.sandbox.addFault({ kind: "timeline_down", times: 1 });
  expect(await stage.run(postId)).toMatchObject({ kind: "deferred", subStatus: "confirming" });
  release();
  expect((await zombie).kind).toBe("not_ours");
  const { root } = await stage.post(postId);
  expect(root).toMatchObject({ status: "retry", subStatus: "confirming" });
  expect(root.platformPostIds).toHaveLength(1);
  expect(stage.sends()).toBe(1);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
  expect(stage.sends()).toBe(2);
});

test("a zombie's success on the last tweet makes a waiting post published at once", async () => {
  const postId = await stage.due(["The only one"]);
  const { platform, release } = answeredLate();
  const zombie = stage.run(postId, stage.deps({ platform }));
  await until(() => stage.onX().length === 1);
  await stage.hub.pool.query("update psn.posts set lease_expires_at = psn.now() - interval '1 second' where id = $1", [
    postId,
  ]);
  stage.x.sandbox.addFault({ kind: "timeline_down", times: 1 });
  await stage.run(postId);
  release();
  await zombie;
  expect((await stage.post(postId)).root.status).toBe("published");
  expect((await stage.run(postId)).kind).toBe("not_ours");
});

test("a machine that slept between the record and the send does not send", async () => {
  const postId = await stage.due(["Lid closed"]);
  let jumpMs = 0;
  const clock = { now: () => new Date(stage.clock.now().getTime() + jumpMs), sleep: stage.clock.sleep };
  const { pool } = stage.hub;
  // Right after the attempt is committed the wall clock has moved by an hour.
  const hub = {
    ...stage.hub,
    pool: new Proxy(pool, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (name !== "query") return typeof value === "function" ? value.bind(target) : value;
        return async (...given: Parameters<typeof pool.query>) => {
          const answer = await pool.query(...given);
          if ((await stage.life(postId)).outcomes.length > 0) jumpMs = 3_600_000;
          return answer;
        };
      },
    }),
  };
  expect(await stage.run(postId, stage.deps({ hub, clock }))).toMatchObject({
    kind: "deferred",
    subStatus: "unreachable",
  });
  expect(stage.sends()).toBe(0);
  expect((await stage.life(postId)).outcomes).toEqual(["not_sent"]);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
});

test("two workers and one run that is due: one publishes, the other has nothing to do", async () => {
  const postId = await stage.due(["Two hands"]);
  const results = await Promise.all(Array.from({ length: 6 }, () => stage.run(postId)));
  expect(results.map(({ kind }) => kind).sort()).toEqual([...Array(5).fill("not_ours"), "published"]);
  expect(stage.sends()).toBe(1);
});

test("post now: a lease that was lost before its run began sends nothing", async () => {
  const postId = await stage.due(["Taken, then slept"]);
  const lease = await takeNow(stage.hub, stage.deps().engine, postId, "slow to begin");
  await stage.pass(11_000);
  expect((await stage.run(postId)).kind).toBe("published");
  expect(await publishNow(stage.deps(), lease)).toEqual({ kind: "not_ours", postId });
  expect(stage.sends()).toBe(1);
});

test("post now: waits by the hub's clock, so a machine that is ahead of it goes on all the same", async () => {
  const postId = await stage.due(["Five seconds ahead"]);
  stage.x.sandbox.addFault({ kind: "rate_limited", resetSecs: 20, match: { method: "POST", path: "/2/tweets" } });
  const clock = {
    now: () => new Date(stage.clock.now().getTime() + 5_000),
    // The heartbeat sleeps in short steps, and the wait is the long one.
    sleep: async (ms: number, signal?: AbortSignal) =>
      ms > 1_000 ? await stage.pass(ms) : await stage.clock.sleep(ms, signal),
  };
  const lease = await takeNow(stage.hub, stage.deps().engine, postId, "ahead");
  expect(await publishNow(stage.deps({ clock, workerId: "ahead" }), lease)).toMatchObject({ kind: "published" });
});
