/**
 * `npm run check:package`: the tarball as its users get it, on Node and on Bun, as root and as a user, and the single program. It does
 * the main job on the sandbox, is a library, writes nothing into its own folder, and obeys nothing in the current folder. Part of .ci/run.
 */
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";
import { checkTwoVersions, checkUnpacking, installBinary } from "./check-binary.ts";
import {
  bunProgram,
  call,
  type Installed,
  installWithBun,
  installWithNpm,
  nodeFolder,
  packTarball,
  type User,
} from "./install.ts";

/** Debian's and Alpine's `nobody`; any user that is not root does. */
const NOBODY: User = { uid: 65_534, gid: 65_534 };

/** What another program does with psn/compose. */
const SAMPLE = `import { previewThread, splitIntoThread, weightedLength } from "psn/compose";
const tweets: string[] = splitIntoThread("One.\\n---\\nTwo.", { limit: 280, cut: "fewest" });
const cost: number = previewThread("A text.").costUsd;
console.log(JSON.stringify([tweets, cost, weightedLength("é")]));
`;

const scratch = await realpath(await mkdtemp(join(tmpdir(), "psn-package-")));
try {
  await chmod(scratch, 0o755);
  const tarball = await packTarball(scratch);
  await chmod(tarball, 0o644);
  const node = await nodeFolder(join(scratch, "node"));
  const bun = await bunProgram(join(scratch, "bin"));
  const isRoot = process.geteuid?.() === 0;
  const user = isRoot ? NOBODY : null;
  await check(await installWithNpm(tarball, join(scratch, "npm-user"), node, user));
  await check(await installWithBun(tarball, join(scratch, "bun-user"), bun, user));
  if (isRoot) {
    const byNpm = await installWithNpm(tarball, join(scratch, "npm-root"), node, null);
    await check(byNpm);
    await checkFolder(byNpm);
    await checkFolder(await installWithBun(tarball, join(scratch, "bun-root"), bun, null));
  }
  await checkLibrary(tarball, node);
  const program = await installBinary(join(scratch, "program"), user);
  await checkUnpacking(program);
  await check(program);
  await checkTwoVersions(program);
  say("✓ single program: sharp decodes in it, and two versions work on one hub");
} finally {
  await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
}

/** Starts, answers, keeps its configuration in HOME, and does the main job; its own folder stays as it is. */
async function check(installed: Installed): Promise<void> {
  const { psn, env, home, user, root, prefix } = installed;
  const who = `${installed.runtime}, ${user ? "a user" : process.geteuid?.() === 0 ? "root" : "this user"}`;
  const before = await fingerprint(prefix);
  const run = (...args: string[]) => call(psn, args, { env, cwd: home, user });
  expect((await run("--version")).trim(), (await Bun.file(join(root, "package.json")).json()).version);
  expect(JSON.parse(await run("preview", "Hello from a tarball.")).tweetCount, 1);
  await call(psn, ["setup", "--no-input"], { env, cwd: home, user }).catch(() => {});
  expect((await stat(join(home, ".config/psn/hub.env"))).mode & 0o777, 0o600);
  expect(JSON.parse(await run("post", "list")).posts, []);
  const played = await run("demo");
  if (!played.includes("It held, in")) throw new Error(`the main job failed on ${who}:\n${played}`);
  await checkBackup(installed);
  await run("hub", "stop");
  expect(await fingerprint(prefix), before);
  say(`✓ ${who}: installed in ${(installed.installMs / 1000).toFixed(1)} s, and the main job held`);
}

/** A backup becomes a hub elsewhere, with the same key, and waits there for a person's word. */
async function checkBackup({ psn, env, home, user }: Installed): Promise<void> {
  const run = (more: Record<string, string>, ...args: string[]) =>
    call(psn, args, { env: { ...env, ...more }, cwd: home, user });
  const words = join(home, "passphrase");
  await writeFile(words, "four words nobody guesses\n");
  await run({}, "backup", "psn.age", "--passphrase-file", words);
  const there = { PSN_CONFIG_DIR: join(home, "other/config"), PSN_DATA_DIR: join(home, "other/data") };
  await run(there, "restore", "psn.age", "--passphrase-file", words);
  const keyIn = async (folder: string) =>
    /^ENCRYPTION_KEY=.+$/m.exec(await readFile(join(folder, "hub.env"), "utf8"))?.[0];
  expect(await keyIn(there.PSN_CONFIG_DIR), (await keyIn(join(home, ".config/psn"))) ?? "no key");
  expect(JSON.parse(await run(there, "post", "list")).posts, []);
  const doctor = await run(there, "doctor").catch((error) => String(error.stdout));
  if (!doctor.includes("restored from a backup")) throw new Error(`a restored hub does not say so:\n${doctor}`);
  await run(there, "hub", "stop");
}

