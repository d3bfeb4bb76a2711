/** `psn backup` and `psn restore`: one file takes a hub to another machine, which sends nothing until a person says which publishes. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, open, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Io } from "../../src/cli/_command.ts";
import { readPassphrase } from "../../src/cli/_passphrase.ts";
import { stopEmbedded } from "../../src/core/db/embedded/index.ts";
import type { Env } from "../../src/core/utils/env.ts";
import { tinyPng } from "../../src/sandbox/testing.ts";
import { type Ran, startPsn, type TestHome, testHome } from "../../src/testing/cli.ts";
import { testHub } from "../../src/testing/hub.ts";
import { withHost } from "../../src/trigger/_host.ts";
import { eventually } from "../engines/posts.ts";
import { emptied, PASSPHRASE } from "./backup-stage.ts";

let home: TestHome;
/** An embedded hub is restored to there, and a database on a server. */
let laptop: Env;
let server: Env;
let target: Awaited<ReturnType<typeof testHub>>;
let waiting = "";

beforeAll(async () => {
  home = await testHome();
  home.sandbox.sandbox.configure({ duplicateWindowMs: 0 });
  // PostgreSQL's user reaches it, so that the hub lies where it is asked for.
  await chmod(home.folder, 0o755);
  await home.signIn();
  target = await testHub();
  await emptied(target.hub);
  await writeFile(join(home.folder, "image.png"), tinyPng());
  await writeFile(join(home.folder, "passphrase"), `${PASSPHRASE}\n`);
  await home.psnProcess(["post", "create", "Sent before the backup.", "--now"]);
  const made = await home.psnProcess([
    "post",
    "create",
    "Waits.",
    "--at",
    "in 2 hours",
    "--media",
    "1:image.png",
    "--alt",
    "A square",
  ]);
  waiting = (made.json as { post: { id: string } }).post.id;
  // Nothing of the old place's configuration: only what a new machine has.
  const bare = { PATH: home.env.PATH, HOME: join(home.folder, "new") };
  laptop = {
    ...bare,
    PSN_CONFIG_DIR: join(home.folder, "laptop", "config"),
    PSN_DATA_DIR: join(home.folder, "laptop", "data"),
  };
  server = {
    ...bare,
    PSN_CONFIG_DIR: join(home.folder, "server", "config"),
    PSN_DATA_DIR: join(home.folder, "server", "data"),
  };
});
afterAll(async () => {
  await stopEmbedded({ dataDir: join(home.folder, "laptop", "data", "hub") }).catch(() => {});
  await target.drop();
  await home.close();
});

const psn = (env: Env, args: string[], stdin?: string): Promise<Ran> =>
  home.psnProcess(args, stdin === undefined ? { env } : { env, stdin });
const errorOf = (ran: Ran) => (ran.json as { error?: { code: string; details?: unknown } }).error;
const codeOf = (ran: Ran) => errorOf(ran)?.code;

test("scenario 59: an embedded hub is restored from a server's, sends nothing before a person claims it, and then nothing twice", async () => {
  const worker = startPsn(["worker"], { env: home.env });
  await eventually(
    () => worker.log().includes("orker"),
    () => worker.log(),
  );
  // A worker that publishes is no hindrance, nor is the backup one for it.
  const made = await psn(home.env, ["backup", "psn.age", "--passphrase-file", "passphrase"]);
  expect(made.json).toMatchObject({ outcome: "ok", media: 1, missingMedia: [] });
  await home.psnProcess(["post", "create", "Sent after the backup.", "--now"]);
  await worker.stop();
  const file = join(home.folder, "psn.age");
  expect((await stat(file)).mode & 0o777).toBe(0o600);

  const restored = await psn(laptop, ["restore", "psn.age"], PASSPHRASE);
  expect(restored.json).toMatchObject({ outcome: "ok", media: 1, jobs: 1 });
  expect((await stat(join(home.folder, "laptop", "config", "hub.env"))).mode & 0o777).toBe(0o600);
  // A command without the variable finds the data, and where it is missing no empty hub takes its place.
  const { PSN_DATA_DIR: kept = "", ...without } = laptop;
  expect((await psn(without, ["post", "show", waiting, "--json"])).code).toBe(0);
  expect(codeOf(await psn({ ...laptop, PSN_DATA_DIR: `${kept}-away` }, ["post", "list"]))).toBe("HUB_GONE");
  for (const args of [["worker"], ["post", "now", waiting]]) {
    expect(errorOf(await psn(laptop, args))).toMatchObject({
      code: "HUB_UNCLAIMED",
      details: { needsPerson: true, doubt: "restored" },
    });
  }
  expect(codeOf(await psn(laptop, ["hub", "claim", "--restored"]))).toBe("CONFIRMATION_NEEDED");
  expect((await psn(laptop, ["hub", "claim", "--restored", "--yes"])).json).toMatchObject({ claimed: true });

  expect((await psn(laptop, ["post", "now", waiting])).code).toBe(0);
  expect(home.onX().toSorted()).toEqual(["Sent after the backup.", "Sent before the backup.", "Waits."]);
}, 300_000);

