/**
 * Joins the chunks that always come together. Bun gives each set of modules that the same entries reach a file of its own, and every command
 * is an entry: `psn post list` opened eighty. Node takes half a millisecond or more for each, so the chunks that the same few of `ROOTS` reach
 * become one file. A command that is none of the roots finds there what it shares with one, and opens its own chunks beside it.
 */
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseSync } from "oxc-parser";

/** What is reached by whom decides what is joined: the doors, what every command line needs, and what is called most. */
export const ROOTS: Record<string, readonly string[]> = {
  compose: ["src/package/compose.ts"],
  trigger: ["src/package/trigger.ts"],
  line: ["src/package/main.ts", "src/cli/_parse.ts", "src/cli/_outcome.ts"],
  list: ["src/cli/post/list.ts"],
  show: ["src/cli/post/show.ts", "src/cli/status.ts"],
  create: ["src/cli/post/create.ts"],
  preview: ["src/cli/post/preview.ts"],
};

/** As Bun's metafile says it. */
export interface Outputs {
  [file: string]: { entryPoint?: string; imports: { path: string; kind: string }[] };
}

/** @throws an Error when a chunk imports or exports in a way that Bun's chunks do not */
export async function joinChunks(outdir: string, outputs: Outputs): Promise<void> {
  const groups = groupsOf(outputs);
  const groupOf = new Map(groups.flatMap((group) => group.chunks.map((chunk) => [chunk, group] as const)));
  const files = Object.keys(outputs)
    .map((path) => path.replace(/^\.\//, ""))
    .filter((file) => file.endsWith(".js"));
  const whole = new Map<string, Chunk>();
  for (const file of files) whole.set(file, readChunk(file, await readFile(join(outdir, file), "utf8")));
  const made = await mkdtemp(join(outdir, ".joining-"));
  try {
    for (const chunk of whole.values()) await writeFile(join(made, chunk.file), rewritten(chunk, groupOf));
    for (const group of groups) await buildGroup(group, whole, made, outdir);
    for (const file of files) {
      if (groupOf.has(file)) await rm(join(outdir, file));
      else await rename(join(made, file), join(outdir, file));
    }
    await requireLinked(outdir, [...files.filter((file) => !groupOf.has(file)), ...groups.map((group) => group.file)]);
  } finally {
    await rm(made, { recursive: true });
  }
}

// --- internal ---

/** @throws an Error for a file that no runtime could load: one that cannot be parsed, or takes a name that the other does not give */
async function requireLinked(outdir: string, files: readonly string[]): Promise<void> {
  const chunks = new Map<string, Chunk>();
  for (const file of files) chunks.set(file, readChunk(file, await readFile(join(outdir, file), "utf8")));
  const given = (file: string) =>
    new Set(
      chunks.get(file)?.module.staticExports.flatMap(({ entries }) => entries.map(({ exportName }) => exportName.name)),
    );
  for (const { file, module } of chunks.values()) {
    for (const { moduleRequest, entries } of module.staticImports) {
      const from = CHUNK.exec(moduleRequest.value)?.[1];
      if (from === undefined) continue;
      const names = given(from);
      const lost = entries.find(({ importName }) => !names.has(importName.name));
      if (!chunks.has(from) || lost)
        throw new Error(`${file} takes ${lost?.importName.name ?? "all"} from ${from}, which is not there`);
    }
  }
}

interface Group {
  file: string;
  chunks: string[];
}

interface Chunk {
  file: string;
  code: string;
  module: ReturnType<typeof parseSync>["module"];
}

/** The chunks that the same roots reach, two or more. */
function groupsOf(outputs: Outputs): Group[] {
  const name = (path: string) => path.replace(/^\.\//, "");
  const chunks = new Map(Object.entries(outputs).map(([path, output]) => [name(path), output]));
  const reachedBy = new Map<string, string[]>();
  for (const [root, entries] of Object.entries(ROOTS)) {
    const seen = new Set<string>();
    const reach = (file: string) => {
      const chunk = chunks.get(file);
      if (!chunk || seen.has(file)) return;
      seen.add(file);
      for (const { path, kind } of chunk.imports) if (kind === "import-statement") reach(name(path));
    };
    for (const entry of entries) {
      const [file] = [...chunks].find(([, { entryPoint }]) => entryPoint === entry) ?? [];
      if (file === undefined) throw new Error(`dist/ has no file of ${entry}`);
      reach(file);
    }
    for (const file of seen) reachedBy.set(file, [...(reachedBy.get(file) ?? []), root]);
  }
  const groups = new Map<string, string[]>();
  for (const [file, roots] of reachedBy) {
    // A door keeps its name.
    if (/^chunk-/.test(file)) groups.set(roots.join("-"), [...(groups.get(roots.join("-")) ?? []), file]);
  }
  return [...groups]
    .filter(([, of]) => of.length > 1)
    .map(([roots, of]) => ({ file: `for-${roots}.js`, chunks: of.toSorted() }));
}

function readChunk(file: string, code: string): Chunk {
  const { module, errors } = parseSync(file, code);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  return { file, code, module };
}

const CHUNK = /^\.\/([^/]+\.js)$/;

/** What another chunk's name is called in its group's file. */
const inGroup = (chunk: string, exported: string) => `${namespaceOf(chunk)}_${exported}`;
const namespaceOf = (chunk: string) => chunk.replace(/\.js$/, "").replaceAll("-", "_");

/** A chunk that takes from groups what was joined; what its own group joins it still takes from the chunks themselves. */
function rewritten({ file, code, module }: Chunk, groupOf: Map<string, Group>): string {
  const own = groupOf.get(file);
  const edits: { start: number; end: number; text: string }[] = [];
  const targetOf = (specifier: string) => {
    const chunk = CHUNK.exec(specifier)?.[1];
    const group = chunk === undefined ? undefined : groupOf.get(chunk);
    return chunk === undefined || group === undefined ? null : { chunk, group };
  };
  for (const { start, end, moduleRequest, entries } of module.staticImports) {
    const target = targetOf(moduleRequest.value);
    if (target === null || target.group === own) continue;
    const names = entries.map(({ importName, localName }) => {
      if (importName.kind !== "Name" || !importName.name)
        throw new Error(`${file} imports ${moduleRequest.value} as a whole`);
      return `${inGroup(target.chunk, importName.name)} as ${localName.value}`;
    });
    const from = JSON.stringify(`./${target.group.file}`);
    edits.push({ start, end, text: names.length === 0 ? `import${from};` : `import{${names.join(",")}}from${from};` });
  }
  for (const { start, end, moduleRequest } of module.dynamicImports) {
    const specifier = code.slice(moduleRequest.start, moduleRequest.end);
    const target = targetOf(specifier.slice(1, -1));
    if (target === null) continue;
    const text = `import(${JSON.stringify(`./${target.group.file}`)}).then((all)=>all.${namespaceOf(target.chunk)})`;
    edits.push({ start, end, text });
  }
  for (const { start, end, entries } of module.staticExports) {
    // Of `import { a } from …; export { a }` the parser gives the place of the import, which is rewritten above.
    const [, from = ""] = /^export\b.*[}*]\s*from\s*["']([^"']+)["'];?$/s.exec(code.slice(start, end)) ?? [];
    const target = targetOf(from);
    if (target === null || target.group === own) continue;
    const names = entries.map(({ importName, exportName }) => {
      if (importName.kind !== "Name" || !importName.name) throw new Error(`${file} exports ${from} as a whole`);
      return `${inGroup(target.chunk, importName.name)} as ${exportName.name ?? "default"}`;
    });
    edits.push({ start, end, text: `export{${names.join(",")}}from${JSON.stringify(`./${target.group.file}`)};` });
  }
  let text = code;
  for (const edit of edits.toSorted((one, other) => other.start - one.start))
    text = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  return text;
}

/** One file of a group's chunks. Every name of theirs is there, and each chunk as a whole for who loads it when it is needed. */
async function buildGroup(
  { file, chunks }: Group,
  whole: Map<string, Chunk>,
  made: string,
  outdir: string,
): Promise<void> {
  const lines = chunks.flatMap((chunk) => {
    const names = (whole.get(chunk)?.module.staticExports ?? []).flatMap(({ entries }) =>
      entries.map(({ exportName }) => exportName.name ?? "default"),
    );
    const from = `from ${JSON.stringify(`./${chunk}`)};`;
    const named = names.map((name) => `${name} as ${inGroup(chunk, name)}`).join(", ");
    return [`export { ${named} } ${from}`, `export * as ${namespaceOf(chunk)} ${from}`];
  });
  const entry = join(made, file);
  await writeFile(entry, lines.join("\n"));
  const inside = new Set(chunks.map((chunk) => `./${chunk}`));
  const built = await Bun.build({
    entrypoints: [entry],
    outdir,
    naming: { entry: "[name].js" },
    target: "node",
    format: "esm",
    minify: { whitespace: true, syntax: true, identifiers: false },
    plugins: [
      {
        name: "the rest stays outside",
        setup(build) {
          build.onResolve({ filter: /./ }, ({ path, kind }) =>
            kind === "entry-point-build" || inside.has(path) ? undefined : { path, external: true },
          );
        },
      },
    ],
  });
  if (!built.success) throw new AggregateError(built.logs, `dist/${file} could not be built`);
}
