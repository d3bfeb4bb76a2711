/** PSN's own files and folders are no links: one that somebody put in their place is refused, and what it leads to is left alone. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { constants } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastLines } from "../../src/cli/_worker-life.ts";
import { readService, type ServicePlan, writeService } from "../../src/cli/worker-service.ts";
import { readArchive } from "../../src/core/backup/archive.ts";
import { makeOwnFolder, openOwnFile, readOwnFile } from "../../src/core/config/own-file.ts";
import { codeOf, Scratch } from "../../src/core/db/embedded/fixtures/hubs.ts";
import { startEmbedded, statusEmbedded, stopEmbedded } from "../../src/core/db/embedded/index.ts";
import { hubPaths } from "../../src/core/db/embedded/place.ts";
import { readMarkFile, writeMarkFile } from "../../src/core/db/mark-file.ts";
import { folderBackend } from "../../src/core/media/folder-backend.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { tinyPng } from "../../src/sandbox/testing.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";

const PRECIOUS = "A file that is nobody's business.\n";

let folder: string;
let target: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-own-"));
  target = join(folder, "precious");
  await writeFile(target, PRECIOUS);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const linked = async (name: string, to = target) => {
  const link = join(folder, name);
  await mkdir(join(link, ".."), { recursive: true });
  await symlink(to, link);
  return link;
};
const kept = async () => expect(await readFile(target, "utf8")).toBe(PRECIOUS);

test("a link, a pipe and a device are refused at once, to read and to write", async () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  const { O_RDONLY, O_RDWR, O_TRUNC } = constants;
  for (const path of [await linked("a-link"), await linked("dangling", join(folder, "none")), pipe, "/dev/null"]) {
    expect(await codeOf(readOwnFile(path, 1_000)), path).toBe("OWN_FILE_REPLACED");
    for (const flags of [O_RDONLY, O_RDWR | O_TRUNC]) {
      expect(await codeOf(openOwnFile(path, flags)), path).toBe("OWN_FILE_REPLACED");
    }
  }
  expect(await readOwnFile(join(folder, "none"), 1_000)).toBeNull();
  // A backup is a file that its author names: a link to one is none of our business, a pipe would be waited for.
  for (const path of [pipe, "/dev/zero"]) {
    expect(await codeOf(readArchive(path, "a passphrase").next()), path).toBe("BACKUP_UNREADABLE");
  }
  await expect(readOwnFile(target, 10)).rejects.toThrow("larger");
  await expect(readOwnFile("/proc/self/status", 10)).resolves.toBe("");
  expect(await codeOf(makeOwnFolder(await linked("folder-link", folder)))).toBe("OWN_FILE_REPLACED");
  await kept();
});

test("the mark, the service and the sandbox's file are no links", async () => {
  const mark = await linked("config/hub-mark.json");
  expect(await codeOf(readMarkFile(mark))).toBe("OWN_FILE_REPLACED");
  const folderOfIt = { path: folder, inode: "1", bornMs: 1 };
  const content = { psnMark: 1 as const, claim: "a", sent: 0, folder: folderOfIt, machine: null };
  expect(await codeOf(writeMarkFile(mark, content))).toBe("OWN_FILE_REPLACED");
  const plan = {
    manager: "systemd" as const,
    file: await linked("systemd/x"),
    text: "x",
    start: [],
    stop: [],
    query: [],
    lingers: null,
    log: [],
  };
  expect(await codeOf(readService(plan))).toBe("OWN_FILE_REPLACED");
  expect(await codeOf(writeService(plan))).toBe("OWN_FILE_REPLACED");
  expect(await codeOf(startSandbox({ stateFile: await linked("sandbox.json") }))).toBe("OWN_FILE_REPLACED");
  await kept();
});

test("of the worker's log its last lines are told, and of what is in its place none, at once", async () => {
  const file = join(folder, "worker.log");
  await writeFile(file, `${Array.from({ length: 5_000 }, (_, index) => `line ${index}`).join("\n")}\n`);
  const told = async (log: string) => await lastLines({ log: { file: log } } as ServicePlan, {});
  expect(await told(file)).toEqual(Array.from({ length: 8 }, (_, index) => `line ${4_992 + index}`));
  const pipe = join(folder, "log-pipe");
  execFileSync("mkfifo", [pipe]);
  for (const other of [await linked("log-link"), pipe, folder, join(folder, "none")]) {
    expect(await told(other), other).toEqual([]);
  }
});

test("the media store reads, writes and removes through no link, of a file or of a folder", async () => {
  const sha256 = "ab".repeat(32);
  const blob = { sha256, byteLength: Buffer.byteLength(PRECIOUS) };
  const bytes = async function* () {
    yield Buffer.from(PRECIOUS);
  };
  const outside = join(folder, "outside");
  await mkdir(join(outside, "ab"), { recursive: true });
  await writeFile(join(outside, "ab", sha256), PRECIOUS);
  // As a whole, and of the folder that the file would be in.
  await mkdir(join(folder, "store-2"));
  await symlink(join(outside, "ab"), join(folder, "store-2", "ab"));
  for (const store of [await linked("store-1", outside), join(folder, "store-2")]) {
    const backend = folderBackend(store);
    for (const act of [
      () => backend.has(blob),
      () => backend.read(sha256, 0, 1),
      () => backend.put(blob, bytes()),
      () => backend.remove(sha256),
    ]) {
      expect(await codeOf(act()), store).toBe("OWN_FILE_REPLACED");
    }
  }
  // The file alone: it is not there, a new one takes the link's place, and what it led to stays.
  const backend = folderBackend(join(folder, "store-3"));
  await linked(`store-3/ab/${sha256}`);
  expect(await backend.has(blob)).toBe(false);
  expect(await codeOf(backend.read(sha256, 0, 1))).toBe("OWN_FILE_REPLACED");
  await backend.put(blob, bytes());
  expect(await backend.has(blob)).toBe(true);
  await kept();
  expect(await readdir(join(outside, "ab"))).toEqual([sha256]);
});

test("a hub whose marker, lock, log or pid file is a link does not start, and is not looked at through it", async () => {
  const scratch = await Scratch.open();
  try {
    const options = scratch.options("hub");
    await startEmbedded(options);
    await stopEmbedded(options);
    const { dataDir } = await statusEmbedded(options);
    const { marker, lockFile, logFile, cluster } = hubPaths(dataDir);
    for (const file of [marker, lockFile, logFile, join(cluster, "postmaster.pid"), join(cluster, "PG_VERSION")]) {
      const aside = `${file}.aside`;
      await rename(file, aside).catch(() => {});
      await symlink(target, file);
      expect(await codeOf(startEmbedded(options)), file).toBe("OWN_FILE_REPLACED");
      await rm(file);
      await rename(aside, file).catch(() => {});
    }
    expect(await startEmbedded(options)).toMatchObject({ started: true });
    await kept();
  } finally {
    await scratch.close();
  }
}, 120_000);

test("each command says so; a text and a picture that the author names may be links", async () => {
  const home: TestHome = await testHome();
  try {
    await home.signIn();
    const config = join(home.folder, "config");
    await mkdir(config, { recursive: true, mode: 0o700 });
    const real = join(home.folder, "real.env");
    await writeFile(real, "PSN_TIMEZONE=Asia/Tokyo\n", { mode: 0o600 });
    await symlink(real, join(config, "hub.env"));
    const refused = {
      outcome: "error",
      error: { code: "OWN_FILE_REPLACED", hint: expect.stringContaining("PSN_CONFIG_DIR") },
    };
    for (const args of [["post", "list"], ["setup", "--no-input"], ["status"], ["worker"]]) {
      expect((await home.psnProcess(args)).json, args.join(" ")).toMatchObject(refused);
    }
    expect(await readFile(real, "utf8")).toBe("PSN_TIMEZONE=Asia/Tokyo\n");
    await rm(join(config, "hub.env"));

    await writeFile(join(home.folder, "text.md"), "Through a link.");
    await writeFile(join(home.folder, "real.png"), tinyPng());
    await symlink("text.md", join(home.folder, "linked.md"));
    await symlink("real.png", join(home.folder, "linked.png"));
    const made = await home.psnProcess(["post", "create", "--file", "linked.md", "--media", "linked.png"]);
    expect(made).toMatchObject({ code: 0 });
  } finally {
    await home.close();
  }
}, 120_000);
