/** `psn hub move`: everything arrives, the old hub refuses writes, and an interrupted move goes on where it was. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { copyTable, hubTables, plainSession, requireEqual } from "../../src/core/db/copy.ts";
import { readDatabaseUrl } from "../../src/core/db/url.ts";
import type { PsnError } from "../../src/core/errors.ts";
import type { Env } from "../../src/core/utils/env.ts";
import { tinyPng } from "../../src/sandbox/testing.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { testHub } from "../../src/testing/hub.ts";
import { timeComes } from "../../src/testing/time-comes.ts";
import { eventually } from "../engines/posts.ts";
import { startWorkerProcess } from "../engines/worker-stage.ts";

let home: TestHome;
let env: Env;
let target: Awaited<ReturnType<typeof testHub>>;
let config: string;
const ids: string[] = [];

beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  // As after setup: everything stands in hub.env.
  const { DATABASE_URL, ENCRYPTION_KEY, PSN_TIMEZONE, ...bare } = home.env;
  env = { ...bare, PSN_MEDIA_STORE: "hub" };
  config = join(String(env.PSN_CONFIG_DIR), "hub.env");
  await mkdir(String(env.PSN_CONFIG_DIR), { recursive: true, mode: 0o700 });
  const lines = [`DATABASE_URL='${DATABASE_URL}'`, `ENCRYPTION_KEY=${ENCRYPTION_KEY}`, `PSN_TIMEZONE=${PSN_TIMEZONE}`];
  await writeFile(config, `${lines.join("\n")}\n`, { mode: 0o600 });
  target = await testHub();

  await writeFile(join(home.folder, "image.png"), tinyPng());
  const odd = "Quotes \" ' \\ \\n, tabs\t, emoji 🧵, 日本語, null-ish \\u0000, {json: [1]}";
  for (const args of [
    ["Published.", "--now"],
    [Array.from({ length: 25 }, (_, n) => `Room ${n} goes into the van.`).join(" "), "--now"],
    [odd],
    ["With an image.", "--media", "1:image.png", "--alt", "A square", "--at", "in 2 hours"],
    ["Waiting.", "--at", "in 3 hours"],
  ]) {
    const made = await home.psn(["post", "create", ...args], { env });
    if (made.code !== 0) throw new Error(made.stdout + made.stderr);
    ids.push((made.json as { post: { id: string } }).post.id);
  }
});
afterAll(async () => {
  await target.drop();
  await home.close();
});

const show = async (id: string) => (await home.psn(["post", "show", id], { env })).json as Record<string, unknown>;
const move = async (more: Env = {}) =>
  await home.psn(["hub", "move"], { env: { ...env, PSN_MOVE_TO: target.url, ...more } });
const codeOf = (ran: { json: unknown }) => (ran.json as { error?: { code: string } }).error?.code;

test("what cannot be moved is told before anything is touched", async () => {
  expect(codeOf(await home.psn(["hub", "move"], { env }))).toBe("USAGE");
  expect(codeOf(await home.psn(["hub", "move", "--to", "postgres://me:pw@h/db"], { env }))).toBe("SECRET_IN_ARGUMENT");
  expect(codeOf(await move({ DATABASE_URL: target.url }))).toBe("CONFIG_OVERRIDDEN");
  expect(codeOf(await move({ PSN_MOVE_TO: home.env.DATABASE_URL }))).toBe("HUB_SAME");

  const other = await testHub();
  await other.hub.pool.query(`insert into psn.accounts (id, platform_user_id, handle, name, created_at, updated_at)
    values ('a', '1', 'ann', 'Ann', now(), now())`);
  expect(codeOf(await move({ PSN_MOVE_TO: other.url }))).toBe("HUB_NOT_EMPTY");
  await other.drop();

  const worker = startWorkerProcess(env);
  await worker.ready();
  expect(codeOf(await move())).toBe("HUB_BUSY");
  await worker.stop();
  expect(await readFile(config, "utf8")).toContain(String(home.env.DATABASE_URL));
});

test("a move that was interrupted left a part behind; the next one keeps it and finishes", async () => {
  const [from, to] = [new pg.Client(String(home.env.DATABASE_URL)), new pg.Client(target.url)];
  await from.connect();
  await to.connect();
  await plainSession(from);
  await plainSession(to);
  // The name that its copies remember is the first thing that a move writes.
  const id = "a-hub";
  await from.query(
    "insert into psn.hub_settings (key, value, updated_at) values ('hub_id', to_jsonb($1::text), now())",
    [id],
  );
  const mark = JSON.stringify({ kind: "copying", from: id });
  await to.query(`comment on schema psn is ${to.escapeLiteral(`psn hub: ${mark}`)}`);
  await from.query("begin");
  for (const table of ["accounts", "posts", "post_events"]) expect(await copyTable(from, to, table)).toBe(true);
  await from.query("commit");
  // The worst kind of half: a table whose rows are there but not all the same.
  await to.query("set session_replication_role = replica; delete from psn.posts where parent_post_id is not null");
  expect(await requireEqual(from, to, await hubTables(from)).catch((error) => error.code)).toBe("HUB_COPY_DIFFERS");
  await from.end();
  await to.end();

  const before = await Promise.all(ids.map(show));
  const moved = await move();
  expect(moved.code, moved.stdout + moved.stderr).toBe(0);
  const answer = moved.json as { copiedTables: string[]; tables: { table: string; rows: number }[]; jobs: number };
  expect(answer.copiedTables).not.toContain("accounts");
  expect(answer.copiedTables).toContain("posts");
  expect(answer.jobs).toBe(2);
  expect(answer.tables.find(({ table }) => table === "media_chunks")?.rows).toBe(1);
  expect(moved.stdout + moved.stderr).not.toContain("psn_test_".repeat(2));

  expect(await readFile(config, "utf8")).toContain(target.url.split("?")[0] ?? "");
  expect(await Promise.all(ids.map(show))).toEqual(before);
});

test("the old hub refuses writes and opens to nobody", async () => {
  const old = { ...env, DATABASE_URL: home.env.DATABASE_URL };
  expect(codeOf(await home.psn(["post", "list"], { env: old }))).toBe("HUB_MOVED");
  const { pool } = home.hub;
  expect(await pool.query("update psn.posts set content = 'x'").catch((error) => error.code)).toBe("PSN02");
  expect(await pool.query("truncate psn.posts cascade").catch((error) => error.code)).toBe("PSN02");
});

test("the new hub works: guards stand, numbers go on, a due post goes out once", async () => {
  const { pool } = target.hub;
  const begins =
    "insert into psn.posts (id, account_id, content, status, created_at, updated_at) select 'bad', id, 'x', 'published', now(), now() from psn.accounts";
  expect(await pool.query(begins).catch((error) => error.code)).toBe("PSN01");
  const made = await home.psn(["post", "create", "After the move.", "--now"], { env });
  expect((made.json as { post: { status: string } }).post.status, made.stdout).toBe("published");

  const worker = startWorkerProcess(env);
  await home.psn(["post", "schedule", ids[3] ?? "", "--at", "in 1 hour"], { env });
  await timeComes(pool, ids[3] ?? "");
  const status = async () => (await pool.query("select status from psn.posts where id = $1", [ids[3]])).rows[0].status;
  await eventually(
    async () => (await status()) === "published",
    async () => `the post is ${await status()}`,
  );
  await worker.stop();
});

test("and back to where it was, over the retired hub", async () => {
  const before = await Promise.all(ids.map(show));
  const moved = await move({ PSN_MOVE_TO: home.env.DATABASE_URL });
  expect(moved.code, moved.stdout + moved.stderr).toBe(0);
  expect(await Promise.all(ids.map(show))).toEqual(before);
  const made = await home.psn(["post", "create", "Back home."], { env });
  expect(made.code, made.stdout).toBe(0);
});

test("a write that waited while the hub moved is refused, not lost", async () => {
  const from = await home.hub.pool.connect();
  const { refuseWrites } = await import("../../src/core/db/moved.ts");
  await from.query("begin");
  await from.query("lock table psn.posts in share mode");
  const waiting = home.hub.pool.query("update psn.posts set updated_at = now()").catch((error) => error);
  const locked =
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'update%'";
  await eventually(
    async () => (await home.hub.pool.query(locked)).rowCount === 1,
    () => "the update does not wait for the lock",
  );
  // As a database may be called.
  const to = "h/a $body$ of 'its' \\own";
  await refuseWrites(from, ["posts"], to);
  await from.query("commit");
  from.release();
  expect(await waiting).toMatchObject({ code: "PSN02", message: `This hub was moved to ${to}` });
});

describe("the URL of a hub", () => {
  const codeFor = (url: string) => {
    try {
      return readDatabaseUrl(url).href;
    } catch (error) {
      return (error as PsnError).code;
    }
  };
  test("Neon's pooled address becomes the direct one, and both are reached over checked TLS", () => {
    const direct =
      "postgres://me:pw@ep-cool-sun-123456.eu-central-1.aws.neon.tech/psn?sslmode=verify-full&channel_binding=require";
    for (const pooler of ["-pooler", ""]) {
      const given = `postgres://me:pw@ep-cool-sun-123456${pooler}.eu-central-1.aws.neon.tech/psn?sslmode=require&channel_binding=require`;
      expect(codeFor(given)).toBe(direct);
    }
    const pooled = readDatabaseUrl("postgres://me:pw@ep-cool-sun-123456-pooler.eu-central-1.aws.neon.tech/psn", true);
    expect(pooled.hostname).toContain("-pooler");
  });
  test("remote hosts are reached over TLS unless the URL says otherwise, local ones as they are", () => {
    expect(codeFor("postgres://me@db.example.org/psn")).toContain("sslmode=verify-full");
    expect(codeFor("postgres://me@db.example.org/psn?sslmode=disable")).toContain("sslmode=disable");
    expect(codeFor("postgres://me@localhost/psn")).not.toContain("sslmode");
    expect(codeFor("postgres://me@localhost/psn?host=/tmp/sockets")).not.toContain("sslmode");
  });
  test("Supabase's transaction pooler is explained", () => {
    expect(codeFor("postgres://me:pw@aws-0-eu.pooler.supabase.com:6543/postgres")).toBe("HUB_POOLED");
    expect(codeFor("postgres://me:pw@aws-0-eu.pooler.supabase.com:5432/postgres")).toContain(":5432");
    expect(codeFor("not a url")).toBe("CONFIG_INVALID");
  });
});
