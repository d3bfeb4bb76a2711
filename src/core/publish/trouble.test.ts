/** Publishing on a real hub, with the sandbox over real HTTP: limits, sign-in, credits, dead and frozen workers. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tinyPng } from "../../sandbox/testing.ts";
import { openStage, type Stage } from "../../testing/stage.ts";
import type { Platform } from "../platform.ts";
import { gatherNotices } from "../posts/notices.ts";
import { loadPost } from "../posts/read.ts";
import { cancelPost, editPost, resumeAccount, resumeApp, retryPost } from "../posts/write.ts";
import type { PublishDeps } from "./deps.ts";
import { sweep } from "./watchdog.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(async () => {
  stage.x.sandbox.clearFaults();
  stage.x.sandbox.reset({ keepAccounts: true });
  await stage.hub.pool.query("delete from psn.rate_limits");
});

const CREATE = { method: "POST", path: "/2/tweets" };

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

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 200 && !(await condition()); round++) await Bun.sleep(10);
  expect(await condition()).toBe(true);
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

test("scenario 9: stuck in publishing with no live lease: found by the watchdog, settled by looking at X, and told", async () => {
  const postId = await stage.due(["Stuck at first"]);
  void stage.run(postId, dyingAt("after the send"));
  await until(() => stage.onX().length === 1);
  // While the lease lives nobody else touches it; nor is anything hidden from who looks.
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

test("a zombie's success on the last tweet makes a resting post published at once", async () => {
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
  expect(await stage.run(postId, stage.deps({ hub, clock }))).toMatchObject({ kind: "deferred", subStatus: "retry_1" });
  expect(stage.sends()).toBe(0);
  expect((await stage.life(postId)).outcomes).toEqual(["not_sent"]);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
});

test("scenario 19: 429 with a reset waits until then, spends no try, and nothing of the account goes out meanwhile", async () => {
  const postId = await stage.due(["Limited", "Second part"]);
  stage.x.sandbox.addFault({ kind: "rate_limited", resetSecs: 600, match: { ...CREATE, bodyIncludes: "Second" } });
  const result = await stage.run(postId);
  expect(result).toMatchObject({ kind: "deferred", subStatus: "rate_limited" });
  const waitMs = (result.kind === "deferred" ? (result.until?.getTime() ?? 0) : 0) - stage.clock.now().getTime();
  expect(waitMs).toBeGreaterThan(590_000);
  expect(waitMs).toBeLessThan(605_000);
  const other = await stage.due(["Same account"]);
  expect(await stage.run(other)).toMatchObject({ kind: "deferred", subStatus: "rate_limited" });
  expect(stage.sends()).toBe(2);
  const notices = await gatherNotices(stage.hub.db);
  expect(notices.filter(({ code }) => code === "RATE_LIMITED")).toHaveLength(2);
  for (const id of [postId, other]) {
    const { root } = await stage.untilDone(id);
    expect(root).toMatchObject({ status: "published", retryCount: 0 });
  }
  expect(stage.sends()).toBe(4);
});

test("scenario 19: 429 without a reset backs off in growing steps, spends no try, and ends well", async () => {
  const postId = await stage.due(["Limited, nobody says until when"]);
  stage.x.sandbox.addFault({ kind: "rate_limited", withReset: false, match: CREATE, times: 3 });
  const waits: number[] = [];
  for (let round = 0; round < 3; round++) {
    const result = await stage.run(postId);
    const waitMs = (result.kind === "deferred" ? (result.until?.getTime() ?? 0) : 0) - stage.clock.now().getTime();
    waits.push(Math.round(waitMs / 10_000) * 10);
    await stage.pass(waitMs + 20);
  }
  expect(waits).toEqual([60, 120, 240]);
  expect(await stage.run(postId)).toMatchObject({ kind: "published" });
});

test("scenario 19: a used-up day is waited for, although the quarter of an hour is healthy", async () => {
  const postId = await stage.due(["Day is over"]);
  stage.x.sandbox.addFault({ kind: "rate_limited", window: "user_24h", resetSecs: 7_200, match: CREATE });
  const result = await stage.run(postId);
  const waitMs = (result.kind === "deferred" ? (result.until?.getTime() ?? 0) : 0) - stage.clock.now().getTime();
  expect(waitMs).toBeGreaterThan(7_190_000);
  await stage.pass(waitMs + 20);
  expect((await stage.run(postId)).kind).toBe("published");
});

test("headers that say 'none left' stop the next send before it is refused", async () => {
  stage.x.sandbox.configure({ limits: { "POST /2/tweets": { user15min: 2 } } });
  const ids = [await stage.due(["a1"]), await stage.due(["a2"]), await stage.due(["a3"])];
  for (const id of ids) await stage.run(id);
  stage.x.sandbox.configure({ limits: {} });
  expect(stage.sends()).toBe(2);
  expect((await stage.post(ids[2] ?? "")).root).toMatchObject({ status: "retry", subStatus: "rate_limited" });
  await stage.untilDone(ids[2] ?? "");
  expect(stage.sends()).toBe(3);
});

test("401: one refresh, and the same run goes on", async () => {
  const postId = await stage.due(["Stale token"]);
  stage.x.sandbox.addFault({ kind: "status", status: 401, match: CREATE });
  expect((await stage.run(postId)).kind).toBe("published");
  expect((await stage.life(postId)).outcomes).toEqual(["signed_out", "posted"]);
});

test("scenario 15: 401 for everyone is an outage: the post waits and goes out by itself", async () => {
  const postId = await stage.due(["Outage"]);
  stage.x.sandbox.addFault({ kind: "auth_outage", times: 4 });
  expect(await stage.run(postId)).toMatchObject({ kind: "deferred", subStatus: "awaiting_auth" });
  const { root } = await stage.untilDone(postId);
  expect(root.status).toBe("published");
});

test("scenario 16: a revoked account's post is held, not failed, and goes out after sign-in", async () => {
  const account = await stage.signIn("revoked_author");
  const postId = await stage.due(["Held"], { account });
  stage.x.sandbox.revokeUser("revoked_author");
  expect(await stage.run(postId)).toMatchObject({ kind: "deferred", subStatus: "awaiting_auth", until: null });
  await stage.signIn("revoked_author");
  expect(await resumeAccount(stage.hub, stage.deps().engine, account.id)).toBe(1);
  expect((await stage.run(postId)).kind).toBe("published");
});

test("a post that came to rest just after the sign-in it waits for is released by the watchdog", async () => {
  const account = await stage.signIn("late_author");
  const postId = await stage.due(["Late"], { account });
  stage.x.sandbox.revokeUser("late_author");
  await stage.run(postId);
  await stage.signIn("late_author");
  await sweep(stage.hub, stage.deps().engine);
  expect((await stage.run(postId)).kind).toBe("published");
});

test("scenario 21: 402 holds every post of the app, told once, and one command lets them go on", async () => {
  const ids = [await stage.due(["No money 1"]), await stage.due(["No money 2"]), await stage.due(["No money 3"])];
  stage.x.sandbox.addFault({ kind: "credits", match: CREATE });
  for (const id of ids) {
    expect(await stage.run(id)).toMatchObject({ kind: "deferred", subStatus: "out_of_credits", until: null });
  }
  expect(stage.sends()).toBe(1);
  const notices = await gatherNotices(stage.hub.db);
  expect(notices.filter(({ code }) => code === "OUT_OF_CREDITS")).toHaveLength(1);
  await sweep(stage.hub, stage.deps().engine);
  expect((await stage.post(ids[0] ?? "")).root.dueAt).toBeNull();
  expect(await resumeApp(stage.hub, stage.deps().engine, stage.deps().clientId)).toBe(3);
  for (const id of ids) expect((await stage.run(id)).kind).toBe("published");
});

for (const [kind, words] of [
  ["spend_cap", "spending limit"],
  ["usage_cap", "usage cap"],
] as const) {
  test(`a ${kind} is told apart from a plain refusal or rate limit`, async () => {
    const postId = await stage.due([`Cap ${kind}`]);
    stage.x.sandbox.addFault({ kind, match: CREATE });
    const result = await stage.run(postId);
    expect(result).toMatchObject({ kind: "deferred", subStatus: "out_of_credits" });
    expect(result.kind === "deferred" && result.note).toContain(words);
    await resumeApp(stage.hub, stage.deps().engine, stage.deps().clientId);
    expect((await stage.run(postId)).kind).toBe("published");
  });
}

test("X cannot be reached: three more tries, then failed in words, content intact, and retry resumes", async () => {
  const postId = await stage.due(["Unreachable"]);
  const nowhere = stage.deps({ platform: stage.platform({ apiBaseUrl: "http://127.0.0.1:9" }) });
  const seen: (string | null)[] = [];
  for (let round = 0; round < 4; round++) {
    await stage.run(postId, nowhere);
    const { root } = await stage.post(postId);
    seen.push(root.subStatus);
    await stage.pass(20_000);
  }
  expect(seen).toEqual(["retry_1", "retry_2", "retry_3", null]);
  const { root } = await stage.post(postId);
  expect(root).toMatchObject({ status: "failed", failCode: "X_UNREACHABLE", content: "Unreachable" });
  expect(root.failReason).toContain("also after 3 more tries");
  await retryPost(stage.hub, stage.deps().engine, postId);
  expect((await stage.run(postId)).kind).toBe("published");
});

test("media that X no longer holds is uploaded again once, for each tweet by itself", async () => {
  const file = join(tmpdir(), `psn-test-${process.pid}.png`);
  await writeFile(file, tinyPng());
  const { sha256, byteLength } = await stage.media.add(file);
  const media = [
    { sha256, byteLength, mime: "image/png", fileName: "a.png", width: 8, height: 6, altText: "A colour" },
  ];
  const postId = await stage.due([
    { text: "With a picture", media },
    { text: "And another", media: media.map((item) => ({ ...item, altText: null })) },
  ]);
  // Ids of an earlier run that X does not know any more.
  await stage.hub.pool.query(
    "update psn.post_media set platform_media_id = '1', platform_media_expires_at = psn.now() + interval '5 hours'",
  );
  expect((await stage.run(postId)).kind).toBe("published");
  expect((await stage.life(postId)).outcomes).toEqual(["posted", "refused", "posted"]);
  const onX = stage.x.sandbox.report().accounts.sandbox_author?.posts ?? [];
  expect(onX.map((post) => post.media.map((item) => [item.sha256, item.altText]))).toEqual([
    [[sha256, "A colour"]],
    [[sha256, null]],
  ]);
});

test("media that X refuses right after it took it is not uploaded for ever", async () => {
  const file = join(tmpdir(), `psn-test-${process.pid}.png`);
  await writeFile(file, tinyPng());
  const { sha256, byteLength } = await stage.media.add(file);
  const item = { sha256, byteLength, mime: "image/png", fileName: "a.png", width: 8, height: 6, altText: null };
  const postId = await stage.due([{ text: "Refused picture", media: [item] }]);
  const body = { errors: [{ message: "Your media IDs are invalid." }], title: "Invalid Request", type: "about:blank" };
  stage.x.sandbox.addFault({ kind: "status", status: 400, body, match: CREATE, times: null });
  expect(await stage.run(postId)).toMatchObject({ kind: "failed", code: "X_MEDIA_INVALID" });
  expect(stage.sends()).toBe(1);
});

test("scenario 20: a post that missed its time by more than the grace is not sent, and retry sends it", async () => {
  const postId = await stage.due(["Missed"]);
  await stage.pass(7 * 60 * 60_000);
  expect(await stage.run(postId)).toMatchObject({ kind: "failed", code: "MISSED_ITS_TIME" });
  expect((await stage.post(postId)).root.failReason).toContain("7 hours");
  expect(stage.sends()).toBe(0);
  await retryPost(stage.hub, stage.deps().engine, postId);
  expect((await stage.run(postId)).kind).toBe("published");
});

test("scenario 8: a lost wake-up is found by the watchdog", async () => {
  const postId = await stage.due(["Nobody woke me"]);
  await stage.hub.pool.query("select graphile_worker.remove_job($1)", [`post:${postId}`]);
  await stage.pass(60_000);
  expect((await sweep(stage.hub, stage.deps().engine)).overdue).toBe(1);
  const { rows } = await stage.hub.pool.query(
    "select payload from graphile_worker._private_jobs as job where key = $1",
    [`post:${postId}`],
  );
  expect(rows[0]?.payload.postId).toBe(postId);
  expect((await stage.run(postId)).kind).toBe("published");
});

test("cancelled while an answer was missing: the author learns that the tweet is on X after all", async () => {
  const postId = await stage.due(["Too late to cancel"]);
  stage.x.sandbox.addFault({ kind: "drop_after", match: CREATE });
  await stage.run(postId);
  await cancelPost(stage.hub, stage.deps().engine, postId);
  await stage.pass(70_000);
  await sweep(stage.hub, stage.deps().engine);
  await stage.run(postId);
  const { root } = await stage.post(postId);
  expect(root).toMatchObject({ status: "published", platformPostIds: [stage.onX()[0]?.id ?? ""] });
  expect(stage.sends()).toBe(1);
});

test("cancelled while an answer was missing, and X never had it: nothing is sent, and the draft can be edited then", async () => {
  const postId = await stage.due(["Never sent again"]);
  stage.x.sandbox.addFault({ kind: "drop_before", match: CREATE });
  await stage.run(postId);
  await cancelPost(stage.hub, stage.deps().engine, postId);
  const { engine } = stage.deps();
  const edit = { unsentTweets: [{ text: "New text", separatorAfter: "", media: [] }] };
  expect(editPost(stage.hub, engine, postId, edit)).rejects.toThrow("still finding out");
  for (let minute = 0; minute < 8; minute++) {
    await stage.pass(65_000);
    await sweep(stage.hub, engine);
    await stage.run(postId);
  }
  expect((await stage.life(postId)).outcomes).toEqual(["absent"]);
  expect(stage.sends()).toBe(1);
  await editPost(stage.hub, engine, postId, edit);
  expect((await loadPost(stage.hub.db, postId)).root).toMatchObject({ status: "draft", content: "New text" });
});

test("content that is not what was approved is not sent", async () => {
  const postId = await stage.due(["Approved"]);
  await stage.hub.pool.query("update psn.posts set content = 'Tampered' where id = $1", [postId]);
  expect(await stage.run(postId)).toMatchObject({ kind: "failed", code: "CHANGED_SINCE_APPROVAL" });
  expect(stage.sends()).toBe(0);
});

test("the connections to the hub break while X answers: the id is recorded all the same", async () => {
  const postId = await stage.due(["Hub away"]);
  const real = stage.platform();
  const platform: Platform = {
    ...real,
    async createPost(...given) {
      const answer = await real.createPost(...given);
      await stage.hub.pool.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
      return answer;
    },
  };
  expect((await stage.run(postId, stage.deps({ platform }))).kind).toBe("published");
  expect((await stage.life(postId)).outcomes).toEqual(["posted"]);
});

test("two workers and one wake-up: one publishes, the other has nothing to do", async () => {
  const postId = await stage.due(["Two hands"]);
  const results = await Promise.all(Array.from({ length: 6 }, () => stage.run(postId)));
  expect(results.map(({ kind }) => kind).sort()).toEqual([...Array(5).fill("not_ours"), "published"]);
  expect(stage.sends()).toBe(1);
});

test("a worker that is asked to stop hands the post back between two tweets", async () => {
  const postId = await stage.due(["Before the stop", "After the stop"]);
  const stopping = new AbortController();
  const real = stage.platform();
  const platform: Platform = {
    ...real,
    async createPost(...given) {
      stopping.abort();
      return await real.createPost(...given);
    },
  };
  const result = await stage.run(postId, stage.deps({ platform }), stopping.signal);
  expect(result).toMatchObject({ kind: "deferred", subStatus: "thread_partial" });
  expect(stage.sends()).toBe(1);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
});
