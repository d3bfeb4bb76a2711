import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderBackend } from "../core/media/folder-backend.ts";
import { storeOn } from "../core/media/store.ts";
import { KeptFiles } from "./media-files.ts";

const folder = await mkdtemp(join(tmpdir(), "psn-files-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function kept(bytes: Buffer) {
  const file = join(folder, "video.mp4");
  await writeFile(file, bytes);
  const home = await mkdtemp(join(folder, "store-"));
  const backend = folderBackend(home);
  let readBytes = 0;
  const counting: typeof backend = {
    ...backend,
    async read(sha256, start, end) {
      readBytes += end - start;
      return await backend.read(sha256, start, end);
    },
  };
  const store = storeOn(counting, { originOf: async () => file });
  const blob = await store.add(file);
  const files = new KeptFiles(store);
  return {
    blob,
    backend,
    readBytes: () => readBytes,
    ask: (start: number) => files.answer({ ...blob, mime: "video/mp4" }, `bytes=${start}-`),
  };
}

test("a video that is played part by part is read once, however many parts it has", async () => {
  const bytes = Buffer.alloc(36 * 1024 * 1024, "a video of some length ");
  const { ask, readBytes } = await kept(bytes);
  const before = readBytes();
  const shown: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const { status, body } = await ask(start);
    expect(status).toBe(206);
    shown.push(body as Uint8Array);
    start += body.length;
  }
  expect(bytes.equals(Buffer.concat(shown))).toBe(true);
  expect(readBytes() - before).toBe(bytes.length);
  // Going back proves nothing anew.
  const { body } = await ask(0);
  expect(readBytes() - before).toBe(bytes.length + body.length);
});

test("a damaged file is not shown to its end; the store repairs it, and then it is", async () => {
  const bytes = Buffer.alloc(9 * 1024 * 1024, "whole ");
  const { ask, blob, backend } = await kept(bytes);
  await backend.remove(blob.sha256);
  await backend.put(
    blob,
    (async function* () {
      yield Buffer.alloc(bytes.length, "other ");
    })(),
  );
  const end = bytes.length - 10;
  // Two windows at once meet the same.
  const refused = await Promise.all([ask(end), ask(end)].map((asked) => asked.catch(({ code }) => code)));
  expect(refused).toEqual(["MEDIA_DAMAGED", "MEDIA_DAMAGED"]);
  expect(Buffer.from((await ask(end)).body).equals(bytes.subarray(end))).toBe(true);
});
