/** Whether the worker's service can live, and whether it does: with what is stored, not with what this terminal has. */
import { join, sep } from "node:path";
import { wallClock } from "../core/clock.ts";
import { readOwnTail } from "../core/config/own-file.ts";
import type { Hub } from "../core/db/connection.ts";
import { PsnError } from "../core/errors.ts";
import { configDir, type Env, hubFile, keysFile, PROJECT_DIR, readEnvFile } from "../core/utils/env.ts";
import { settingDefaults } from "../core/utils/settings.ts";
import { countWorkers } from "../engines/presence.ts";
import { callManager, proxiesOf, type ServicePlan, secretProxiesOf } from "./worker-service.ts";

/** A slow machine starts it in ten seconds; a hub that has to recover first takes longer. */
const LIFE_MS_MAX = 30_000;
const LOOK_EVERY_MS = 300;
const LOG_LINES = 8;
const LOG_BYTES_MAX = 8_000;
/** The unit names the folders; the others are for who sits at the terminal. */
const NOT_THE_WORKERS = new Set(["PSN_DATA_DIR", "PSN_TIMEZONE", "PSN_COMPLETION_MS"]);

/** All that a service sees of this terminal's environment, as its file says it. */
export function serviceEnv(env: Env, dataDir: string): Env {
  const { HOME, PATH, USER, LOGNAME, XDG_RUNTIME_DIR } = env;
  const own = { HOME, PATH, USER, LOGNAME, XDG_RUNTIME_DIR };
  return { ...own, PSN_CONFIG_DIR: configDir(env), PSN_DATA_DIR: dataDir, ...proxiesOf(env) };
}

/**
 * A setting that only this terminal has would be missing there, and the worker would publish to another hub, keep media elsewhere, or not
 * start. Names are told, never values.
 * @throws PsnError SERVICE_CONFIG
 */
export async function requireStored(env: Env): Promise<void> {
  const [hub, keys] = [await readEnvFile(hubFile(env)), await readEnvFile(keysFile(env))];
  const stored = { ...hub.values, ...keys.values };
  const missing = ["ENCRYPTION_KEY", "DATABASE_URL"].filter((name) => !stored[name]);
  const differing = settingDefaults()
    .map(({ name }) => name)
    .filter((name) => env[name] && env[name] !== stored[name] && !NOT_THE_WORKERS.has(name) && !missing.includes(name));
  const hint =
    "Store it there: a service does not see the variables of this terminal. psn setup stores the usual ones.";
  if (missing.length > 0) {
    throw new PsnError("SERVICE_CONFIG", `A service needs ${missing.join(" and ")} in ${hubFile(env)}.`, { hint });
  }
  if (differing.length > 0) {
    const files = `${hubFile(env)} or ${keysFile(env)}`;
    const says = `${differing.join(", ")}: this terminal has another value than ${files}, which is what the service would run with.`;
    throw new PsnError("SERVICE_CONFIG", says, { hint });
  }
  const proxies = secretProxiesOf(env);
  if (proxies.length > 0) {
    const says = `${proxies.join(" and ")} holds a password, which PSN does not write into the service's file.`;
    const where = process.platform === "darwin" ? "launchctl setenv" : "a file of mode 0600 in ~/.config/environment.d";
    throw new PsnError("SERVICE_CONFIG", says, {
      hint: `Give it to your session by ${where}, and take it out of this terminal.`,
    });
  }
}

/**
 * Waits until a worker that was not there before is alive on the hub: nothing else proves that the service runs.
 * @param since the hub's time before it was started
 */
export async function comesToLife(
  hub: Hub,
  since: Date,
  plan: ServicePlan,
  env: Env,
  signal: AbortSignal,
): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < LIFE_MS_MAX && !signal.aborted; waitedMs += LOOK_EVERY_MS) {
    if ((await countWorkers(hub, since)) > 0) return true;
    const { ok, says } = await callManager(plan.query, env);
    // While it is started again and again, systemd says "activating".
    if (!ok && says !== "activating") return false;
    await wallClock.sleep(LOOK_EVERY_MS, signal);
  }
  return false;
}

/** The last lines of the service's log. */
export async function lastLines({ log }: ServicePlan, env: Env): Promise<string[]> {
  if (Array.isArray(log)) {
    const { ok, lines } = await callManager(log, env);
    return ok ? lines.filter((line) => line !== "").slice(-LOG_LINES) : [];
  }
  const text = await readOwnTail(log.file, LOG_BYTES_MAX).catch(() => null);
  return text ? text.trimEnd().split("\n").slice(-LOG_LINES) : [];
}

/** What this place will do to a service sooner or later, in sentences. */
export function placeHints(platform: NodeJS.Platform, env: Env, folders: readonly string[]): string[] {
  const hints: string[] = [];
  const home = env.HOME ?? "";
  const isIn = (folder: string) => folders.some((one) => `${one}${sep}`.startsWith(`${join(home, folder)}${sep}`));
  const closed = ["Desktop", "Documents", "Downloads", "Library/Mobile Documents"].filter(isIn);
  if (platform === "darwin" && home !== "" && closed.length > 0) {
    hints.push(
      `macOS lets no service read ~/${closed.join(", ~/")} unless you allow it (System Settings, Privacy & Security, Full Disk Access): move PSN out of there.`,
    );
  }
  if (folders.some((one) => one.includes(`${sep}_npx${sep}`))) {
    hints.push(
      "This PSN lies in npx's cache, which npm empties: install it (npm install -g), then run psn worker install again.",
    );
  }
  return hints;
}

/** The folders that the service reads. */
export const foldersOf = (env: Env, dataDir: string): string[] => [PROJECT_DIR, configDir(env), dataDir];
