/** Other users of the machine: what they prepare is not taken, and what psn makes is closed to them, whatever the umask. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmod, chown, link, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeEnvFile } from "../../src/core/config/env-file.ts";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";
import { codeOf, Scratch, startElsewhere } from "../../src/core/db/embedded/fixtures/hubs.ts";
import { prepareSocketDir } from "../../src/core/db/embedded/folder.ts";
import { startEmbedded, statusEmbedded } from "../../src/core/db/embedded/index.ts";
import { hashOf } from "../../src/core/db/embedded/place.ts";
import { canReach, isSystemUser, usable } from "../../src/core/db/embedded/user.ts";
import { tinyPng } from "../../src/sandbox/testing.ts";
import { runProgram, type TestHome, testHome } from "../../src/testing/cli.ts";

const asRoot = process.geteuid?.() === 0;
/** An ordinary user; the system need not know its name. */
const OTHER = { uid: 54_321, gid: 54_321 };
const reachable = asRoot && (await canReach(OTHER, process.execPath.replace(/\/[^/]*$/, "")));

let scratch: Scratch;
beforeAll(async () => {
  scratch = await Scratch.open();
});
afterAll(() => scratch.close());

/** A folder of another user's, below one where everybody may make folders. */
async function madeByOther(name: string, { uid, gid } = OTHER): Promise<string> {
  const shared = join(scratch.folder, "shared");
  await mkdir(shared, { recursive: true });
  await chmod(shared, 0o1777);
  const folder = join(shared, name);
  await mkdir(folder, { mode: 0o700 });
  await chown(folder, uid, gid);
  return folder;
}

describe.skipIf(!asRoot)("as root, with a second user (these need root, and are skipped without)", () => {
  test("a hub, or a folder for one, that an ordinary user prepared is refused and left as it was", async () => {
    const empty = await madeByOther("empty");
    const prepared = await madeByOther("prepared");
    await writeFile(join(prepared, "psn-hub.json"), JSON.stringify({ psnHub: 1, wantedDir: prepared }));
    await chown(join(prepared, "psn-hub.json"), OTHER.uid, OTHER.gid);
    for (const folder of [empty, prepared]) {
      const before = await readdir(folder);
      const options = { dataDir: folder, systemDirs: [scratch.systemDir] };
      expect(await codeOf(startEmbedded(options))).toBe("HUB_PERMISSION_DENIED");
      expect(await readdir(folder)).toEqual(before);
    }
    const status = statusEmbedded({ dataDir: prepared, systemDirs: [scratch.systemDir] });
    expect(await codeOf(status)).toBe("HUB_PERMISSION_DENIED");
  });

  test("nobody is no system user, by whatever name or number: what belongs to them is refused, too", async () => {
    const nobody = { uid: 65_534, gid: 65_534 };
    const empty = await madeByOther("empty of nobody's", nobody);
    const prepared = await madeByOther("prepared by nobody", nobody);
    await writeFile(join(prepared, "psn-hub.json"), JSON.stringify({ psnHub: 1, wantedDir: prepared }));
    for (const dataDir of [empty, prepared]) {
      const before = await readdir(dataDir);
      expect(await codeOf(startEmbedded({ dataDir, systemDirs: [scratch.systemDir] }))).toBe("HUB_PERMISSION_DENIED");
      expect(await readdir(dataDir)).toEqual(before);
    }
    for (const uid of [65_534, 99, 60_001, 4_294_967_294, 0, -1, Number.NaN]) {
      expect([uid, usable({ name: "postgres", uid, gid: 70 }), await isSystemUser(uid)]).toEqual([uid, null, false]);
    }
    expect(usable({ name: "psn-hub", uid: 101, gid: 65_533 })).toMatchObject({ uid: 101 });
  });

  test("with every short name of the socket's folder taken by others, no name of theirs is used", async () => {
    const dataDir = `/${"long/".repeat(25)}hub`;
    const place = { wantedDir: dataDir, dataDir, owner: null, exists: true };
    const base = join(scratch.folder, "tmp");
    await mkdir(base);
    await chmod(base, 0o1777);
    const names = Array.from({ length: 8 }, (_, at) => join(base, `psn-${hashOf(dataDir)}${at === 0 ? "" : `-${at}`}`));
    const elsewhere = await madeByOther("elsewhere");
    for (const [at, name] of names.entries()) {
      if (at % 4 === 0) await mkdir(name, { mode: 0o700 });
      else if (at % 4 === 1) await symlink(elsewhere, name);
      else if (at % 4 === 2) await writeFile(name, "");
      else await mkdir(name).then(() => chmod(name, 0o777));
      if (at % 4 !== 1) await chown(name, OTHER.uid, OTHER.gid);
    }
    expect(await codeOf(prepareSocketDir(place, [base]))).toBe("HUB_PERMISSION_DENIED");
    expect(await readdir(elsewhere)).toEqual([]);
  });

  test.skipIf(!reachable)("the other user can read nothing that psn made, and use no hub of root's", async () => {
    const home = await madeHome("umask 000");
    try {
      await chmod(home.folder, 0o755);
      const read = spawnSync("cat", await filesOf(home.folder), { ...OTHER, encoding: "utf8" });
      expect(read).toMatchObject({ status: 1, stdout: "" });
    } finally {
      await home.close();
    }
    const options = scratch.options("roots/hub");
    await startEmbedded(options);
    const answer = await startElsewhere(options, OTHER).answer;
    expect(answer.error).toMatchObject({ code: "HUB_PERMISSION_DENIED" });
  });
});

