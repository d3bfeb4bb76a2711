/** Behind a pooler in transaction mode nothing of a session stays, and another tenant's names are still not called. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import pg from "pg";
import { openApp } from "../../src/cli/_app.ts";
import { createHubConnection, type Hub } from "../../src/core/db/connection.ts";
import { publishPost } from "../../src/core/publish/publish.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { testServer } from "../../src/testing/server.ts";
import { publishDepsOf } from "../../src/wiring.ts";

interface Pooler {
  port: number;
  /** All that clients have asked, as it went over the wire. */
  asked(): string;
  close(): void;
}

/** `ReadyForQuery`, outside of a transaction. */
const IDLE = 0x49;
const DISCARD = Buffer.from("Q\0\0\0\x10discard all\0", "latin1");

/** As PgBouncer's transaction mode looks to a client: what is set, prepared or locked in a session is gone with the transaction. */
async function startPooler(socket: string): Promise<Pooler> {
  let asked = "";
  const open = new Set<Socket>();
  const server: Server = createServer((client) => {
    const hub = connect(socket);
    for (const end of [client, hub]) {
      open.add(end);
      end.on("error", () => {});
      end.on("close", () => [client, hub].forEach((one) => void one.destroy()));
    }
    let isResetting = false;
    let held: Buffer[] = [];
    let rest = Buffer.alloc(0);
    client.on("data", (bytes: Buffer) => {
      asked += bytes.toString("latin1");
      if (isResetting) held.push(bytes);
      else hub.write(bytes);
    });
    hub.on("data", (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= 5) {
        const length = 1 + rest.readUInt32BE(1);
        if (rest.length < length) return;
        const message = rest.subarray(0, length);
        rest = rest.subarray(length);
        const isIdle = message[0] === "Z".charCodeAt(0) && message[5] === IDLE;
        if (!isResetting) client.write(message);
        if (!isIdle) continue;
        isResetting = !isResetting;
        if (isResetting) hub.write(DISCARD);
        else for (const waiting of held.splice(0)) hub.write(waiting);
        held = [];
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    asked: () => asked,
    close() {
      server.close();
      for (const one of open) one.destroy();
    },
  };
}

/**
 * Clients that share sessions of the server, of which nothing is reset: each gets one when it begins a transaction. It gives numbers of
 * its own at the start, as PgBouncer does.
 */
async function startSharing(
  socket: string,
  takes: "last used" | "next in turn" | "never",
): Promise<Omit<Pooler, "asked">> {
  type Session = { socket: Socket; home: Socket; rest: Buffer };
  const idle: Session[] = [];
  const open = new Set<Socket>();
  const release = new Map<Socket, () => void>();
  const server = createServer((client) => {
    const own: Session = { socket: connect(socket), home: client, rest: Buffer.alloc(0) };
    let serving: Session | null = own;
    for (const end of [client, own.socket]) {
      open.add(end);
      end.on("error", () => {});
    }
    client.on("data", (bytes: Buffer) => {
      serving ??= (takes === "next in turn" ? idle.shift() : idle.pop()) ?? null;
      if (serving) serving.home = client;
      serving?.socket.write(bytes);
    });
    own.socket.on("data", (bytes: Buffer) => {
      own.rest = Buffer.concat([own.rest, bytes]);
      while (own.rest.length >= 5) {
        const length = 1 + own.rest.readUInt32BE(1);
        if (own.rest.length < length) return;
        const message = Buffer.from(own.rest.subarray(0, length));
        own.rest = own.rest.subarray(length);
        if (message[0] === "K".charCodeAt(0)) message.writeUInt32BE(1, 5);
        if (message[0] === "Z".charCodeAt(0) && message[5] === IDLE && takes !== "never") {
          release.get(own.home)?.();
          idle.push(own);
        }
        own.home.write(message);
      }
    });
    release.set(client, () => {
      serving = null;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const close = () => {
    server.close();
    for (const one of open) one.destroy();
  };
  return { port, close };
}

let home: TestHome;
let pooler: Pooler;
let hub: Hub;

beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  const { connection } = await testServer();
  pooler = await startPooler(join(connection.host, `.s.PGSQL.${connection.port}`));
  const { rows } = await home.hub.pool.query("select current_database() as name");
  const change = (text: string) => home.hub.pool.query(text);
  await change("create schema evil");
  const planted = {
    "now()": "timestamptz",
    "clock_timestamp()": "timestamptz",
    "lower(text)": "text",
    "left(text, integer)": "text",
    "length(text)": "integer",
    "md5(text)": "text",
    "jsonb_array_length(jsonb)": "integer",
    "pg_advisory_xact_lock(bigint)": "void",
    "pg_notify(text, text)": "void",
    "json_to_recordset(json)": "setof record",
    "make_interval(double precision)": "interval",
    "textis(text, text)": "boolean",
    "intis(integer, integer)": "boolean",
    "textjoin(text, text)": "text",
  };
  for (const [signature, returns] of Object.entries(planted)) {
    await change(`create function evil.${signature} returns ${returns} language plpgsql as $$
      begin raise exception 'planted % was called', '${signature}'; end $$`);
  }
  await change("create operator evil.= (leftarg = text, rightarg = text, function = evil.textis)");
  await change("create operator evil.<> (leftarg = text, rightarg = text, function = evil.textis)");
  await change("create operator evil.= (leftarg = integer, rightarg = integer, function = evil.intis)");
  await change("create operator evil.> (leftarg = integer, rightarg = integer, function = evil.intis)");
  await change("create operator evil.|| (leftarg = text, rightarg = text, function = evil.textjoin)");
  for (const table of ["posts", "accounts", "pg_class", "hub_settings"])
    await change(`create table evil.${table} (id text)`);
  await change(`alter database ${rows[0].name} set search_path = evil, public, pg_catalog`);
  const databaseUrl = `postgres://${connection.user}@127.0.0.1:${pooler.port}/${rows[0].name}`;
  hub = await createHubConnection({ databaseUrl, dataDir: "", pooled: true });
});
afterAll(async () => {
  await hub?.close();
  pooler?.close();
  await home?.close();
});

const throughPooler = (port: number) =>
  home.env.DATABASE_URL?.replace(/@localhost\/([^?]*).*/, `@127.0.0.1:${port}/$1`) ?? "";

test("the pooler forgets a session's settings, and the planted names are found by whoever does not pin", async () => {
  const bare = new pg.Client(throughPooler(pooler.port));
  await bare.connect();
  const asked = await bare.query("select lower('A')").catch((error) => error.message);
  expect(asked).toContain("planted");
  await bare.end();
});

test("a hub that keeps locks in its session is refused behind a pooler of any name that keeps none", async () => {
  const { connection } = await testServer();
  const socket = join(connection.host, `.s.PGSQL.${connection.port}`);
  const sharing = { last: await startSharing(socket, "last used"), next: await startSharing(socket, "next in turn") };
  const whole = await startSharing(socket, "never");
  try {
    for (const { port } of [pooler, sharing.last, sharing.next]) {
      const opened = createHubConnection({ databaseUrl: throughPooler(port), dataDir: "", max: 1 });
      expect(await opened.then(() => "opened").catch((error) => error.code)).toBe("HUB_POOLED");
    }
    for (const { port } of [sharing.last, sharing.next]) {
      const next = new pg.Client(throughPooler(port));
      await next.connect();
      expect((await next.query("show search_path")).rows[0].search_path).toContain("evil");
      await next.end();
    }
    const direct = await createHubConnection({ databaseUrl: throughPooler(whole.port), dataDir: "", max: 1 });
    await direct.close();
  } finally {
    for (const one of [sharing.last, sharing.next, whole]) one.close();
  }
});

test("a statement, a transaction and one that fails find Postgres's own names alone", async () => {
  const path = async (db: Pick<Hub["db"], "execute">) => (await db.execute(sql`show search_path`)).rows[0]?.search_path;
  expect(await path(hub.db)).toBe("pg_catalog, pg_temp");
  const { rows } = await hub.pool.query("select lower('A') || 'b' as text, now() as now, 'a' = $1 as is", ["a"]);
  expect(rows[0]).toMatchObject({ text: "ab", is: true });
  const inside = await hub.db.transaction(async (tx) => {
    const before = await path(tx);
    const nested = await tx.transaction(path).catch((error) => String(error));
    await tx.transaction(async (inner) => await inner.execute(sql`select 1 / 0`)).catch(() => {});
    return [before, nested, await path(tx)];
  });
  expect(inside).toEqual(Array(3).fill("pg_catalog, pg_temp"));
  await expect(hub.pool.query("select 1 / 0")).rejects.toThrow("division by zero");
  await expect(
    hub.db.transaction(async (tx) => {
      await tx.execute(sql`select 1 / 0`);
    }),
  ).rejects.toThrow();
  await expect(hub.db.transaction(path, { isolationLevel: "repeatable read", accessMode: "read only" })).resolves.toBe(
    "pg_catalog, pg_temp",
  );
  const many = await Promise.all(Array.from({ length: 30 }, (_, n) => hub.pool.query("select $1::int as n", [n])));
  expect(many.map((one) => one.rows[0].n)).toEqual([...Array(30).keys()]);
  const client = await hub.pool.connect();
  const both = await Promise.all([client.query("select lower('A') as a"), client.query("select lower('B') as a")]);
  expect(both.map((one) => one.rows[0].a)).toEqual(["a", "b"]);
  client.release();
  expect(await path(hub.db)).toBe("pg_catalog, pg_temp");
});

test("a post is published through it, and no session of somebody else's is changed", async () => {
  const made = await home.psn(["post", "create", "Through a pooler.\n---\nAnd on.", "--at", "in 1 hour", "--approve"]);
  const { id } = (made.json as { post: { id: string } }).post;
  await home.hub.pool.query("update psn.posts set due_at = psn.now() where id = $1", [id]);
  const app = await openApp({ env: home.env });
  try {
    const { hubEnv, engine, media } = app;
    const deps = publishDepsOf({ hubEnv, keys: await app.keys(), hub, engine, media, workerId: "pooled", mark: null });
    const { rows } = await home.hub.pool.query("select schedule_version as version from psn.posts where id = $1", [id]);
    const result = await publishPost(deps, { postId: id, scheduleVersion: rows[0].version });
    expect(result.kind).toBe("published");
    expect(home.onX()).toEqual(["Through a pooler.", "And on."]);
  } finally {
    await app.close();
  }
  expect(pooler.asked()).not.toMatch(/\bset (?!local\b|psn\.|[a-z_".]+ ?=|transaction)search_path/i);
});
