/** Files of settings: what is written is what is read, whole and closed to others. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { PsnError } from "../errors.ts";
import { readEnvFile, writeEnvFile } from "./env-file.ts";
import { configDir, defaultDataDir, userConfigDir } from "./folders.ts";

let folder: string;
let dir: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-env-"));
  dir = join(folder, "config");
  file = join(dir, "hub.env");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

async function codeOf(act: Promise<unknown>): Promise<string> {
  try {
    await act;
  } catch (error) {
    if (error instanceof PsnError) return `${error.code} ${error.message} ${error.hint ?? ""}`;
    throw error;
  }
  return "no error";
}

test("a new file is 0600 in a new folder of 0700, whatever the umask", async () => {
  const umask = process.umask(0);
  try {
    await writeEnvFile(file, { A: "1" });
  } finally {
    process.umask(umask);
  }
  expect([await modeOf(dir), await modeOf(file)]).toEqual(["700", "600"]);
  expect(await readdir(dir)).toEqual(["hub.env"]);
});

test("a folder that exists keeps its mode; a file that was too open is closed", async () => {
  await mkdir(dir, { mode: 0o755 });
  await chmod(dir, 0o755);
  await writeFile(file, "A=1\n", { mode: 0o644 });
  await writeEnvFile(file, { B: "2" });
  expect([await modeOf(dir), await modeOf(file)]).toEqual(["755", "600"]);
});

test("other lines and comments stay, a value is replaced in its place, its duplicates go", async () => {
  await mkdir(dir);
  await writeFile(file, "# mine\nA=1\n\nexport B = old\nC=3\nB=older\nBB=x\n");
  await writeEnvFile(file, { B: "new", C: null, D: "4" });
  expect(await readFile(file, "utf8")).toBe("# mine\nA=1\n\nB=new\nBB=x\nD=4\n");
  expect((await readEnvFile(file)).values).toEqual({ A: "1", B: "new", BB: "x", D: "4" });
});

test("what is written is what is read, or it is refused", async () => {
  const texts = fc.string({ unit: "grapheme", maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(texts, async (value) => {
      const said = await codeOf(writeEnvFile(file, { VALUE: value, AFTER: "x" }));
      if (said !== "no error") expect(said).toMatch(/^CONFIG_INVALID/);
      else expect((await readEnvFile(file)).values).toMatchObject({ VALUE: value, AFTER: "x" });
    }),
    { numRuns: 60, examples: [["it's \\n"], ["#x"], [" a "], ['"q" `b`'], ["p@ss:w/o#rd?"], ["a\nb"]] },
  );
});

test("a value with a line break is refused before anything is written", async () => {
  await writeEnvFile(file, { A: "1" });
  expect(await codeOf(writeEnvFile(file, { A: "2", B: "x\nENCRYPTION_KEY=y" }))).toMatch(/^CONFIG_INVALID .*B has a/);
  expect(await readFile(file, "utf8")).toBe("A=1\n");
});

test("many writers at once leave a whole file with what each of them wrote, and nothing beside it", async () => {
  await Promise.all(Array.from({ length: 20 }, (_, n) => writeEnvFile(file, { [`N${n}`]: "x".repeat(2_000) })));
  expect(await readdir(dir)).toEqual(["hub.env"]);
  expect(await readFile(file, "utf8")).toMatch(/^(N\d+=x{2000}\n){20}$/);
});

test("a link in the place of the file, or of its folder, is neither read nor written through", async () => {
  await mkdir(dir);
  const real = join(folder, "real.env");
  await writeFile(real, "A=1\n");
  await symlink(real, file);
  const linked = join(folder, "linked");
  await symlink(dir, linked);
  for (const path of [file, join(linked, "hub.env"), join(linked, "keys.env")]) {
    expect(await codeOf(readEnvFile(path)), path).toMatch(/^OWN_FILE_REPLACED/);
    expect(await codeOf(writeEnvFile(path, { A: "2" })), path).toMatch(/^OWN_FILE_REPLACED/);
  }
  expect((await lstat(file)).isSymbolicLink()).toBe(true);
  expect(await readFile(real, "utf8")).toBe("A=1\n");
  expect(await readdir(dir)).toEqual(["hub.env"]);
});

test("a place that cannot be written is an error with the path, and no crash", async () => {
  await writeFile(dir, "a file where the folder should be");
  expect(await codeOf(writeEnvFile(file, { A: "1" }))).toMatch(/^CONFIG_UNWRITABLE .*hub\.env/);
});

test("where things live follows PSN_CONFIG_DIR, PSN_DATA_DIR and the platform's custom", () => {
  expect(configDir({ PSN_CONFIG_DIR: "/a/b" })).toBe("/a/b");
  expect(configDir({})).toEndWith("/config");
  expect(defaultDataDir({ PSN_DATA_DIR: "/d" })).toBe("/d");
  expect(defaultDataDir({ XDG_DATA_HOME: "/x" })).toBe("/x/psn");
  expect(userConfigDir({ XDG_CONFIG_HOME: "/x" })).toBe("/x/psn");
  const home = { HOME: "/h" };
  expect(defaultDataDir({ ...home, XDG_DATA_HOME: "x" })).toBe(defaultDataDir(home));
  expect(userConfigDir({ ...home, XDG_CONFIG_HOME: "x" })).toBe(userConfigDir(home));
});
