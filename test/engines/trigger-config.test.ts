/** What a deploy sends along: all that a run needs, the secret things as secrets, and nothing of an embedded hub. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newKeyHex } from "../../src/core/utils/crypto.ts";
import { PROJECT_DIR, writeEnvFile } from "../../src/core/utils/env.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-deploy-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Loads trigger.config.ts as Trigger.dev's CLI does (c12 1.11: jiti 1, CommonJS, Node), and shows what it would deploy. */
async function deployed(hub: Record<string, string>): Promise<string> {
  await writeEnvFile(join(folder, "hub.env"), hub);
  const script = `
    const jiti = require("jiti")(process.cwd(), { interopDefault: true, requireCache: false, esmResolve: true });
    (async () => {
      const config = jiti("./trigger.config.ts");
      const layers = [];
      const context = { target: "deploy", addLayer: (layer) => layers.push(layer.deploy) };
      for (const extension of config.build.extensions) await extension.onBuildComplete(context);
      console.log(JSON.stringify({ project: config.project, ...layers[0] }));
    })();`;
  const child = Bun.spawn(["node", "-e", script], {
    cwd: PROJECT_DIR,
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
