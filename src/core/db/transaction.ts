/** Transactions that give their connection back, whatever becomes of it. */
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import type pg from "pg";
import { isHubOutage } from "./errors.ts";

/**
 * Drizzle over a pool. Its own transaction keeps the connection without end when not even `begin` comes through, and
 * hands out again one that stopped answering: a few of those, and a worker that runs for weeks has none left.
 */
export function drizzleOver(pool: pg.Pool): NodePgDatabase {
  const db = drizzle(pool);
  const byClient = new WeakMap<pg.PoolClient, NodePgDatabase>();
  const on = (client: pg.PoolClient) => {
    const known = byClient.get(client) ?? drizzle(client);
    byClient.set(client, known);
    return known;
  };
  db.transaction = async (act, config) => {
    const client = await pool.connect();
    let isBroken = false;
    try {
      return await on(client).transaction(act, config);
    } catch (error) {
      isBroken = isHubOutage(error);
      throw error;
    } finally {
      client.release(isBroken);
    }
  };
  return db;
}
