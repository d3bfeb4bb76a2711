/** Two processes at one configuration, and somebody who puts links in its place meanwhile: nothing is lost, and nothing goes elsewhere. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { link, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readEnvFile } from "../../src/core/config/env-file.ts";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";
import { runProgram } from "../../src/testing/cli.ts";

const WRITER = join(PROJECT_DIR, "test/security/fixtures/write-env.ts");
const WRITES = 40;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-races-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** @returns the codes of what it was refused */
async function writer(file: string, letter: string): Promise<string[]> {
  const { PATH } = process.env;
  const ran = await runProgram([process.execPath, WRITER, file, letter, String(WRITES)], {
    env: { PATH, HOME: folder },
  });
  expect(ran.stderr).toBe("");
  return JSON.parse(ran.stdout);
}

test("what two processes write at once is all there, whole, closed to others, with nothing left beside it", async () => {
  const dir = join(folder, "two");
  const file = join(dir, "hub.env");
  expect(await Promise.all([writer(file, "A"), writer(file, "B"), writer(file, "C")])).toEqual([[], [], []]);
  const { values, warnings } = await readEnvFile(file);
  const wanted = ["A", "B", "C"].flatMap((letter) =>
    Array.from({ length: WRITES }, (_, n) => [`${letter}${n}`, `secret-${letter}-${n}`]),
  );
  const { ENCRYPTION_KEY, ...rest } = values;
  expect(rest).toEqual(Object.fromEntries(wanted));
  expect("ABC").toContain(ENCRYPTION_KEY ?? "");
  expect(warnings).toEqual([]);
  expect(await readdir(dir)).toEqual(["hub.env"]);
});

test("a link that is put in the place of the file, again and again while it is written, is never written through", async () => {
  const dir = join(folder, "links");
  const file = join(dir, "hub.env");
  const elsewhere = join(folder, "elsewhere");
  await mkdir(dir, { mode: 0o700 });
  await writeFile(elsewhere, "precious\n");
  await writeFile(file, "FIRST=1\n", { mode: 0o600 });
  let isOver = false;
  const swapping = (async () => {
    for (let round = 0; !isOver; round++) {
      const planted = join(dir, `planted-${round}`);
      await (round % 3 === 2 ? link(elsewhere, planted) : symlink(elsewhere, planted));
      await rename(planted, file);
      await writeFile(join(dir, "own"), "FIRST=1\n", { mode: 0o600 });
      await rename(join(dir, "own"), file);
    }
  })();
  const [codes] = await Promise.all([writer(file, "A")]).finally(() => {
    isOver = true;
  });
  await swapping;
  expect(codes.filter((code) => code !== "OWN_FILE_REPLACED" && code !== "CONFIG_INVALID")).toEqual([]);
  expect(await readFile(elsewhere, "utf8")).toBe("precious\n");
  expect((await stat(elsewhere)).nlink).toBeLessThanOrEqual(2);
});

test("a second name of the file, and of its lock, gets nothing of what is written from then on", async () => {
  const dir = join(folder, "names");
  const file = join(dir, "hub.env");
  await mkdir(dir, { mode: 0o700 });
  await writeFile(file, "FIRST=1\n", { mode: 0o600 });
  await link(file, join(folder, "second"));
  const precious = join(folder, "precious");
  await writeFile(precious, "precious\n");
  await symlink(precious, `${file}.lock`);
  expect([...new Set(await writer(file, "A"))]).toEqual(["OWN_FILE_REPLACED"]);
  await rm(`${file}.lock`);
  await link(precious, `${file}.lock`);
  const codes = new Set(await writer(file, "A"));
  expect([...codes].filter((code) => code !== "CONFIG_UNWRITABLE")).toEqual([]);
  expect(await readFile(precious, "utf8")).toBe("precious\n");
  expect(await readFile(join(folder, "second"), "utf8")).toBe("FIRST=1\n");
});
