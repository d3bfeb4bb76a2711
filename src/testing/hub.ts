/** A real hub for a test file: a database of its own, cloned from a migrated template on one shared embedded server. */
import { createHash, randomBytes } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import type pg from "pg";
import { PROJECT_DIR } from "../core/config/folders.ts";
import { createHubConnection, type Hub } from "../core/db/connection.ts";
import { migrateHub } from "../core/db/migrate.ts";
import { isAlive } from "./processes.ts";
import { connectTo, testServer } from "./server.ts";

const TEMPLATE_LOCK = 0x70736e7e;

/**
 * Makes a fresh, migrated database. `drop` removes it.
 * @returns the hub, and its URL for child processes
 */
export async function testHub(
  options: { max?: number } = {},
): Promise<{ hub: Hub; url: string; drop(): Promise<void> }> {
  const server = await testServer();
  const admin = await connectTo(server);
  const template = `psn_template_${await schemaHash()}`;
  const name = `psn_test_${process.pid}_${randomBytes(4).toString("hex")}`;
  const urlOf = (database: string) => {
    const host = encodeURIComponent(server.connection.host);
    return `postgres://${encodeURIComponent(server.connection.user)}@localhost/${database}?host=${host}&port=${server.connection.port}`;
  };
  // Two test files at once: one makes the template, the other waits.
  await admin.query("select pg_advisory_lock($1)", [TEMPLATE_LOCK]);
  try {
    const { rowCount } = await admin.query("select from pg_database where datname = $1", [template]);
    if (rowCount === 0) {
      await dropLeftovers(admin);
      await admin.query(`create database ${template}_new`);
      const fresh = await createHubConnection({ databaseUrl: urlOf(`${template}_new`), dataDir: "" });
      await migrateHub(fresh);
      await fresh.close();
      await admin.query(`alter database ${template}_new rename to ${template}`);
    }
    // Its files are copied, which takes less than to write each of its pages into the log.
    await admin.query(`create database ${name} template ${template} strategy file_copy`);
  } finally {
    await admin.query("select pg_advisory_unlock($1)", [TEMPLATE_LOCK]);
    await admin.end();
  }
  const hub = await createHubConnection({ databaseUrl: urlOf(name), dataDir: "", max: options.max ?? 10 });
  return {
    hub,
    url: urlOf(name),
    async drop() {
      await hub.close();
      const last = await connectTo(server);
      await last.query(`drop database if exists ${name} with (force)`);
      await last.end();
    },
  };
}

/** Makes a hub what it was before the migration of this tag (default: the newest): without its rows, too. */
export async function migrateBefore({ pool }: Hub, tag?: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "psn-migrations-"));
  await cp(join(PROJECT_DIR, "drizzle"), folder, { recursive: true });
  const path = join(folder, "meta", "_journal.json");
  const journal: { entries: { tag: string }[] } = JSON.parse(await readFile(path, "utf8"));
  const index = journal.entries.findIndex((entry) => entry.tag === tag);
  await writeFile(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, index) }));
  await pool.query("drop schema psn cascade");
  await migrate(drizzle(pool), { migrationsFolder: folder, migrationsSchema: "psn", migrationsTable: "migrations" });
  await rm(folder, { recursive: true });
}

// --- internal ---

async function schemaHash(): Promise<string> {
  const folder = join(PROJECT_DIR, "drizzle");
  const hash = createHash("sha256");
  const sql = (await readdir(folder)).filter((entry) => entry.endsWith(".sql")).sort();
  // The journal says which of them are applied.
  for (const file of [...sql, "meta/_journal.json"]) {
    hash.update(await readFile(join(folder, file)));
  }
  return hash.digest("hex").slice(0, 12);
}

/** Templates of other versions, and databases of test runs that were killed. */
async function dropLeftovers(admin: pg.Client): Promise<void> {
  const { rows } = await admin.query("select datname from pg_database where datname ~ '^psn_(template|test)_'");
  for (const { datname } of rows) {
    const pid = /^psn_test_(\d+)_/.exec(datname)?.[1];
    if (pid && isAlive(Number(pid))) continue;
    await admin.query(`drop database if exists "${datname}" with (force)`);
  }
}
