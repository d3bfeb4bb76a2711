/** Connections that break: what waits for one must find one again. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { testHub } from "../../testing/hub.ts";
import type { Hub } from "./connection.ts";

let hub: Hub;
let drop: () => Promise<void>;
beforeEach(async () => {
  ({ hub, drop } = await testHub({ max: 2 }));
});
afterEach(() => drop());

/** The connections that are taken from the pool next break under their holder, before a word was said. */
function breakNext(count: number): void {
  const breakIt = (client: unknown) => {
    if (--count === 0) hub.pool.off("acquire", breakIt);
    (client as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  };
  hub.pool.on("acquire", breakIt);
}

test("connections that break as a transaction begins are not lost to the pool", async () => {
  breakNext(6);
  for (let round = 0; round < 6; round++) {
    await expect(hub.db.transaction(async (tx) => await tx.execute(sql`select 1`))).rejects.toThrow();
  }
  const { rows } = await hub.db.transaction(async (tx) => await tx.execute<{ one: number }>(sql`select 1 as one`));
  expect(rows[0]?.one).toBe(1);
});

test("a connection that breaks in the middle of a transaction is not handed out again", async () => {
  await expect(
    hub.db.transaction(async (tx) => await tx.execute(sql`select pg_terminate_backend(pg_backend_pid())`)),
  ).rejects.toThrow();
  expect((await hub.db.execute(sql`select 1`)).rows).toHaveLength(1);
});

test("a connection that stopped answering in a transaction is not handed out again", async () => {
  hub.pool.options.query_timeout = 2_000;
  // The first is open already, with the patience of every day.
  await hub.db.transaction(async () => {
    await expect(hub.db.transaction(async (tx) => await tx.execute(sql`select pg_sleep(30)`))).rejects.toThrow();
    expect((await hub.db.execute(sql`select 1`)).rows).toHaveLength(1);
  });
});

test("a transaction that Postgres refuses, or that its author gives up, keeps its connection", async () => {
  const pidOf = async () => (await hub.db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)).rows[0]?.pid;
  const pid = await pidOf();
  await expect(hub.db.transaction(async (tx) => await tx.execute(sql`select 1 / 0`))).rejects.toThrow();
  await expect(hub.db.transaction(() => Promise.reject(new Error("given up")))).rejects.toThrow("given up");
  expect(await pidOf()).toBe(pid);
  expect(hub.pool.totalCount).toBe(1);
});