test.each(["umask 000", "umask 077"])(
  "under %s every folder and file that psn makes is its user's alone",
  async (umask) => {
    const home = await madeHome(umask);
    try {
      const made = await filesOf(home.folder, true);
      expect(made.map((file) => file.slice(home.folder.length + 1))).toEqual(
        expect.arrayContaining(["config", "config/hub.env", "config/keys.env", "data", "data/media", "state"]),
      );
      for (const file of made) expect(((await lstat(file)).mode & 0o777).toString(8), file).toMatch(/^[67]00$/);
    } finally {
      await home.close();
    }
  },
  300_000,
);

test("a configuration that has a second name keeps its new secret out of it", async () => {
  const file = join(scratch.folder, "linked.env");
  const second = join(scratch.folder, "second.env");
  await writeFile(file, "A=1\n", { mode: 0o644 });
  await link(file, second);
  await writeEnvFile(file, { ENCRYPTION_KEY: "secret" });
  expect(await readFile(second, "utf8")).toBe("A=1\n");
  expect(await readFile(file, "utf8")).toBe("A=1\nENCRYPTION_KEY=secret\n");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

/** A home after some commands under this umask; the folder itself and the media file are the test's. */
async function madeHome(umask: string): Promise<TestHome> {
  const home = await testHome();
  await writeFile(join(home.folder, "a.png"), tinyPng(), { mode: 0o600 });
  const { X_CLIENT_ID, X_CLIENT_SECRET, ENCRYPTION_KEY: _, ...env } = home.env;
  const under = (line: string) =>
    runProgram(["/bin/sh", "-c", `${umask}; exec ${join(PROJECT_DIR, "bin/psn")} ${line}`], {
      env,
      cwd: home.folder,
      stdin: `X_CLIENT_ID=${X_CLIENT_ID}\nX_CLIENT_SECRET=${X_CLIENT_SECRET}\n`,
    });
  await under("setup --keys-stdin --json");
  // From here on the keys are those of the files.
  for (const name of ["X_CLIENT_ID", "X_CLIENT_SECRET", "ENCRYPTION_KEY"]) delete home.env[name];
  await home.signIn();
  expect(await under("post create x --media a.png")).toMatchObject({ code: 0 });
  const sandbox = Bun.spawn(
    ["/bin/sh", "-c", `${umask}; exec ${join(PROJECT_DIR, "bin/psn")} sandbox --port 0 --state state/sandbox.json`],
    { cwd: home.folder, env: env as Record<string, string>, stdout: "pipe", stderr: "ignore", stdin: "ignore" },
  );
  await sandbox.stdout.getReader().read();
  sandbox.kill("SIGTERM");
  await sandbox.exited;
  return home;
}

async function filesOf(folder: string, withFolders = false): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => withFolders || entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
