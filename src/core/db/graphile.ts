/**
 * The only door to graphile-worker, opened when it is needed: its import calls cosmiconfig, which looks in the current
 * folder and all above it and executes what it finds. docs/decisions/no-cosmiconfig.md tells what stands there instead.
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { IS_PACKAGE } from "../config/folders.ts";
import { PsnError } from "../errors.ts";

/** Said to every call: by default graphile-worker takes it from the environment. */
export const GRAPHILE_SCHEMA = "graphile_worker";

/**
 * Loads graphile-worker.
 * @throws PsnError NOT_INSTALLED while the cosmiconfig that it would load is not the one that finds nothing
 */
export async function loadGraphile(): Promise<typeof import("graphile-worker")> {
  const { findsNothing } = await cosmiconfigOfGraphile();
  if (findsNothing !== true) {
    throw new PsnError("NOT_INSTALLED", "The packages that PSN stands on are of another version.", {
      hint: "Run npm install in PSN's folder, then try again. Nothing was done.",
    });
  }
  return await import("graphile-worker");
}

// --- internal ---

/**
 * Another package manager than npm may have given graphile-worker one of its own. In a bundle there is one for all, and a
 * graphile-worker that lies beside the installed PSN is another program's.
 */
async function cosmiconfigOfGraphile(): Promise<{ findsNothing?: boolean }> {
  if (IS_PACKAGE) return await import("cosmiconfig");
  let path: string;
  try {
    const graphile = createRequire(import.meta.url).resolve("graphile-worker");
    path = createRequire(graphile).resolve("cosmiconfig");
  } catch {
    return await import("cosmiconfig");
  }
  return await import(pathToFileURL(path).href);
}
