/** What the system says of a file becomes an error with a code, a reason in words, and what to do. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, open, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asFileError, requirePlace } from "./file-error.ts";
import { replaceFile } from "./whole-file.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-place-"));
  await writeFile(join(folder, "file"), "x");
  await symlink("nowhere", join(folder, "dangling"));
  await symlink("loop", join(folder, "loop"));
  await mkdir(join(folder, "there"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const reasonOf = (act: Promise<unknown>) =>
  act.then(
    () => "none",
    (error) => error.details?.reason ?? error,
  );

test("a place is refused before anything is written, by what is in its way", async () => {
  const at = (name: string) => join(folder, name);
  const wrong: [path: string, reason: string][] = [
    [at("file/x"), "ENOTDIR"],
    [at("file/x/y/z"), "ENOTDIR"],
    [at("dangling/x"), "ENOTDIR"],
    [at("loop/x"), "ELOOP"],
    [at("loop"), "ELOOP"],
    [at("there"), "EISDIR"],
    [folder, "EISDIR"],
    ["/", "EISDIR"],
    [at("a".repeat(300)), "ENAMETOOLONG"],
    [at(`none/${"a".repeat(300)}/x`), "ENAMETOOLONG"],
    // The draft beside it would have too long a name.
    [at("a".repeat(250)), "ENAMETOOLONG"],
    [at("a\0b"), "EINVAL"],
    ...(process.platform === "linux"
      ? ([
          ["/proc/x", "ENOENT"],
          ["/proc/x/y", "ENOENT"],
          ["/dev/null/x", "ENOTDIR"],
        ] as [string, string][])
      : []),
  ];
  for (const [path, reason] of wrong) expect([path, await reasonOf(requirePlace(path))]).toEqual([path, reason]);
  for (const path of ["new", "file", "none/of/these", "there/x", "é\u{1F600}"]) await requirePlace(at(path));
  expect(await reasonOf(requirePlace(at("file"), "folder"))).toBe("EEXIST");
  expect(await reasonOf(requirePlace(at("none/x"), "file", "there"))).toBe("ENOENT");
  await requirePlace(at("there"), "folder");
  await requirePlace(at("there/x"), "file", "there");
});

test.skipIf(process.geteuid?.() === 0)("a folder that may not be written is refused before and after", async () => {
  const closed = join(folder, "closed");
  await mkdir(closed);
  await chmod(closed, 0o500);
  expect(await reasonOf(requirePlace(join(closed, "x", "y")))).toBe("EACCES");
});

test("what a write met is explained by the file that was meant, not by its draft", async () => {
  const meant = join(folder, "file", "x");
  const error = asFileError(await replaceFile(meant, "text").catch((thrown) => thrown)) as { code: string };
  expect(error).toMatchObject({
    code: "FILE_NOT_WRITTEN",
    message: expect.stringContaining(`${meant} cannot be written`),
  });
  expect(error).toMatchObject({ hint: expect.stringContaining("Name another place") });
  const settings = requirePlace(join(folder, "file", "hub.env"));
  expect(await settings.catch(({ hint }) => hint)).toContain("PSN_CONFIG_DIR names another folder");
});

test("each word of the system's is a sentence with what to do; what is no file's is left alone", async () => {
  const of = (code: string, syscall: string, path = "/x") =>
    asFileError(Object.assign(new Error(code), { code, syscall, path })) as Error & { code: string; hint?: string };
  for (const code of [
    "ENOSPC",
    "EDQUOT",
    "EROFS",
    "EACCES",
    "EPERM",
    "ENOTDIR",
    "EEXIST",
    "ENOTEMPTY",
    "EISDIR",
    "EIO",
    "EMFILE",
    "EFBIG",
    "EXDEV",
    "EBUSY",
  ]) {
    for (const syscall of ["mkdir", "mkdtemp", "rename", "write", "unlink", "link", "fsync"]) {
      const { code: coded, hint, message } = of(code, syscall);
      expect([coded, Boolean(hint), message.startsWith("/x cannot be written: ")], `${code} ${syscall}`).toEqual([
        "FILE_NOT_WRITTEN",
        true,
        true,
      ]);
    }
  }
  expect(of("EACCES", "open").code).toBe("FILE_UNREADABLE");
  expect(of("EACCES", "open", "/x.0123456789ab.new").message).toStartWith("/x cannot be written");
  expect(of("EROFS", "open").code).toBe("FILE_NOT_WRITTEN");
  for (const [code, syscall] of [
    ["ENOENT", "open"],
    ["ECONNREFUSED", "connect"],
    ["ENOENT", "connect"],
    ["EACCES", "spawn x"],
    ["ENOENT", "spawn"],
    ["EADDRINUSE", "listen"],
  ] as const) {
    expect(of(code, syscall), `${code} ${syscall}`).not.toHaveProperty("hint");
  }
  const missing = await open(join(folder, "none")).catch((thrown) => thrown);
  expect(asFileError(missing)).toBe(missing);
  expect(asFileError("no error")).toBe("no error");
});
