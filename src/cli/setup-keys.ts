import { parseEnv } from "node:util";
import { requirePlace } from "../core/config/file-error.ts";
import { PsnError } from "../core/errors.ts";
import {
  type Env,
  type KeysEnv,
  keysFile,
  loadKeysEnv,
  readEnvFile,
  writeEnvFile,
  X_DEFAULTS,
} from "../core/utils/env.ts";
import { createXOAuthClient, revokeToken } from "../platforms/x/oauth.ts";
import { SANDBOX_CLIENT_ID } from "../sandbox/types.ts";
import { ask } from "./_ask.ts";
import type { Io } from "./_command.ts";
import { xAppSteps } from "./_guidance.ts";
import type { Step } from "./_step.ts";
import { hostsToDrop, KEY_NAMES, type KeyChanges, pickKeys } from "./setup-target.ts";

export interface KeysChoice {
  fromStdin: boolean;
  /** Ask for them although there are some. */
  anew: boolean;
  /** A switch to X: what it makes of the file. It is written with the keys, and not where they are refused. */
  changes?: KeyChanges;
}

/**
 * Skipped when both keys are there. Otherwise they come from the environment, from stdin, or from a person who is shown
 * how to get them; X is asked whether it knows them before they are stored.
 * @throws PsnError X_KEYS_MISSING, X_KEYS_INVALID, OAUTH_CLIENT_WRONG, CONFIG_…
 */
export async function setupKeys(io: Io, { fromStdin, anew, changes = {} }: KeysChoice): Promise<Step> {
  const file = keysFile(io.env);
  const stored = withChanges((await readEnvFile(file)).values, changes);
  const given = fromStdin ? keysFrom(await io.readStdin()) : pickKeys(io.env);
  const missing = !(given.X_CLIENT_ID || stored.X_CLIENT_ID) || !(given.X_CLIENT_SECRET || stored.X_CLIENT_SECRET);
  if (missing || (anew && !fromStdin)) {
    // Who leaves without keys wanted X all the same: nothing goes to the sandbox any more.
    await switchToX(io, file, changes);
    return io.interactive ? await askForKeys(io, { file, stored, changes: {} }) : needKeys(io.env);
  }

  const isNew = KEY_NAMES.some((name) => given[name] !== undefined && given[name] !== stored[name]);
  // Keys from the environment are stored once; later they only win over the file, they do not change it.
  const wanted = fromStdin || !stored.X_CLIENT_ID || !stored.X_CLIENT_SECRET;
  if (isNew && wanted) return await storeKeys(io, { file, stored, changes }, given);
  await switchToX(io, file, changes);
  const keys = await loadKeysEnv(io.env);
  requireUsable(keys);
  return {
    step: "keys",
    status: "skipped",
    message: `The X app's keys ${whence(io.env, stored, file)}. Posts go to ${target(keys)}.`,
    data: { warnings: keys.warnings, realX: keys.isRealX, checked: false },
  };
}

export type Known = { known: true } | { known: false; why: string };

/**
 * Asks X whether it knows the client, by revoking a token that never was. An outage is no verdict.
 * @throws PsnError OAUTH_CLIENT_WRONG
 */
export async function requireKnownClient(keys: KeysEnv, signal?: AbortSignal): Promise<Known> {
  try {
    await revokeToken(createXOAuthClient(keys.oauth), "psn-setup-asks-whether-the-client-is-known", signal);
    return { known: true };
  } catch (error) {
    if (!(error instanceof PsnError) || error.code !== "OAUTH_UNAVAILABLE") throw error;
    const why = keys.isRealX
      ? error.message
      : `${keys.apiHost}: ${error.message} psn setup --sandbox starts the sandbox.`;
    return { known: false, why };
  }
}

