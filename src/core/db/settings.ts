/** Small facts of the hub itself, by name: the engine in use, the id of its key. */
import { eq, type SQL, sql } from "drizzle-orm";
import type { Db, Tx } from "./connection.ts";
import { hubSettings } from "./schema.ts";

/** Null while nothing has been written under this name; the caller checks what it is given. */
export async function readSetting(db: Db | Tx, key: string): Promise<unknown> {
  const [row] = await db.select({ value: hubSettings.value }).from(hubSettings).where(eq(hubSettings.key, key));
  return row?.value ?? null;
}

/** Puts a value in the place of an earlier one. */
export async function writeSetting(db: Db | Tx, key: string, value: unknown): Promise<void> {
  await db
    .insert(hubSettings)
    .values({ key, value, updatedAt: sql`psn.now()` })
    .onConflictDoUpdate({ target: hubSettings.key, set: { value, updatedAt: sql`psn.now()` } });
}

/** The value as JSON, as a part of another statement. @param key a name of the program, never of an author's */
export function settingSql(key: string): SQL {
  return sql`(select value from psn.hub_settings where key = ${sql.raw(`'${key}'`)})`;
}

/** When it was written last, by the hub's clock, as a part of another statement. @param key as of `settingSql` */
export function settingTimeSql(key: string): SQL {
  return sql`(select updated_at from psn.hub_settings where key = ${sql.raw(`'${key}'`)})`;
}
