/** The Trigger.dev engine where Trigger.dev, the network or our own process fails. The row is right in every case. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import type { Clock } from "../../src/core/clock.ts";
import { cancelPost, schedulePost } from "../../src/core/posts/write.ts";
import { takeLease } from "../../src/core/publish/lease/take.ts";
import { sweep } from "../../src/core/publish/watchdog.ts";
import { reconcile, triggerEngine } from "../../src/engines/trigger.ts";
import { keepWatch } from "../../src/engines/trigger-watch.ts";
import { type EngineStage, KEY, openEngineStage } from "./stage.ts";
import type { TriggerStub } from "./trigger-stub.ts";
import { manifests, runTask } from "./trigger-tasks.ts";

let stage: EngineStage;
let stub: TriggerStub;
let troubles: string[] = [];
beforeAll(async () => {
  stage = await openEngineStage("trigger", { isWorking: false });
  if (!stage.stub) throw new Error("no stub");
  stub = stage.stub;
});
afterEach(() => {
  stub.failing = null;
  stub.isForgetful = false;
  troubles = [];
});
afterAll(() => stage.close());

const engine = () => triggerEngine({ apiUrl: stub.url, secretKey: KEY, onError: (message) => troubles.push(message) });
const HOUR_MS = 3_600_000;
const row = (id: string) => stage.root(id);
const task = (id: string, payload: unknown, runId = "run_test") => runTask(id, payload, { runId, env: stage.env });
const passed = (id: string, seconds: number) => stage.timeComes(id, seconds);

test("a scheduled post has one delayed run: ISO time with Z, a key that outlives the delay, no early expiry", async () => {
  const { id, at } = await stage.scheduled(90 * 24 * HOUR_MS, "in three months");
  const [run, ...others] = stub.open(id);
  expect(others).toEqual([]);
  expect(run?.status).toBe("DELAYED");
  expect(run?.options.delay).toBe(at.toISOString());
  expect(run?.payload).toEqual({ postId: id, scheduleVersion: 1 });
  expect(Number.parseInt(String(run?.options.idempotencyKeyTTL), 10)).toBeGreaterThan(90 * 24 * 3_600);
  expect(run?.options.ttl).toBe("14d");
  expect((await row(id)).triggerRunId).toBe(run?.id ?? "");
});

test("moving a delayed run moves it; cancelling the post cancels it", async () => {
  const { id } = await stage.scheduled(HOUR_MS, "moved");
  const [first] = stub.open(id);
  const at = new Date(Date.now() + 2 * HOUR_MS);
  await schedulePost(stage.app.hub, engine(), id, { at, timezone: "UTC" });
  expect(stub.open(id).map((run) => [run.id, run.delayedUntil])).toEqual([[first?.id ?? "", at]]);
  await cancelPost(stage.app.hub, engine(), id);
  expect(stub.open(id)).toEqual([]);
});

test("between its due time and its start a run cannot be moved: it is cancelled and another one started", async () => {
  const id = await stage.due("queued");
  const [old] = stub.open(id);
  expect(old?.status).toBe("QUEUED");
  await schedulePost(stage.app.hub, engine(), id, { at: new Date(Date.now() + HOUR_MS), timezone: "UTC" });
  const [fresh, ...others] = stub.open(id);
  expect(others).toEqual([]);
  expect(fresh?.id).not.toBe(old?.id);
  expect(fresh?.status).toBe("DELAYED");
});

for (const status of [401, 404, 422, 500]) {
  test(`Trigger.dev answers ${status}: the post is scheduled all the same, and the watchdog tells Trigger.dev later`, async () => {
    stub.failing = status;
    const id = await stage.draft(`while it answers ${status}`);
    await schedulePost(stage.app.hub, engine(), id, { at: new Date(Date.now() + HOUR_MS / 2), timezone: "UTC" });
    expect((await row(id)).status).toBe("scheduled");
    expect(troubles.length).toBe(1);
    expect(stub.open(id)).toEqual([]);
    stub.failing = null;
    await task("watchdog", {});
    expect(stub.open(id).length).toBe(1);
  });
}

test("the process dies between commit and Trigger.dev: the watchdog finds the post before its time", async () => {
  const id = await stage.draft("died in between");
  const dead = { ...engine(), reconcile: async () => {} };
  await schedulePost(stage.app.hub, dead, id, { at: new Date(Date.now() + HOUR_MS / 2), timezone: "UTC" });
  expect(stub.open(id)).toEqual([]);
  await reconcile(stage.app.hub, engine());
  expect(stub.open(id).length).toBe(1);
});

test("the answer to a trigger is lost: asking again gives the same run", async () => {
  const { id } = await stage.scheduled(HOUR_MS, "answer lost");
  await stage.app.hub.pool.query("update psn.posts set trigger_run_id = null, trigger_due_at = null where id = $1", [
    id,
  ]);
  await engine().reconcile(stage.app.hub, id);
  expect(stub.open(id).length).toBe(1);
  expect((await row(id)).triggerRunId).toBe(stub.open(id)[0]?.id ?? "");
});

test("twenty processes settle one post at the same moment: one run", async () => {
  const id = await stage.draft("settled by many");
  const dead = { ...engine(), reconcile: async () => {} };
  await schedulePost(stage.app.hub, dead, id, { at: new Date(Date.now() + HOUR_MS), timezone: "UTC" });
  await Promise.all(Array.from({ length: 20 }, () => engine().reconcile(stage.app.hub, id)));
  expect(stub.open(id).length).toBe(1);
});

test("scenario 8: Trigger.dev lost the run; the watchdog starts another, which publishes", async () => {
  stub.isForgetful = true;
  const { id } = await stage.scheduled(HOUR_MS, "lost by Trigger.dev");
  const [lost] = stub.open(id);
  stub.isForgetful = false;
  await passed(id, 20);
  await sweep(stage.app.hub, engine());
  const [fresh, ...others] = stub.open(id);
  expect(others).toEqual([]);
  expect(fresh?.id).not.toBe(lost?.id);
  await task("publish-post", fresh?.payload, fresh?.id);
  expect(await stage.status(id)).toBe("published");
});

test("a run that only waits in Trigger.dev's queue is left alone, for ten minutes", async () => {
  const id = await stage.due("in the queue");
  const [queued] = stub.open(id);
  await passed(id, 60);
  await sweep(stage.app.hub, engine());
  expect(stub.open(id).map((run) => run.id)).toEqual([queued?.id ?? ""]);
  await passed(id, 11 * 60);
  await sweep(stage.app.hub, engine());
  expect(stub.open(id).map((run) => run.id)).not.toEqual([queued?.id ?? ""]);
  expect(stub.open(id).length).toBe(1);
});

test("scenario 8: nothing ran for a day; the post is not sent behind its author's back", async () => {
  const { id, scheduleVersion } = await stage.scheduled(HOUR_MS, "a day late");
  await passed(id, 24 * 3_600);
  await task("publish-post", { postId: id, scheduleVersion });
  expect((await row(id)).failCode).toBe("MISSED_ITS_TIME");
  expect(stage.onX()).not.toContain("a day late");
});

test("a worker that died in the middle: another run is started when its lease is over", async () => {
  const { id } = await stage.scheduled(HOUR_MS, "abandoned");
  await stage.app.hub.pool.query(
    `update psn.posts set status = 'publishing', due_at = null, lease_owner = 'dead', lease_fencing = 1,
       lease_expires_at = now() - interval '1 second' where id = $1`,
    [id],
  );
  await sweep(stage.app.hub, engine());
  const [fresh, ...others] = stub.open(id);
  expect(others).toEqual([]);
  await task("publish-post", fresh?.payload, fresh?.id);
  expect(await stage.status(id)).toBe("published");
});

test("scenario 1: a run's process dies just after the minute's watch began: another run is started within 15 seconds", async () => {
  const id = await stage.dueIn(3_000, "its process dies");
  const [first] = stub.open(id);
  const waits: number[] = [];
  let now = new Date();
  const clock: Clock = {
    now: () => now,
    async sleep(ms) {
      waits.push(ms);
      now = new Date(now.getTime() + (waits.length === 1 ? ms : HOUR_MS));
      if (waits.length > 1) return;
      // Meanwhile a run takes the post as any run does, is never heard of again, and its lease ends.
      await stage.timeComes(id);
      const taken = await takeLease(stage.app.hub, {
        postId: id,
        scheduleVersion: 1,
        owner: "trigger:dead",
        graceMs: HOUR_MS,
      });
      expect(taken.kind).toBe("lease");
      await stage.app.hub.pool.query(
        "update psn.posts set lease_expires_at = now() - interval '1 second' where id = $1",
        [id],
      );
    },
  };
  // Not as a task: its clock is ours.
  await keepWatch({ ...(await stage.app.publishDeps()), clock }, engine());
  expect(waits[0]).toBeLessThanOrEqual(15_000);
  const [next, ...others] = stub.open(id).filter((run) => run.id !== first?.id);
  expect(others).toEqual([]);
  await task("publish-post", next?.payload, next?.id);
  expect(await stage.status(id)).toBe("published");
  expect(stage.copies("its process dies")).toBe(1);
});

test("a request without an answer, and its author cancels: the watchdog finds the tweet, though no run is wanted any more", async () => {
  const { id, scheduleVersion } = await stage.scheduled(HOUR_MS, "cancelled too late");
  await passed(id, 1);
  stage.home.sandbox.sandbox.addFault({ kind: "drop_after", match: { method: "POST", path: "/2/tweets" } });
  await task("publish-post", { postId: id, scheduleVersion });
  expect((await row(id)).subStatus).toBe("confirming");
  await cancelPost(stage.app.hub, engine(), id);
  await stage.app.hub.pool.query(
    "update psn.publish_attempts set started_at = started_at - interval '2 minutes' where root_id = $1",
    [id],
  );
  await task("watchdog", {});
  expect(await stage.status(id)).toBe("published");
  expect(stage.onX()).toContain("cancelled too late");
});

test("a run that comes a little early by the hub's clock waits and publishes", async () => {
  const { id, scheduleVersion } = await stage.scheduled(HOUR_MS, "early");
  await stage.timeComes(id, -0.7);
  const [run] = stub.open(id);
  await task("publish-post", { postId: id, scheduleVersion }, run?.id);
  expect(await stage.status(id)).toBe("published");
});

test("a moved run publishes although it carries the version it was made with; any other run of that version does not", async () => {
  const { id, scheduleVersion } = await stage.scheduled(HOUR_MS, "named by the row");
  await schedulePost(stage.app.hub, engine(), id, { at: new Date(Date.now() + 2 * HOUR_MS), timezone: "UTC" });
  await stage.timeComes(id);
  const [named] = stub.open(id);
  expect(named?.payload.scheduleVersion).toBe(scheduleVersion);
  await task("publish-post", { postId: id, scheduleVersion }, "run_some_other");
  expect(await stage.status(id)).toBe("scheduled");
  await task("publish-post", named?.payload, named?.id);
  expect(await stage.status(id)).toBe("published");
});

test("a long wait on a self-hosted server ends the run and starts a delayed one", async () => {
  const { sandbox } = stage.home.sandbox;
  await stage.app.hub.pool.query("delete from psn.rate_limits");
  sandbox.addFault({ kind: "rate_limited", resetSecs: 600, match: { path: "/2/tweets", method: "POST" }, times: 1 });
  const id = await stage.due("a long wait");
  const [run] = stub.open(id);
  await task("publish-post", run?.payload, run?.id);
  const post = await row(id);
  expect(post.subStatus).toBe("rate_limited");
  const next = stub.open(id).find((other) => other.id !== run?.id);
  expect(next?.delayedUntil).toEqual(post.dueAt);
  expect(post.triggerRunId).toBe(next?.id ?? "");
  await stage.app.hub.pool.query("delete from psn.rate_limits");
});

test("on the cloud a wait is slept in the run, its progress saved before", async () => {
  const { sandbox } = stage.home.sandbox;
  sandbox.addFault({ kind: "rate_limited", resetSecs: 30, match: { path: "/2/tweets", method: "POST" }, times: 1 });
  const id = await stage.due("slept on the cloud");
  const [run] = stub.open(id);
  const { waitOn } = await import("../../src/trigger/publish-post.ts");
  const now = new Date();
  const later = (ms: number) => new Date(now.getTime() + ms);
  expect(waitOn({}).waitsHere(later(HOUR_MS), now)).toBe(true);
  expect(waitOn({ TRIGGER_API_URL: "https://trigger.example.org" }).waitsHere(later(HOUR_MS), now)).toBe(false);
  const before = stub.waits.length;
  const slept = waitOn({});
  const { runPost } = await import("../../src/engines/trigger-run.ts");
  const states: unknown[] = [];
  const host = {
    ...slept,
    runId: run?.id ?? "",
    waitUntil: async (until: Date) => {
      const post = await row(id);
      states.push([post.status, post.subStatus, post.dueAt, post.triggerRunId, post.triggerDueAt]);
      expect(post.dueAt).toEqual(until);
      await stage.app.hub.pool.query("delete from psn.rate_limits");
      await stage.app.hub.pool.query("update psn.posts set due_at = now() where id = $1", [id]);
    },
  };
  const job = { postId: id, scheduleVersion: Number(run?.payload.scheduleVersion) };
  await runPost(await stage.app.publishDeps(), engine(), job, host);
  expect(states).toEqual([["retry", "rate_limited", expect.any(Date), run?.id, expect.any(Date)]]);
  expect(await stage.status(id)).toBe("published");
  expect(stub.waits.length).toBe(before);
});

test("the tasks are there under their names, with their crons and one run at a time", () => {
  const known = Object.fromEntries(manifests().map((manifest) => [manifest.id, manifest]));
  expect(Object.keys(known).sort()).toEqual(["media-ahead", "publish-post", "token-refresher", "watchdog"]);
  expect(known["token-refresher"]?.schedule?.cron).toBe("*/30 * * * *");
  expect(known.watchdog?.schedule?.cron).toBe("* * * * *");
  for (const id of ["media-ahead", "token-refresher", "watchdog"]) expect(known[id]?.queue?.concurrencyLimit).toBe(1);
});

test("the token refresher refreshes what expires soon", async () => {
  const { pool } = stage.app.hub;
  await pool.query("update psn.oauth_tokens set expires_at = now() + interval '10 minutes'");
  expect(await task("token-refresher", {})).toMatchObject({ refreshed: 1, signedOut: 0 });
  const { rows } = await pool.query("select expires_at > now() + interval '1 hour' as fresh from psn.oauth_tokens");
  expect(rows[0].fresh).toBe(true);
});

test("a run that has no server hub says what to do", async () => {
  const run = runTask(
    "publish-post",
    { postId: "none", scheduleVersion: 1 },
    {
      runId: "run_test",
      env: { ...stage.env, DATABASE_URL: "embedded" },
    },
  );
  expect(await run.catch((error) => error.code)).toBe("HUB_NOT_REACHABLE_FROM_TRIGGER");
});

test("a payload that is none of ours is refused", async () => {
  expect(await task("publish-post", { postId: "" }).catch((error) => error.name)).toBe("ZodError");
});
