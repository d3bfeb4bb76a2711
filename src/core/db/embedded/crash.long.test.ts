import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { lchown, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { until } from "../../../testing/wait.ts";
import { codeOf, query, Scratch, startElsewhere } from "./fixtures/hubs.ts";
import { startEmbedded, statusEmbedded, stopEmbedded } from "./index.ts";

let scratch: Scratch;
/** One hub for all: each test finds it whole and not running, whatever the one before did to it. */
let options: { dataDir: string; systemDirs: string[] };
beforeAll(async () => {
  scratch = await Scratch.open();
  options = scratch.options("hub");
});
beforeEach(async () => {
  await stopEmbedded(options);
});
afterAll(() => scratch.close());

const leftovers = async (folder: string) => (await readdir(folder)).filter((name) => name.startsWith(".psn-"));

test("kill -9 in the middle of making a hub leaves nothing half-made", async () => {
  const { child, answer } = startElsewhere(options);
  await until(async () => (await leftovers(options.dataDir).catch(() => [])).some((name) => name.includes("init")));
  child.kill("SIGKILL");
  expect(await answer).toEqual({ killed: true });
  expect(await statusEmbedded(options)).toMatchObject({ running: false });
  expect(await startEmbedded(options)).toMatchObject({ started: true, created: true });
  expect(await leftovers(options.dataDir)).toEqual([]);
});

test("kill -9 of the starter at any moment: the next start gets the one server", async () => {
  // Measured against one whole start, so that the moments fall where they should on a slow machine too.
  const begin = performance.now();
  await startElsewhere(options).answer;
  const wholeMs = performance.now() - begin;
  for (const part of [0.6, 0.75, 0.9]) {
    await stopEmbedded(options);
    const { child, answer } = startElsewhere(options);
    const timer = setTimeout(() => child.kill("SIGKILL"), wholeMs * part);
    await answer;
    clearTimeout(timer);
    const hub = await startEmbedded(options);
    expect(await query(hub.connection, "select 1 as one")).toEqual([{ one: 1 }]);
  }
});

test("kill -9 of the server: the next start recovers what was committed", async () => {
  const hub = await startEmbedded(options);
  await query(hub.connection, "create table kept (n int)");
  await query(hub.connection, "insert into kept values (7)");
  process.kill(hub.pid, "SIGKILL");
  const again = await startEmbedded(options);
  expect(again.started).toBe(true);
  expect(again.pid).not.toBe(hub.pid);
  expect(await query(again.connection, "select n from kept")).toEqual([{ n: 7 }]);
});

/** What a power cut leaves: a postmaster.pid, here with the given pid in it. */
async function stalePidFile(pid: number) {
  const cluster = join(options.dataDir, "postgres");
  const lines = [pid, cluster, 1_700_000_000, 5432, join(options.dataDir, "socket"), "", "  5432001    0", "ready   "];
  await writeFile(join(cluster, "postmaster.pid"), `${lines.join("\n")}\n`, { mode: 0o600 });
  if (process.geteuid?.() === 0) {
    const { systemUser } = await import("./user.ts");
    const { uid, gid } = await systemUser();
    await lchown(join(cluster, "postmaster.pid"), uid, gid);
    return { uid, gid };
  }
  return {};
}

test("a stale postmaster.pid whose pid is another process's now is no server, and no obstacle", async () => {
  const as = await stalePidFile(1);
  // A process of the server's own user: the one kind that Postgres would take for a server.
  const stranger = spawn("sleep", ["60"], { ...as, stdio: "ignore" });
  try {
    const file = join(options.dataDir, "postgres", "postmaster.pid");
    await writeFile(file, (await readFile(file, "utf8")).replace(/^1\n/, `${stranger.pid}\n`));
    expect(await statusEmbedded(options)).toMatchObject({ running: false, pid: null });
    expect(await stopEmbedded(options)).toEqual({ stopped: false });
    const answers = await Promise.all([1, 2].map(() => startElsewhere(options).answer));
    expect(new Set(answers.map((answer) => answer.pid)).size).toBe(1);
    expect(answers.filter((answer) => answer.started === true)).toHaveLength(1);
    expect(stranger.exitCode).toBe(null);
  } finally {
    stranger.kill();
  }
});

test("a stale postmaster.pid of a process that is gone", async () => {
  await stalePidFile(4_000_000);
  expect(await startEmbedded(options)).toMatchObject({ started: true });
});

test.each([0, 8])("a postmaster.pid of which a crash left %i bytes", async (bytes) => {
  await stalePidFile(4_000_000);
  await truncate(join(options.dataDir, "postgres", "postmaster.pid"), bytes);
  expect(await startEmbedded(options)).toMatchObject({ started: true });
});

test("a server whose socket was deleted under it is started anew", async () => {
  const hub = await startEmbedded(options);
  await rm(hub.socketDir, { recursive: true });
  const again = await startEmbedded(options);
  expect(again.started).toBe(true);
  expect(await query(again.connection, "select 1 as one")).toEqual([{ one: 1 }]);
  expect(await codeOf(Promise.resolve().then(() => process.kill(hub.pid, 0)))).toBe("ESRCH");
});

test("starts and stops at the same moment end with a hub that starts", async () => {
  await startEmbedded(options);
  await Promise.all([stopEmbedded(options), startEmbedded(options), stopEmbedded(options), startEmbedded(options)]);
  const hub = await startEmbedded(options);
  expect(await query(hub.connection, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("scenario 69: a server whose shared memory was swept away refuses every newcomer, and is restarted", async () => {
  const hub = await startEmbedded(options);
  await query(hub.connection, "create table if not exists swept (n int)");
  await query(hub.connection, "insert into swept values (7)");
  const folder = join(options.dataDir, "postgres", "pg_dynshmem");
  const segments = await readdir(folder);
  expect(segments.length).toBeGreaterThan(0);
  for (const name of segments) await rm(join(folder, name));
  expect((await statusEmbedded(options)).running).toBe(false);
  expect(await statusEmbedded(options)).toMatchObject({ pid: hub.pid });
  const again = await startEmbedded(options);
  expect(again.started).toBe(true);
  expect(again.pid).not.toBe(hub.pid);
  expect(await query(again.connection, "select n from swept")).toEqual([{ n: 7 }]);
});

test("scenario 69: a server all of whose places are taken is restarted, and is there for the next", async () => {
  const hub = await startEmbedded(options);
  await query(hub.connection, "alter system set max_connections = 5");
  await stopEmbedded(options);
  const full = await startEmbedded(options);
  const strangers = Array.from({ length: 5 }, () => new pg.Client(full.connection));
  for (const stranger of strangers) {
    stranger.on("error", () => {});
    await stranger.connect();
  }
  const again = await startEmbedded(options);
  expect(again.started).toBe(true);
  expect(await query(again.connection, "select 1 as one")).toEqual([{ one: 1 }]);
  await query(again.connection, "alter system reset max_connections");
  for (const stranger of strangers) await stranger.end().catch(() => {});
});
