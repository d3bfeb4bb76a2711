/** How a run ends, and meets others that write of the same post. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openStage, type Stage } from "../../testing/stage.ts";
import { until } from "../../testing/wait.ts";
import { DryStop } from "../errors.ts";
import type { Platform } from "../platform.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test("a run that ends and another that records its tweet do not wait for each other", async () => {
  const postId = await stage.due(["Answered late"]);
  const { hub } = stage;
  // Somebody who has found the tweet holds the root row, and is about to write what became of the attempt.
  const other = await hub.pool.connect();
  const real = stage.platform();
  const platform: Platform = {
    ...real,
    async createPost() {
      await other.query("begin");
      // Before Postgres looks for deadlocks, which it does after a second.
      await other.query("set local lock_timeout = '500ms'");
      await other.query("select from psn.posts where id = $1 for update", [postId]);
      return {
        outcome: { kind: "unknown", cause: "no answer" },
        meta: { httpStatus: null, transactionId: null, rateLimits: [] },
      };
    },
  };
  const run = stage.run(postId, stage.deps({ platform }));
  const isWaiting = async () => {
    const { rows } = await hub.pool.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    return rows.length > 0;
  };
  await until(isWaiting);
  await other.query("update psn.publish_attempts set look_count = look_count where root_id = $1", [postId]);
  await other.query("commit");
  other.release();
  expect(await run).toMatchObject({ kind: "deferred", subStatus: "confirming" });
  const { outcomes } = await stage.life(postId);
  expect(outcomes).toEqual([null]);
});

test("X's answer is not thrown away while the hub's name cannot be looked up, or no way leads there", async () => {
  const { pool } = stage.hub;
  const { connect } = pool;
  const real = stage.platform();
  for (const code of ["ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH"]) {
    const postId = await stage.due([`Offline for a moment: ${code}`]);
    const platform: Platform = {
      ...real,
      async createPost(...request) {
        const answer = await real.createPost(...request);
        let failures = 2;
        // Both of what a single statement and what a transaction asks the pool for.
        pool.connect = ((...given: [((error: Error) => void)?]) => {
          if (failures-- > 0) {
            const error = Object.assign(new Error(`${code} the-hub`), { code });
            return given[0] ? given[0](error) : Promise.reject(error);
          }
          pool.connect = connect;
          return Reflect.apply(connect, pool, given);
        }) as typeof connect;
        return answer;
      },
    };
    expect(await stage.run(postId, stage.deps({ platform }))).toMatchObject({ kind: "published" });
    expect((await stage.life(postId)).outcomes).toEqual(["posted"]);
  }
});

test("content that is not what was approved is not sent", async () => {
  const before = stage.sends();
  const postId = await stage.due(["Approved"]);
  await stage.hub.pool.query("update psn.posts set content = 'Tampered' where id = $1", [postId]);
  expect(await stage.run(postId)).toMatchObject({ kind: "failed", code: "CHANGED_SINCE_APPROVAL" });
  expect(stage.sends()).toBe(before);
});

test("an approval is for its account: as another one nothing is sent", async () => {
  const before = stage.sends();
  const postId = await stage.due(["Approved for one account"]);
  const other = await stage.signIn("sandbox_other");
  await stage.hub.pool.query("update psn.posts set account_id = $2 where id = $1", [postId, other.id]);
  expect(await stage.run(postId)).toMatchObject({ kind: "failed", code: "CHANGED_SINCE_APPROVAL" });
  expect(stage.sends()).toBe(before);
});

test("a worker that is asked to stop leaves the post to another between two tweets", async () => {
  const postId = await stage.due(["Before the stop", "After the stop"]);
  const before = stage.sends();
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
  expect(stage.sends()).toBe(before + 1);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
});

test("where a dry run stops, nothing is told as a failure of the post", async () => {
  const postId = await stage.due(["Only looked at"]);
  const createPost = () => {
    throw new DryStop("ask X");
  };
  const deps = stage.deps({ platform: { ...stage.platform(), createPost } });
  await expect(stage.run(postId, deps)).rejects.toThrow(DryStop);
  expect((await stage.post(postId)).root).toMatchObject({ retryCount: 0, failCode: null });
});
