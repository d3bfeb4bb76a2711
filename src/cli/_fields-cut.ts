/** `--fields post.id,next`: an answer cut to what a program reads of it. */
import { PsnError } from "../core/errors.ts";

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

/** The paths of an answer, also through its lists. A path that is not there is left out. */
export function cutTo(body: object, paths: readonly string[][]): object {
  return pick(body, [...ALWAYS.map((name) => [name]), ...paths]) as object;
}

// --- internal ---

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
