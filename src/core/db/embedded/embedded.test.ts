import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { codeOf, query, Scratch, startElsewhere } from "./fixtures/hubs.ts";
import { type EmbeddedHub, removeEmbedded, startEmbedded, statusEmbedded, stopEmbedded } from "./index.ts";

let scratch: Scratch;
beforeAll(async () => {
  scratch = await Scratch.open();
});
afterAll(() => scratch.close());

describe("the life of a hub", () => {
  test("is made once by many processes at once, stopped, found again with its data, and removed", async () => {
    const options = scratch.options("life");
    const answers = await Promise.all([1, 2, 3].map(() => startElsewhere(options).answer));
    expect(answers.filter((answer) => answer.created === true)).toHaveLength(1);
    expect(answers.filter((answer) => answer.started === true)).toHaveLength(1);
    const first = await startEmbedded(options);
    expect(new Set([first.pid, ...answers.map((answer) => answer.pid)])).toEqual(new Set([first.pid]));
    expect(first).toMatchObject({ started: false, created: false, dataDir: options.dataDir, movedFrom: null });
    await query(first.connection, "create table kept (n int)");
    await query(first.connection, "insert into kept values (7)");

    const running = await statusEmbedded(options);
    expect(running).toMatchObject({ running: true, exists: true, pid: first.pid, connections: 0 });
    expect(running.version).toStartWith("18.");
    expect(running.sizeBytes).toBeGreaterThan(10_000_000);

    expect(await stopEmbedded(options)).toEqual({ stopped: true });
    expect(await stopEmbedded(options)).toEqual({ stopped: false });
    expect(await statusEmbedded(options)).toMatchObject({ running: false, exists: true, pid: null, connections: null });

    const third = await startEmbedded(options);
    expect(third).toMatchObject({ started: true, created: false });
    expect(await query(third.connection, "select n from kept")).toEqual([{ n: 7 }]);

    expect(await removeEmbedded(options)).toEqual({ removed: true });
    expect(await removeEmbedded(options)).toEqual({ removed: false });
    expect(await statusEmbedded(options)).toMatchObject({ running: false, exists: false });
    expect(await codeOf(stat(options.dataDir))).toBe("ENOENT");
  });

  test("a start that is aborted says so and leaves nothing half-made", async () => {
    const options = scratch.options("aborted");
    const controller = new AbortController();
    const start = startEmbedded({ ...options, signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 150);
    expect(await start.catch((error) => error.message)).toBe("enough");
    // On a busy machine it is aborted before it has made a folder.
    const made = await readdir(options.dataDir).catch(() => []);
    expect(made.filter((name) => name.startsWith(".psn-"))).toEqual([]);
  });
});

describe("a hub, here under a path of spaces, quotes, commas and other scripts,", () => {
  let options: ReturnType<typeof scratch.options>;
  let hub: EmbeddedHub;
  beforeAll(async () => {
    options = scratch.options(`a, "b" 'c' \\ $d %e 日本 é/hub`);
    hub = await startEmbedded(options);
  });

  test("is durable, in UTF-8 and UTC, and closed to everybody else", async () => {
    const [row] = await query(
      hub.connection,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
        current_setting('full_page_writes') as pages, current_setting('data_checksums') as checksums,
        current_setting('server_encoding') as encoding, current_setting('TimeZone') as zone,
        current_setting('listen_addresses') as tcp, datlocale as locale, upper('straße ä') as upper
        from pg_database where datname = current_database()`,
    );
    expect(row).toEqual({
      fsync: "on",
      commit: "on",
      pages: "on",
      checksums: "on",
      encoding: "UTF8",
      zone: "UTC",
      tcp: "",
      locale: "C.UTF-8",
      upper: "STRAßE Ä",
    });
    for (const folder of [hub.dataDir, hub.socketDir]) expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  test("is reached by its connection string as well", async () => {
    const client = new pg.Client(hub.connectionString);
    await client.connect();
    const { rows } = await client.query("select current_database() as name");
    await client.end();
    expect(rows).toEqual([{ name: "psn" }]);
  });

  test("is one hub, by its path and by a link to it", async () => {
    const link = join(scratch.folder, "link");
    await symlink(options.dataDir, link);
    expect(await startEmbedded({ ...options, dataDir: link })).toMatchObject({ started: false, pid: hub.pid });
    await rm(link);
  });

  test("keeps out of its log both the statements and the rows of what failed", async () => {
    await query(hub.connection, "create table t (s text unique)");
    await query(hub.connection, "insert into t values ('confidential')");
    expect(await codeOf(query(hub.connection, "insert into t values ('confidential')"))).toBe("23505");
    const log = await readFile(hub.logFile, "utf8");
    expect(log).toContain("duplicate key value");
    expect(log).not.toContain("confidential");
  });

  test("is the same server for many calls at once in one process", async () => {
    await stopEmbedded(options);
    const hubs = await Promise.all([1, 2, 3, 4].map(() => startEmbedded(options)));
    expect(new Set(hubs.map((hub) => hub.pid)).size).toBe(1);
    expect(hubs.filter((hub) => hub.started)).toHaveLength(1);
  });

  test("outlives the process that started it, whose Postgres settings it ignores", async () => {
    await stopEmbedded(options);
    const env = {
      PGHOST: "example.org",
      PGPORT: "1",
      PGDATA: "/nowhere",
      PGUSER: "somebody",
      PGDATABASE: "other",
      PGOPTIONS: "-c search_path=nowhere",
      PGSSLMODE: "require",
      PG_COLOR: "always",
      LC_ALL: "xx_XX.UTF-8",
      TZ: "Asia/Tokyo",
      TMPDIR: "/nonexistent",
    };
    const answer = await startElsewhere(options, { env }).answer;
    expect(answer).toMatchObject({ started: true, created: false });
    expect(await startEmbedded(options)).toMatchObject({ started: false, pid: Number(answer.pid) });
  });

  test("smart stop waits for connections, but not without end; fast stop ends them", async () => {
    const client = new pg.Client(hub.connection);
    client.on("error", () => {});
    await client.connect();
    expect(await codeOf(stopEmbedded({ ...options, mode: "smart", timeoutMs: 100 }))).toBe("HUB_STOP_TIMEOUT");
    expect(await stopEmbedded({ ...options, mode: "fast" })).toEqual({ stopped: true });
  });

  test("is closed again when somebody opened it", async () => {
    const { socketDir } = await startEmbedded(options);
    for (const folder of [options.dataDir, socketDir]) await chmod(folder, 0o755);
    expect(await startEmbedded(options)).toMatchObject({ started: false });
    for (const folder of [options.dataDir, socketDir]) expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  test("is refused by an older PSN, and as a cluster of another major version, and left as it is", async () => {
    await stopEmbedded(options);
    const marker = join(options.dataDir, "psn-hub.json");
    const current = await readFile(marker, "utf8");
    await writeFile(marker, '{"psnHub":99,"wantedDir":"/"}');
    expect(await codeOf(startEmbedded(options))).toBe("HUB_VERSION_MISMATCH");
    await writeFile(marker, current);
    const versionFile = join(options.dataDir, "postgres", "PG_VERSION");
    await writeFile(versionFile, "17\n");
    expect(await codeOf(startEmbedded(options))).toBe("HUB_VERSION_MISMATCH");
    expect(await readFile(versionFile, "utf8")).toBe("17\n");
    await writeFile(versionFile, "18\n");
  });

  test("that cannot start is explained with the last lines of its log", async () => {
    await stopEmbedded(options);
    await writeFile(join(options.dataDir, "postgres", "postgresql.conf"), "no_such_setting = 1\n");
    const error = await startEmbedded(options).catch((thrown) => thrown);
    expect(error.code).toBe("HUB_START_FAILED");
    expect(error.message).toContain('unrecognized configuration parameter "no_such_setting"');
    expect(error.hint).toContain(join(options.dataDir, "postgres.log"));
  });
});

describe("what a hub refuses", () => {
  test("a folder that holds something else", async () => {
    const options = scratch.options("foreign");
    await mkdir(options.dataDir);
    await writeFile(join(options.dataDir, "novel.txt"), "chapter one");
    for (const act of [startEmbedded, stopEmbedded, statusEmbedded, removeEmbedded]) {
      expect(await codeOf(act(options))).toBe("HUB_DATA_FOREIGN");
    }
    expect(await readdir(options.dataDir)).toEqual(["novel.txt"]);
  });

  test("a file, a path through a file, a path with a line break, no path", async () => {
    const file = scratch.options("file");
    await writeFile(file.dataDir, "");
    expect(await codeOf(startEmbedded(file))).toBe("HUB_DATA_INVALID");
    expect(await codeOf(startEmbedded(scratch.options("file/below")))).toBe("HUB_DATA_INVALID");
    expect(await codeOf(startEmbedded(scratch.options("line\nbreak")))).toBe("HUB_DATA_INVALID");
    expect(await codeOf(startEmbedded({ dataDir: "" }))).toBe("HUB_DATA_INVALID");
    expect(await codeOf(startEmbedded(scratch.options("x".repeat(900))))).toBe("HUB_DATA_INVALID");
  });
});

test("a path too long for a socket gets a short private folder, which goes with the hub", async () => {
  const options = scratch.options(`${"long/".repeat(25)}hub`);
  const hub = await startEmbedded(options);
  expect(hub.dataDir).toBe(options.dataDir);
  expect(hub.socketDir).toStartWith("/tmp/psn-");
  expect((await stat(hub.socketDir)).mode & 0o777).toBe(0o700);
  expect(await query(hub.connection, "select 1 as one")).toEqual([{ one: 1 }]);
  expect(await startEmbedded(options)).toMatchObject({ started: false, socketDir: hub.socketDir });
  await removeEmbedded(options);
  expect(await codeOf(stat(hub.socketDir))).toBe("ENOENT");
});
