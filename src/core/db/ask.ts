/** Statements that come again and again. */
import type { SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type pg from "pg";
import type { Hub } from "./connection.ts";
import { isHubOutage } from "./errors.ts";

const dialect = new PgDialect();

/** Asks one statement under a name, and answers with its rows. */
export type Ask = <Row extends object>(name: string, statement: SQL) => Promise<Row[]>;

export interface AskOptions {
  /** How long a statement is waited for at most, if less than any. */
  timeoutMs?: number | undefined;
}

/**
 * Asks one statement under a name: Postgres plans it once a connection instead of each time, which is a fifth of its
 * work for a short one. The text must be the same whenever the name is.
 * @returns the rows as the driver reads them: times as dates, bigints as text
 */
export async function ask<Row extends object>(
  hub: Hub,
  name: string,
  statement: SQL,
  { timeoutMs }: AskOptions = {},
): Promise<Row[]> {
  const { rows } = await hub.pool.query(queryOf(hub, name, statement, timeoutMs));
  return rows;
}

/**
 * Several such statements as one transaction. It rolls back when `act` throws, and gives its connection back in any
 * case.
 */
export async function askInTransaction<T>(
  hub: Hub,
  act: (ask: Ask) => Promise<T>,
  { timeoutMs }: AskOptions = {},
): Promise<T> {
  const client = await hub.pool.connect();
  const command = (text: string) => client.query(withTimeout({ text }, timeoutMs));
  let isBroken = false;
  try {
    await command("begin");
    const result = await act(async (name, statement) => {
      const { rows } = await client.query(queryOf(hub, name, statement, timeoutMs));
      return rows;
    });
    await command("commit");
    return result;
  } catch (error) {
    isBroken = isHubOutage(error);
    // Waited for within the same bound. A connection that is closed instead rolls back by itself.
    await command("rollback").catch(() => {
      isBroken = true;
    });
    throw error;
  } finally {
    client.release(isBroken);
  }
}

// --- internal ---

type Query = pg.QueryConfig & { query_timeout?: number };

function queryOf(hub: Hub, name: string, statement: SQL, timeoutMs: number | undefined): Query {
  const { sql: text, params: values } = dialect.sqlToQuery(statement);
  return withTimeout({ text, values, ...(hub.keepsPlans ? { name: `psn_${name}` } : {}) }, timeoutMs);
}

function withTimeout(query: pg.QueryConfig, timeoutMs: number | undefined): Query {
  return timeoutMs === undefined ? query : { ...query, query_timeout: timeoutMs };
}
