/** Backups that break off, and files that are not what was written: nothing half-made is ever taken for whole. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { open, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { writeArchive } from "../../src/core/backup/archive.ts";
import { readBackup } from "../../src/core/backup/contents.ts";
import { createHubConnection } from "../../src/core/db/connection.ts";
import { hubTables, plainSession, sumOf } from "../../src/core/db/copy.ts";
import { migrateHub } from "../../src/core/db/migrate.ts";
import { appliedMigrations, NEWEST_MIGRATION } from "../../src/core/db/version.ts";
import { migrateBefore } from "../../src/testing/hub.ts";
import { ANN, type BackupStage, backupStage, emptied, PASSPHRASE, stateOf } from "./backup-stage.ts";

let stage: BackupStage;
const MEDIA = randomBytes(300_000);
const MEDIA_SHA = createHash("sha256").update(MEDIA).digest("hex");

beforeAll(async () => {
  stage = await backupStage();
  await stage.from.pool.query(ANN);
  const odd = "Quotes \" ' \\ \\n, tabs\t, emoji 🧵, 日本語, \\u0000, {json: [1]}";
  await stage.from.pool.query("update psn.accounts set name = $1", [odd]);
  async function* chunks() {
    yield MEDIA;
  }
  await stage.store.put({ sha256: MEDIA_SHA, byteLength: MEDIA.length }, chunks());
  await stage.from.pool.query("insert into psn.media_blobs (sha256, byte_length, attached_at) values ($1, $2, now())", [
    MEDIA_SHA,
    MEDIA.length,
  ]);
  await stage.backUp(stage.file);
});
afterAll(() => stage.close());
beforeEach(() => emptied(stage.to));

const codeOf = async (act: Promise<unknown>) =>
  await act.then(
    () => "none",
    (error) => error.code ?? String(error),
  );
const sums = async (hub: BackupStage["from"], leaveOut: string[] = []) => {
  const client = await hub.pool.connect();
  try {
    await plainSession(client);
    const tables = (await hubTables(client)).filter((table) => !leaveOut.includes(table));
    const all = [];
    for (const table of tables) all.push(await sumOf(client, table));
    return all;
  } finally {
    client.release(true);
  }
};

test("what is restored is what was there: each row, each file of media, the settings but those of the place", async () => {
  expect((await stat(stage.file)).mode & 0o777).toBe(0o600);
  stage.written.length = 0;
  await stage.restore(stage.file);
  // That X has to be looked at before the next send is written by the restore.
  expect(await sums(stage.to, ["account_looks"])).toEqual(await sums(stage.from, ["account_looks"]));
  expect(Buffer.from(await stage.restoredStore.read(MEDIA_SHA, 0, MEDIA.length)).equals(MEDIA)).toBe(true);
  expect(stage.written).toEqual([
    { hub: { ENCRYPTION_KEY: "ab".repeat(32) }, keys: { X_CLIENT_ID: "app" }, aside: {} },
  ]);
  expect(await stateOf(stage.url)).toBe("restored: 1");
  expect((await readFile(stage.file)).includes("日本語")).toBe(false);
});

test("a place that holds anything is left as it is", async () => {
  await migrateHub(stage.to);
  await stage.to.pool.query(ANN);
  expect(await codeOf(stage.restore(stage.file))).toBe("HUB_NOT_EMPTY");
  expect(await stateOf(stage.url)).toBe("claimed: 1");
  await emptied(stage.to);
  const config = join(stage.folder, "other.env");
  await writeFile(config, "A=1\n");
  expect(await codeOf(stage.restore(stage.file, { configFiles: [config] }))).toBe("PLACE_NOT_EMPTY");
  expect(await codeOf(stage.restore(stage.file, { configFiles: [config], isThere: false }))).toBe("PLACE_NOT_EMPTY");
  expect(await stateOf(stage.url)).toBe("nothing");
  // A backup is written over no file, whatever it is.
  expect(await codeOf(stage.backUp(config))).toBe("FILE_EXISTS");
  expect(await readFile(config, "utf8")).toBe("A=1\n");
});

test("a wrong passphrase, a changed bit or a missing end anywhere is told before anything is made", async () => {
  expect(await codeOf(stage.restore(stage.file, {}, "another passphrase"))).toBe("BACKUP_PASSPHRASE_WRONG");
  const whole = await readFile(stage.file);
  const bad = join(stage.folder, "bad.age");
  const read = async (bytes: Uint8Array) => {
    await writeFile(bad, bytes);
    return await codeOf(readBackup(bad, PASSPHRASE));
  };
  expect(await read(whole)).toBe("none");
  const refused = /^BACKUP_(UNREADABLE|PASSPHRASE_WRONG)$/;
  // The seams of age's chunks, of 65,552 bytes behind the header, and places between them.
  const ends = [0, 1, 21, 22, 90, 150, 200, whole.length - 1, whole.length - 16, whole.length - 17];
  for (let at = 65_552; at < whole.length; at += 32_776) ends.push(at, at + 166, at + 182);
  for (const end of ends.filter((one) => one < whole.length)) {
    expect(await read(whole.subarray(0, end)), `cut at ${end} of ${whole.length}`).toMatch(refused);
  }
  for (const at of [0, 23, 40, 100, 170, 5_000, 65_800, whole.length - 600, whole.length - 1]) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(await read(changed), `changed at ${at}`).toMatch(refused);
  }
  expect(await read(Buffer.concat([whole, Buffer.alloc(1)]))).toMatch(refused);
  expect(await codeOf(readBackup(join(stage.folder, "none"), PASSPHRASE))).toBe("BACKUP_UNREADABLE");
  expect(await codeOf(readBackup(stage.folder, PASSPHRASE))).toBe("BACKUP_UNREADABLE");
  expect(await codeOf(stage.restore(bad))).toMatch(refused);
  expect(await stateOf(stage.url)).toBe("nothing");
});

test("a file that is sealed well and says something else is refused: of a newer PSN, of another program, of too few rows", async () => {
  const file = join(stage.folder, "other.age");
  const sealed = async (entries: Record<string, unknown>) => {
    async function* all() {
      for (const [name, value] of Object.entries(entries)) {
        const bytes = Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
        async function* chunks() {
          yield bytes;
        }
        yield { name, byteLength: bytes.length, chunks: chunks() };
      }
    }
    const out = await open(file, "w");
    await writeArchive(out, PASSPHRASE, all(), 1);
    await out.close();
    return await codeOf(stage.restore(file));
  };
  const manifest = {
    psnBackup: 1,
    id: crypto.randomUUID(),
    madeAt: new Date().toISOString(),
    psn: "9.9.9",
    migration: NEWEST_MIGRATION,
    tables: [{ table: "accounts", rows: 1, checksum: "0" }],
  };
  const config = { hub: {}, keys: {}, aside: {} };
  const head = { "psn-backup.json": manifest, "config.json": config };
  const end = { "end.json": { media: 0 } };
  expect(await sealed({ "readme.txt": "hello" })).toBe("BACKUP_UNREADABLE");
  expect(await sealed({ ...head, "psn-backup.json": { ...manifest, psnBackup: 2 }, ...end })).toBe("BACKUP_NEWER");
  expect(await sealed({ ...head, "psn-backup.json": { ...manifest, migration: 9e12 }, ...end })).toBe("BACKUP_NEWER");
  expect(await sealed({ ...head, ...end })).toBe("BACKUP_UNREADABLE");
  // Where a hub and its files lie is the machine's own affair.
  for (const hub of [{ DATABASE_URL: "postgres://evil@192.0.2.1/x" }, { PSN_DATA_DIR: "/tmp/prepared" }]) {
    expect(await sealed({ ...head, "config.json": { ...config, hub }, ...end })).toBe("BACKUP_UNREADABLE");
  }
  expect(await sealed({ ...head, "tables/posts/1.ndjson": "{}\n", ...end })).toBe("BACKUP_UNREADABLE");
  expect(await sealed({ ...head, "tables/accounts/1.ndjson": "{}\n" })).toBe("BACKUP_UNREADABLE");
  expect(await sealed({ ...head, "tables/accounts/1.ndjson": "{}\n", "media/../x": "x", ...end })).toBe(
    "BACKUP_UNREADABLE",
  );
  const wrongHash = { [`media/${"0".repeat(64)}`]: "x", "end.json": { media: 1 } };
  expect(await sealed({ ...head, "tables/accounts/1.ndjson": "{}\n", ...wrongHash })).toBe("BACKUP_UNREADABLE");
  expect(await stateOf(stage.url)).toBe("nothing");
});

test("a backup that breaks off leaves no file, also when its media cannot be read", async () => {
  const before = await readdir(stage.folder);
  const broken = { ...stage.store, read: async () => Promise.reject(new Error("the disk does not read")) };
  const file = join(stage.folder, "broken.age");
  expect(await codeOf(stage.backUp(file, { store: broken }))).toContain("the disk does not read");
  expect(await codeOf(stage.backUp(file, { signal: AbortSignal.abort(new Error("stopped")) }))).toContain("stopped");
  expect(await codeOf(stage.backUp(join(stage.folder, "none", "x.age")))).toBe("FILE_NOT_WRITTEN");
  expect(await readdir(stage.folder)).toEqual(before);
});

/** Restores, and from the `last`th statement or step on lets nothing through, as for a process that was killed. @returns how many there were */
async function restoreKilled(last: number): Promise<number> {
  let count = 0;
  const step = () => {
    if (++count >= last) throw new Error("killed");
  };
  const hub = await createHubConnection({ databaseUrl: stage.url, dataDir: "", evenIfMoved: true });
  const connect = hub.pool.connect.bind(hub.pool) as (...given: unknown[]) => unknown;
  const wrapped = new WeakSet<object>();
  const wrap = (client: pg.PoolClient) => {
    if (wrapped.has(client)) return client;
    wrapped.add(client);
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    (client as { query: unknown }).query = (...given: unknown[]) => {
      try {
        step();
      } catch (error) {
        return Promise.reject(error);
      }
      return query(...given);
    };
    return client;
  };
  (hub.pool as { connect: unknown }).connect = (...callback: unknown[]) =>
    callback.length > 0 ? connect(...callback) : (connect() as Promise<pg.PoolClient>).then(wrap);
  await stage
    .restore(stage.file, {
      open: async () => hub,
      enqueueWaiting: async () => {
        step();
        return 0;
      },
      writeConfig: async (settings) => {
        step();
        stage.written.push(settings);
        step();
      },
      store: async () => ({
        ...stage.restoredStore,
        has: async () => false,
        put: async (blob, chunks) => {
          step();
          await stage.restoredStore.put(blob, chunks);
          step();
        },
      }),
    })
    .catch((error) => {
      if (count < last) throw error;
    });
  return count;
}

