/** Where things are: the checkout, the configuration, the data. */
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Env } from "./env-file.ts";

/** The folder of the checkout, wherever the command was called from. */
export const PROJECT_DIR = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

/** Where the two files live: PSN_CONFIG_DIR, else `config/` in the checkout. */
export function configDir(env: Env = process.env): string {
  return resolve(env.PSN_CONFIG_DIR || join(PROJECT_DIR, "config"));
}

/** The user's data folder for PSN: PSN_DATA_DIR, else the platform's usual place. */
export function defaultDataDir(env: Env = process.env): string {
  if (env.PSN_DATA_DIR) return resolve(env.PSN_DATA_DIR);
  if (env.XDG_DATA_HOME) return join(env.XDG_DATA_HOME, "psn");
  const home = env.HOME || homedir();
  return process.platform === "darwin"
    ? join(home, "Library", "Application Support", "psn")
    : join(home, ".local", "share", "psn");
}
