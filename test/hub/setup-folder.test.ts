/** Where the data lies, as setup is told it by PSN_DATA_DIR: later commands find it without. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { readEnvFile, writeEnvFile } from "../../src/core/utils/env.ts";
import { startPsn, type TestHome, testHome } from "../../src/testing/cli.ts";
import { until } from "../../src/testing/wait.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
});
afterAll(() => home.close());

/** Runs setup with a configuration of its own. */
async function setup(config: string, dataDir: string | undefined) {
  const { PSN_DATA_DIR: _, ...without } = home.env;
  const env = { ...without, PSN_CONFIG_DIR: join(home.folder, config), ...(dataDir ? { PSN_DATA_DIR: dataDir } : {}) };
  const ran = await home.psn(["setup", "--json"], { env });
  const [hub] = (ran.json as { steps: { message: string; data: { warnings: string[] } }[] }).steps;
  const { values } = await readEnvFile(join(home.folder, config, "hub.env"));
  return { hub, stored: values.PSN_DATA_DIR, env };
}

test("setup keeps the folder that PSN_DATA_DIR names, so that a command without it looks there", async () => {
  const wanted = join(home.folder, "my data");
  const { hub, stored, env } = await setup("first", wanted);
  expect(stored).toBe(wanted);
  expect(hub?.data.warnings).toEqual([]);
  const { json } = await home.psn(["config", "get", "--json"], { env: { ...env, PSN_DATA_DIR: undefined } });
  expect(JSON.stringify(json)).toContain(wanted);
});

test("a hub that was set up stays where it is, and setup says where a command without PSN_DATA_DIR looks", async () => {
  const first = join(home.folder, "here");
  await setup("second", first);
  const other = join(home.folder, "there");
  const { hub, stored } = await setup("second", other);
  expect(stored).toBe(first);
  expect(hub?.message).toContain(`The data is in ${other}`);
  expect(hub?.message).toContain(`a command without it looks in ${first}`);
});

test("without the variable setup stores no folder", async () => {
  await writeEnvFile(join(home.folder, "third", "hub.env"), { PSN_TIMEZONE: "UTC" });
  expect((await setup("third", undefined)).stored).toBeUndefined();
});

test("a signal ends setup while it makes its first hub, and leaves neither a hub nor a configuration", async () => {
  // PostgreSQL's user reaches it, so that the hub lies where it is asked for.
  await chmod(home.folder, 0o755);
  const [config, dataDir] = [join(home.folder, "fourth"), join(home.folder, "never")];
  const program = startPsn(["setup", "--no-input"], {
    env: { ...home.env, DATABASE_URL: "embedded", PSN_CONFIG_DIR: config, PSN_DATA_DIR: dataDir },
  });
  await until(() => existsSync(join(dataDir, "hub", "start.lock")));
  expect(await program.stop()).toBe(143);
  expect([existsSync(join(config, "hub.env")), existsSync(join(dataDir, "hub", "postgres"))]).toEqual([false, false]);
});
