/** The single program as its users get it: one file on the PATH, an empty HOME, and no Node, Bun or npm in sight. */
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { version } from "../../package.json";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";
import { buildBinary, TARGETS, type Target } from "./binary.ts";
import { call, type Installed, newHome, type User } from "./install.ts";

/** A number that no release has. */
const NEXT = "99.0.0";
/** Makes the hub. */
const FIRST_START = ["setup", "--no-input", "--json"];

/** The program of this machine, built and laid on the PATH of a user. */
export async function installBinary(folder: string, user: User | null): Promise<Installed> {
  const prefix = join(folder, "bin");
  await mkdir(prefix, { recursive: true });
  const { home, env } = await newHome(folder, user, [prefix]);
  const from = performance.now();
  const psn = join(prefix, "psn");
  await rename(await buildBinary(thisTarget(), prefix), psn);
  const installMs = performance.now() - from;
  return { runtime: `single program ${version}`, psn, root: PROJECT_DIR, prefix, home, env, user, installMs };
}

/**
 * What it carries is unpacked once: by two starts at once, again after a kill in the middle of it or when a file of it was damaged, and
 * not by the next start.
 */
export async function checkUnpacking({ psn, env, home, user }: Installed): Promise<void> {
  const data = join(home, "unpacking");
  const hub = join(data, "hub");
  const options = {
    env: { ...env, PSN_DATA_DIR: data, PSN_CONFIG_DIR: join(home, "unpacking-config") },
    cwd: home,
    user,
  };
  const start = () => call(psn, ["hub", "start", "--json"], options);
  // It asks for X's keys, which nobody gives it.
  const setUp = () => call(psn, FIRST_START, options).catch(() => {});
  const stop = () => call(psn, ["hub", "stop", "--json"], options);
  try {
    await killWhileUnpacking(psn, options, hub);
    await Promise.all([setUp(), setUp()]);
    const folder = await unpackedIn(hub, user);
    const postgres = join(folder, "native/bin/postgres");
    await checkPictures(psn, options);
    const libraries = await readdir(join(data, "programs"));
    if (!libraries.some((name) => name.startsWith("sharp-"))) throw new Error("sharp was not unpacked");
    const { ino, size } = await stat(postgres);
    await stop();
    await start();
    if ((await stat(postgres)).ino !== ino) throw new Error("a second start unpacked PostgreSQL again");
    await stop();
    await rm(postgres);
    await start();
    if ((await stat(postgres)).size !== size) throw new Error("a damaged copy of PostgreSQL was left as it was");
  } finally {
    await stop().catch(() => {});
    await rm(data, { recursive: true, force: true });
  }
}

/** Two versions on one machine work on one hub at once, each with its own PostgreSQL, and neither takes what the other runs from. */
export async function checkTwoVersions({ psn, prefix, env, home, user }: Installed): Promise<void> {
  const data = join(home, "versions");
  const options = {
    env: { ...env, PSN_DATA_DIR: data, PSN_CONFIG_DIR: join(home, "versions-config") },
    cwd: home,
    user,
  };
  const next = await buildBinary(thisTarget(), prefix, { next: NEXT });
  const said = async (program: string, ...args: string[]) =>
    JSON.parse(await call(program, [...args, "--json"], options));
  try {
    const numbers = await Promise.all([psn, next].map((program) => call(program, ["--version"], options)));
    if (numbers.join() !== `${version}\n,${NEXT}\n`) throw new Error(`the versions are ${numbers.join()}`);
    await call(psn, FIRST_START, options).catch(() => {});
    for (const starter of [next, psn, next]) {
      await said(psn, "hub", "stop");
      await said(starter, "hub", "start");
      const lists = await Promise.all([psn, next, psn, next].map((program) => said(program, "post", "list")));
      if (lists.some(({ posts }) => posts.length > 0)) throw new Error("one version does not read the other's hub");
    }
    // The one that did not start the server stops it, and the older starts again from what it carries.
    await said(psn, "hub", "stop");
    await said(psn, "hub", "start");
  } finally {
    await said(psn, "hub", "stop").catch(() => {});
    await rm(next);
    await rm(data, { recursive: true, force: true });
  }
}

// --- internal ---

function thisTarget(): Target {
  const target = TARGETS.find((name) => name === `${process.platform}-${process.arch}`);
  if (target === undefined) throw new Error(`There is no single program for ${process.platform}-${process.arch}`);
  return target;
}

/** sharp decodes in the program: a good picture to its end, and one whose frame is sound and whose pixels are none is refused. */
async function checkPictures(psn: string, options: { env: NodeJS.ProcessEnv; cwd: string; user: User | null }) {
  const preview = (name: string) => call(psn, ["preview", "With a picture.", "--media", name, "--json"], options);
  await Bun.write(join(options.cwd, "good.png"), png(deflateSync(Buffer.alloc(8 * 9))));
  await Bun.write(join(options.cwd, "broken.png"), png(Buffer.from("no pixels at all")));
  const good = await preview("good.png");
  if (good.includes("media_not_decoded")) throw new Error(`sharp does not decode in the single program:\n${good}`);
  const broken = await preview("broken.png").catch((error) => String(error.stdout));
  if (!broken.includes("MEDIA_BROKEN")) throw new Error(`a picture without pixels is not refused:\n${broken}`);
}

/** Eight by eight in grey, with these as its pixels. */
function png(pixels: Buffer): Buffer {
  const chunk = (name: string, content: Buffer) => {
    const body = Buffer.concat([Buffer.from(name), content]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const frame = Buffer.from([0, 0, 0, 8, 0, 0, 0, 8, 8, 0, 0, 0, 0]);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", frame), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

/** Once, as soon as there is something unfinished; a machine that is quicker than this look has nothing to be killed. */
async function killWhileUnpacking(psn: string, options: Parameters<typeof call>[2], hub: string): Promise<void> {
  const child = Bun.spawn([psn, ...FIRST_START], {
    env: { ...options.env },
    cwd: options.cwd ?? "/",
    ...(options.user ?? {}),
    stdout: "ignore",
    stderr: "ignore",
  });
  while (child.exitCode === null && (await draftsIn(hub)).length === 0) await Bun.sleep(2);
  child.kill("SIGKILL");
  await child.exited;
}

const draftsIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(".psn-postgres"));

/** Root's programs lie where its server's user reaches them. */
async function unpackedIn(hub: string, user: User | null): Promise<string> {
  const home = user === null && process.geteuid?.() === 0 ? "/var/lib/psn/bin" : hub;
  const found = (await readdir(home)).filter((name) => /^postgres-.*-[0-9a-f]{12}$/.test(name));
  if (found.length !== 1 && home === hub) throw new Error(`PostgreSQL was unpacked ${found.length} times`);
  const left = home === hub ? await draftsIn(hub) : [];
  if (left.length > 0) throw new Error(`unfinished copies stayed: ${left.join(", ")}`);
  return join(home, found[0] ?? "");
}
