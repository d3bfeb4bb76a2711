/** The keys' step of setup: the X app's client id and secret, in config/keys.env. Never taken as arguments. */
import { join } from "node:path";
import { parseEnv } from "node:util";
import { PsnError } from "../core/errors.ts";
import {
  configDir,
  type Env,
  type KeysEnv,
  loadKeysEnv,
  readEnvFile,
  writeEnvFile,
  X_DEFAULTS,
} from "../core/utils/env.ts";
import { createXOAuthClient, revokeToken } from "../platforms/x/oauth.ts";
import { ask } from "./_ask.ts";
import type { Io } from "./_command.ts";
import { xAppSteps } from "./_guidance.ts";
import type { Step } from "./_step.ts";

const NAMES = [
  "X_CLIENT_ID",
  "X_CLIENT_SECRET",
  "X_REDIRECT_URI",
  "X_API_BASE_URL",
  "X_AUTHORIZE_URL",
  "X_TOKEN_URL",
  "X_REVOKE_URL",
] as const;

/**
 * Skipped when both keys are there. Otherwise they come from the environment, from stdin, or from a person who is shown
 * how to get them; X is asked whether it knows them before they are stored.
 * @throws PsnError X_KEYS_MISSING, OAUTH_CLIENT_WRONG, CONFIG_…
 */
export async function setupKeys(io: Io, options: { fromStdin: boolean }): Promise<Step> {
  const file = join(configDir(io.env), "keys.env");
  const stored = (await readEnvFile(file)).values;
  const given = options.fromStdin ? keysFrom(await io.readStdin()) : pick(io.env);
  const missing = !(given.X_CLIENT_ID || stored.X_CLIENT_ID) || !(given.X_CLIENT_SECRET || stored.X_CLIENT_SECRET);
  if (missing) return io.interactive ? await askForKeys(io, file) : needKeys(io.env);

  const isNew = NAMES.some((name) => given[name] !== undefined && given[name] !== stored[name]);
  // Keys from the environment are stored once; later they only win over the file, they do not change it.
  const wanted = options.fromStdin || !stored.X_CLIENT_ID || !stored.X_CLIENT_SECRET;
  if (isNew && wanted) {
    await requireKnownClient(await loadKeysEnv({ ...io.env, ...given }), io.signal);
    await writeEnvFile(file, given);
  }
  const keys = await loadKeysEnv(io.env);
  return {
    step: "keys",
    status: isNew && wanted ? "success" : "skipped",
    message: `The X app's keys are in ${file}. Posts go to ${target(keys)}.`,
    data: { warnings: keys.warnings, realX: keys.isRealX },
  };
}

/**
 * Asks X whether it knows the client, by revoking a token that never was. An outage is no verdict.
 * @throws PsnError OAUTH_CLIENT_WRONG
 */
export async function requireKnownClient(keys: KeysEnv, signal?: AbortSignal): Promise<"known" | "not_checked"> {
  try {
    await revokeToken(createXOAuthClient(keys.oauth), "psn-setup-asks-whether-the-client-is-known", signal);
    return "known";
  } catch (error) {
    if (error instanceof PsnError && error.code === "OAUTH_UNAVAILABLE") return "not_checked";
    throw error;
  }
}

// --- internal ---

function needKeys(env: Env): Step {
  return {
    step: "keys",
    status: "need_input",
    message: "PSN needs the client id and secret of your X app.",
    data: {
      ask: [
        { name: "X_CLIENT_ID", secret: false },
        { name: "X_CLIENT_SECRET", secret: true },
      ],
      instructions: xAppSteps(env.X_REDIRECT_URI || X_DEFAULTS.redirectUri),
      answerWith:
        "Put both lines into a file only you can read and run: psn setup --keys-stdin < FILE. Or set them in the environment.",
    },
  };
}

async function askForKeys(io: Io, file: string): Promise<Step> {
  io.note("PSN posts through an X app of your own. Once, you do this:");
  const steps = xAppSteps(io.env.X_REDIRECT_URI || X_DEFAULTS.redirectUri);
  for (const [index, text] of steps.entries()) io.note(`  ${index + 1}. ${text}`);
  for (;;) {
    const given = {
      ...pick(io.env),
      X_CLIENT_ID: await ask("Client ID"),
      X_CLIENT_SECRET: await ask("Client Secret (it stays on this machine)", { secret: true }),
    };
    try {
      const keys = await loadKeysEnv({ ...io.env, ...given });
      await requireKnownClient(keys, io.signal);
      await writeEnvFile(file, given);
      return {
        step: "keys",
        status: "success",
        message: `Stored the X app's keys in ${file}. Posts go to ${target(keys)}.`,
      };
    } catch (error) {
      if (!(error instanceof PsnError) || error.code !== "OAUTH_CLIENT_WRONG") throw error;
      io.note(`${io.paint.red("✗")} ${error.message} ${error.hint ?? ""}`);
    }
  }
}

function target(keys: KeysEnv): string {
  return keys.isRealX ? "X" : `${keys.apiBaseUrl}, which is not X`;
}

function keysFrom(text: string): Record<string, string> {
  const given = pick(parseEnv(text.replace(/^\ufeff/, "")) as Env);
  if (given.X_CLIENT_ID && given.X_CLIENT_SECRET) return given;
  throw new PsnError("X_KEYS_MISSING", "stdin must hold the two lines X_CLIENT_ID=… and X_CLIENT_SECRET=….", {
    hint: `The callback URL to register at X is ${X_DEFAULTS.redirectUri}.`,
  });
}

function pick(env: Env): Record<string, string> {
  return Object.fromEntries(NAMES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}
