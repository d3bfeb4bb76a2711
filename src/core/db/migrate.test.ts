/**
 * A hub of the version before is brought up to date while workers go on, and no version works on a schema it does not
 * know.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { migrateBefore, testHub } from "../../testing/hub.ts";
import { until } from "../../testing/wait.ts";
import type { Hub } from "./connection.ts";
import { migrateHub } from "./migrate.ts";
import { appliedMigrations, MIGRATIONS, requireMigrated } from "./version.ts";

const POSTS = 8;
const EVENTS = 20_000;

let hub: Hub;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ hub, drop } = await testHub({ max: POSTS + 2 }));
  await migrateBefore(hub);
});
afterAll(() => drop());

test("a program that brings no hub up to date refuses one that is older than itself", async () => {
  expect(await requireMigrated(hub).catch((error) => error)).toMatchObject({ code: "HUB_OLDER" });
});

test("the migration runs while workers write posts and their history, and neither breaks the other", async () => {
  const { pool } = hub;
  await pool.query(`
    insert into psn.accounts (id, platform_user_id, handle, name, subscription, created_at, updated_at)
    values ('a', '1', 'somebody', 'Somebody', 'None', now(), now());
    insert into psn.posts (id, account_id, content, status, created_at, updated_at)
    select 'post' || i, 'a', 'text', 'draft', now(), now() from generate_series(1, ${POSTS}) as i;
    insert into psn.post_events (post_id, at, kind, status, note)
    select 'post' || (1 + i % ${POSTS}), now(), 'created', 'draft', 'A long story.' from generate_series(1, ${EVENTS}) as i`);
  let isDone = false;
  let written = 0;
  const worker = async (id: string) => {
    const client = await pool.connect();
    while (!isDone) {
      await client.query("begin");
      await client.query("select from psn.posts where id = $1 for update", [id]);
      await client.query("update psn.posts set updated_at = psn.now() where id = $1", [id]);
      await client.query(
        "insert into psn.post_events (post_id, at, kind, status, note) values ($1, psn.now(), 'k', 'draft', 'n')",
        [id],
      );
      await client.query("commit");
      written++;
    }
    client.release();
  };
  const workers = Array.from({ length: POSTS }, (_, index) => worker(`post${index + 1}`));
  await until(() => written > POSTS);
  expect(await migrateHub(hub)).toBe(1);
  const before = written;
  await until(() => written > before + POSTS);
  isDone = true;
  await Promise.all(workers);

  await requireMigrated(hub);
  expect((await appliedMigrations(pool)).count).toBe(MIGRATIONS.length);
  const { rows } = await pool.query("select count(*)::int as count from psn.post_events");
  expect(rows[0].count).toBe(EVENTS + written);
  expect(await migrateHub(hub)).toBe(0);
});
