/** Whoever writes rows of the hub (its host, a leaked DATABASE_URL) chooses no file: not to be read, sent or deleted. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { migrateHub } from "../../src/core/db/migrate.ts";
import { chooseMediaStore } from "../../src/core/media/choose.ts";
import { cleanMedia } from "../../src/core/media/clean.ts";
import { folderBackend } from "../../src/core/media/folder-backend.ts";
import { hubBackend } from "../../src/core/media/hub-backend.ts";
import { s3Backend } from "../../src/core/media/s3-backend.ts";
import { copyBlob } from "../../src/core/media/store.ts";
import { tinyPng } from "../../src/sandbox/testing.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { migrateBefore } from "../../src/testing/hub.ts";

const PRECIOUS = "A file that is nobody's business.";
/** From `data/media/..` (the store keeps each file in a folder by the first two letters of its name) to that file. */
const UP = "../precious.txt";
const NAMES = [
  UP,
  "/etc/hostname",
  "..",
  "",
  "a",
  "A".repeat(64),
  `${"a".repeat(64)}\n`,
  `${"a".repeat(62)}/.`,
  "?uploads",
];

let home: TestHome;
let precious: string;
const kept = async () => expect(await readFile(precious, "utf8")).toBe(PRECIOUS);
beforeAll(async () => {
  home = await testHome();
  // What a hub holds that was written before the database knew the rule.
  await migrateBefore(home.hub, "0006_media_by_hash_only");
  await home.hub.pool.query("insert into psn.media_blobs values ($1, 1, now() - interval '3 days')", [UP]);
  await home.hub.pool.query("insert into psn.media_chunks values ($1, 0, 'x')", [UP]);
  await migrateHub(home.hub);
  await home.signIn();
  precious = join(home.folder, "precious.txt");
  await writeFile(precious, PRECIOUS);
});
afterAll(() => home.close());

/** A hub whose server does not keep the rule: hostile, or of the version before. */
async function lawless(act: () => Promise<unknown>): Promise<void> {
  const rule = "check (sha256 ~ '^[0-9a-f]{64}$') not valid";
  await home.hub.pool.query("alter table psn.post_media drop constraint post_media_sha256_is_hash");
  await act();
  await home.hub.pool.query(`alter table psn.post_media add constraint post_media_sha256_is_hash ${rule}`);
}

const openStore = () =>
  chooseMediaStore({ env: home.env, hub: home.hub, dataDir: join(home.folder, "data"), engine: "embedded" });

/** A draft with a picture, as `psn post create --media` makes it. */
async function withPicture(text: string): Promise<string> {
  await writeFile(join(home.folder, "a.png"), tinyPng());
  const ran = await home.psn(["post", "create", text, "--media", "a.png"]);
  expect(ran).toMatchObject({ code: 0 });
  return (ran.json as { post: { id: string } }).post.id;
}

test("a new row that names media by anything but a hash is refused", async () => {
  const refused = (sql: string, ...values: unknown[]) =>
    home.hub.pool.query(sql, values).then(
      () => "taken",
      (error) => error.constraint,
    );
  const id = await withPicture("with a picture");
  for (const name of NAMES) {
    expect(await refused("insert into psn.media_blobs values ($1, 1, now())", name)).toBe("media_blobs_sha256_is_hash");
    expect(await refused("insert into psn.media_chunks values ($1, 1, 'x')", name)).toBe("media_chunks_sha256_is_hash");
    expect(await refused("update psn.post_media set sha256 = $1 where post_id = $2", name, id)).toBe(
      "post_media_sha256_is_hash",
    );
  }
});

test("cleaning leaves files outside of the store alone, and cleans what it should", async () => {
  const store = await openStore();
  await writeFile(join(home.folder, "unused"), "unused");
  const unused = await store.add(join(home.folder, "unused"));
  await home.hub.pool.query("update psn.media_blobs set attached_at = now() - interval '2 days' where sha256 = $1", [
    unused.sha256,
  ]);
  await cleanMedia(home.hub, store);
  await kept();
  expect(await store.backend.has(unused)).toBe(false);
  const { rows } = await home.hub.pool.query("select from psn.media_blobs where sha256 in ($1, $2)", [
    UP,
    unused.sha256,
  ]);
  expect(rows).toEqual([]);
});

test("a post whose row names another file is not published, and the file is not sent", async () => {
  const id = await withPicture("with a file of mine");
  const { size } = await stat(precious);
  await lawless(() =>
    home.hub.pool.query("update psn.post_media set sha256 = $1, byte_length = $2 where post_id = $3", [UP, size, id]),
  );
  for (const args of [
    ["approve", id],
    ["now", id, "--approve"],
  ]) {
    const ran = await home.psn(["post", ...args]);
    expect(ran.json, args.join(" ")).toMatchObject({ outcome: "error", error: { code: "MEDIA_GONE" } });
  }
  expect(JSON.stringify(home.sandbox.sandbox.report())).not.toContain(
    createHash("sha256").update(PRECIOUS).digest("hex"),
  );
  const { rows } = await home.hub.pool.query("select status from psn.posts where id = $1", [id]);
  expect(rows).toEqual([{ status: "draft" }]);
});

test("no kind of media store reads, writes or removes by such a name", async () => {
  const asked: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      asked.push(request.url);
      return new Response("x");
    },
  });
  const keys = { accessKeyId: "id", secretAccessKey: "key" };
  const backends = [
    folderBackend(join(home.folder, "data", "media")),
    hubBackend(home.hub),
    s3Backend({ endpoint: `http://127.0.0.1:${server.port}`, bucket: "b", region: "r", ...keys }),
  ];
  const elsewhere = folderBackend(await mkdtemp(join(home.folder, "copy-")));
  const none = async function* () {
    yield new Uint8Array(1);
  };
  for (const backend of backends) {
    for (const sha256 of NAMES) {
      const blob = { sha256, byteLength: PRECIOUS.length };
      expect(await backend.has(blob)).toBe(false);
      for (const act of [
        () => backend.put(blob, none()),
        () => backend.read(sha256, 0, 1),
        () => copyBlob(backend, elsewhere, blob),
      ]) {
        expect(await act().catch((error) => error.code)).toBe("MEDIA_GONE");
      }
      await backend.remove(sha256);
    }
  }
  await server.stop(true);
  expect(asked).toEqual([]);
  await kept();
  // The row of the hub's own store that was there before the rule.
  const { rows } = await home.hub.pool.query("select from psn.media_chunks where sha256 = $1", [UP]);
  expect(rows.length).toBe(1);
  await rm(precious);
});
