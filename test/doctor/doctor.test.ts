/** `psn doctor` on an installation with one fault after the other: each is found, and its fix is named. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { appendFile, chmod, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { NEWEST_MIGRATION } from "../../src/core/db/version.ts";
import { newKeyHex } from "../../src/core/utils/crypto.ts";
import { type Env, writeEnvFile } from "../../src/core/utils/env.ts";
import { examine } from "../../src/doctor/examine.ts";
import { realWorld, type ServiceState, type World } from "../../src/doctor/world.ts";
import { setHubEngine } from "../../src/engines/switch.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";

let home: TestHome;
/** What is stored, as setup leaves it. */
let stored: { hub: Record<string, string>; keys: Record<string, string> };
let hubEnvFile: string;
let world: World;

beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  const { DATABASE_URL = "", ENCRYPTION_KEY = "", ...rest } = home.env;
  const keys = Object.entries(rest).filter(([name]) => name.startsWith("X_"));
  stored = {
    hub: { DATABASE_URL, ENCRYPTION_KEY, PSN_TIMEZONE: "Europe/Berlin" },
    keys: Object.fromEntries(keys) as Record<string, string>,
  };
  hubEnvFile = join(home.folder, "config/hub.env");
});
afterAll(() => home.close());

beforeEach(async () => {
  await rm(join(home.folder, "config"), { recursive: true, force: true });
  await writeEnvFile(hubEnvFile, stored.hub);
  await writeEnvFile(join(home.folder, "config/keys.env"), stored.keys);
  const env: Env = {
    HOME: home.folder,
    PSN_CONFIG_DIR: join(home.folder, "config"),
    PSN_DATA_DIR: join(home.folder, "data"),
  };
  const real = realWorld(env, async () => null);
  world = { ...real, freeBytes: async () => 50e9, hasTriggerSdk: async () => true };
});

const look = (fix = false) => examine(world, { fix, version: "0.0.0" });
const sql = (text: string) => home.hub.pool.query(text);
const later = (ms: number) => ({ ...world.clock, now: () => new Date(Date.now() + ms) });
const serviceOf = (more: Partial<ServiceState>) => async () => ({
  ...{ installed: true, active: true, isCurrent: true, file: "psn-worker.service", says: "inactive" },
  ...more,
});

test("on a good installation nothing is wrong, and looking again finds the same", async () => {
  const found = await look();
  expect(found.filter(({ verdict }) => verdict !== "ok")).toEqual([]);
  expect(found.map(({ check }) => check)).toEqual(
    expect.arrayContaining(["hub.schema", "hub.key", "x.reach", "accounts"]),
  );
  expect(await look()).toEqual(found);
});

