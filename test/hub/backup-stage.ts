/** A hub to back up, an empty database to restore to, and the two as functions of core; scrypt at its cheapest. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BackupDeps, backUp } from "../../src/core/backup/backup.ts";
import { type RestoreHost, restore } from "../../src/core/backup/restore.ts";
import { wallClock } from "../../src/core/clock.ts";
import { createHubConnection, type Hub } from "../../src/core/db/connection.ts";
import { folderBackend } from "../../src/core/media/folder-backend.ts";
import { testHub } from "../../src/testing/hub.ts";

export const PASSPHRASE = "four words nobody guesses";
export const KEY = "ab".repeat(32);

export async function backupStage() {
  const [from, to] = await Promise.all([testHub(), testHub()]);
  const folder = await mkdtemp(join(tmpdir(), "psn-backup-"));
  const [store, restoredStore] = [folderBackend(join(folder, "media")), folderBackend(join(folder, "restored"))];
  await emptied(to.hub);
  const written: object[] = [];
  return {
    from: from.hub,
    to: to.hub,
    url: to.url,
    folder,
    store,
    restoredStore,
    file: join(folder, "psn.age"),
    /** What was written as configuration. */
    written,
    backUp: async (file: string, more: Partial<BackupDeps> = {}) =>
      await backUp(
        {
          hub: from.hub,
          store,
          settings: {
            hub: { ENCRYPTION_KEY: KEY, DATABASE_URL: "postgres://old/psn", own_line: "1", LINES: "a\nb" },
            keys: { X_CLIENT_ID: "app" },
            aside: {},
          },
          clock: wallClock,
          version: "0.1.0",
          signal: new AbortController().signal,
          logN: 1,
          ...more,
        },
        file,
        PASSPHRASE,
      ),
    restore: async (file: string, more: Partial<RestoreHost> = {}, passphrase = PASSPHRASE) =>
      await restore(file, passphrase, {
        configFiles: [join(folder, "hub.env")],
        signal: new AbortController().signal,
        isThere: true,
        open: async () => await createHubConnection({ databaseUrl: to.url, dataDir: "", evenIfMoved: true }),
        store: async () => restoredStore,
        enqueueWaiting: async () => 0,
        writeConfig: async (settings) => void written.push(settings),
        willWrite: () => {},
        ...more,
      }),
    async close() {
      await Promise.all([from.drop(), to.drop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type BackupStage = Awaited<ReturnType<typeof backupStage>>;

/** A database as a provider gives it. */
export async function emptied(hub: Hub): Promise<void> {
  await hub.pool.query("drop schema if exists psn cascade");
}

export const ANN = `insert into psn.accounts (id, platform_user_id, handle, name, created_at, updated_at)
  values ('a', '1', 'ann', 'Ann', now(), now())`;

/** What a hub is for whoever opens it: not there, not whole, or a hub with its accounts. */
export async function stateOf(url: string): Promise<string> {
  try {
    const hub = await createHubConnection({ databaseUrl: url, dataDir: "" });
    try {
      const { rows } = await hub.pool.query("select to_regclass('psn.accounts') is not null as there");
      if (!rows[0].there) return "nothing";
      return `${hub.isRestored ? "restored" : "claimed"}: ${(await hub.pool.query("select from psn.accounts")).rowCount}`;
    } finally {
      await hub.close();
    }
  } catch (error) {
    return (error as { code: string }).code;
  }
}
