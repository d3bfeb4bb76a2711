/**
 * Who imports whom, read by a real parser: imports and re-exports of values and of types, `import("…")` as a call and
 * as a type, `require`, `import x = require("…")`.
 */
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { parseSync, Visitor } from "oxc-parser";

export interface Import {
  /** Path from the project's folder, with "/" on every system. */
  from: string;
  line: number;
  /** A file's path, or a package's name: "pg", "node:fs", "@clack/prompts". Null when the name is computed. */
  to: string | null;
  isPackage: boolean;
}

export interface Graph {
  /** Every file that was parsed. */
  files: string[];
  imports: Import[];
  /** What could not be read, each with its place. A graph with problems proves nothing. */
  problems: string[];
}

/** Everything that can hold an import, so that a file with another ending cannot hide. */
const CODE = /\.[cm]?[jt]sx?$/;

/** Reads every file of code below `folder` of the project at `root`. */
export async function readGraph(root: string, folder = "src"): Promise<Graph> {
  const files = (await readdir(join(root, folder), { recursive: true }))
    .map((path) => posix.join(folder, path.replaceAll("\\", "/")))
    .filter((path) => CODE.test(path))
    .sort();
  const known = new Set(files);
  const graph: Graph = { files: [], imports: [], problems: [] };
  for (const from of files) {
    const source = await readFile(join(root, from), "utf8");
    const { program, errors } = parseSync(from, source, { sourceType: "module" });
    if (errors.length > 0) {
      graph.problems.push(`${from}: ${errors[0]?.message}`);
      continue;
    }
    graph.files.push(from);
    for (const { name, start } of requestsIn(program)) {
      const line = source.slice(0, start).split("\n").length;
      if (name === null) {
        graph.imports.push({ from, line, to: null, isPackage: false });
      } else if (!name.startsWith(".")) {
        graph.imports.push({ from, line, to: packageOf(name), isPackage: true });
      } else {
        const to = posix.join(dirname(from), name);
        if (CODE.test(to) && to.startsWith(`${folder}/`) && !known.has(to)) {
          graph.problems.push(`${from}:${line}: ${name} is not there; imports carry their file's ending`);
        }
        graph.imports.push({ from, line, to, isPackage: false });
      }
    }
  }
  return graph;
}

// --- internal ---

interface Request {
  /** Null when it is computed. */
  name: string | null;
  start: number;
}

function requestsIn(program: ReturnType<typeof parseSync>["program"]): Request[] {
  const found: Request[] = [];
  const note = (source: { type: string; value?: unknown; start: number } | null | undefined) => {
    if (!source) return;
    const name = source.type === "Literal" && typeof source.value === "string" ? source.value : null;
    found.push({ name, start: source.start });
  };
  new Visitor({
    ImportDeclaration: (node) => note(node.source),
    ExportNamedDeclaration: (node) => note(node.source),
    ExportAllDeclaration: (node) => note(node.source),
    ImportExpression: (node) => note(node.source),
    TSImportType: (node) => note(node.source),
    TSExternalModuleReference: (node) => note(node.expression),
    CallExpression: (node) => {
      if (node.callee.type === "Identifier" && node.callee.name === "require") note(node.arguments[0]);
    },
  }).visit(program);
  return found;
}

function packageOf(name: string): string {
  if (name.startsWith("node:") || name.startsWith("bun:")) return name;
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
}