/** What is broken, which check says so, and what its fix says. */
const FAULTS: [name: string, check: string, fix: RegExp, plant: () => unknown, undo?: () => unknown][] = [
  ["nothing is set up", "config.files", /^psn setup$/, () => rm(hubEnvFile)],
  ["others can read the keys", "config.permissions", /^chmod 600 '.*hub\.env'$/, () => chmod(hubEnvFile, 0o644)],
  ["others can enter the folder", "config.permissions", /^chmod 700 /, () => chmod(join(hubEnvFile, ".."), 0o755)],
  [
    "a line is no setting",
    "config.lines",
    /^Repair or remove it/,
    () => appendFile(hubEnvFile, "# a remark\n0:\nPSN_GRACE_MINUTES=60\n"),
  ],
  [
    "a quotation takes in a line",
    "config.lines",
    /^Repair or remove it/,
    () => appendFile(hubEnvFile, "A='open\nPSN_GRACE_MINUTES=60\nB='\n"),
  ],
  [
    "a folder stands in the file's place",
    "config.values",
    /is yours/,
    async () => {
      await rm(hubEnvFile);
      await mkdir(hubEnvFile);
    },
  ],
  [
    "a zone that is none",
    "config.values",
    /PSN_TIMEZONE in .*hub\.env/,
    () => writeEnvFile(hubEnvFile, { PSN_TIMEZONE: "Mars/Base" }),
  ],
  [
    "the terminal overrules a value",
    "config.environment",
    /^unset PSN_TIMEZONE$/,
    () => Object.assign(world.env, { PSN_TIMEZONE: "UTC" }),
  ],
  [
    "certificates are not checked",
    "config.values",
    /psn doctor/,
    () => Object.assign(world.env, { NODE_TLS_REJECT_UNAUTHORIZED: "0" }),
  ],
  [
    "a key's change is unfinished",
    "config.old_key",
    /^psn keys rotate$/,
    () => writeEnvFile(hubEnvFile, { ENCRYPTION_KEY_OLD: newKeyHex() }),
  ],
  ["the disk is nearly full", "disk.space", /Make room/, () => Object.assign(world, { freeBytes: async () => 100e6 })],
  [
    "there is no embedded hub",
    "hub.server",
    /^psn setup$/,
    () => writeEnvFile(hubEnvFile, { DATABASE_URL: "embedded" }),
  ],
  [
    "the hub that has published is not where the environment says",
    "hub.server",
    /^unset PSN_DATA_DIR$/,
    async () => {
      await writeEnvFile(hubEnvFile, { DATABASE_URL: "embedded", PSN_DATA_DIR: "/elsewhere" });
      await Bun.write(join(home.folder, "config/hub-mark.json"), "{}");
    },
  ],
  [
    "the environment leads to other data than the file",
    "config.environment",
    /^unset PSN_DATA_DIR$/,
    () => writeEnvFile(hubEnvFile, { PSN_DATA_DIR: "/elsewhere" }),
  ],
  [
    "the hub cannot be reached",
    "hub.connection",
    /./,
    () => writeEnvFile(hubEnvFile, { DATABASE_URL: "postgres://u@127.0.0.1:9/none" }),
  ],
  [
    "the hub is of a newer PSN",
    "hub.schema",
    /^psn update$/,
    () => sql(`insert into psn.migrations (hash, created_at) values ('newer', ${NEWEST_MIGRATION + 1})`),
    () => sql("delete from psn.migrations where hash = 'newer'"),
  ],
  [
    "the key is another one",
    "hub.key",
    /psn keys reset/,
    () => writeEnvFile(hubEnvFile, { ENCRYPTION_KEY: newKeyHex() }),
  ],
  ["the hub's clock is off", "hub.clock", /timedatectl/, () => Object.assign(world, { clock: later(-300_000) })],
  [
    "X's clock says another time",
    "x.clock",
    /timedatectl/,
    () => Object.assign(world, { fetch: async () => ({ date: "Thu, 01 Jan 2026 00:00:00 GMT" }) }),
  ],
  [
    "what stands in for X is away",
    "x.reach",
    /psn setup --x/,
    () => Object.assign(world, { fetch: () => Promise.reject(new Error("refused")) }),
  ],
  ["there are no X keys", "x.keys", /psn setup/, () => rm(join(home.folder, "config/keys.env"))],
  [
    "an account must sign in again",
    "accounts",
    /^psn setup --account @sandbox_author$/,
    () => sql(`update psn.oauth_tokens set metadata = metadata || '{"requiresReauth": true, "refreshError": "ended"}'`),
    () => sql("update psn.oauth_tokens set metadata = metadata - 'requiresReauth' - 'refreshError'"),
  ],
  [
    "a post waits and no worker runs",
    "worker",
    /^psn worker install/,
    () => home.psn(["post", "create", "Later.", "--at", "in 2 hours"]),
    () => sql("delete from psn.posts"),
  ],
  [
    "the service does not run",
    "service",
    /^psn worker install$/,
    () => Object.assign(world, { service: serviceOf({ active: false }) }),
  ],
  [
    "the service starts another PSN",
    "service",
    /^psn worker install$/,
    () => Object.assign(world, { service: serviceOf({ isCurrent: false }) }),
  ],
  [
    "the hub was handed to the other engine",
    "engine",
    /^psn setup --engine trigger$/,
    () => setHubEngine(home.hub, "trigger"),
    () => sql("delete from psn.hub_settings where key = 'engine'"),
  ],
  [
    "Trigger.dev's SDK is missing",
    "trigger.sdk",
    /@trigger\.dev\/sdk@/,
    async () => {
      await writeEnvFile(hubEnvFile, { PSN_ENGINE: "trigger" });
      Object.assign(world, { hasTriggerSdk: async () => false });
    },
  ],
  [
    "Trigger.dev's crons are lost",
    "trigger.watchdog",
    /deploy again/,
    () => writeEnvFile(hubEnvFile, { PSN_ENGINE: "trigger" }),
  ],
  [
    "a picture of a draft is gone",
    "media",
    /^psn media verify/,
    async () => {
      const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=";
      await writeFile(join(home.folder, "p.png"), Buffer.from(pixel, "base64"));
      await home.psn(["post", "create", "With a picture.", "--media", "p.png"]);
      await rm(join(home.folder, "data/media"), { recursive: true });
    },
    async () => {
      const { json } = await home.psn(["post", "list", "--fields", "posts.id"]);
      await home.psn(["post", "delete", (json as { posts: { id: string }[] }).posts[0]?.id ?? "", "--yes"]);
    },
  ],
  [
    "the media folder is a file",
    "media",
    /backup/,
    async () => {
      await mkdir(join(home.folder, "data"), { recursive: true });
      await rm(join(home.folder, "data/media"), { recursive: true, force: true });
      await writeFile(join(home.folder, "data/media"), "");
    },
    () => rm(join(home.folder, "data/media"), { force: true }),
  ],
];

for (const [name, check, fix, plant, undo] of FAULTS) {
  test(`${name}: found, and the fix is named`, async () => {
    await plant();
    try {
      const wrong = (await look()).filter(({ verdict }) => verdict !== "ok");
      expect(wrong).toContainEqual(expect.objectContaining({ check, fix: expect.stringMatching(fix) }));
    } finally {
      await undo?.();
    }
  });
}

test("--fix does what is safe, says so, and leaves the rest to a person", async () => {
  await chmod(hubEnvFile, 0o644);
  await chmod(join(hubEnvFile, ".."), 0o750);
  await rm(join(home.folder, "config/keys.env"));
  const found = await look(true);
  expect(found.filter(({ repaired }) => repaired).map(({ check }) => check)).toEqual([
    "config.permissions",
    "config.permissions",
  ]);
  expect(found.filter(({ verdict }) => verdict !== "ok").map(({ check }) => check)).toEqual(["x.keys"]);
  expect([(await stat(hubEnvFile)).mode & 0o777, (await stat(join(hubEnvFile, ".."))).mode & 0o777]).toEqual([
    0o600, 0o700,
  ]);
});

test("the command's exit code says whether something is wrong, and its answer what", async () => {
  const env = { PATH: home.env.PATH, ...world.env };
  expect(await home.psnProcess(["doctor"], { env })).toMatchObject({
    code: 0,
    stderr: "",
    json: { outcome: "ok", errors: 0 },
  });
  await chmod(hubEnvFile, 0o604);
  expect(await home.psnProcess(["doctor"], { env })).toMatchObject({
    code: 3,
    json: { outcome: "error", errors: 1, error: { code: "DOCTOR_FOUND", hint: expect.stringContaining("chmod") } },
  });
});
