/** What the parts of a proof leave: a folder each, with its result, the commit that it was made of, and its data. */
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Summary } from "../../sim/summary.ts";
import type { Score } from "../mutation/score.ts";

const RESULT = "part.json";

/** The result of a part, as it is kept. */
export interface Kept {
  name: string;
  isOk: boolean;
  seconds: number;
  /** Short; with "+" where the checkout had changes that no commit has. */
  commit: string;
  /** "2026-11-27". */
  day: string;
}

/** A part with what it left as data. */
export interface PartData {
  name: string;
  /** Null: never run. */
  kept: Kept | null;
  simulation: Summary | null;
  scores: readonly Score[];
  /** Lines of the table of named mutants. */
  mutants: readonly string[];
}

/** @returns an empty folder for the part's data */
export async function beginPart(folder: string, name: string): Promise<string> {
  const out = join(folder, slugOf(name));
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  return out;
}

export async function keepPart(
  root: string,
  out: string,
  result: Pick<Kept, "name" | "isOk" | "seconds">,
): Promise<void> {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  // What other parts left is no change of what is proven.
  const isChanged = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs") !== "";
  const commit = `${git("rev-parse", "--short", "HEAD")}${isChanged ? "+" : ""}`;
  const kept: Kept = { ...result, commit, day: new Date().toISOString().slice(0, 10) };
  await writeFile(join(out, RESULT), `${JSON.stringify(kept, null, 2)}\n`);
}

/** What is kept of each of these parts, in their order. */
export async function readParts(folder: string, names: readonly string[]): Promise<PartData[]> {
  return await Promise.all(names.map((name) => readPart(join(folder, slugOf(name)), name)));
}

// --- internal ---

async function readPart(out: string, name: string): Promise<PartData> {
  const files = await readdir(out).catch(() => []);
  const read = async (file: string) => JSON.parse(await readFile(join(out, file), "utf8"));
  const all = async (pattern: RegExp) =>
    await Promise.all(
      files
        .filter((file) => pattern.test(file))
        .sort()
        .map(read),
    );
  const [kept = null] = (await all(/^part\.json$/)) as Kept[];
  const [simulation = null] = (await all(/^sim-.*\.json$/)) as Summary[];
  const [mutants = []] = (await all(/^mutants\.json$/)) as string[][];
  const scores = (await all(/^mutation\.json$/)) as Score[][];
  return { name, kept, simulation, mutants, scores: scores.flat() };
}

const slugOf = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
