/** Where settings come from, how PSN is updated, and how it goes again. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { startSandboxHost } from "../../src/cli/_sandbox-host.ts";
import { serviceState } from "../../src/cli/worker-install.ts";
import { stopEmbedded } from "../../src/core/db/embedded/index.ts";
import { newKeyHex } from "../../src/core/utils/crypto.ts";
import { type Env, writeEnvFile } from "../../src/core/utils/env.ts";
import { installation } from "../../src/doctor/installation.ts";
import { isSandbox, runningSandbox } from "../../src/doctor/running-sandbox.ts";
import { runPsn } from "../../src/testing/cli.ts";
import { freePort } from "../../src/testing/free-port.ts";

let folder: string;
let env: Env;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-leaving-"));
  env = {
    PATH: process.env.PATH,
    HOME: folder,
    TMPDIR: folder,
    PSN_CONFIG_DIR: join(folder, "config"),
    PSN_DATA_DIR: join(folder, "data"),
  };
  await writeEnvFile(join(folder, "config/hub.env"), { ENCRYPTION_KEY: newKeyHex(), PSN_TIMEZONE: "Europe/Berlin" });
});
afterAll(async () => {
  await stopEmbedded({ dataDir: join(folder, "data/hub") }).catch(() => {});
  await rm(folder, { recursive: true, force: true });
});

const psn = (args: string[], more: Env = {}) => runPsn(args, { env: { ...env, ...more }, cwd: folder });

test("each setting says where it comes from, and no secret is shown", async () => {
  const secret = "hush-hush-hush";
  const { json, stdout } = await psn(["config", "get", "--all"], {
    PSN_TIMEZONE: "UTC",
    X_CLIENT_SECRET: secret,
    DATABASE_URL: `postgres://me:${secret}@db.example.org/psn?password=${secret}`,
    PSN_S3_SECRET_ACCESS_KEY: secret,
  });
  const { settings } = json as { settings: { name: string }[] };
  expect(settings).toEqual(
    expect.arrayContaining([
      { name: "PSN_TIMEZONE", value: "UTC", source: "environment" },
      { name: "ENCRYPTION_KEY", value: "(set)", source: "hub.env" },
      { name: "PSN_GRACE_MINUTES", value: "360", source: "default" },
      { name: "DATABASE_URL", value: "postgres://db.example.org/psn", source: "environment" },
      { name: "TRIGGER_SECRET_KEY", value: null, source: "not set" },
    ]),
  );
  expect(stdout).not.toContain(secret);
  expect((await psn(["config", "get", "psn_timezone"])).json).toMatchObject({
    settings: [{ name: "PSN_TIMEZONE", value: "Europe/Berlin", source: "hub.env" }],
  });
  expect(await psn(["config", "get", "NO_SUCH"])).toMatchObject({ code: 2 });
});

test("update says the command that fits how PSN was installed, and what changed", async () => {
  expect((await psn(["update"])).json).toMatchObject({
    installedBy: "checkout",
    run: expect.stringContaining("git pull"),
  });
  expect(installation("/usr/lib/node_modules/psn", true)).toMatchObject({
    by: "npm",
    update: "npm install -g ./psn-VERSION.tgz",
  });
  expect(installation("/home/me/bin", true, "/home/me/bin/psn")).toMatchObject({
    by: "binary",
    update: expect.stringMatching(/^install -m 755 \.\/psn-VERSION-[a-z]+-[a-z0-9]+ '\/home\/me\/bin\/psn'$/),
    remove: "rm '/home/me/bin/psn'",
  });
  expect(installation("/home/me/.bun/install/global/node_modules/psn", true)).toMatchObject({ by: "bun" });
  const { json } = await psn(["update"]);
  expect((json as { changes: { text: string }[] }).changes[0]?.text.length).toBeGreaterThan(100);
});

test("uninstall names all that there is, removes nothing unasked, and then all but what is not PSN's", async () => {
  expect((await psn(["hub", "start"])).code).toBe(0);
  await mkdir(join(folder, "data/media"), { recursive: true });
  await writeFile(join(folder, "config/notes.txt"), "mine");
  const skill = join(folder, ".claude/skills/psn/SKILL.md");
  expect(await psn(["agent", "install", "claude"])).toMatchObject({ json: { file: skill } });
  await appendFile(skill, "A line of my own.\n");
  const kept = `${skill}.before`;
  expect(await psn(["agent", "install", "claude"])).toMatchObject({ json: { kept } });
  const othersSkill = join(folder, ".codex/skills/psn/SKILL.md");
  await mkdir(dirname(othersSkill), { recursive: true });
  await writeFile(othersSkill, "mine");
  const { url, pid } = await startSandboxHost(join(folder, "data"), await freePort(), env);
  const listed = (await psn(["uninstall"])).json as { found: { part: string; path: string }[]; removed: string[] };
  expect(listed.removed).toEqual([]);
  const paths = listed.found.map(({ path }) => path);
  expect(paths).toContain(join(folder, "config/hub.env"));
  expect(paths.some((path) => path.includes("hub") && path !== join(folder, "config/hub.env"))).toBe(true);
  expect(paths).toEqual(expect.arrayContaining([skill, kept, url]));
  expect(paths).not.toContain(othersSkill);
  // Nobody can be asked here.
  expect(await psn(["uninstall", "--config", "--data"])).toMatchObject({
    json: { error: { code: "CONFIRMATION_NEEDED" } },
  });
  const gone = await psn(["uninstall", "--config", "--data", "--yes"]);
  expect(gone.json).toMatchObject({ removed: ["config", "data"] });
  expect(await readdir(join(folder, "config"))).toEqual(["notes.txt"]);
  expect(await readdir(folder)).not.toContain("data");
  expect(await isSandbox(url)).toBe(false);
  expect(() => process.kill(pid ?? 0, 0)).toThrow("ESRCH");
  expect(await readdir(join(folder, ".claude/skills"))).toEqual([]);
  expect(await readFile(othersSkill, "utf8")).toBe("mine");
});

interface Part {
  part: string;
  path: string;
}
const said = ({ json }: { json: unknown }) => json as { found: Part[]; removed: string[]; left: Part[] };
/** A machine on which root had a hub keeps PostgreSQL's programs for the next one, and they are named as well. */
const ofItsUser = (parts: readonly Part[]) => parts.filter(({ path }) => !path.startsWith("/var/lib/psn/"));

