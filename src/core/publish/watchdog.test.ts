/** What nobody is looking after is found. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openStage, type Stage } from "../../testing/stage.ts";
import { historyOf } from "../posts/read.ts";
import { retryPost } from "../posts/write.ts";
import { publishPost } from "./publish.ts";
import { sweep } from "./watchdog.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test("a post whose run ended just after the sign-in it waits for is released by the watchdog", async () => {
  const account = await stage.signIn("late_author");
  const postId = await stage.due(["Late"], { account });
  stage.x.sandbox.revokeUser("late_author");
  await stage.run(postId);
  await stage.signIn("late_author");
  await sweep(stage.hub, stage.deps().engine);
  expect((await stage.run(postId)).kind).toBe("published");
});

test("a post whose account signed in at another host rests until its host is back, and its history does not grow", async () => {
  const account = await stage.signIn("away_author");
  const postId = await stage.due(["For another X"], { account });
  await stage.hub.pool.query(
    `update psn.oauth_tokens set metadata = metadata || '{"apiHost": "x.example"}' where account_id = $1`,
    [account.id],
  );
  const here = { ...stage.deps(), apiHost: "127.0.0.1:4010" };
  const { scheduleVersion } = (await stage.post(postId)).root;
  expect(await publishPost(here, { postId, scheduleVersion })).toMatchObject({
    subStatus: "awaiting_auth",
    until: null,
  });
  const { events } = await historyOf(stage.hub.db, postId);
  for (let round = 0; round < 5; round++) await sweep(stage.hub, here.engine, { apiHost: here.apiHost });
  expect((await stage.post(postId)).root.dueAt).toBeNull();
  expect((await historyOf(stage.hub.db, postId)).events).toHaveLength(events.length);
  expect((await sweep(stage.hub, here.engine, { apiHost: "x.example" })).overdue).toBe(1);
  await stage.hub.pool.query(`update psn.oauth_tokens set metadata = metadata - 'apiHost' where account_id = $1`, [
    account.id,
  ]);
  expect((await stage.run(postId)).kind).toBe("published");
});

test("scenario 8: a run that the engine lost is found by the watchdog", async () => {
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

test("scenario 20: a post that missed its time by more than the grace is not sent, and retry sends it", async () => {
  const postId = await stage.due(["Missed"]);
  await stage.pass(7 * 60 * 60_000);
  expect(await stage.run(postId)).toMatchObject({ kind: "failed", code: "MISSED_ITS_TIME" });
  expect((await stage.post(postId)).root.failReason).toContain("7 hours");
  expect(stage.onX().map(({ text }) => text)).not.toContain("Missed");
  await retryPost(stage.hub, stage.deps().engine, postId);
  expect((await stage.run(postId)).kind).toBe("published");
});

test("scenario 10: a backlog of 600 keeps its place: nothing is moved behind newcomers, and its history says nothing untrue", async () => {
  const account = await stage.signIn("busy_author");
  const { pool } = stage.hub;
  const first = await stage.due(["Backlog"], { account, inMs: 1_000 });
  // As 600 that were scheduled: rows and jobs, a second apart, all due for some minutes.
  await pool.query(
    `insert into psn.posts (id, account_id, content, status, retry_count, created_at, updated_at)
     select 'backlog-' || n, $1, 'Backlog ' || n, 'draft', n, psn.now(), psn.now()
     from generate_series(1, 600) as n`,
    [account.id],
  );
  await pool.query(
    `update psn.posts
     set status = 'scheduled', scheduled_at = psn.now() + make_interval(secs => retry_count), scheduled_timezone = 'UTC',
       schedule_version = 1, due_at = psn.now() + make_interval(secs => retry_count), approved_hash = 'x',
       approved_at = psn.now(), retry_count = 0
     where id like 'backlog-%'`,
  );
  await pool.query(
    `select graphile_worker.add_job('psn_publish', json_build_object('postId', id, 'scheduleVersion', 1), run_at => due_at,
       job_key => 'post:' || id)
     from psn.posts
     where id like 'backlog-%'`,
  );
  // One of the last was lost; those before it must not hide it.
  await pool.query("select graphile_worker.remove_job('post:backlog-590')");
  const jobs = async () =>
    (
      await pool.query(
        "select key, run_at from graphile_worker.jobs where key like 'post:backlog-%' order by run_at, key",
      )
    ).rows;
  await stage.pass(15 * 60_000);
  const before = await jobs();
  await sweep(stage.hub, stage.deps().engine);
  const after = await jobs();
  expect(after.filter(({ key }) => key !== "post:backlog-590")).toEqual(before);
  // It comes back to the place of its time.
  expect(after.findIndex(({ key }) => key === "post:backlog-590")).toBe(589);
  const { rows } = await pool.query(
    "select post_id from psn.post_events where kind = 'swept' and post_id like 'backlog-%'",
  );
  expect(rows.map(({ post_id }) => post_id)).toEqual(["backlog-590"]);
  expect((await stage.post(first)).root.status).toBe("scheduled");
});
