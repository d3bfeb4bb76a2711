/**
 * `psn backup`: all tables as they were at one moment, the settings with their keys, and the media, in one sealed file. The hub goes on
 * meanwhile. The file has its name only when it was read back and found whole.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { link, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "../clock.ts";
import { requirePlace } from "../config/file-error.ts";
import { syncFolder } from "../config/whole-file.ts";
import type { Hub, HubClient } from "../db/connection.ts";
import { hubTables, plainSession, rowsOf, sumOf, type TableSum } from "../db/copy.ts";
import { appliedMigrations } from "../db/version.ts";
import { PsnError } from "../errors.ts";
import type { Blob, MediaBackend } from "../media/backend.ts";
import { checkBlob } from "../media/check-blob.ts";
import { type EncryptionKey, keyFromHex } from "../utils/crypto.ts";
import type { AllSettings, Settings } from "../utils/env.ts";
import { type ArchiveEntry, writeArchive } from "./archive.ts";
import {
  CONFIG,
  END,
  FORMAT,
  MANIFEST,
  type Manifest,
  mediaName,
  OF_THE_PLACE,
  PART_BYTES,
  readBackup,
  SETTING_NAME,
  tablePart,
} from "./contents.ts";

export interface BackupDeps {
  hub: Hub;
  store: MediaBackend;
  /** Read before the hub is; `backUp` makes sure that they belong to what it read. */
  settings: AllSettings;
  clock: Clock;
  /** Of this program. */
  version: string;
  signal: AbortSignal;
  /** Called when all was looked at, before the file is begun. */
  willWrite?(): void;
  /** scrypt's cost; tests lower it. */
  logN?: number;
}

export interface Backup {
  file: string;
  byteLength: number;
  madeAt: string;
  tables: number;
  rows: number;
  media: number;
  /** Files that posts show and the store does not have whole; a restored hub will not have them either. */
  missingMedia: string[];
}

/** At least as much as resists being guessed for long: four words, say. */
export const PASSPHRASE_CHARS_MIN = 12;
const CHUNK_BYTES = 1 << 20;

/**
 * Writes a backup to a file that is not there yet.
 * @throws PsnError FILE_EXISTS, FILE_NOT_WRITTEN, HUB_BUSY while the encryption key is exchanged; then there is no file
 */
export async function backUp(deps: BackupDeps, file: string, passphrase: string): Promise<Backup> {
  await requireRoomFor(file);
  const draft = `${file}.${randomBytes(6).toString("hex")}.new`;
  const client = await deps.hub.pool.connect();
  try {
    await plainSession(client);
    await client.query("begin isolation level repeatable read read only");
    const missingMedia = await write(deps, client, draft, passphrase);
    const { tables, media, madeAt } = await readBackup(draft, passphrase, {}, deps.signal);
    const { size } = await stat(draft);
    await giveName(draft, file);
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    return { file, byteLength: size, madeAt, tables: tables.length, rows, media, missingMedia };
  } finally {
    // The session has settings of its own; it is not used again.
    client.release(true);
    await rm(draft, { force: true });
  }
}

/**
 * Before a passphrase is asked for: whether the file can be written.
 * @throws PsnError FILE_EXISTS, FILE_NOT_WRITTEN
 */
export async function requireRoomFor(file: string): Promise<void> {
  await requireFree(file);
  await requirePlace(file, "file", "there");
}

// --- internal ---

/** @returns hashes of the media that posts show and the store does not have whole */
async function write(deps: BackupDeps, client: HubClient, draft: string, passphrase: string): Promise<string[]> {
  const missing: string[] = [];
  const manifest = await manifestOf(deps, client);
  await requireOwnKey(deps, client);
  deps.willWrite?.();
  const out = await open(draft, "wx", 0o600);
  try {
    await writeArchive(out, passphrase, entriesOf(deps, client, manifest, missing), deps.logN);
    await out.sync();
  } finally {
    await out.close();
  }
  return missing;
}

/** Media are not among the tables: their store may be another one on the machine that restores them. */
async function manifestOf({ clock, version }: BackupDeps, client: HubClient): Promise<Manifest> {
  const tables: TableSum[] = [];
  for (const table of await hubTables(client)) {
    if (table !== "media_chunks") tables.push(await sumOf(client, table));
  }
  const { newest } = await appliedMigrations(client);
  const madeAt = clock.now().toISOString();
  return { psnBackup: FORMAT, id: randomUUID(), madeAt, psn: version, migration: newest, tables };
}