/** The test of a hostile current folder, on the installed command. */
async function checkFolder(installed: Installed): Promise<void> {
  const env = { ...process.env, PSN_TEST_PROGRAM: installed.psn, PATH: installed.env.PATH };
  const args = ["test", "--timeout", "300000", "-t", "hostile folder", "test/security/folder.long.test.ts"];
  await call(process.execPath, args, { env, cwd: PROJECT_DIR });
  say(`✓ ${installed.runtime}: nothing of a hostile folder is run or obeyed`);
}

/** psn/compose in a project: importing does nothing, the types hold, and both runtimes load it. */
async function checkLibrary(tarball: string, node: string): Promise<void> {
  const folder = join(scratch, "library");
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
  const env = { PATH: `${node}:/usr/bin:/bin`, HOME: folder, TMPDIR: folder };
  await call("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", tarball], {
    cwd: folder,
    env: { ...process.env, ...env },
  });
  await writeFile(join(folder, "sample.ts"), SAMPLE);
  const tsc = join(PROJECT_DIR, "node_modules/.bin/tsc");
  await call(tsc, ["--noEmit", "--strict", "--module", "nodenext", "--types", "", "sample.ts"], {
    cwd: folder,
    env: { ...env, PATH: String(process.env.PATH) },
  });
  for (const runtime of [join(node, "node"), process.execPath]) {
    expect(await call(runtime, ["sample.ts"], { cwd: folder, env }), '[["One.","Two."],0.015,1]\n');
    expect(await call(runtime, ["-e", 'import("psn/compose").then(() => {})'], { cwd: folder, env }), "");
  }
  await checkTasks(folder, node);
  say("✓ psn/compose: typed, silent, the same on Node and Bun");
}

/** As Trigger.dev's CLI does it: the folder of `psn trigger init`, loaded on Node, gives the tasks. */
async function checkTasks(folder: string, node: string): Promise<void> {
  const env = { PATH: `${node}:/usr/bin:/bin`, HOME: folder, TMPDIR: folder };
  await call(join(folder, "node_modules/.bin/psn"), ["trigger", "init"], { cwd: folder, env });
  await symlink(join(PROJECT_DIR, "node_modules/@trigger.dev"), join(folder, "node_modules/@trigger.dev"));
  const script = `
    const { resourceCatalog } = await import("@trigger.dev/core/v3");
    const { StandardResourceCatalog } = await import("@trigger.dev/core/v3/workers");
    resourceCatalog.setGlobalResourceCatalog(new StandardResourceCatalog());
    for (const name of ["media-ahead", "publish-post", "token-refresher", "watchdog"]) {
      resourceCatalog.setCurrentFileContext(name + ".ts", name);
      await import("./psn-trigger/tasks/" + name + ".ts");
    }
    console.log(resourceCatalog.listTaskManifests().map(({ id }) => id).join());
    process.exit(0);`;
  await writeFile(join(folder, "tasks.mjs"), script);
  const listed = await call(join(node, "node"), ["--no-warnings", "tasks.mjs"], { cwd: folder, env });
  expect(listed, "media-ahead,publish-post,token-refresher,watchdog\n");
  say("✓ psn/trigger: the folder of psn trigger init gives Trigger.dev its tasks");
}

/** All files with their content, so that a write anywhere is seen. */
async function fingerprint(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(folder, { recursive: true })).toSorted()) {
    const path = join(folder, name);
    hash.update(`${name}\0`);
    if ((await stat(path)).isFile()) hash.update(await readFile(path));
  }
  return hash.digest("hex");
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function expect(found: unknown, wanted: unknown): void {
  if (!Bun.deepEquals(found, wanted)) throw new Error(`${JSON.stringify(found)} is not ${JSON.stringify(wanted)}`);
}
