/**
 * Which X the configuration is for. Keys and hosts go together: those of X are set aside while the sandbox is used, in
 * `keys.x.env` beside `keys.env`, and come back with it.
 */
import { requirePlace } from "../core/config/file-error.ts";
import { PsnError } from "../core/errors.ts";
import {
  asideKeysFile,
  dataDirOf,
  type Env,
  keysFile,
  readEnvFile,
  writeEnvFile,
  X_DEFAULTS,
} from "../core/utils/env.ts";
import { sandboxAt } from "../doctor/running-sandbox.ts";
import { ANY_USER, SANDBOX_CLIENT_ID } from "../sandbox/types.ts";
import type { Io } from "./_command.ts";
import { requireSandboxPort, startSandboxHost } from "./_sandbox-host.ts";
import { PORT_DEFAULT, sandboxEnv } from "./sandbox.ts";

export const KEY_NAMES = [
  "X_CLIENT_ID",
  "X_CLIENT_SECRET",
  "X_REDIRECT_URI",
  "X_API_BASE_URL",
  "X_AUTHORIZE_URL",
  "X_TOKEN_URL",
  "X_REVOKE_URL",
] as const;

/**
 * Finds the sandbox or starts one, and makes the configuration talk to it.
 * @throws PsnError CONFIG_OVERRIDDEN, SANDBOX_NOT_RUNNING
 */
export async function useSandbox(
  io: Pick<Io, "env" | "note" | "dryRun" | "willWrite">,
  port: number | undefined,
): Promise<void> {
  const { values: stored } = await readEnvFile(keysFile(io.env));
  const isStoredSandbox = stored.X_CLIENT_ID === SANDBOX_CLIENT_ID && stored.X_API_BASE_URL !== undefined;
  const last = isStoredSandbox && port === undefined ? Number(new URL(stored.X_API_BASE_URL ?? "").port) : undefined;
  const wantedPort = port ?? (last || PORT_DEFAULT);
  const url = `http://127.0.0.1:${wantedPort}`;
  const wanted = sandboxEnv(url);
  requireNoOverride(io.env, (name, value) => value === wanted[name]);
  await requirePlace(keysFile(io.env));
  const there = await sandboxAt(url);
  if (there?.isAnothers) {
    throw new PsnError("SANDBOX_NOT_RUNNING", `The sandbox on port ${wantedPort} is another user's of this machine.`, {
      hint: `What is posted there is theirs to see and to keep. For one of your own: psn setup --sandbox --port ${wantedPort + 1}`,
    });
  }
  if (there === null) {
    const dataDir = await dataDirOf(io.env);
    if (io.dryRun) await requireSandboxPort(dataDir, wantedPort);
    io.willWrite("start the sandbox, and use it");
    const { pid } = await startSandboxHost(dataDir, wantedPort, io.env);
    io.note(`Started the sandbox of X. Its timeline: ${url}/ It keeps running; kill ${pid} stops it. ${ANY_USER}`);
  } else io.note(`The sandbox of X runs. Its timeline: ${url}/ ${ANY_USER}`);
  if (io.dryRun) return void Object.assign(io.env, wanted);
  if (stored.X_CLIENT_ID && stored.X_CLIENT_ID !== SANDBOX_CLIENT_ID)
    await writeEnvFile(asideKeysFile(io.env), pickKeys(stored));
  await writeEnvFile(keysFile(io.env), wanted);
}

/** What becomes of names in `keys.env`; null takes one out. */
export type KeyChanges = Record<string, string | null>;

/**
 * What makes the configuration talk to X itself again: the keys that were set aside, if there are any. Nothing is written: keys that
 * are given with it are judged first.
 * @throws PsnError CONFIG_OVERRIDDEN
 */
export async function xAgain({ env }: Pick<Io, "env">): Promise<KeyChanges> {
  requireNoOverride(env, (name) => name === "X_CLIENT_ID" || name === "X_CLIENT_SECRET" || name === "X_REDIRECT_URI");
  const { values: stored } = await readEnvFile(keysFile(env));
  if (stored.X_CLIENT_ID && stored.X_CLIENT_ID !== SANDBOX_CLIENT_ID) return isLocal(stored) ? noHosts() : {};
  const { values: aside } = await readEnvFile(asideKeysFile(env));
  const had = aside.X_CLIENT_ID === SANDBOX_CLIENT_ID ? {} : aside;
  const changes = KEY_NAMES.map((name) => [name, had[name] ?? null] as const);
  return Object.fromEntries(changes.filter(([name, value]) => value !== (stored[name] ?? null)));
}

/** What new keys replace beside themselves: keys that are not the sandbox's are X's, so its hosts go. */
export function hostsToDrop(stored: Env, given: Env): Record<string, null> {
  if (stored.X_CLIENT_ID !== SANDBOX_CLIENT_ID || given.X_CLIENT_ID === SANDBOX_CLIENT_ID || given.X_API_BASE_URL)
    return {};
  return noHosts();
}

export function pickKeys(env: Env): Record<string, string> {
  return Object.fromEntries(KEY_NAMES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

// --- internal ---

const noHosts = (): Record<string, null> =>
  Object.fromEntries(
    KEY_NAMES.filter((name) => name !== "X_CLIENT_ID" && name !== "X_CLIENT_SECRET").map((name) => [name, null]),
  );

/** A sandbox, or a stand-in of X, on this machine. */
const isLocal = (stored: Env) => {
  const { hostname } = new URL(stored.X_API_BASE_URL || X_DEFAULTS.apiBaseUrl);
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
};

/** Variables win over the files, so a switch of the files alone would change nothing. */
function requireNoOverride(env: Env, isFine: (name: string, value: string) => boolean): void {
  const others = KEY_NAMES.filter((name) => env[name] && !isFine(name, env[name] ?? ""));
  if (others.length === 0) return;
  throw new PsnError("CONFIG_OVERRIDDEN", `${others.join(", ")} in the environment override keys.env.`, {
    hint: `Remove them, then run this again: unset ${others.join(" ")}`,
  });
}