/** X's client ids are one word, and no address; a secret is for X to judge. @throws PsnError X_KEYS_INVALID */
function requireUsable({ oauth: { clientId }, isRealX }: KeysEnv): void {
  if (isRealX && clientId === SANDBOX_CLIENT_ID) {
    throw new PsnError(
      "X_KEYS_INVALID",
      "These keys are the sandbox's, and posts would go to X, which does not know them.",
      {
        hint: "Give the keys of your app at https://console.x.com, or use the sandbox: psn setup --sandbox",
      },
    );
  }
  const isUrl = /:\/\/|^www\./i.test(clientId);
  if (!isUrl && !/\s/.test(clientId)) return;
  const what = isUrl ? "is an address" : "holds a blank";
  throw new PsnError("X_KEYS_INVALID", `The Client ID ${what}; X's is one word without blanks.`, {
    hint: "Copy it from the app's Keys and tokens page at https://console.x.com, under OAuth 2.0.",
  });
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

/** The file that keys go to, what it holds with the switch that is under way, and that switch. */
interface KeysPlace {
  file: string;
  stored: Env;
  changes: KeyChanges;
}

const withChanges = (stored: Env, changes: KeyChanges): Env =>
  Object.fromEntries(Object.entries({ ...stored, ...changes }).filter(([, value]) => value !== null)) as Env;

async function switchToX(io: Io, file: string, changes: KeyChanges): Promise<void> {
  if (Object.keys(changes).length === 0) return;
  await requirePlace(file);
  io.willWrite("use X itself again, with the keys that it had");
  await writeEnvFile(file, changes);
}

async function askForKeys(io: Io, place: KeysPlace): Promise<Step> {
  io.note("PSN posts through an X app of your own. Once, you do this:");
  const steps = xAppSteps(io.env.X_REDIRECT_URI || X_DEFAULTS.redirectUri);
  for (const [index, text] of steps.entries()) io.note(`  ${index + 1}. ${text}`);
  for (;;) {
    const given = {
      ...pickKeys(io.env),
      X_CLIENT_ID: await ask("Client ID"),
      X_CLIENT_SECRET: await ask("Client Secret (it stays on this machine)", { secret: true }),
    };
    try {
      return await storeKeys(io, place, given);
    } catch (error) {
      if (!(error instanceof PsnError) || !["OAUTH_CLIENT_WRONG", "X_KEYS_INVALID"].includes(error.code)) throw error;
      io.note(`${io.paint.red("✗")} ${error.message} ${error.hint ?? ""}`);
    }
  }
}

/** Asks X before anything is written. @throws PsnError X_KEYS_INVALID, OAUTH_CLIENT_WRONG */
async function storeKeys(io: Io, { file, stored, changes }: KeysPlace, given: Record<string, string>): Promise<Step> {
  const dropped = { ...changes, ...hostsToDrop(stored, given) };
  // The environment wins over the file, and an empty value there is none: so a host that goes is asked for its default.
  const hosts = Object.fromEntries(
    Object.entries(dropped).map(([name, value]) => [name, io.env[name] || value || DEFAULTS[name]]),
  );
  const keys = await loadKeysEnv({ ...io.env, ...hosts, ...given });
  requireUsable(keys);
  await requirePlace(file);
  const checked = io.dryRun ? notAsked(io) : await requireKnownClient(keys, io.signal);
  if (io.dryRun) Object.assign(io.env, hosts, given);
  else await writeEnvFile(file, { ...dropped, ...given });
  const where = `the X app's keys in ${file}. Posts go to ${target(keys)}.`;
  return {
    step: "keys",
    status: "success",
    message: checked.known ? `Stored ${where}` : `Stored, but not checked, ${where} ${checked.why}`,
    data: { warnings: keys.warnings, realX: keys.isRealX, checked: checked.known },
  };
}

function notAsked(io: Io): Known {
  io.unchecked?.push("whether it knows these keys");
  return { known: false, why: "A dry run does not ask X." };
}

const DEFAULTS: Record<string, string> = {
  X_REDIRECT_URI: X_DEFAULTS.redirectUri,
  X_API_BASE_URL: X_DEFAULTS.apiBaseUrl,
  X_AUTHORIZE_URL: X_DEFAULTS.authorizeUrl,
  X_TOKEN_URL: X_DEFAULTS.tokenUrl,
  X_REVOKE_URL: X_DEFAULTS.revokeUrl,
};

/** Where the keys that count come from. */
function whence(env: Env, stored: Env, file: string): string {
  if (!env.X_CLIENT_ID && !env.X_CLIENT_SECRET) return `are in ${file}`;
  const differs = stored.X_CLIENT_ID !== undefined && env.X_CLIENT_ID && env.X_CLIENT_ID !== stored.X_CLIENT_ID;
  return `come from the environment${differs ? `, and ${file} holds others` : ""}`;
}

function target(keys: KeysEnv): string {
  return keys.isRealX ? "X" : `${keys.apiBaseUrl}, which is not X`;
}

function keysFrom(text: string): Record<string, string> {
  const given = pickKeys(parseEnv(text.replace(/^\ufeff/, "")) as Env);
  if (given.X_CLIENT_ID && given.X_CLIENT_SECRET) return given;
  throw new PsnError("X_KEYS_MISSING", "stdin must hold the two lines X_CLIENT_ID=… and X_CLIENT_SECRET=….", {
    hint: `The callback URL to register at X is ${X_DEFAULTS.redirectUri}.`,
  });
}
