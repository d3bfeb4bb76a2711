/** `--fields post.id,next`: an answer cut to what a program reads of it. */
import { PsnError } from "../core/errors.ts";
import { answerSchemaOf, jsonSchemaOf } from "./_answer.ts";
import type { Command } from "./_command.ts";
import { unknownField } from "./_unknown-field.ts";

const PATHS_MAX = 50;
/** What tells how it went is never cut away. */
const ALWAYS = ["outcome", "wouldSucceed", "would", "error"];

/** @throws PsnError USAGE for a list that is none */
export function pathsOf(list: string): string[][] {
  const paths = list.split(",").map((path) => path.trim().split("."));
  const isPath = (path: string[]) => path.every((name) => /^[A-Za-z]\w*$/.test(name));
  if (paths.length <= PATHS_MAX && paths.every(isPath)) return paths;
  throw new PsnError("USAGE", "--fields takes names of the answer's fields, with commas between them.", {
    hint: "For example --fields post.id,post.status,next",
  });
}

/**
 * Before the command runs: a mistyped name would leave out what it was run for, and it may have written by then.
 * @throws PsnError USAGE for a name that no answer of the command has
 */
export function requirePaths(command: Command, name: string, paths: readonly string[][]): void {
  const root = jsonSchemaOf(answerSchemaOf(command)) as Node;
  for (const path of paths) {
    for (const [index, field] of path.entries()) {
      const known = fieldsUnder(nodesAt(root, path.slice(0, index)));
      if (known === null || known.includes(field)) continue;
      const where = index === 0 ? "" : ` under ${path.slice(0, index).join(".")}`;
      throw unknownField(name, field, known, (one) => `The answer of psn ${name} has no field ${one}${where}.`);
    }
  }
}

/** The paths of an answer, also through its lists. A path that is not there is left out. */
export function cutTo(body: object, paths: readonly string[][]): object {
  return pick(body, [...ALWAYS.map((name) => [name]), ...paths]) as object;
}

// --- internal ---

/** What is read of a JSON Schema here. */
interface Node {
  $ref?: string;
  $defs?: Record<string, Node>;
  anyOf?: Node[];
  oneOf?: Node[];
  allOf?: Node[];
  type?: string;
  items?: Node;
  properties?: Record<string, Node>;
  additionalProperties?: Node | boolean;
}

/** The schemas that hold at a path: a union has several. Lists are passed through, as in `cutTo`. */
function nodesAt(root: Node, path: readonly string[]): Node[] {
  let nodes = plainNodes(root, root);
  for (const name of path) {
    nodes = nodes.flatMap(({ properties = {}, additionalProperties }) => {
      const below = properties[name] ?? additionalProperties;
      return typeof below === "object" ? plainNodes(root, below) : [];
    });
  }
  return nodes;
}

/** Without references, unions and lists. */
function plainNodes(root: Node, node: Node): Node[] {
  if (node.$ref)
    return plainNodes(root, (node.$ref === "#" ? root : root.$defs?.[node.$ref.slice("#/$defs/".length)]) ?? {});
  const parts = node.anyOf ?? node.oneOf ?? node.allOf;
  if (parts) return parts.flatMap((part) => plainNodes(root, part));
  return node.type === "array" ? plainNodes(root, node.items ?? {}) : [node];
}

/** Null where anything may stand. */
function fieldsUnder(nodes: readonly Node[]): string[] | null {
  const isOpen = ({ type, additionalProperties }: Node) =>
    type === undefined || (type === "object" && additionalProperties !== undefined && additionalProperties !== false);
  if (nodes.some(isOpen)) return null;
  return [...new Set(nodes.flatMap(({ properties = {} }) => Object.keys(properties)))];
}

function pick(value: unknown, paths: readonly string[][]): unknown {
  if (paths.some((path) => path.length === 0)) return value;
  if (Array.isArray(value)) return value.map((item) => pick(item, paths));
  if (typeof value !== "object" || value === null) return value;
  const wanted = new Map<string, string[][]>();
  for (const [name = "", ...rest] of paths) wanted.set(name, [...(wanted.get(name) ?? []), rest]);
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      const below = wanted.get(name);
      return below ? [[name, pick(inner, below)]] : [];
    }),
  );
}
