/**
 * `npm run build`, and before every `npm pack`: dist/, which the published package runs on Node and on Bun. One file per door
 * (package.json's `bin` and `exports`) and what they share; a command's code is loaded when it is called.
 */
import { execFile } from "node:child_process";
import { rename, rm, writeFile } from "node:fs/promises";
import { createRequire, isBuiltin } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";
import { schemasText } from "../schemas.ts";
import { joinChunks } from "./join.ts";

/** What stays outside: Trigger.dev's SDK is brought by who uses it, pg asks for pg-native only when told to, and sharp is optional. */
export const EXTERNAL = ["@trigger.dev/sdk", "@trigger.dev/core", "pg-native", "sharp"];

const DIST = join(PROJECT_DIR, "dist");
const DOORS = ["main", "compose", "trigger"];
const LIST = join(PROJECT_DIR, "src/package/list.ts");

/** Builds dist/ anew. @throws an Error when something cannot be bundled or typed */
export async function buildPackage(outdir: string = DIST): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  await buildPrograms(outdir);
  await writeTypes(outdir);
  await writeFile(join(outdir, "schemas.json"), await schemasText());
}

/** What runs: everything, and the list of commands as a file of its own. */
export async function buildPrograms(outdir: string): Promise<void> {
  const built = await bundle(outdir, { metafile: true });
  if (!built.success) throw new AggregateError(built.logs, "dist/ could not be built");
  await requireWhole(built.outputs);
  await joinChunks(outdir, built.metafile?.outputs ?? {});
  const list = await bundle(outdir, { entrypoints: [LIST], splitting: false, plugins: [WITHOUT_COMMANDS] });
  if (!list.success) throw new AggregateError(list.logs, "dist/list.js could not be built");
}

/** Commands that are files of their own in the checkout (src/cli/setup.ts) start nothing by being loaded. */
export const PACKAGE = { PSN_IS_PACKAGE: "true", "import.meta.main": "false" };

/** Bun takes this package for Node's own module of that name, which Node 22 warns of. */
export const BUNDLED_PUNYCODE: Bun.BunPlugin = {
  name: "punycode",
  setup(build) {
    const path = createRequire(import.meta.url).resolve("punycode/punycode.js");
    build.onResolve({ filter: /^punycode\/punycode\.js$/ }, () => ({ path }));
  },
};

/** All JavaScript of the package, as its files. */
export async function bundle(outdir: string, more: Partial<Bun.BuildConfig> = {}): Promise<Bun.BuildOutput> {
  return await Bun.build({
    entrypoints: DOORS.map((name) => join(PROJECT_DIR, "src/package", `${name}.ts`)),
    outdir,
    target: "node",
    format: "esm",
    splitting: true,
    // Names stay, so that a stack says where a bug is.
    minify: { whitespace: true, syntax: true, identifiers: false },
    naming: { entry: "[name].js", chunk: "chunk-[hash].js" },
    external: EXTERNAL,
    plugins: [BUNDLED_PUNYCODE],
    define: PACKAGE,
    ...more,
  });
}

// --- internal ---

/** Leaves out what is loaded when a command is called: the list of commands calls none. */
const WITHOUT_COMMANDS: Bun.BunPlugin = {
  name: "without commands",
  setup(build) {
    build.onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    );
  },
};

/** The installed package has no node_modules of its own: what a file still imports must be of Node. */
async function requireWhole(files: readonly Bun.BuildArtifact[]): Promise<void> {
  const transpiler = new Bun.Transpiler({ loader: "js" });
  for (const file of files) {
    for (const { path } of transpiler.scanImports(await file.text())) {
      const isThere = path.startsWith(".") || isBuiltin(path) || EXTERNAL.some((name) => path === name);
      if (!isThere) throw new Error(`${file.path} imports ${path}, which the package does not bring`);
    }
  }
}

/** Trigger.dev finds the tasks by loading the file; nobody calls them by a type. */
const TRIGGER_TYPES = `export declare const mediaAhead: unknown;
export declare const publishPost: unknown;
export declare const tokenRefresher: unknown;
export declare const watchdog: unknown;
`;

/** The declarations of psn/compose, which stand alone in their file, and of psn/trigger. */
async function writeTypes(outdir: string): Promise<void> {
  const project = join(PROJECT_DIR, "scripts/package/tsconfig.json");
  const all = join(outdir, "types");
  const tsc = join(PROJECT_DIR, "node_modules/.bin/tsc");
  await promisify(execFile)(tsc, ["--project", project, "--outDir", all], { cwd: PROJECT_DIR });
  await rename(join(all, "package/compose.d.ts"), join(outdir, "compose.d.ts"));
  await rm(all, { recursive: true });
  await writeFile(join(outdir, "trigger.d.ts"), TRIGGER_TYPES);
}

if (import.meta.main) await buildPackage();
