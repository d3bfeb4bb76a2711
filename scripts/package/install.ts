/** Packs this checkout and installs the tarball as a stranger would: an empty HOME, a prefix of its own, no checkout in sight. */
import { execFile } from "node:child_process";
import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";

const MS_MAX = 300_000;
const SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
/** What the machine's own Node is exchanged for where it is older than the package allows. */
const NODE_VERSION = "24";

export interface User {
  uid: number;
  gid: number;
}

export interface Installed {
  /** Such as `node 24.11.0`. */
  runtime: string;
  /** The command, as it lies on the PATH of who installed it. */
  psn: string;
  /** The folder that was installed. */
  root: string;
  /** All that grew: the package and what it brings. */
  prefix: string;
  home: string;
  env: Record<string, string>;
  user: User | null;
  installMs: number;
}

/** Builds and packs. @returns the tarball */
export async function packTarball(folder: string): Promise<string> {
  await call("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: PROJECT_DIR, env: process.env });
  const { version } = await Bun.file(join(PROJECT_DIR, "package.json")).json();
  return join(folder, `psn-${version}.tgz`);
}

/** The folder of a Node that the package supports: this machine's, or one from npm put into `folder`. */
export async function nodeFolder(folder: string): Promise<string> {
  const [major = 0, minor = 0] = (await call("node", ["--version"], { env: process.env }))
    .slice(1)
    .split(".")
    .map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return dirname((await call("which", ["node"], {})).trim());
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, allowScripts: { node: true } }));
  await call("npm", ["install", "--no-audit", "--no-fund", `node@${NODE_VERSION}`], { cwd: folder, env: process.env });
  return join(folder, "node_modules", ".bin");
}

/** A copy of this Bun under its own name, where another user may start it too. @returns the program */
export async function bunProgram(folder: string): Promise<string> {
  const bun = join(folder, "bun");
  await mkdir(folder, { recursive: true });
  await Bun.write(bun, Bun.file(process.execPath));
  await chmod(bun, 0o755);
  return bun;
}

/** `npm install -g` with the Node in `node`. */
export async function installWithNpm(
  tarball: string,
  folder: string,
  node: string,
  user: User | null,
  more: Record<string, string> = {},
): Promise<Installed> {
  const made = await newHome(folder, user, [node]);
  const { home } = made;
  const env = { ...made.env, ...more };
  const prefix = join(home, "prefix");
  const args = ["install", "-g", "--no-audit", "--prefix", prefix, tarball];
  const installMs = await timed("npm", args, { env, user, cwd: home });
  const version = (await call(join(node, "node"), ["--version"], { env })).trim();
  const root = join(prefix, "lib/node_modules/psn");
  return { runtime: `node ${version}`, psn: join(prefix, "bin/psn"), root, prefix, home, env, user, installMs };
}

/** `bun add -g` with the Bun at `bun`, and no Node that would do. */
export async function installWithBun(
  tarball: string,
  folder: string,
  bun: string,
  user: User | null,
): Promise<Installed> {
  const { home, env } = await newHome(folder, user, [dirname(bun)]);
  const installMs = await timed(bun, ["add", "-g", tarball], { env, user, cwd: home });
  const prefix = join(home, ".bun/install/global");
  const version = (await call(bun, ["--version"], { env })).trim();
  const root = join(prefix, "node_modules/psn");
  return { runtime: `bun ${version}`, psn: join(home, ".bun/bin/psn"), root, prefix, home, env, user, installMs };
}

/** Runs a program as that user. @returns stdout @throws when it fails */
export async function call(
  file: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; user?: User | null },
): Promise<string> {
  const { env, cwd, user } = options;
  const { stdout } = await promisify(execFile)(file, [...args], {
    ...(env ? { env } : {}),
    ...(cwd ? { cwd } : {}),
    ...(user ?? {}),
    timeout: MS_MAX,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

// --- internal ---

/** @returns how long it took, in milliseconds */
async function timed(file: string, args: string[], options: Parameters<typeof call>[2]): Promise<number> {
  const from = performance.now();
  await call(file, args, options);
  return performance.now() - from;
}

/** An empty HOME in `folder`, and an environment that knows nothing else but the folders of a runtime. */
export async function newHome(folder: string, user: User | null, path: string[]) {
  const [home, tmp] = [join(folder, "home"), join(folder, "tmp")];
  for (const made of [folder, home, tmp]) {
    await mkdir(made, { recursive: true });
    await chmod(made, 0o755);
    if (user) await chown(made, user.uid, user.gid);
  }
  const env: Record<string, string> = { HOME: home, TMPDIR: tmp, PATH: [...path, SYSTEM_PATH].join(":") };
  return { home, env: { ...env, ...(await network(process.env)) } };
}

/**
 * What this machine needs to reach a registry at all: a mirror, a proxy, a certificate authority of its own. npm's own files, which an
 * empty HOME leaves behind, may be the only place that knows of it; Bun and Node read none of them.
 */
export async function network(known: NodeJS.ProcessEnv, ofNpm = npmConfig): Promise<Record<string, string>> {
  const passed = /^(npm_config_(registry|cafile)|bun_config_registry|https?_proxy|no_proxy|node_extra_ca_certs)$/i;
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(known)) {
    if (passed.test(name) && value) env[name] = value;
  }
  const has = (wanted: string) => Object.keys(env).some((name) => name.toLowerCase() === wanted);
  const cafile = settingOf(env, "npm_config_cafile") ?? (await ofNpm("cafile"));
  if (cafile) {
    env.npm_config_cafile = cafile;
    if (!has("node_extra_ca_certs")) env.NODE_EXTRA_CA_CERTS = cafile;
  }
  const registry = settingOf(env, "npm_config_registry") ?? (await ofNpm("registry"));
  if (registry) {
    env.npm_config_registry = registry;
    if (!has("bun_config_registry")) env.BUN_CONFIG_REGISTRY = registry;
  }
  return env;
}

function settingOf(env: Record<string, string>, wanted: string): string | undefined {
  return Object.entries(env).find(([name]) => name.toLowerCase() === wanted)?.[1];
}

/** A setting as this machine's npm has it, from its files too; null for none. */
async function npmConfig(name: string): Promise<string | null> {
  const said = (await call("npm", ["config", "get", name], { env: process.env }).catch(() => "")).trim();
  return said === "" || said === "null" || said === "undefined" ? null : said;
}
