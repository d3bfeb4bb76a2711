/**
 * What installing PSN costs, and how quickly it answers then: the tarball, installed into an empty HOME with a prefix of its own,
 * with the cache of npm warm. `psn --help` is held against the bare runtime, and against the command lines of Buffer and Postiz
 * where npm gives them, all taking turns in the same run.
 *
 * Alone: `bun bench/install.ts [--json]`. Needs npm's registry.
 */
import { chmod, mkdir, mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  bunProgram,
  call,
  type Installed,
  installWithBun,
  installWithNpm,
  nodeFolder,
  packTarball,
} from "../scripts/package/install.ts";
import { type BenchResult, type Figure, printResult } from "./_print.ts";
import { mediansOfStarts, type Start, startOf } from "./_starts.ts";

const ROUNDS = 15;
/** Others' command lines, by their package; `--help` is what all of them have. */
const OTHERS = { buffer: "@bufferapp/cli@1.2.0", postiz: "postiz@2.1.0" };

export async function run(_options: { json?: boolean } = {}): Promise<BenchResult> {
  const scratch = await realpath(await mkdtemp(join(tmpdir(), "psn-bench-install-")));
  try {
    await chmod(scratch, 0o755);
    const tarball = await packTarball(scratch);
    const node = await nodeFolder(join(scratch, "node"));
    // The first fills the cache that the second takes from, as after a download.
    const cache = { npm_config_cache: join(scratch, "cache") };
    await installWithNpm(tarball, join(scratch, "cold"), node, null, cache);
    const installed = await installWithNpm(tarball, join(scratch, "warm"), node, null, cache);
    const onBun = await installWithBun(tarball, join(scratch, "bun"), await bunProgram(join(scratch, "bin")), null);
    return { bench: "install", figures: [...(await sizes(installed)), ...(await starts(installed, onBun, scratch))] };
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

// --- internal ---

async function sizes({ prefix, installMs }: Installed): Promise<Figure[]> {
  const kilobytes = Number((await call("du", ["-sk", prefix], {})).split("\t")[0]);
  const names = await readdir(prefix, { recursive: true });
  const packages = names.filter((name) => /node_modules\/(@[^/]+\/)?[^/@]+\/package\.json$/.test(name)).length;
  return [
    { name: "installedMb", value: kilobytes / 1_024, goal: 90, better: "lower" },
    { name: "packages", value: packages, goal: 20, better: "lower" },
    { name: "installSeconds", value: installMs / 1_000, goal: 10, better: "lower" },
  ];
}

async function starts(installed: Installed, onBun: Installed, scratch: string): Promise<Figure[]> {
  const { psn, env, home } = installed;
  const firstPreviewMs = await startOf({ command: [psn, "preview", "The first text after the install."], env }, home);
  await call(psn, ["setup", "--no-input"], { env, cwd: home }).catch(() => {});
  await call(psn, ["hub", "start"], { env, cwd: home });
  try {
    const kinds: Record<string, Start> = {
      bareNode: { command: ["sh", "-c", "exec node -e 1"], env },
      help: { command: [psn, "--help"], env },
      list: { command: [psn, "post", "list", "--json"], env },
      bunHelp: { command: [onBun.psn, "--help"], env: onBun.env },
    };
    for (const [name, spec] of Object.entries(OTHERS)) {
      const command = await installOther(spec, join(scratch, name), env).catch(() => null);
      if (command) kinds[name] = { command: [...command, "--help"], env };
    }
    const medians = await mediansOfStarts(kinds, ROUNDS, home);
    const of = (name: string) => medians[name] ?? Number.NaN;
    return [
      { name: "startRatio", value: of("help") / of("bareNode"), goal: 1.5, better: "lower" },
      { name: "bareNodeMs", value: of("bareNode"), better: "lower" },
      { name: "bunStartMs", value: of("bunHelp"), goal: 60, better: "lower" },
      { name: "listMs", value: of("list"), goal: 250, better: "lower" },
      { name: "firstPreviewMs", value: firstPreviewMs, goal: 1_000, better: "lower" },
      ...Object.keys(OTHERS)
        .filter((name) => name in kinds)
        .map((name) => ({
          name: `startTo${name[0]?.toUpperCase()}${name.slice(1)}`,
          value: of("help") / of(name),
          goal: 1,
          better: "lower" as const,
        })),
    ];
  } finally {
    await call(psn, ["hub", "stop"], { env, cwd: home });
  }
}

/** @returns the command of another package, started as its users do */
async function installOther(spec: string, folder: string, env: Record<string, string>): Promise<string[]> {
  await mkdir(folder);
  await call("npm", ["install", "-g", "--no-audit", "--ignore-scripts", "--prefix", folder, spec], {
    env: { ...env, npm_config_cache: join(folder, "cache") },
    cwd: folder,
  });
  const [name] = await readdir(join(folder, "bin"));
  if (name === undefined) throw new Error(`${spec} brings no command`);
  return [join(folder, "bin", name)];
}

if (import.meta.main) printResult(await run(), process.argv.includes("--json"));