test("scenario 59: back to a server: the embedded hub's backup makes a hub there, which is told from the original, too", async () => {
  expect((await psn(laptop, ["backup", "back.age"], `${PASSPHRASE}\n`)).code).toBe(0);
  const env = { ...server, PSN_RESTORE_TO: target.url };
  const restored = await psn(env, ["restore", "back.age", "--passphrase-file", "passphrase"]);
  expect(restored.json).toMatchObject({ outcome: "ok", media: 1 });
  expect(await readFile(join(home.folder, "server", "config", "hub.env"), "utf8")).toContain(target.url);
  expect(errorOf(await psn(server, ["worker"]))).toMatchObject({ code: "HUB_UNCLAIMED" });
  // Trigger.dev's tasks read the same hub.
  const run = await withHost("run_1", async () => null, server).catch((error) => error);
  expect(run).toMatchObject({ code: "HUB_UNCLAIMED" });
  expect((await psn(server, ["doctor"])).stdout).toContain("restored from a backup");
  expect((await psn(server, ["hub", "claim", "--restored", "--yes"])).json).toMatchObject({ claimed: true });
  const before = home.onX().length;
  expect((await psn(server, ["post", "create", "From the server.", "--now"])).code).toBe(0);
  expect(home.onX()).toHaveLength(before + 1);
  expect(codeOf(await psn(server, ["hub", "claim"]))).toBe("HUB_NOT_EMBEDDED");
}, 300_000);

test("what cannot be done is told, and a dry run says what it would do", async () => {
  expect(codeOf(await psn(home.env, ["backup", "psn.age"], PASSPHRASE))).toBe("FILE_EXISTS");
  expect(codeOf(await psn(home.env, ["backup", "new.age"], "short"))).toBe("PASSPHRASE_WEAK");
  expect(codeOf(await psn(home.env, ["backup", "new.age"], "\n"))).toBe("PASSPHRASE_MISSING");
  expect(codeOf(await psn(home.env, ["backup", "new.age"], "two lines\nof words here"))).toBe("PASSPHRASE_MISSING");
  expect(codeOf(await psn(home.env, ["backup", "new.age", "--dry-run"], "\n"))).toBe("PASSPHRASE_MISSING");
  const dry = await psn(home.env, ["backup", "new.age", "--dry-run"], PASSPHRASE);
  expect(dry.json).toMatchObject({ outcome: "dry_run", wouldSucceed: true });
  expect(codeOf(await psn(server, ["restore", "psn.age"], PASSPHRASE))).toBe("PLACE_NOT_EMPTY");
  const fresh = { ...laptop, PSN_CONFIG_DIR: join(home.folder, "a"), PSN_DATA_DIR: join(home.folder, "b") };
  expect(codeOf(await psn(fresh, ["restore", "psn.age"], "not the passphrase"))).toBe("BACKUP_PASSPHRASE_WRONG");
  expect(codeOf(await psn({ ...fresh, ENCRYPTION_KEY: "cd".repeat(32) }, ["restore", "psn.age"], PASSPHRASE))).toBe(
    "KEY_FROM_ENVIRONMENT",
  );
  const url = "postgres://me:secret@db.example.org/psn";
  expect(codeOf(await psn(fresh, ["restore", "psn.age", "--to", url], PASSPHRASE))).toBe("SECRET_IN_ARGUMENT");
  expect((await psn(fresh, ["restore", "psn.age", "--dry-run"], PASSPHRASE)).json).toMatchObject({
    outcome: "dry_run",
    wouldSucceed: true,
  });
  for (const folder of ["a", "b"]) expect(await stat(join(home.folder, folder)).catch(() => null)).toBeNull();
  expect(await stat(join(home.folder, "new.age")).catch(() => null)).toBeNull();
}, 300_000);

test("a passphrase that a pipe hands over in pieces is read to its end, and one that is too long is not", async () => {
  const pipe = join(home.folder, "pipe");
  expect(Bun.spawnSync(["mkfifo", pipe]).exitCode).toBe(0);
  const io = { cwd: home.folder, signal: new AbortController().signal } as Io;
  // For reading and writing, so that it is there before the reader is.
  const writer = await open(pipe, "r+");
  await writer.write("four words ");
  const passphrase = readPassphrase(io, "pipe", true);
  await Promise.race([passphrase, Bun.sleep(100)]);
  await writer.write("nobody guesses\n");
  await writer.close();
  expect(await passphrase).toBe("four words nobody guesses");
  await writeFile(join(home.folder, "long"), "x".repeat(5_000));
  await expect(readPassphrase(io, "long", true)).rejects.toMatchObject({ code: "PASSPHRASE_MISSING" });
});
