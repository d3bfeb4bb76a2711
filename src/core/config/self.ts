/** How PSN starts itself again, as a process of its own. */
import { join } from "node:path";
import { IS_BINARY, IS_PACKAGE, PROJECT_DIR } from "./folders.ts";

/** The folder that a process runs in has no say: without these Bun obeys its .env, bunfig.toml and tsconfig.json, and loads missing packages. */
export const BUN_FLAGS = ["--no-install", "--no-env-file", "--config=/dev/null", "--tsconfig-override=/dev/null"];

/** The program and its first arguments, to be followed by a command's: the runtime of this process with PSN's entry. */
export function selfCommand(): { file: string; args: string[] } {
  if (IS_BINARY) return { file: process.execPath, args: [] };
  const entry = join(PROJECT_DIR, IS_PACKAGE ? "bin/psn.mjs" : "src/psn.ts");
  return { file: process.execPath, args: [...(process.versions.bun ? BUN_FLAGS : []), entry] };
}
