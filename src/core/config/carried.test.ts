/** What the single program carries: unpacked whole or not at all, once for one content. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { packTar } from "modern-tar";
import { carriedOf, folderOf, unpackOnce } from "./carried.ts";

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "psn-carried-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

/** As scripts/package/binary.ts lays it. @param packed what the tar holds, where it is another thing than the list says */
async function cargo(name: string, files: Record<string, string>, packed = files) {
  const folder = await mkdtemp(join(scratch, "carried-"));
  const tar = await packTar(
    Object.entries(packed).map(([path, text]) => ({
      header: { name: path, size: text.length, type: "file", mode: path.includes("bin/") ? 0o755 : 0o644 },
      body: text,
    })),
  );
  const archive = zstdCompressSync(tar);
  const hashes = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, sha256(text)]));
  await writeFile(join(folder, `${name}.tar.zst`), archive);
  await writeFile(
    join(folder, `${name}.json`),
    JSON.stringify({ name, version: "1.2.3", sha256: sha256(archive), files: hashes }),
  );
  return await carriedOf(name, folder);
}

async function home(): Promise<string> {
  return await mkdtemp(join(scratch, "home-"));
}

const FILES = { "native/bin/tool": "a tool", "native/lib/a.so": "a library" };

describe("what the single program carries", () => {
  test("is unpacked once, with the modes that programs need under any umask, however many ask at once", async () => {
    const umask = process.umask(0o077);
    try {
      const [carried, place] = [await cargo("tool", FILES), await home()];
      const folders = await Promise.all([1, 2, 3, 4].map(() => unpackOnce(carried, place)));
      expect(new Set(folders).size).toBe(1);
      expect(await readdir(place)).toEqual([basename(folders[0] ?? "")]);
      const tool = join(folders[0] ?? "", "native/bin/tool");
      const { ino, mode } = await stat(tool);
      expect([mode & 0o777, (await stat(join(folders[0] ?? "", "native"))).mode & 0o777]).toEqual([0o755, 0o755]);
      await unpackOnce(carried, place);
      expect((await stat(tool)).ino).toBe(ino);
    } finally {
      process.umask(umask);
    }
  });

  test("files of every length arrive as they were, also over the pieces in which a tar is read", async () => {
    const sizes = [0, 1, 511, 512, 513, 5_383, 65_535, 65_536, 70_001];
    const many = sizes.flatMap((size) => [`bin/${size}`, `lib/${size}`].map((path) => [path, path[0]?.repeat(size)]));
    const carried = await cargo("tool", Object.fromEntries(many));
    await unpackOnce(carried, await home());
  });

  test("another content has a folder of its own, and the first one stays for what runs from it", async () => {
    const place = await home();
    const first = await unpackOnce(await cargo("tool", FILES), place);
    const second = await unpackOnce(await cargo("tool", { ...FILES, "native/new": "new" }), place);
    expect(second).not.toBe(first);
    expect((await readdir(place)).length).toBe(2);
  });

  test("a file that was changed, cut or taken away is put right at the next use", async () => {
    const [carried, place] = [await cargo("tool", FILES), await home()];
    const library = join(await unpackOnce(carried, place), "native/lib/a.so");
    for (const harm of [() => writeFile(library, "a Library"), () => writeFile(library, ""), () => rm(library)]) {
      await harm();
      await unpackOnce(carried, place);
      expect(await readFile(library, "utf8")).toBe("a library");
    }
    expect(await readdir(place)).toEqual([folderOf(carried)]);
  });

  test("what a kill left unfinished is no folder of ours, and goes after an hour", async () => {
    const [carried, place] = [await cargo("tool", FILES), await home()];
    const [old, young] = ["0123456789ab", "ba9876543210"].map((id) => join(place, `.psn-${folderOf(carried)}-${id}`));
    for (const path of [old ?? "", young ?? ""]) await mkdir(path);
    await utimes(old ?? "", 0, 0);
    await unpackOnce(carried, place);
    expect((await readdir(place)).toSorted()).toEqual([basename(young ?? ""), folderOf(carried)]);
  });

  test("a program whose own archive is not what was packed unpacks nothing", async () => {
    const place = await home();
    const other = await cargo("tool", FILES, { "native/bin/tool": "another", "native/lib/a.so": "a library" });
    await expect(unpackOnce(other, place)).rejects.toThrow("Download it again");
    const more = await cargo("tool", FILES, { ...FILES, "../escape": "out" });
    await expect(unpackOnce(more, place)).rejects.toThrow("Download it again");
    const cut = await cargo("tool", FILES);
    await writeFile(cut.archive, "cut");
    await expect(unpackOnce(cut, place)).rejects.toThrow("Download it again");
    expect(await readdir(place)).toEqual([]);
  });
});
