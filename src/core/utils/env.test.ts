import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeEnvFile } from "../config/env-file.ts";
import { PsnError } from "../errors.ts";
import { newKeyHex } from "./crypto.ts";
import { allSettings, loadHubEnv, loadKeysEnv } from "./env.ts";

let folder: string;
let dir: string;
let file: string;
const key = newKeyHex();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-env-"));
  dir = join(folder, "config");
  file = join(dir, "hub.env");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const env = (more: Record<string, string> = {}) => ({ PSN_CONFIG_DIR: dir, HOME: folder, ...more });

async function codeOf(act: Promise<unknown>): Promise<string> {
  try {
    await act;
  } catch (error) {
    if (error instanceof PsnError) return `${error.code} ${error.message} ${error.hint ?? ""}`;
    throw error;
  }
  return "no error";
}

describe("reading", () => {
  test("others' access is a warning with the command that repairs it, and the command does", async () => {
    await writeEnvFile(file, { ENCRYPTION_KEY: key });
    await chmod(dir, 0o755);
    await chmod(file, 0o644);
    const { warnings } = await loadHubEnv(env());
    expect(warnings).toHaveLength(2);
    for (const warning of warnings) {
      const command = /chmod \d+ '.*'$/.exec(warning)?.[0] ?? "";
      expect(Bun.spawnSync(["sh", "-c", command]).exitCode).toBe(0);
    }
    expect((await loadHubEnv(env())).warnings).toEqual([]);
  });

  test("no file and no key is NOT_SET_UP, with what to run", async () => {
    expect(await codeOf(loadHubEnv(env()))).toMatch(/^NOT_SET_UP .*psn setup/);
    expect(await codeOf(loadKeysEnv(env()))).toMatch(/^X_KEYS_MISSING X_CLIENT_ID and X_CLIENT_SECRET missing/);
    expect(await codeOf(loadKeysEnv(env({ X_CLIENT_ID: "id" })))).toMatch(/^X_KEYS_MISSING X_CLIENT_SECRET missing/);
  });

  test("the environment wins over the file, and an empty variable counts as none", async () => {
    await writeEnvFile(file, { ENCRYPTION_KEY: key, PSN_TIMEZONE: "Europe/Berlin" });
    expect((await loadHubEnv(env({ PSN_TIMEZONE: "Asia/Tokyo" }))).timezone).toBe("Asia/Tokyo");
    expect((await loadHubEnv(env({ PSN_TIMEZONE: "" }))).timezone).toBe("Europe/Berlin");
    await writeEnvFile(file, { PSN_MEDIA_STORE: "s3", PSN_S3_BUCKET: "pictures" });
    const { hub } = await allSettings(env({ PSN_MEDIA_STORE: "", PSN_S3_BUCKET: "others" }));
    expect(hub).toMatchObject({ ENCRYPTION_KEY: key, PSN_MEDIA_STORE: "s3", PSN_S3_BUCKET: "others" });
  });

  test("without a zone that was set up it is the machine's, and one that cannot be read is named", async () => {
    await writeEnvFile(file, { ENCRYPTION_KEY: key });
    const zoneWith = async (more: Record<string, string>) => {
      const { timezone, warnings } = await loadHubEnv(env(more));
      return { timezone, warnings: warnings.filter((text) => text.includes("TZ")) };
    };
    expect(await zoneWith({ TZ: "Asia/Tokyo" })).toEqual({ timezone: "Asia/Tokyo", warnings: [] });
    const unknown = await zoneWith({ TZ: "CET-1CEST" });
    expect(unknown.timezone).toBe("UTC");
    expect(unknown.warnings.join()).toContain("times are read in UTC: psn setup --timezone ZONE");
    const chosen = { PSN_TIMEZONE: "Europe/Berlin" };
    for (const TZ of ["CET-1CEST", ":/etc/localtime", "Asia/Tokyo"]) {
      expect(await zoneWith({ ...chosen, TZ })).toEqual({ timezone: "Europe/Berlin", warnings: [] });
    }
    for (const TZ of ["Mars/Phobos", ":America/NewYork"]) {
      const { timezone, warnings } = await zoneWith({ ...chosen, TZ });
      expect(timezone).toBe("Europe/Berlin");
      expect(warnings.join()).toContain(`TZ is "${TZ}", which is no time zone; times are read in Europe/Berlin`);
    }
  });

  test("a value that cannot be is named with its file, and never repeated", async () => {
    await writeEnvFile(file, { ENCRYPTION_KEY: key });
    const bad: [string, string][] = [
      ["DATABASE_URL", "mysql://user:hunter2@host/db"],
      ["PSN_TIMEZONE", "hunter2/Zone"],
      ["PSN_ENGINE", "hunter2"],
      ["PSN_GRACE_MINUTES", "hunter2"],
      ["PSN_CATCH_UP_MINUTES", "-1"],
      ["PSN_REFRESH_MINUTES", "0"],
      ["TRIGGER_API_URL", "hunter2"],
    ];
    for (const [name, value] of bad) {
      const said = await codeOf(loadHubEnv(env({ [name]: value })));
      expect(said).toMatch(new RegExp(`^CONFIG_INVALID ${name} .*hub\\.env`));
      expect(said).not.toContain("hunter2");
    }
    expect(await codeOf(loadHubEnv(env({ ENCRYPTION_KEY: "hunter2" })))).toMatch(/^KEY_INVALID (?!.*hunter2)/);
    expect(await codeOf(loadKeysEnv(env({ X_CLIENT_ID: "a", X_CLIENT_SECRET: "b", X_TOKEN_URL: "hunter2" })))).toMatch(
      /^CONFIG_INVALID X_TOKEN_URL (?!.*hunter2)/,
    );
  });

  test("the refresh window follows the period, and is never shorter", async () => {
    await writeEnvFile(file, { ENCRYPTION_KEY: key });
    expect((await loadHubEnv(env())).refresh).toEqual({ everyMinutes: 30, windowMinutes: 45 });
    const short = env({ PSN_REFRESH_MINUTES: "20", PSN_REFRESH_WINDOW_MINUTES: "10" });
    expect(await codeOf(loadHubEnv(short))).toMatch(/^CONFIG_INVALID .*shorter/);
  });

  test("a file that is far too large, or a folder in its place, is an error", async () => {
    await mkdir(dir);
    await writeFile(file, "#".repeat(70_000));
    expect(await codeOf(loadHubEnv(env()))).toMatch(/^CONFIG_UNREADABLE/);
    await rm(file);
    await mkdir(file);
    expect(await codeOf(loadHubEnv(env()))).toMatch(/^CONFIG_UNREADABLE/);
  });

  test("an old key is readable while a rotation runs", async () => {
    const old = newKeyHex();
    await writeEnvFile(file, { ENCRYPTION_KEY: key, ENCRYPTION_KEY_OLD: old });
    const { keyRing, encryptionKey } = await loadHubEnv(env());
    expect(keyRing).toHaveLength(2);
    expect(keyRing[0]).toBe(encryptionKey);
  });
});
