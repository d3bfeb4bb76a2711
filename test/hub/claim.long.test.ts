/** An embedded hub that was put back, copied or moved: found out before its first send, and nothing is posted twice. */
import { afterEach, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { chmod, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { openApp } from "../../src/cli/_app.ts";
import { completeXOAuth, setupXOAuth } from "../../src/cli/setup-x-oauth.ts";
import type { Env } from "../../src/core/config/env-file.ts";
import { stopEmbedded } from "../../src/core/db/embedded/index.ts";
import { consent, type PsnProcess, type Ran, startPsn, type TestHome, testHome } from "../../src/testing/cli.ts";
import { eventually, PATIENCE_MS, Posts } from "../engines/posts.ts";

const TEST_MS_MAX = 4 * PATIENCE_MS;

let home: TestHome;
const hubs: string[] = [];
const workers: PsnProcess[] = [];

afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop();
  for (const dataDir of hubs.splice(0)) await stopEmbedded({ dataDir }).catch(() => {});
  await home.close();
});

const envAt = (folder: string): Env => ({
  ...home.env,
  DATABASE_URL: "embedded",
  PSN_CONFIG_DIR: join(folder, "config"),
  PSN_DATA_DIR: join(folder, "data"),
});
const hubAt = (folder: string) => join(folder, "data", "hub");

/** A hub in a folder of its own with an account that is signed in. */
async function opened(): Promise<{ folder: string; env: Env }> {
  home = await testHome();
  // X's own refusal of duplicates would hide a second send.
  home.sandbox.sandbox.configure({ duplicateWindowMs: 0 });
  // PostgreSQL's user reaches it, so that the hub lies where it is asked for.
  await chmod(home.folder, 0o755);
  const folder = join(home.folder, "first");
  const env = envAt(folder);
  hubs.push(hubAt(folder));
  const app = await openApp({ env });
  const step = await setupXOAuth(app, { again: true });
  await completeXOAuth(app, await consent(String(step.data?.url), "sandbox_author"));
  await app.close();
  return { folder, env };
}

const psn = (env: Env, ...args: string[]) => home.psnProcess(args, { env });
const copy = (from: string, to: string) => execFileSync("cp", ["-a", from, to]);
const errorOf = (ran: Ran) => (ran.json as { error: { code: string; details?: unknown } }).error;

/** Posts that are due already. */
async function due(env: Env, ...threads: string[][]): Promise<string[]> {
  const app = await openApp({ env });
  const posts = new Posts(app, home.sandbox);
  const ids = [];
  for (const thread of threads) ids.push(await posts.dueIn(300, ...thread));
  await app.close();
  return ids;
}

async function publishAll(env: Env, count: number): Promise<void> {
  const worker = startPsn(["worker"], { env });
  workers.push(worker);
  await eventually(
    () => worker.log().split("Published ").length - 1 >= count,
    () => `not published: ${worker.log()}`,
  );
  await worker.stop();
}

test(
  "scenario 59: an embedded hub that is put back sends nothing before a person claims it, and then nothing twice",
  async () => {
    const { folder, env } = await opened();
    await due(env, ["Backed up"], ["One", "Two"]);
    await psn(env, "hub", "stop");
    copy(hubAt(folder), `${hubAt(folder)}.backup`);
    await publishAll(env, 2);
    await psn(env, "hub", "stop");
    await rename(hubAt(folder), `${hubAt(folder)}.lost`);
    copy(`${hubAt(folder)}.backup`, hubAt(folder));

    const refused = await psn(env, "worker");
    expect(errorOf(refused)).toMatchObject({ code: "HUB_UNCLAIMED", details: { needsPerson: true } });
    expect(errorOf(await psn(env, "post", "create", "Now", "--now"))).toMatchObject({ code: "HUB_UNCLAIMED" });
    expect(errorOf(await psn(env, "hub", "claim"))).toMatchObject({ code: "HUB_UNCLAIMED" });
    expect(errorOf(await psn(env, "hub", "claim", "--restored"))).toMatchObject({ code: "CONFIRMATION_NEEDED" });
    expect(home.onX().toSorted()).toEqual(["Backed up", "One", "Two"]);

    expect((await psn(env, "hub", "claim", "--restored", "--yes")).json).toMatchObject({ claimed: true });
    await publishAll(env, 2);
    expect(home.onX().toSorted()).toEqual(["Backed up", "One", "Two"]);
    expect((await psn(env, "hub", "claim")).json).toEqual({ outcome: "ok", claimed: false, doubt: null });
  },
  TEST_MS_MAX,
);

test(
  "scenario 59: put back into the very same folder, it is behind its mark",
  async () => {
    const { folder, env } = await opened();
    await psn(env, "hub", "stop");
    const cluster = join(hubAt(folder), "postgres");
    copy(cluster, `${cluster}.backup`);
    await due(env, ["After the backup"]);
    await publishAll(env, 1);
    await psn(env, "hub", "stop");
    const before = await stat(cluster);
    execFileSync("sh", ["-c", 'rm -rf "$1"/* && cp -a "$1".backup/. "$1"/', "sh", cluster]);
    expect((await stat(cluster)).ino).toBe(before.ino);
    const refused = errorOf(await psn(env, "worker"));
    expect(refused).toMatchObject({ code: "HUB_UNCLAIMED", details: { doubt: "older" } });
  },
  TEST_MS_MAX,
);

test(
  "scenario 59: a copy of folder and configuration sends nothing beside the first, which goes on; a renamed folder is no copy",
  async () => {
    const { folder, env } = await opened();
    await due(env, ["Both of us"]);
    await psn(env, "hub", "stop");
    const second = join(home.folder, "second");
    copy(folder, second);
    hubs.push(hubAt(second));
    const refused = errorOf(await psn(envAt(second), "worker"));
    expect(refused).toMatchObject({ code: "HUB_UNCLAIMED", details: { doubt: "copied" } });
    await psn(envAt(second), "hub", "stop");

    const third = join(home.folder, "third");
    await rename(folder, third);
    hubs.push(hubAt(third));
    await publishAll(envAt(third), 1);
    expect(home.onX()).toEqual(["Both of us"]);
  },
  TEST_MS_MAX,
);

test(
  "scenario 59: a hub that is not there is never replaced by an empty one, and put back it goes on",
  async () => {
    const { folder, env } = await opened();
    const [id = ""] = await due(env, ["Said once."]);
    await publishAll(env, 1);
    await stopEmbedded({ dataDir: hubAt(folder) });
    const mark = await readFile(join(folder, "config", "hub-mark.json"), "utf8");
    await rename(hubAt(folder), `${hubAt(folder)}.away`);
    for (const args of [["status"], ["post", "list"], ["post", "create", "x", "--now"], ["worker"], ["hub", "start"]]) {
      const ran = await psn(env, ...args);
      expect([args, errorOf(ran)?.code, ran.code]).toEqual([args, "HUB_GONE", expect.any(Number)]);
    }
    const doctor = await psn(env, "doctor", "--fix");
    expect(doctor.code).not.toBe(0);
    expect(await readFile(join(folder, "config", "hub-mark.json"), "utf8")).toBe(mark);
    await rm(hubAt(folder), { recursive: true, force: true });
    await rename(`${hubAt(folder)}.away`, hubAt(folder));
    expect((await psn(env, "post", "show", id)).json).toMatchObject({ post: { status: "published" } });
    expect((await psn(env, "post", "create", "And goes on.", "--now")).code).toBe(0);
    expect(home.onX()).toEqual(["Said once.", "And goes on."]);
  },
  TEST_MS_MAX,
);
