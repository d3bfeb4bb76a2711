/** X, a token or the hub is away for a while: nothing is lost, and nothing is sent twice. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { openStage, type Stage } from "../../testing/stage.ts";
import type { Platform } from "../platform.ts";
import { retryPost } from "../posts/write.ts";

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

test("scenario 19: a hub that is away while X answers 429 loses nothing of that answer", async () => {
  const postId = await stage.due(["Limited, and the hub away"]);
  stage.x.sandbox.addFault({ kind: "rate_limited", resetSecs: 600, match: CREATE });
  const real = stage.platform();
  const { pool } = stage.hub;
  const { connect } = pool;
  const platform: Platform = {
    ...real,
    async createPost(...given) {
      const answer = await real.createPost(...given);
      let failures = 4;
      // Both of what a single statement and what a transaction asks the pool for.
      pool.connect = ((...args: [((error: Error) => void)?]) => {
        if (failures-- <= 0) pool.connect = connect;
        if (pool.connect === connect) return Reflect.apply(connect, pool, args);
        const error = new Error("Connection terminated unexpectedly");
        return args[0] ? args[0](error) : Promise.reject(error);
      }) as typeof connect;
      return answer;
    },
  };
  const run = stage.run(postId, stage.deps({ platform }));
  expect(await run).toMatchObject({ kind: "deferred", subStatus: "rate_limited" });
  expect((await stage.life(postId)).outcomes).toEqual(["wait"]);
  expect((await stage.post(postId)).root.retryCount).toBe(0);
});

test("a duplicate that X refuses after a request without an answer, and does not show: failed with X's reason", async () => {
  const postId = await stage.due(["Refused, and not there"]);
  stage.x.sandbox.addFault({ kind: "drop_before", match: CREATE });
  await stage.run(postId);
  const body = {
    detail: "You are not allowed to create a Tweet with duplicate content.",
    title: "Forbidden",
    status: 403,
  };
  stage.x.sandbox.addFault({ kind: "status", status: 403, body, match: CREATE, times: null });
  const { root } = await stage.untilDone(postId);
  expect(root).toMatchObject({ status: "failed", failCode: "X_DUPLICATE" });
  expect(root.failReason).toContain("the account does not show it");
  expect((await stage.life(postId)).outcomes).toEqual(["absent", "refused"]);
  expect(stage.sends()).toBe(2);
});
