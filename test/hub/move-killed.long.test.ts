/** A move that dies between any two of its statements: never two hubs that take writes, and the same move finishes. */
import { expect, test } from "bun:test";
import type pg from "pg";
import { wallClock } from "../../src/core/clock.ts";
import { createHubConnection, type Hub } from "../../src/core/db/connection.ts";
import { type MoveSwitch, moveHub } from "../../src/core/db/move.ts";
import { readMark } from "../../src/core/db/moved.ts";
import { testHub } from "../../src/testing/hub.ts";

type Queryable = { query(...given: unknown[]): unknown };

/** Counts the statements of both hubs, and from the `last`th on lets none through, as for a process that was killed. */
function mortal(hubs: Hub[], last: number): { count(): number; revive(): void } {
  let count = 0;
  const restores: (() => void)[] = [];
  const wrap = (target: Queryable) => {
    const real = target.query;
    target.query = (...given: unknown[]) => {
      if (++count >= last) return Promise.reject(new Error("killed"));
      return real.apply(target, given);
    };
    restores.push(() => {
      target.query = real;
    });
  };
  for (const { pool } of hubs) {
    const connect = pool.connect.bind(pool) as () => Promise<pg.PoolClient>;
    (pool as { connect: unknown }).connect = async (...callback: unknown[]) => {
      // The pool's own statements come this way, and are not the move's.
      if (callback.length > 0) return (connect as (...given: unknown[]) => unknown)(...callback);
      const client = await connect();
      wrap(client as unknown as Queryable);
      return client;
    };
    restores.push(() => {
      (pool as { connect: unknown }).connect = connect;
    });
  }
  return {
    count: () => count,
    revive() {
      for (const restore of restores) restore();
    },
  };
}

const canWrite = async (url: string) => {
  try {
    const hub = await createHubConnection({ databaseUrl: url, dataDir: "" });
    try {
      await hub.pool.query("update psn.accounts set name = 'changed' where id = 'a'");
      return true;
    } finally {
      await hub.close();
    }
  } catch {
    return false;
  }
};

async function pair() {
  const [from, to] = await Promise.all([testHub(), testHub()]);
  await from.hub.pool.query(`insert into psn.accounts (id, platform_user_id, handle, name, created_at, updated_at)
    values ('a', '1', 'ann', 'Ann', now(), now())`);
  return { from, to };
}

function host(): MoveSwitch & { switched: number } {
  const made = {
    clock: wallClock,
    signal: new AbortController().signal,
    switched: 0,
    requireIdle: async () => {},
    enqueueWaiting: async () => 0,
    switchConfig: async () => {
      made.switched++;
    },
  };
  return made;
}

/** The last statements are those in which one hub gives up its writes and the other gets them. */
const LAST_STATEMENTS = 6;

test("a move killed before any of its last statements leaves at most one hub that takes writes, and ends when it is run again", async () => {
  const whole = await pair();
  const counted = mortal([whole.from.hub, whole.to.hub], Number.POSITIVE_INFINITY);
  await moveHub(whole.from.hub, whole.to.hub, host());
  counted.revive();
  await Promise.all([whole.from.drop(), whole.to.drop()]);
  const total = counted.count();
  for (let last = Math.max(1, total - LAST_STATEMENTS); last <= total; last++) {
    const { from, to } = await pair();
    const killed = mortal([from.hub, to.hub], last);
    const first = host();
    await moveHub(from.hub, to.hub, first).catch(() => {});
    killed.revive();
    const writable = [await canWrite(from.url), await canWrite(to.url)];
    expect(writable.filter(Boolean).length, `killed at ${last} of ${total}`).toBeLessThanOrEqual(1);
    // Where the old one has given up, the configuration still names it: the same command finishes.
    const second = host();
    await moveHub(from.hub, to.hub, second);
    expect(second.switched).toBe(1);
    expect([await canWrite(from.url), await canWrite(to.url)]).toEqual([false, true]);
    expect(await readMark(to.hub.pool)).toBeNull();
    await Promise.all([from.drop(), to.drop()]);
  }
}, 300_000);

test("a copy that is not finished is opened by nobody", async () => {
  const { from, to } = await pair();
  const signal = AbortSignal.abort(new Error("stopped"));
  await moveHub(from.hub, to.hub, { ...host(), signal }).catch(() => {});
  expect(await createHubConnection({ databaseUrl: to.url, dataDir: "" }).catch((error) => error.code)).toBe(
    "HUB_COPYING",
  );
  expect(await canWrite(from.url)).toBe(true);
  await Promise.all([from.drop(), to.drop()]);
});
