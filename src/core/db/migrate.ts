/** Brings a hub to this version's schema. Safe to call from many processes at once, and cheap when nothing is to do. */
import type pg from "pg";
import { PsnError } from "../errors.ts";
import type { Hub } from "./connection.ts";
import { isDeadlock } from "./errors.ts";
import { GRAPHILE_SCHEMA, loadGraphile } from "./graphile.ts";
import { MIGRATIONS, NEWEST_MIGRATION, requireNotNewer } from "./version.ts";

/** Any constant; the first eight letters of "psn-hub" and a count, so it is recognised in pg_locks. */
const MIGRATION_LOCK = 0x70736e01;

/**
 * @returns how many migrations were applied
 * @throws PsnError HUB_NEWER when a newer PSN has migrated this hub, HUB_MIGRATION_FAILED
 */
export async function migrateHub(hub: Hub): Promise<number> {
  if (await isUpToDate(hub.pool)) return 0;

  const client = await hub.pool.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    const before = await requireNotNewer(client);
    const { applyAll } = await import("./apply-migrations.ts");
    await applyAll(client);
    if (!(await engineIsReady(client))) {
      const { runMigrations } = await loadGraphile();
      await runMigrations({ pgPool: hub.pool, schema: GRAPHILE_SCHEMA });
    }
    return MIGRATIONS.length - before.count;
  } catch (error) {
    if (error instanceof PsnError) throw error;
    const hint = isDeadlock(error)
      ? "A worker was busy on it. Nothing was changed: try again in a moment."
      : "The user needs the right to create schemas in this database.";
    throw new PsnError("HUB_MIGRATION_FAILED", `The hub's tables could not be brought up to date: ${reason(error)}`, {
      hint,
      cause: error,
    });
  } finally {
    await client.query("select pg_advisory_unlock($1)", [MIGRATION_LOCK]).catch(() => {});
    client.release();
  }
}

// --- internal ---

/** The number of graphile-worker 0.18's newest migration. Its own runner decides; this only saves loading it. */
const GRAPHILE_MIGRATION = 20;

/** Two statements, as every command waits for them. */
async function isUpToDate(db: pg.Pool): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean }>(`
    select to_regclass('psn.migrations') is not null and to_regclass('graphile_worker.migrations') is not null as there`);
  if (!rows[0]?.there) return false;
  const newest = await db.query<{ own: string | null; graphile: number | null }>(`
    select
      (select max(created_at)::text from psn.migrations) as own,
      (select max(id) from graphile_worker.migrations) as graphile`);
  const [row] = newest.rows;
  return Number(row?.own ?? 0) === NEWEST_MIGRATION && (row?.graphile ?? 0) >= GRAPHILE_MIGRATION;
}

async function engineIsReady(db: pg.Pool | pg.PoolClient): Promise<boolean> {
  const { rows } = await db.query("select to_regclass('graphile_worker.migrations') is not null as there");
  if (!rows[0].there) return false;
  const done = await db.query("select max(id) as newest from graphile_worker.migrations");
  return done.rows[0].newest >= GRAPHILE_MIGRATION;
}

function reason(error: unknown): string {
  const cause = (error as { cause?: unknown }).cause;
  return String((cause instanceof Error ? cause : (error as Error)).message).slice(0, 300);
}
