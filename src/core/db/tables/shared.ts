/** What all tables share: their schema in Postgres, and the types of their columns. */
import { sql } from "drizzle-orm";
import { customType, pgSchema, timestamp } from "drizzle-orm/pg-core";

export const psn = pgSchema("psn");

export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });
export const bytes = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => "bytea",
  toDriver: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
});

/**
 * Media are found by their hash, so a row that names them otherwise is refused. core/media/backend.ts does not rely on
 * it.
 */
export const IS_HASH = sql`sha256 ~ '^[0-9a-f]{64}$'`;
