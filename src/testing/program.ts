/**
 * The command line that tests start: this checkout's `src`, built into one file of Bun's bytecode. Run from its sources every process
 * would read 500 files first, which takes three times as much of the machine as what most commands do. How PSN starts from its
 * sources is tested on `bin/psn` itself (test/install, test/security/folder.long.test.ts).
 */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { wallClock } from "../core/clock.ts";
import { PROJECT_DIR } from "../core/config/folders.ts";
import { withLock } from "../core/config/lock.ts";
import { BUN_FLAGS } from "../core/config/self.ts";

/** In node_modules, so that the packages which stay outside are found from there. */
const PROGRAMS_DIR = join(PROJECT_DIR, "node_modules/.psn-tests");
const BUILD_MS_MAX = 180_000;
/** A run of all tests is shorter; what is older belongs to sources that were changed since. */
const OLD_MS = 60 * 60_000;

/** Builds the program unless there is one of these very sources. @returns the command's file, to be started like `bin/psn` */
export async function builtPsn(): Promise<string> {
  const folder = join(PROGRAMS_DIR, hashOfSources());
  const options = { clock: wallClock, waitMs: BUILD_MS_MAX, owner: null, prepare: async () => {} };
  if (!existsSync(folder)) {
    await mkdir(PROGRAMS_DIR, { recursive: true });
    await withLock(join(PROGRAMS_DIR, "lock"), options, async () => {
      if (existsSync(folder)) return;
      await removeOld();
      const draft = `${folder}.${randomBytes(4).toString("hex")}`;
      await build(draft, folder);
      await rename(draft, folder);
    });
  }
  const now = new Date();
  await utimes(folder, now, now);
  return join(folder, "psn");
}

// --- internal ---

/** Of all that is built in: PSN's files, the versions of its packages and of Bun; and of where they lie. */
function hashOfSources(): string {
  const hash = createHash("sha256").update(`${PROJECT_DIR} ${Bun.version}\n`);
  const sources = readdirSync(join(PROJECT_DIR, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.ts$|\.snap$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const others = ["package.json", "package-lock.json", "drizzle/meta/_journal.json", "examples/essay.txt"];
  for (const file of [...sources, ...others.map((name) => join(PROJECT_DIR, name))]) {
    hash.update(`${file}\n`).update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}

async function build(draft: string, folder: string): Promise<void> {
  const { BUNDLED_PUNYCODE, EXTERNAL } = await import("../../scripts/package/build.ts");
  const built = await Bun.build({
    entrypoints: [join(import.meta.dirname, "program-entry.ts")],
    outdir: draft,
    naming: "psn.js",
    target: "bun",
    // Bun makes bytecode of nothing else.
    format: "cjs",
    bytecode: true,
    minify: { syntax: true },
    external: EXTERNAL,
    plugins: [BUNDLED_PUNYCODE, WITHOUT_ENTRIES],
    // Files and packages are looked for from where the sources are.
    define: { "import.meta.url": JSON.stringify(pathToFileURL(join(PROJECT_DIR, "src/core/config/folders.ts")).href) },
  });
  if (!built.success) throw new AggregateError(built.logs, "the program for tests could not be built");
  const command = [process.execPath, ...BUN_FLAGS, join(folder, "psn.js")].map((word) => `'${word}'`).join(" ");
  await writeFile(join(draft, "psn"), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
}

/** What some files do when they are started themselves; CommonJS waits for nothing at its top. */
const WITHOUT_ENTRIES: Bun.BunPlugin = {
  name: "without entries",
  setup(build) {
    build.onLoad({ filter: /\/src\/(psn|cli\/post|cli\/setup)\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/^if \(import\.meta\.main\)[\s\S]*$/m, ""),
      loader: "ts",
    }));
  },
};

async function removeOld(): Promise<void> {
  const before = Date.now() - OLD_MS;
  for (const name of await readdir(PROGRAMS_DIR)) {
    const path = join(PROGRAMS_DIR, name);
    if (name !== "lock" && (await stat(path)).mtimeMs < before) await rm(path, { recursive: true, force: true });
  }
}
