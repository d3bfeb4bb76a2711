/** The single program as its users get it: one file on the PATH, an empty HOME, and no Node, Bun or npm in sight. */
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { version } from "../../package.json";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";
import { buildBinary, TARGETS } from "./binary.ts";
import { call, type Installed, newHome, type User } from "./install.ts";

/** One pixel. */
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=",
  "base64",
);
/** Makes the hub. */
const FIRST_START = ["setup", "--no-input", "--json"];

/** The program of this machine, built and laid on the PATH of a user. */
export async function installBinary(folder: string, user: User | null): Promise<Installed> {
  const target = TARGETS.find((name) => name === `${process.platform}-${process.arch}`);
  if (target === undefined) throw new Error(`There is no single program for ${process.platform}-${process.arch}`);
  const prefix = join(folder, "bin");
  await mkdir(prefix, { recursive: true });
  const { home, env } = await newHome(folder, user, [prefix]);
  const from = performance.now();
  const psn = join(prefix, "psn");
  await rename(await buildBinary(target, prefix), psn);
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
    // What cannot be decoded is only not decoded: that the library is there is seen in its folder.
    await Bun.write(join(home, "picture.png"), PICTURE);
    await call(psn, ["preview", "With a picture.", "--media", "picture.png"], options);
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

// --- internal ---

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
