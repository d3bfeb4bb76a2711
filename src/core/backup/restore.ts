/**
 * `psn restore`: a backup becomes a hub in an empty place. The file is read to its end before anything is made. While the hub is filled
 * it says of itself that it is not whole, so that no command opens it; the same restore, run again, begins anew. At the end it says
 * that it was restored, and sends nothing before a person has said that it is the one that publishes (`psn hub claim`).
 */
import { existsSync } from "node:fs";
import { migrateUpTo } from "../db/apply-migrations.ts";
import type { Hub, HubClient } from "../db/connection.ts";
import { closeAfterCopy, openForCopy, plainSession, putRows, requireSum } from "../db/copy.ts";
import { pgCode } from "../db/errors.ts";
import { lookBeforeSending } from "../db/mark.ts";
import { migrateHub } from "../db/migrate.ts";
import { fromBackup, isFromBackup, readMark, writeMark } from "../db/moved.ts";
import { PsnError } from "../errors.ts";
import type { MediaBackend } from "../media/backend.ts";
import type { AllSettings, Settings } from "../utils/env.ts";
import { type Manifest, readBackup } from "./contents.ts";

export interface RestoreHost {
  /** Files of a configuration; where one is there, PSN is set up already. */
  configFiles: readonly string[];
  signal: AbortSignal;
  /** Opens the hub in its place, making an embedded one. `isThere` is false where that would make it. */
  open(): Promise<Hub>;
  isThere: boolean;
  /** Where the backup's media go, by its settings. */
  store(hub: Hub, settings: Settings): Promise<MediaBackend>;
  /** Gives what waits to the engine. @returns how many */
  enqueueWaiting(hub: Hub): Promise<number>;
  /** Stores the backup's settings, for every command that starts from now on. */
  writeConfig(settings: AllSettings, hub: Hub): Promise<void>;
  /** Called when all was looked at, before the first change. */
  willWrite(): void;
  /** Looks at the settings before anything is made. */
  check?(settings: AllSettings): void;
}

export interface Restored {
  where: string;
  madeAt: string;
  tables: number;
  rows: number;
  media: number;
  jobs: number;
}

/**
 * Restores a backup.
 * @throws PsnError BACKUP_UNREADABLE, BACKUP_PASSPHRASE_WRONG, BACKUP_NEWER, PLACE_NOT_EMPTY, HUB_NOT_EMPTY, HUB_BUSY
 */
export async function restore(file: string, passphrase: string, host: RestoreHost): Promise<Restored> {
  let settings: AllSettings = { hub: {}, keys: {}, aside: {} };
  const begin = async (_: Manifest, config: AllSettings) => {
    settings = config;
  };
  const { id } = await readBackup(file, passphrase, { begin }, host.signal);
  host.check?.(settings);
  if (!host.isThere) {
    requireNoConfig(host);
    host.willWrite();
  }
  const hub = await host.open();
  const client = await hub.pool.connect();
  try {
    await plainSession(client);
    await takeTurn(client);
    if (!(await isUnfinished(client))) {
      requireNoConfig(host);
      await requireNoTables(client, hub);
    }
    host.willWrite();
    await client.query("drop schema if exists psn cascade");
    await client.query("begin");
    await client.query("create schema psn");
    await writeMark(client, { kind: "copying", from: fromBackup(id) });
    await client.query("commit");
    const filled = await fill({ file, passphrase, host, hub, client, settings });
    await lookBeforeSending(hub.db);
    const jobs = await host.enqueueWaiting(hub);
    await host.writeConfig(settings, hub);
    // The last step: from here on the hub can be opened.
    await writeMark(client, { kind: "restored", from: fromBackup(id) });
    const rows = filled.tables.reduce((sum, table) => sum + table.rows, 0);
    const { madeAt, tables, media } = filled;
    return { where: hub.where, madeAt, tables: tables.length, rows, media, jobs };
  } finally {
    client.release(true);
    await hub.close();
  }
}

// --- internal ---

interface Filling {
  file: string;
  passphrase: string;
  host: RestoreHost;
  hub: Hub;
  client: HubClient;
  settings: { hub: Settings };
}

/** The rows in one transaction, in the tables of the backup's own time; then those tables as they are now, and the media. */
async function fill({ file, passphrase, host, hub, client, settings }: Filling) {
  let store: MediaBackend | null = null;
  return await readBackup(
    file,
    passphrase,
    {
      async begin({ migration, tables }) {
        await migrateUpTo(client, migration);
        await client.query("begin");
        await openForCopy(
          client,
          tables.map(({ table }) => table),
        );
      },
      rows: async (table, rows) => await putRows(client, table, rows),
      async tablesDone({ tables }) {
        await closeAfterCopy(
          client,
          tables.map(({ table }) => table),
        );
        for (const sum of tables) await requireSum(client, sum);
        await client.query("commit");
        await migrateHub(hub);
        store = await host.store(hub, settings.hub);
      },
      async media(blob, chunks) {
        if (store && !(await store.has(blob))) return await store.put(blob, chunks);
        for await (const _ of chunks);
      },
    },
    host.signal,
  );
}

const RESTORE_LOCK = 0x70736e07;

/** The session of one that was killed may take a moment to end. */
const TURN_MS_MAX = 10_000;

async function takeTurn(client: HubClient): Promise<void> {
  try {
    await client.query(`set lock_timeout = ${TURN_MS_MAX}`);
    await client.query("select pg_advisory_lock($1)", [RESTORE_LOCK]);
    await client.query("set lock_timeout = 0");
  } catch (error) {
    if (pgCode(error) !== "55P03") throw error;
    throw new PsnError("HUB_BUSY", "Another psn restore is filling this hub.", { hint: "Wait for its end." });
  }
}

/** A restore that broke off left it. */
async function isUnfinished(client: HubClient): Promise<boolean> {
  return isFromBackup(await readMark(client));
}

function requireNoConfig({ configFiles }: RestoreHost): void {
  const there = configFiles.find((path) => existsSync(path));
  if (there === undefined) return;
  throw new PsnError(
    "PLACE_NOT_EMPTY",
    `PSN is set up here already (${there}); a backup goes into an empty place only.`,
    {
      hint: "Nothing was changed. Restore on another machine, or with PSN_CONFIG_DIR and PSN_DATA_DIR at new folders.",
      details: { there },
    },
  );
}

/** Whatever is there stays as it is. */
async function requireNoTables(client: HubClient, hub: Hub): Promise<void> {
  const { rows } = await client.query("select to_regnamespace('psn') is not null as there");
  if (!rows[0].there) return;
  throw new PsnError("HUB_NOT_EMPTY", `There is a hub already (${hub.where}); it is left as it is.`, {
    hint: "Give an empty database (--to), or a data folder without a hub (PSN_DATA_DIR).",
  });
}