test("what is left without its configuration is named, and goes as well", async () => {
  const home = join(folder, "half");
  const more = { HOME: home, PSN_CONFIG_DIR: join(home, "config"), PSN_DATA_DIR: join(home, "data") };
  const { file } = await serviceState({ env: { ...env, ...more } });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, "[Service]\n");
  await mkdir(join(home, "data/media"), { recursive: true });
  const found = [
    { part: "service", path: file },
    { part: "data", path: join(home, "data/media") },
  ];
  expect(ofItsUser(said(await psn(["uninstall"], more)).found)).toMatchObject(found);
  const removal = await psn(["uninstall", "--all", "--yes"], more);
  const { removed, left } = said(removal);
  expect([removal.code, removed, ofItsUser(left)]).toEqual([0, ["service", "data"], []]);
  expect(await readdir(home)).not.toContain("data");
  expect(await readdir(dirname(file))).toEqual([]);
});

test("data that only hub.env names is found and removed also where another setting there cannot be read", async () => {
  const home = join(folder, "typo");
  const more = { HOME: home, PSN_CONFIG_DIR: join(home, "config"), PSN_DATA_DIR: undefined };
  const media = join(home, "elsewhere/media");
  await writeEnvFile(join(home, "config/hub.env"), { PSN_DATA_DIR: dirname(media), PSN_GRACE_MINUTES: "six hours" });
  await mkdir(media, { recursive: true });
  const { found } = said(await psn(["uninstall"], more));
  expect(ofItsUser(found)).toMatchObject([{ part: "config" }, { part: "data", path: media }]);
  const { removed, left } = said(await psn(["uninstall", "--all", "--yes"], more));
  expect([removed, ofItsUser(left)]).toEqual([["config", "data"], []]);
  expect(await readdir(home)).toEqual([]);
});

test("a process that has the number of a sandbox that is gone is left alone", async () => {
  const data = join(folder, "later");
  await mkdir(data);
  const said = { outcome: "ok", url: "http://127.0.0.1:1", pid: process.pid };
  await writeFile(join(data, "sandbox.log"), `${JSON.stringify(said)}\n`);
  expect(await runningSandbox(data)).toBe(null);
});
