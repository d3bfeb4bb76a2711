/** Where things are: PSN itself, the configuration, the data. */
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Env } from "./env-file.ts";

/** Set by scripts/package/build.ts in what is published; in a checkout nobody declares it. */
declare const PSN_IS_PACKAGE: boolean | undefined;
/** Set by scripts/package/binary.ts beside the other. */
declare const PSN_IS_BINARY: boolean | undefined;

/** True for PSN as it is released, false in a checkout. */
export const IS_PACKAGE: boolean = typeof PSN_IS_PACKAGE !== "undefined";

/** True for the single program that Bun compiles: its code and files are inside of it. */
export const IS_BINARY: boolean = typeof PSN_IS_BINARY !== "undefined";

const HERE = dirname(fileURLToPath(import.meta.url));

/** What PSN brings beside its code: drizzle/ and the changelog. A package's code lies in dist/, whatever file it came from. */
export const FILES_DIR = IS_BINARY ? HERE : resolve(HERE, IS_PACKAGE ? ".." : "../../..");

/**
 * The folder of the checkout, of the installed package or of the single program, wherever the command was called from. Programs may be
 * started there.
 */
export const PROJECT_DIR = IS_BINARY ? dirname(process.execPath) : FILES_DIR;

/** The command, as a service starts it. */
export const PSN_COMMAND = IS_BINARY ? process.execPath : join(PROJECT_DIR, "bin", "psn");

/** Where the two files live: PSN_CONFIG_DIR, else `config/` in a checkout, else the user's usual place. */
export function configDir(env: Env = process.env): string {
  if (env.PSN_CONFIG_DIR) return resolve(env.PSN_CONFIG_DIR);
  return IS_PACKAGE ? userConfigDir(env) : join(PROJECT_DIR, "config");
}

/**
 * Where an installed PSN keeps its configuration: an update or another way of installing must not take it away. A relative XDG variable is
 * none, as its specification says: the current folder has no say.
 */
export function userConfigDir(env: Env = process.env, platform: NodeJS.Platform = process.platform): string {
  if (isAbsolute(env.XDG_CONFIG_HOME ?? "")) return join(env.XDG_CONFIG_HOME ?? "", "psn");
  const home = env.HOME || homedir();
  // Not the data folder: whoever deletes the one to begin anew must not lose the key with it.
  return platform === "darwin" ? join(home, "Library", "Preferences", "psn") : join(home, ".config", "psn");
}

/** Where the hub is, its encryption key, the engine and the author's zone. */
export const hubFile = (env: Env = process.env): string => join(configDir(env), "hub.env");

/** The keys of the author's X app. */
export const keysFile = (env: Env = process.env): string => join(configDir(env), "keys.env");

/** X's own keys, set aside while PSN talks to a sandbox. */
export const asideKeysFile = (env: Env = process.env): string => join(configDir(env), "keys.x.env");

/** The embedded hub's mark: how far its record went, outside its database. */
export const markFile = (env: Env = process.env): string => join(configDir(env), "hub-mark.json");

/** That only a person approves, outside of the hub. */
export const approvalFile = (env: Env = process.env): string => join(configDir(env), "approval.json");

/** The user's data folder for PSN: PSN_DATA_DIR, else the platform's usual place. */
export function defaultDataDir(env: Env = process.env): string {
  if (env.PSN_DATA_DIR) return resolve(env.PSN_DATA_DIR);
  if (isAbsolute(env.XDG_DATA_HOME ?? "")) return join(env.XDG_DATA_HOME ?? "", "psn");
  const home = env.HOME || homedir();
  return process.platform === "darwin"
    ? join(home, "Library", "Application Support", "psn")
    : join(home, ".local", "share", "psn");
}
