/** Runs the migrations themselves. Loaded where there is something to do, which is seldom: `migrateHub` sees whether there is. */
import { join } from "node:path";
import { type MigrationConfig, type MigrationMeta, readMigrationFiles } from "drizzle-orm/migrator";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import type pg from "pg";
import { FILES_DIR } from "../config/folders.ts";
import { isDeadlock } from "./errors.ts";

/** One transaction. Workers that go on meanwhile may be in its way, and Postgres then chooses who gives up. */
export async function applyAll(client: pg.PoolClient): Promise<void> {
  for (let round = 1; ; round++) {
    try {
      return await migrate(drizzle(client), MIGRATIONS_CONFIG);
    } catch (error) {
      if (round >= ROUNDS_MAX || !isDeadlock(error)) throw error;
    }
  }
}

/**
 * Makes the tables of an earlier schema, for what was written when that was the newest. The hub has none.
 * @param newest the `when` of the last migration that is applied
 */
export async function migrateUpTo(client: pg.PoolClient, newest: number): Promise<void> {
  const migrations = readMigrationFiles(MIGRATIONS_CONFIG).filter(({ folderMillis }) => folderMillis <= newest);
  // What drizzle's own migrate() does, with a part of what it reads.
  const { dialect, session } = drizzle(client) as unknown as Migrator;
  await dialect.migrate(migrations, session, MIGRATIONS_CONFIG);
}

// --- internal ---

interface Migrator {
  session: unknown;
  dialect: { migrate(migrations: MigrationMeta[], session: unknown, config: MigrationConfig): Promise<void> };
}

const MIGRATIONS_CONFIG: MigrationConfig = {
  migrationsFolder: join(FILES_DIR, "drizzle"),
  migrationsSchema: "psn",
  migrationsTable: "migrations",
};

const ROUNDS_MAX = 5;
