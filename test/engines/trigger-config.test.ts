/** What a deploy sends along: all that a run needs, the secret things as secrets, and nothing of an embedded hub. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newKeyHex } from "../../src/core/utils/crypto.ts";
import { PROJECT_DIR, writeEnvFile } from "../../src/core/utils/env.ts";
import { runPsn } from "../../src/testing/cli.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-deploy-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Loads trigger.config.ts as Trigger.dev's CLI does (c12 1.11: jiti 1, CommonJS, Node), and shows what it would deploy. */
async function deployed(hub: Record<string, string>, cwd: string = PROJECT_DIR): Promise<string> {
  await writeEnvFile(join(folder, "hub.env"), hub);
  const script = `
    const jiti = require(${JSON.stringify(join(PROJECT_DIR, "node_modules/jiti"))})(process.cwd(), { interopDefault: true, requireCache: false, esmResolve: true });
    (async () => {
      const config = jiti("./trigger.config.ts");
      const layers = [];
      const context = { target: "deploy", addLayer: (layer) => layers.push(layer.deploy) };
      for (const extension of config.build.extensions) await extension.onBuildComplete(context);
      console.log(JSON.stringify({ project: config.project, dirs: config.dirs, ...layers[0] }));
    })();`;
  const child = Bun.spawn(["node", "-e", script], {
    cwd,
    // jiti keeps what it compiled in TMPDIR.
    env: { PATH: String(process.env.PATH), PSN_CONFIG_DIR: folder, TMPDIR: folder },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return stdout || stderr;
}

test("every setting that a run obeys is deployed, secrets as secrets", async () => {
  await writeEnvFile(join(folder, "keys.env"), { X_CLIENT_ID: "id", X_CLIENT_SECRET: "hush" });
  const hub = {
    DATABASE_URL: "postgres://u:p@db.example.org/psn",
    ENCRYPTION_KEY: newKeyHex(),
    TRIGGER_PROJECT_REF: "proj_x",
    PSN_TIMEZONE: "Europe/Berlin",
    PSN_GRACE_MINUTES: "60",
    PSN_CATCH_UP_MINUTES: "7",
    PSN_REFRESH_MINUTES: "20",
    PSN_REFRESH_WINDOW_MINUTES: "40",
    PSN_DATA_DIR: "/only/here",
  };
  expect(JSON.parse(await deployed(hub))).toEqual({
    project: "proj_x",
    dirs: ["./src/trigger"],
    env: {
      PSN_ENGINE: "trigger",
      PSN_TIMEZONE: "Europe/Berlin",
      PSN_GRACE_MINUTES: "60",
      PSN_CATCH_UP_MINUTES: "7",
      PSN_REFRESH_MINUTES: "20",
      PSN_REFRESH_WINDOW_MINUTES: "40",
      X_CLIENT_ID: "id",
    },
    secretEnv: {
      DATABASE_URL: hub.DATABASE_URL,
      ENCRYPTION_KEY: hub.ENCRYPTION_KEY,
      X_CLIENT_SECRET: "hush",
    },
    override: true,
  });
});

test("an embedded hub is not deployed", async () => {
  expect(await deployed({ DATABASE_URL: "embedded" })).toContain("psn hub move");
});

test("psn trigger init writes a folder that deploys the same from anywhere, and replaces nothing without --force", async () => {
  const target = join(folder, "made");
  const init = (...args: string[]) =>
    runPsn(["trigger", "init", target, ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, PSN_CONFIG_DIR: folder },
    });
  const files = [
    "package.json",
    ".npmrc",
    "trigger.config.ts",
    "tasks/media-ahead.ts",
    "tasks/publish-post.ts",
    "tasks/token-refresher.ts",
    "tasks/watchdog.ts",
  ];
  expect((await init()).json).toMatchObject({ folder: target, written: files });
  expect((await init()).json).toMatchObject({ written: [] });
  await symlink(join(PROJECT_DIR, "node_modules"), join(target, "node_modules"));
  const hub = {
    DATABASE_URL: "postgres://u:p@db.example.org/psn",
    ENCRYPTION_KEY: newKeyHex(),
    PSN_REFRESH_MINUTES: "20",
  };
  const made = JSON.parse(await deployed(hub, target));
  expect(made).toEqual({ ...JSON.parse(await deployed(hub)), dirs: ["./tasks"] });
  expect(made.env.PSN_REFRESH_MINUTES).toBe("20");
  await writeFile(join(target, "tasks/watchdog.ts"), "// mine\n");
  expect(await init()).toMatchObject({ code: 3, json: { error: { code: "TRIGGER_FOLDER_DIFFERS" } } });
  expect((await init("--force")).json).toMatchObject({ written: ["tasks/watchdog.ts"] });
});