/** Settings that were read just before a rotation of the key would not open what was read after it. */
async function requireOwnKey({ settings }: BackupDeps, client: HubClient): Promise<void> {
  const { rows } = await client.query<{ id: string | null }>(
    "select value ->> 'id' as id from psn.hub_settings where key = 'encryption_key'",
  );
  const id = rows[0]?.id ?? null;
  const { ENCRYPTION_KEY, ENCRYPTION_KEY_OLD } = settings.hub;
  const ring: EncryptionKey[] = [ENCRYPTION_KEY, ENCRYPTION_KEY_OLD].filter((hex) => hex !== undefined).map(keyFromHex);
  if (id === null || ring.some((key) => key.id === id)) return;
  throw new PsnError("HUB_BUSY", "The encryption key was being exchanged while this began.", {
    hint: "Nothing was written. Run it again.",
  });
}

async function* entriesOf(
  deps: BackupDeps,
  client: HubClient,
  manifest: Manifest,
  missing: string[],
): AsyncGenerator<ArchiveEntry> {
  yield jsonEntry(MANIFEST, manifest);
  const { hub, keys, aside } = deps.settings;
  yield jsonEntry(CONFIG, { hub: settingsToKeep(hub), keys: settingsToKeep(keys), aside: settingsToKeep(aside) });
  for (const { table } of manifest.tables) {
    let number = 0;
    for await (const rows of rowsOf(client, table)) {
      deps.signal.throwIfAborted();
      for (const part of partsOf(rows)) yield bytesEntry(tablePart(table, ++number), part);
    }
  }
  let media = 0;
  const { rows: blobs } = await client.query<{ sha256: string; byteLength: string; isShown: boolean }>(`
    select sha256, byte_length as "byteLength",
      exists (select from psn.post_media as shown where shown.sha256 = blob.sha256) as "isShown"
    from psn.media_blobs as blob
    order by sha256`);
  for (const { sha256, byteLength, isShown } of blobs) {
    deps.signal.throwIfAborted();
    const blob = { sha256, byteLength: Number(byteLength) };
    if ((await checkBlob(deps.store, blob)) !== "whole") {
      if (isShown) missing.push(sha256);
      continue;
    }
    media++;
    yield { name: mediaName(sha256), byteLength: blob.byteLength, chunks: chunksOf(deps.store, blob) };
  }
  yield jsonEntry(END, { media });
}

/** Without those of the place, and without lines of a file that are no settings of PSN's and could not be written again. */
function settingsToKeep(settings: Settings): Settings {
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([name, value]) => SETTING_NAME.test(name) && !/[\r\n\0]/.test(value) && !OF_THE_PLACE.includes(name),
    ),
  );
}

const jsonEntry = (name: string, value: unknown) =>
  bytesEntry(name, Buffer.from(`${JSON.stringify(value, null, 2)}\n`));

function bytesEntry(name: string, bytes: Buffer): ArchiveEntry {
  const chunks = async function* () {
    yield bytes;
  };
  return { name, byteLength: bytes.length, chunks: chunks() };
}

/** A row a line. Postgres writes JSON without line breaks. */
function* partsOf(rows: string[]): Generator<Buffer> {
  let lines: string[] = [];
  let chars = 0;
  for (const row of rows) {
    lines.push(row, "\n");
    chars += row.length;
    if (chars < PART_BYTES) continue;
    yield Buffer.from(lines.join(""));
    lines = [];
    chars = 0;
  }
  if (lines.length > 0) yield Buffer.from(lines.join(""));
}

async function* chunksOf(store: MediaBackend, { sha256, byteLength }: Blob): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < byteLength; start += CHUNK_BYTES) {
    yield await store.read(sha256, start, Math.min(start + CHUNK_BYTES, byteLength));
  }
}

async function requireFree(file: string): Promise<void> {
  const there = await stat(file).catch(() => null);
  if (there) throw taken(file);
}

function taken(file: string): PsnError {
  return new PsnError("FILE_EXISTS", `${file} is there already; a backup is never written over.`, {
    hint: 'Give another name, such as "psn-$(date +%F).age".',
  });
}

/** Nothing is in the file's place when this ends it, whatever came there meanwhile stays. */
async function giveName(draft: string, file: string): Promise<void> {
  try {
    await link(draft, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw taken(file);
    // A file system without hard links, such as that of a USB stick.
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP" && code !== "ENOSYS") throw error;
    await requireFree(file);
    await rename(draft, file);
  }
  await syncFolder(dirname(file));
}
