/** Which migrations this version knows, and which a hub has. */
import type pg from "pg";
import { z } from "zod";
import journal from "../../../drizzle/meta/_journal.json" with { type: "json" };
import { PsnError } from "../errors.ts";
import type { Hub } from "./connection.ts";

const JournalSchema = z.object({ entries: z.array(z.object({ when: z.number(), tag: z.string() })).min(1) });

/** Part of the code, so that a bundle without the project's folders has it too. */
export const MIGRATIONS = JournalSchema.parse(journal).entries;
export const NEWEST_MIGRATION = MIGRATIONS.at(-1)?.when ?? 0;

export async function appliedMigrations(db: pg.Pool | pg.PoolClient): Promise<{ count: number; newest: number }> {
  const { rows } = await db.query("select to_regclass('psn.migrations') is not null as there");
  if (!rows[0].there) return { count: 0, newest: 0 };
  const done = await db.query(
    "select count(*)::int as count, coalesce(max(created_at), 0)::text as newest from psn.migrations",
  );
  return { count: done.rows[0].count, newest: Number(done.rows[0].newest) };
}

/** @throws PsnError HUB_NEWER when a newer PSN has migrated this hub */
export async function requireNotNewer(db: pg.Pool | pg.PoolClient): Promise<{ count: number; newest: number }> {
  const applied = await appliedMigrations(db);
  if (applied.newest <= NEWEST_MIGRATION) return applied;
  throw new PsnError("HUB_NEWER", "This hub was set up by a newer PSN than this one.", {
    hint: "Update PSN (git pull && npm install), then try again.",
  });
}

/**
 * For what uses a hub without bringing it up to date: what is sent on a schema that cannot hold the answer is not
 * known afterwards.
 * @throws PsnError HUB_OLDER
 */
export async function requireMigrated(hub: Hub): Promise<void> {
  if ((await appliedMigrations(hub.pool)).newest >= NEWEST_MIGRATION) return;
  throw new PsnError("HUB_OLDER", "This hub was set up by an older PSN than this one, so nothing was done on it.", {
    hint: "Run psn hub status with the new version once: it brings the hub up to date, and the watchdog finds what waits.",
  });
}
