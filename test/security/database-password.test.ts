/** Scenario 46: signs in the password of DATABASE_URL: no command prints a character of it, wherever the URL stands. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newKeyHex } from "../../src/core/utils/crypto.ts";
import { runPsn } from "../../src/testing/cli.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-url-"));
  await mkdir(join(folder, "config"), { mode: 0o700 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const PIECES = ["7713", "Xk9qq", "Wv3zz"];

test("scenario 46: in the environment, in hub.env and as an argument", async () => {
  const base = { PATH: process.env.PATH, HOME: folder, PSN_CONFIG_DIR: join(folder, "config"), PSN_TIMEZONE: "UTC" };
  const key = newKeyHex();
  for (const sign of ["#", "/", "?", "@x/", "%z"]) {
    const url = `postgres://me:7713${sign}Xk9qq:Wv3zz@127.0.0.1:9/psn`;
    const env = { ...base, ENCRYPTION_KEY: key };
    await writeFile(join(folder, "config/hub.env"), `ENCRYPTION_KEY=${key}\nDATABASE_URL=${url}\n`, { mode: 0o600 });
    const { DATABASE_URL: _, ...fromFile } = { ...env, DATABASE_URL: "" };
    const runs = [
      await runPsn(["post", "list"], { env: { ...env, DATABASE_URL: url }, cwd: folder }),
      await runPsn(["post", "list"], { env: fromFile, cwd: folder }),
      await runPsn(["setup", "--json", "--db", url], { env: fromFile, cwd: folder }),
      await runPsn(["hub", "move", "--to", url], { env: fromFile, cwd: folder }),
      await runPsn(["hub", "move"], { env: { ...fromFile, PSN_MOVE_TO: url }, cwd: folder }),
    ];
    for (const [index, { code, stdout, stderr }] of runs.entries()) {
      expect(code, `${sign} ${index}`).not.toBe(0);
      for (const piece of PIECES) expect(stdout + stderr, `${sign} ${index}`).not.toContain(piece);
    }
    expect(runs[0]?.stdout).toContain("percent-encode");
  }
}, 300_000);
