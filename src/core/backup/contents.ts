/** What a backup holds, in which order, and how it is checked while it is read: what is there twice must agree. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { NEWEST_MIGRATION } from "../db/version.ts";
import { PsnError } from "../errors.ts";
import type { Blob } from "../media/backend.ts";
import type { AllSettings } from "../utils/env.ts";
import { type ArchiveEntry, readArchive, unreadable } from "./archive.ts";

/** Raised when the layout changes so that an older PSN would misread it. */
export const FORMAT = 1;

/** Of the tar's entries, in this order: MANIFEST, CONFIG, tables/NAME/NUMBER.ndjson, media/SHA256, END. */
export const MANIFEST = "psn-backup.json";
export const CONFIG = "config.json";
export const END = "end.json";
export const tablePart = (table: string, number: number) => `tables/${table}/${String(number).padStart(6, "0")}.ndjson`;
export const mediaName = (sha256: string) => `media/${sha256}`;

const ManifestSchema = z.object({
  psnBackup: z.int(),
  id: z.uuid(),
  /** By the clock of the machine that wrote it. */
  madeAt: z.iso.datetime(),
  psn: z.string(),
  /** The newest migration of the tables, by its `when`. */
  migration: z.int(),
  /** In an order in which each comes after those that it refers to. */
  tables: z.array(z.object({ table: z.string().regex(/^[a-z_]+$/), rows: z.int().min(0), checksum: z.string() })),
});
export type Manifest = z.infer<typeof ManifestSchema>;

export const SETTING_NAME = /^[A-Z][A-Z0-9_]*$/;
/** Where these lead belongs to another place than that of a restored hub: a backup has none, and of a forged one they are not taken. */
export const OF_THE_PLACE: readonly string[] = ["DATABASE_URL", "PSN_DATA_DIR"];
const SettingsSchema = z
  .record(z.string().regex(SETTING_NAME), z.string())
  .refine((settings) => !OF_THE_PLACE.some((name) => name in settings));
const ConfigSchema = z.object({ hub: SettingsSchema, keys: SettingsSchema, aside: SettingsSchema });
const EndSchema = z.object({ media: z.int().min(0) });

/** A small file that is read whole. */
const SMALL_BYTES_MAX = 1 << 20;
/** A part of a table: `backUp` cuts at a sixteenth of it, unless one row is larger. */
const PART_BYTES_MAX = 128 << 20;
export const PART_BYTES = 8 << 20;

/** What a reader does with each; what it leaves out is checked all the same. */
export interface Visitor {
  begin?(manifest: Manifest, config: AllSettings): Promise<void>;
  rows?(table: string, rows: string[]): Promise<void>;
  /** All tables have come. */
  tablesDone?(manifest: Manifest): Promise<void>;
  /** Reads the chunks to their end. They throw there when they are not the blob's. */
  media?(blob: Blob, chunks: AsyncIterable<Uint8Array>): Promise<void>;
}

/**
 * Reads a backup to its end.
 * @throws PsnError BACKUP_UNREADABLE, BACKUP_PASSPHRASE_WRONG, BACKUP_NEWER
 */
export async function readBackup(
  file: string,
  passphrase: string,
  visitor: Visitor = {},
  signal?: AbortSignal,
): Promise<Manifest & { media: number }> {
  const entries = readArchive(file, passphrase);
  try {
    const manifest = requireKnown(file, await nextJson(file, entries, MANIFEST, ManifestSchema));
    const config = await nextJson(file, entries, CONFIG, ConfigSchema);
    await visitor.begin?.(manifest, config);
    const counts = new Map(manifest.tables.map(({ table }) => [table, 0]));
    let media = 0;
    let isDone = false;
    let end: z.infer<typeof EndSchema> | null = null;
    for await (const entry of entries) {
      signal?.throwIfAborted();
      const [kind, name = ""] = entry.name.split("/");
      if (kind === "tables" && !isDone && counts.has(name)) {
        const rows = (await whole(file, entry, PART_BYTES_MAX)).toString("utf8").split("\n").filter(Boolean);
        counts.set(name, (counts.get(name) ?? 0) + rows.length);
        await visitor.rows?.(name, rows);
        continue;
      }
      if (!isDone) {
        isDone = true;
        const short = manifest.tables.find(({ table, rows }) => counts.get(table) !== rows);
        if (short)
          throw unreadable(file, `it has ${counts.get(short.table)} rows of ${short.table}, not ${short.rows}`);
        await visitor.tablesDone?.(manifest);
      }
      if (kind === "media" && /^[0-9a-f]{64}$/.test(name)) {
        media++;
        await readMedia(file, entry, name, visitor);
      } else if (entry.name === END && end === null) {
        end = parsed(file, await whole(file, entry, SMALL_BYTES_MAX), EndSchema);
      } else {
        throw unreadable(file, `${entry.name.slice(0, 60)} has no place in it`);
      }
    }
    if (end?.media !== media) throw unreadable(file, "it is not whole");
    return { ...manifest, media };
  } finally {
    await entries.return(undefined);
  }
}

// --- internal ---

function requireKnown(file: string, manifest: Manifest): Manifest {
  if (manifest.psnBackup <= FORMAT && manifest.migration <= NEWEST_MIGRATION) return manifest;
  throw new PsnError(
    "BACKUP_NEWER",
    `${file} was written by PSN ${manifest.psn.slice(0, 40)}, which is newer than this one.`,
    {
      hint: "Nothing was changed. Update PSN (psn update says how), and restore it then.",
    },
  );
}

async function nextJson<Schema extends z.ZodType>(
  file: string,
  entries: AsyncGenerator<ArchiveEntry>,
  name: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const { value: entry, done } = await entries.next();
  if (done || entry.name !== name) throw unreadable(file, "it is no backup of PSN's");
  return parsed(file, await whole(file, entry, SMALL_BYTES_MAX), schema);
}

function parsed<Schema extends z.ZodType>(file: string, bytes: Buffer, schema: Schema): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(bytes.toString("utf8")));
  } catch (error) {
    throw unreadable(file, "what it says of itself cannot be read", error);
  }
}

async function whole(file: string, { byteLength, chunks }: ArchiveEntry, bytesMax: number): Promise<Buffer> {
  // What a forged size says may be no number.
  if (!(byteLength <= bytesMax)) throw unreadable(file, "a part of it is larger than any that PSN writes");
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

async function readMedia(file: string, { byteLength, chunks }: ArchiveEntry, sha256: string, visitor: Visitor) {
  const hash = createHash("sha256");
  const checked = async function* () {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
    if (hash.digest("hex") !== sha256) throw unreadable(file, `the media file ${sha256.slice(0, 12)}… is damaged`);
  };
  if (visitor.media) return await visitor.media({ sha256, byteLength }, checked());
  for await (const _ of checked());
}
