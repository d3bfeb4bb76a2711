/** Statements that come again and again. */
import type { SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type { Hub } from "./connection.ts";

const dialect = new PgDialect();

/**
 * Asks one statement under a name: Postgres plans it once a connection instead of each time, which is a fifth of its work
 * for a short one. The text must be the same whenever the name is.
 * @returns the rows as the driver reads them: times as dates, bigints as text
 */
export async function ask<Row extends object>(hub: Hub, name: string, statement: SQL): Promise<Row[]> {
  const { sql: text, params: values } = dialect.sqlToQuery(statement);
  const { rows } = await hub.pool.query(hub.keepsPlans ? { name: `psn_${name}`, text, values } : { text, values });
  return rows;
}
