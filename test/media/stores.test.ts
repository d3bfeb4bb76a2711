/** Every kind of media store keeps the same promises, on a real folder, a real hub, and S3 over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MediaBackend } from "../../src/core/media/backend.ts";
import { checkBlob } from "../../src/core/media/check-blob.ts";
import { chooseMediaStore } from "../../src/core/media/choose.ts";
import { cleanMedia } from "../../src/core/media/clean.ts";
import { folderBackend } from "../../src/core/media/folder-backend.ts";
import { hubBackend } from "../../src/core/media/hub-backend.ts";
import { s3Backend } from "../../src/core/media/s3-backend.ts";
import { copyBlob, storeOn } from "../../src/core/media/store.ts";
import { testHub } from "../../src/testing/hub.ts";
import { S3_TEST_KEYS, startS3Stub } from "./s3-stub.ts";

let folder: string;
const hub = await testHub();
const s3 = startS3Stub("my-bucket");
const s3Options = { endpoint: `${s3.url}/`, bucket: "my-bucket", region: "eu-central-1", ...S3_TEST_KEYS };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-media-"));
});
afterAll(async () => {
  await s3.stop();
  await hub.drop();
  await rm(folder, { recursive: true, force: true });
});

const file = async (name: string, bytes: Uint8Array) => {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
};
const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const codeOf = (act: Promise<unknown>) =>
  act.then(
    () => "nothing",
    (error) => error.code ?? error.message,
  );

const BACKENDS: [string, () => MediaBackend][] = [
  ["folder", () => folderBackend(join(folder, "backend"))],
  ["hub", () => hubBackend(hub.hub)],
  ["s3", () => s3Backend(s3Options)],
];

for (const [name, open] of BACKENDS) {
  describe(`media in ${name}`, () => {
    const store = () => storeOn(open());

    // One byte, just around the chunk of 1 MiB and the part of 8 MiB, and several parts.
    for (const size of [1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (8 << 20) + 1, 19_000_003]) {
      test(`${size} bytes come back as they were, whole and in pieces, after the original is gone`, async () => {
        const bytes = randomBytes(size);
        const path = await file(`${name}-${size}`, bytes);
        const added = await store().add(path);
        expect(added).toEqual({ sha256: hash(bytes), byteLength: size });
        await rm(path);
        const source = await store().source({ ...added, mime: "video/mp4" });
        expect(source.byteLength).toBe(size);
        expect(hash(await source.read(0, size))).toBe(added.sha256);
        expect(hash(await source.read(0, size + 1_000))).toBe(added.sha256);
        const [from, to] = [Math.floor(size / 3), Math.ceil(size / 2)];
        expect(Buffer.from(await source.read(from, to)).equals(bytes.subarray(from, to))).toBe(true);
        expect((await source.read(size, size)).length).toBe(0);
      });
    }

    test("the same bytes are kept once; removed ones are gone, and told so", async () => {
      const path = await file(`${name}-twice`, randomBytes(3_000));
      const first = await store().add(path);
      expect(await store().add(path)).toEqual(first);
      await open().remove(first.sha256);
      await open().remove(first.sha256);
      expect(await codeOf(store().source({ ...first, mime: "image/png" }))).toBe("MEDIA_GONE");
    });

    test("a file that changes while it is attached leaves nothing behind", async () => {
      const path = await file(`${name}-changing`, randomBytes(2_000_000));
      let blob = { sha256: "", byteLength: 0 };
      const changing = storeOn(open(), {
        before: async (measured) => {
          blob = measured;
          await truncate(path, 1_000_000);
        },
      });
      expect(await codeOf(changing.add(path))).toBe("MEDIA_CHANGED");
      expect(await open().has(blob)).toBe(false);
    });

    test("many at once attach the same file", async () => {
      const bytes = randomBytes(1_500_000);
      const path = await file(`${name}-crowd`, bytes);
      const added = await Promise.all(Array.from({ length: 6 }, () => store().add(path)));
      const [first] = added;
      if (!first) throw new Error("nothing was added");
      const source = await store().source({ ...first, mime: "image/png" });
      expect(hash(await source.read(0, bytes.length))).toBe(hash(bytes));
    });

    test("a file that is not there is an error", async () => {
      expect(await codeOf(store().add(join(folder, "nowhere")))).toBe("ENOENT");
    });
  });
}

test("moving from one store to another checks the bytes on the way", async () => {
  const [from, to] = [folderBackend(join(folder, "backend")), hubBackend(hub.hub)];
  const bytes = randomBytes(2_500_000);
  const blob = await storeOn(from).add(await file("to-move", bytes));
  expect(await copyBlob(from, to, blob)).toBe(true);
  expect(await copyBlob(from, to, blob)).toBe(false);
  expect(hash(await to.read(blob.sha256, 0, blob.byteLength))).toBe(blob.sha256);

  const damaged = await storeOn(from).add(await file("to-damage", randomBytes(5_000)));
  await writeFile(join(folder, "backend", damaged.sha256.slice(0, 2), damaged.sha256), randomBytes(5_000));
  expect(await codeOf(copyBlob(from, to, damaged))).toBe("MEDIA_CHANGED");
  expect(await to.has(damaged)).toBe(false);
});

describe("bytes that are damaged, and as many as before", () => {
  const backend = () => folderBackend(join(folder, "backend"));
  const spoil = (sha256: string, size: number) =>
    writeFile(join(folder, "backend", sha256.slice(0, 2), sha256), randomBytes(size));

  test("are not given to the end, in whatever pieces and from whatever place they are read", async () => {
    const size = 2_500_000;
    const blob = await storeOn(backend()).add(await file("spoiled", randomBytes(size)));
    await spoil(blob.sha256, size);
    const source = await storeOn(backend()).source({ ...blob, mime: "video/mp4" });
    await source.read(0, 1_000_000);
    expect(await codeOf(source.read(1_000_000, size))).toBe("MEDIA_DAMAGED");
    const resumed = await storeOn(backend()).source({ ...blob, mime: "video/mp4" });
    await resumed.read(1_500_000, 2_000_000);
    await resumed.read(1_500_000, 1_800_000);
    expect(await codeOf(resumed.read(2_000_000, size))).toBe("MEDIA_DAMAGED");
  });

  test("are replaced when the file is attached again, or restored from it where it still is", async () => {
    const bytes = randomBytes(300_000);
    const path = await file("again", bytes);
    const blob = await storeOn(backend()).add(path);
    await spoil(blob.sha256, bytes.length);
    expect(await storeOn(backend()).add(path)).toEqual(blob);
    expect(await checkBlob(backend(), blob)).toBe("whole");
    await spoil(blob.sha256, bytes.length);
    const known = storeOn(backend(), { originOf: async () => path });
    const source = await known.source({ ...blob, mime: "image/png" });
    const error = await source.read(0, bytes.length).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "MEDIA_DAMAGED", details: { isRepaired: true } });
    expect(await checkBlob(backend(), blob)).toBe("whole");
    // Lost altogether, they are there again before anybody reads.
    await backend().remove(blob.sha256);
    const again = await known.source({ ...blob, mime: "image/png" });
    expect(hash(await again.read(0, bytes.length))).toBe(blob.sha256);
    await writeFile(path, randomBytes(300_000));
    await backend().remove(blob.sha256);
    expect(await codeOf(known.source({ ...blob, mime: "image/png" }))).toBe("MEDIA_GONE");
  });
});

describe("S3 that fails", () => {
  const backend = () => s3Backend(s3Options);
  test("a stumble is tried again; a part that fails for good gives the whole upload up", async () => {
    const bytes = randomBytes(9 << 20);
    const path = await file("s3-stumbles", bytes);
    s3.failing.push(503);
    const blob = await storeOn(backend()).add(path);
    expect(await backend().has(blob)).toBe(true);
    await backend().remove(blob.sha256);
    // The upload is begun; its first part is refused.
    s3.failing.push(0, 404);
    const broken = storeOn({ ...backend(), has: async () => false });
    expect(await codeOf(broken.add(path))).toBe("MEDIA_STORE_UNAVAILABLE");
    expect(s3.uploads.size).toBe(0);
    expect(await backend().has(blob)).toBe(false);
  });

  test("wrong keys and a bucket that is not there are told without the keys", async () => {
    const path = await file("s3-refused", randomBytes(10));
    const wrong = storeOn(s3Backend({ ...s3Options, secretAccessKey: "not-the-secret" }));
    const error = await wrong.add(path).catch((thrown) => thrown);
    expect(error.code).toBe("MEDIA_STORE_UNAVAILABLE");
    expect(JSON.stringify([error.message, error.hint])).not.toContain("not-the-secret");
    const nowhere = storeOn(s3Backend({ ...s3Options, bucket: "another" }));
    expect((await nowhere.add(path).catch((thrown) => thrown)).message).toContain("NoSuchBucket");
  });

  test("scenario 65: while the store cannot be asked, a post's media are not taken for gone", async () => {
    const down = storeOn(s3Backend({ ...s3Options, endpoint: "http://127.0.0.1:9" }));
    const error = await down.source({ sha256: "a".repeat(64), byteLength: 1, mime: "image/png" }).catch((e) => e);
    expect(error.code).toBe("MEDIA_STORE_UNAVAILABLE");
  });
});

describe("cleaning", () => {
  const env = () => ({ PSN_CONFIG_DIR: folder, PSN_MEDIA_STORE: "hub" });
  test("media of published posts go after a week, unused ones after a day, all others stay", async () => {
    const store = await chooseMediaStore({ env: env(), hub: hub.hub, dataDir: folder, engine: "embedded" });
    expect(store.kind).toBe("hub");
    const blobs = new Map<string, { sha256: string; byteLength: number }>();
    for (const name of ["draft", "published last week", "published today", "unused", "just attached", "in two posts"]) {
      blobs.set(name, await store.add(await file(`clean ${name}`, randomBytes(2_000))));
    }
    const { pool } = hub.hub;
    await pool.query(`insert into psn.accounts (id, platform_user_id, handle, name, created_at, updated_at)
      values ('a', '1', 'ann', 'Ann', now(), now())`);
    const post = async (id: string, name: string, age: string | null) => {
      const sha256 = blobs.get(name)?.sha256;
      await pool.query(
        `insert into psn.posts (id, account_id, content, status, created_at, updated_at) values ($1, 'a', 'x', 'draft', now(), now())`,
        [id],
      );
      await pool.query(
        `insert into psn.post_media (id, post_id, position, sha256, mime, byte_length, file_name)
         values ($1, $1, 0, $2, 'image/png', 2000, 'x.png')`,
        [id, sha256],
      );
      if (age === null) return;
      await pool.query(
        "update psn.posts set approved_hash = 'h', status = 'publishing', lease_owner = 'w' where id = $1",
        [id],
      );
      await pool.query(
        `update psn.posts set external_post_id = $2, status = 'published', lease_owner = null, updated_at = now() - $3::interval
         where id = $1`,
        [id, `9${id.length}${blobs.size}${Math.random()}`.replace(/\D/g, ""), age],
      );
    };
    await post("draft", "draft", null);
    await post("old", "published last week", "8 days");
    await post("new", "published today", "1 hour");
    await post("both1", "in two posts", "8 days");
    await post("both2", "in two posts", null);
    await pool.query("update psn.media_blobs set attached_at = now() - interval '9 days' where sha256 <> $1", [
      blobs.get("just attached")?.sha256,
    ]);
    expect(await cleanMedia(hub.hub, store)).toBe(2);
    const kept = [];
    for (const [name, blob] of blobs) if (await store.backend.has(blob)) kept.push(name);
    expect(kept).toEqual(["draft", "published today", "just attached", "in two posts"]);
    expect(await cleanMedia(hub.hub, store)).toBe(0);
  });

  test("scenario 70: media that undo can bring back stay, also of a draft that has none now", async () => {
    const store = await chooseMediaStore({ env: env(), hub: hub.hub, dataDir: folder, engine: "embedded" });
    const blob = await store.add(await file("undoable", randomBytes(2_000)));
    const { pool } = hub.hub;
    await pool.query(
      `insert into psn.posts (id, account_id, content, status, created_at, updated_at) values ('undo', 'a', 'x', 'draft', now(), now())`,
    );
    await pool.query(
      `insert into psn.draft_versions (post_id, content_version, sent_count, tweets, metadata, note, created_at)
       values ('undo', 1, 0, $1, '{}', 'n', now())`,
      [JSON.stringify([{ text: "a", separatorAfter: "", media: [{ sha256: blob.sha256, fileName: "x.png" }] }])],
    );
    await pool.query("update psn.media_blobs set attached_at = now() - interval '9 days' where sha256 = $1", [
      blob.sha256,
    ]);
    expect(await cleanMedia(hub.hub, store)).toBe(0);
    await pool.query("delete from psn.draft_versions where post_id = 'undo'");
    expect(await cleanMedia(hub.hub, store)).toBe(1);
    expect(await store.backend.has(blob)).toBe(false);
  });

  test("scenario 70: a hub counts a file once, and one that it refused not at all", async () => {
    const store = await chooseMediaStore({ env: env(), hub: hub.hub, dataDir: folder, engine: "embedded" });
    // Noted and never there: as of one that was refused.
    await hub.hub.pool.query("insert into psn.media_blobs values (repeat('c', 64), 4000000000, now())");
    await store.add(await file("beside the refused", randomBytes(2_000)));
    await hub.hub.pool.query("delete from psn.media_blobs where sha256 = repeat('c', 64)");
  });

  test("a store that is not configured right is told by the name of the value", async () => {
    const open = (more: Record<string, string>) =>
      chooseMediaStore({ env: { ...env(), ...more }, hub: hub.hub, dataDir: folder, engine: "embedded" });
    expect(await codeOf(open({ PSN_MEDIA_STORE: "attic" }))).toBe("CONFIG_INVALID");
    const keys = { PSN_S3_BUCKET: "b", PSN_S3_ACCESS_KEY_ID: "k", PSN_S3_SECRET_ACCESS_KEY: "s" };
    // The last two name this machine where a user's name stands.
    for (const url of [
      "http://192.0.2.9",
      "ftp://localhost",
      "bucket",
      "http://localhost:80@192.0.2.9",
      "http://[::1]@192.0.2.9",
    ]) {
      const refused = open({ PSN_MEDIA_STORE: "s3", PSN_S3_ENDPOINT: url, ...keys });
      await expect(refused, url).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    }
    expect((await open({ PSN_MEDIA_STORE: "s3" }).catch((error) => error)).message).toContain("PSN_S3_ENDPOINT");
  });
});