/** `npm run proof` tries every one. */
const STRIDE = process.env.PSN_PROOF ? 1 : 61;
/** In these it becomes whole. */
const LAST_STEPS = 5;

test("a restore that is killed before any step leaves nothing that can be opened, and the same restore, run again, is whole", async () => {
  // The first asks once more whether the place is empty.
  const total = (await restoreKilled(Number.POSITIVE_INFINITY)) - 1;
  expect(await stateOf(stage.url)).toBe("restored: 1");
  await emptied(stage.to);
  const lasts = Array.from({ length: total }, (_, n) => n + 1).filter(
    (n) => n % STRIDE === 1 || n > total - LAST_STEPS || STRIDE === 1,
  );
  for (const last of lasts) {
    await restoreKilled(last);
    expect(await stateOf(stage.url), `killed at ${last} of ${total}`).toMatch(/^(nothing|HUB_COPYING)$/);
  }
  // The configuration may be there by then; it belongs to nothing else.
  const config = join(stage.folder, "left.env");
  await writeFile(config, "A=1\n");
  await stage.restore(stage.file, { configFiles: [config] });
  expect(await stateOf(stage.url)).toBe("restored: 1");
  expect(await sums(stage.to, ["account_looks"])).toEqual(await sums(stage.from, ["account_looks"]));
}, 600_000);

test("a backup of an older PSN becomes a hub of this one", async () => {
  await migrateBefore(stage.from, "0016_cut_strangers");
  await stage.from.pool.query(ANN);
  const file = join(stage.folder, "older.age");
  await stage.backUp(file);
  await stage.restore(file);
  expect((await appliedMigrations(stage.to.pool)).newest).toBe(NEWEST_MIGRATION);
  expect(await stateOf(stage.url)).toBe("restored: 1");
});
