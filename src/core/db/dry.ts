/**
 * A hub on which nothing is kept: all statements go through one transaction, which is rolled back. What runs on it meets the same rows,
 * locks, rules and constraints as on the hub itself, so a dry run is the act itself and not a copy of its checks.
 */
import type pg from "pg";
import type { Hub } from "./connection.ts";
import { drizzleOver } from "./transaction.ts";

/** Over an open hub, which its `close` closes, too. For one command: a second transaction waits until the first has ended. */
export async function dryHubOver(hub: Hub): Promise<Hub> {
  const client = await hub.pool.connect();
  await client.query("begin");
  const pool = new DryPool(client) as unknown as pg.Pool;
  const db = drizzleOver(pool);
  return {
    ...hub,
    keepsPlans: false,
    pool,
    db,
    lockDb: db,
    async close() {
      try {
        await client.query("rollback");
      } finally {
        client.release();
        await hub.close();
      }
    },
  };
}

// --- internal ---

/** As much of a pool as is asked of one: a statement by itself, or a client for a transaction. Each is a savepoint. */
class DryPool {
  readonly #client: pg.PoolClient;
  /** Transactions one after another: savepoints are a stack. */
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;
  #isOpen = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  async query(...args: unknown[]): Promise<unknown> {
    // Inside a transaction that is open, a statement on the hub beside it sees what it wrote; on the hub itself it would wait for it.
    if (this.#isOpen) return await this.#send(args);
    const client = await this.connect();
    try {
      await client.query("begin");
      const result = await client.query(...args);
      await client.query("commit");
      return result;
    } catch (error) {
      await client.query("rollback");
      throw error;
    } finally {
      client.release();
    }
  }

  async connect() {
    const before = this.#last;
    let release = () => {};
    this.#last = new Promise<void>((resolve) => {
      release = resolve;
    });
    await before;
    this.#isOpen = true;
    const name = `dry_${++this.#count}`;
    return {
      query: async (...args: unknown[]) => await this.#send(asSavepoint(args, name)),
      release: () => {
        this.#isOpen = false;
        release();
      },
    };
  }

  async #send(args: unknown[]): Promise<unknown> {
    return await (this.#client.query as (...given: unknown[]) => Promise<unknown>).apply(this.#client, args);
  }
}

const STATEMENTS: Record<string, (name: string) => string> = {
  begin: (name) => `savepoint ${name}`,
  commit: (name) => `release savepoint ${name}`,
  rollback: (name) => `rollback to savepoint ${name}`,
};

/** The beginning and the end of a transaction, as parts of the one that is open already. */
function asSavepoint([first, ...more]: unknown[], name: string): unknown[] {
  const text = typeof first === "string" ? first : (first as { text?: string })?.text;
  const [word = ""] = (text ?? "").trim().toLowerCase().split(/[\s;]/);
  const become = STATEMENTS[word];
  // drizzle's own nested transactions say "rollback to savepoint" and "release savepoint" themselves.
  if (!become || /savepoint/i.test(text ?? "")) return [first, ...more];
  return [become(name)];
}
