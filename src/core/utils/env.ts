/**
 * The required name for the configuration: `hub.env` and `keys.env` in one folder, each value checked; environment
 * variables win. `core/config` reads and writes the files and knows the folders.
 */
import { resolve } from "node:path";
import { z } from "zod";
import { databaseUrlWarnings } from "../config/database-url.ts";
import { type Env, readEnvFile } from "../config/env-file.ts";
import { asideKeysFile, defaultDataDir, hubFile, keysFile } from "../config/folders.ts";
import { PsnError } from "../errors.ts";
import type { XOAuthConfig } from "../platform.ts";
import { type EncryptionKey, keyFromHex } from "./crypto.ts";
import { zoneOrUtc } from "./machine-zone.ts";
import { isValidTimezone } from "./zone-clock.ts";

export { type Env, readEnvFile, writeEnvFile } from "../config/env-file.ts";
export {
  approvalFile,
  asideKeysFile,
  configDir,
  defaultDataDir,
  hubFile,
  keysFile,
  markFile,
  PROJECT_DIR,
} from "../config/folders.ts";

/** Time for a round that comes late, and for a second try while X is down. */
const REFRESH_MARGIN_MINUTES = 15;

export const HubSchema = z.object({
  DATABASE_URL: z
    .string()
    .refine((url) => url === "embedded" || /^postgres(ql)?:\/\//.test(url), "must be `embedded` or a postgres:// URL")
    .default("embedded"),
  ENCRYPTION_KEY: z.string().optional(),
  /** Still readable while `psn keys rotate` runs. */
  ENCRYPTION_KEY_OLD: z.string().optional(),
  PSN_ENGINE: z.enum(["embedded", "trigger"]).default("embedded"),
  PSN_TIMEZONE: z.string().refine(isValidTimezone, "must be an IANA time zone such as Europe/Berlin").optional(),
  PSN_DATA_DIR: z.string().min(1).optional(),
  PSN_GRACE_MINUTES: z.coerce.number("must be a number").int().min(1).max(43_200).default(360),
  PSN_CATCH_UP_MINUTES: z.coerce.number("must be a number").int().min(0).max(1_440).default(5),
  PSN_REFRESH_MINUTES: z.coerce.number("must be a number").int().min(1).max(60).default(30),
  PSN_REFRESH_WINDOW_MINUTES: z.coerce.number("must be a number").int().min(1).max(115).optional(),
  /** How long a shell's TAB waits for what the hub knows. */
  PSN_COMPLETION_MS: z.coerce.number("must be a number").int().min(50).max(10_000).default(280),
  /** `person` asks for a person's approval although the hub does not; `agent` changes nothing. */
  PSN_APPROVAL: z.enum(["agent", "person"]).optional(),
  TRIGGER_SECRET_KEY: z.string().optional(),
  TRIGGER_API_URL: z.url().optional(),
});

export interface HubEnv {
  /** `embedded`, or a Postgres URL. The URL may hold a password: never print it. */
  databaseUrl: string;
  encryptionKey: EncryptionKey;
  /** The configured key first, then an old one while a rotation runs. */
  keyRing: EncryptionKey[];
  engine: "embedded" | "trigger";
  /** The environment, or the file, asks for a person's approval. */
  requiresPerson: boolean;
  timezone: string;
  /** Where the embedded hub and the media store live. */
  dataDir: string;
  /** A post that is later than this is not sent behind the author's back. */
  graceMinutes: number;
  /** Between two posts of one account that were missed while nothing ran; 0 lets all go at once. */
  catchUpMinutes: number;
  /** How often tokens are looked after, and how near its end a token is refreshed then; the second is never smaller. */
  refresh: { everyMinutes: number; windowMinutes: number };
  /** From the start of the process that a shell asks at TAB until it answers with what it has, in milliseconds. */
  completionMs: number;
  trigger: { secretKey: string | undefined; apiUrl: string | undefined };
  /** Things a person should repair, each with the command that does. */
  warnings: string[];
}

export const X_DEFAULTS = {
  apiBaseUrl: "https://api.x.com",
  authorizeUrl: "https://x.com/i/oauth2/authorize",
  tokenUrl: "https://api.x.com/2/oauth2/token",
  revokeUrl: "https://api.x.com/2/oauth2/revoke",
  /** X refuses `localhost`; 127.0.0.1 over http is allowed for development. Nothing has to listen there. */
  redirectUri: "http://127.0.0.1:8976/callback",
} as const;

export const KeysSchema = z.object({
  X_CLIENT_ID: z.string().min(1).max(512).optional(),
  X_CLIENT_SECRET: z.string().min(1).max(512).optional(),
  X_REDIRECT_URI: z.url().default(X_DEFAULTS.redirectUri),
  X_API_BASE_URL: z.url().default(X_DEFAULTS.apiBaseUrl),
  X_AUTHORIZE_URL: z.url().default(X_DEFAULTS.authorizeUrl),
  X_TOKEN_URL: z.url().default(X_DEFAULTS.tokenUrl),
  X_REVOKE_URL: z.url().default(X_DEFAULTS.revokeUrl),
});

export interface KeysEnv {
  oauth: XOAuthConfig;
  apiBaseUrl: string;
  /** Its host, e.g. api.x.com: a sign-in made at one host is used at no other. */
  apiHost: string;
  /** False when X itself is not what we talk to: the sandbox, or a test. */
  isRealX: boolean;
  /** Of the environment: `PSN_NO_LIVE`. */
  noLive: string | undefined;
  warnings: string[];
}

/**
 * Reads `hub.env` under the environment and checks every value.
 * @throws PsnError NOT_SET_UP when there is no encryption key, CONFIG_INVALID for a value that cannot be, KEY_INVALID,
 *   CONFIG_UNREADABLE.
 */
export async function loadHubEnv(env: Env = process.env): Promise<HubEnv> {
  const file = hubFile(env);
  const { values, warnings } = await readEnvFile(file);
  const hub = check(HubSchema, { ...values, ...pick(env, HubSchema) }, file);
  if (!hub.ENCRYPTION_KEY) {
    throw new PsnError("NOT_SET_UP", "PSN is not set up yet.", {
      hint: "Run `psn setup`.",
      details: { file },
    });
  }
  const encryptionKey = keyFromHex(hub.ENCRYPTION_KEY);
  const everyMinutes = hub.PSN_REFRESH_MINUTES;
  const windowMinutes = hub.PSN_REFRESH_WINDOW_MINUTES ?? everyMinutes + REFRESH_MARGIN_MINUTES;
  if (windowMinutes < everyMinutes) {
    throw new PsnError(
      "CONFIG_INVALID",
      `PSN_REFRESH_WINDOW_MINUTES (${windowMinutes}) is shorter than PSN_REFRESH_MINUTES (${everyMinutes}): tokens would end between two rounds.`,
      { hint: `Correct one of them in ${file} or in the environment.`, details: { file } },
    );
  }
  const timezone = zoneOrUtc(env, hub.PSN_TIMEZONE);
  return {
    databaseUrl: hub.DATABASE_URL,
    encryptionKey,
    keyRing: hub.ENCRYPTION_KEY_OLD ? [encryptionKey, keyFromHex(hub.ENCRYPTION_KEY_OLD)] : [encryptionKey],
    engine: hub.PSN_ENGINE,
    requiresPerson: hub.PSN_APPROVAL === "person",
    timezone: timezone.zone,
    dataDir: dataDirIn(values, env),
    graceMinutes: hub.PSN_GRACE_MINUTES,
    catchUpMinutes: hub.PSN_CATCH_UP_MINUTES,
    refresh: { everyMinutes, windowMinutes },
    completionMs: hub.PSN_COMPLETION_MS,
    trigger: { secretKey: hub.TRIGGER_SECRET_KEY, apiUrl: hub.TRIGGER_API_URL },
    warnings: [...warnings, ...networkWarnings(hub.DATABASE_URL, env), ...timezone.warnings],
  };
}

/** The data's folder, also where the configuration cannot be read. */
export async function dataDirOf(env: Env): Promise<string> {
  // Of another value there that cannot be read the data lies nowhere else.
  const { values } = await readEnvFile(hubFile(env)).catch(() => ({ values: {} }));
  return dataDirIn(values, env);
}

/** By the values of `hub.env`, with the environment over them. */
function dataDirIn(values: Env, env: Env): string {
  return !env.PSN_DATA_DIR && values.PSN_DATA_DIR ? resolve(values.PSN_DATA_DIR) : defaultDataDir(env);
}

/** What makes a connection another than it looks. */
function networkWarnings(databaseUrl: string, env: Env): string[] {
  const warnings = databaseUrlWarnings(databaseUrl, env);
  if (env.NODE_TLS_REJECT_UNAUTHORIZED !== "0") return warnings;
  return [
    "NODE_TLS_REJECT_UNAUTHORIZED=0 is set: no certificate is checked, neither X's nor the hub's. Unset it.",
    ...warnings,
  ];
}

/**
 * Reads `keys.env` under the environment: the X app's id and secret, and the hosts to talk to.
 * @throws PsnError X_KEYS_MISSING, CONFIG_INVALID, CONFIG_UNREADABLE.
 */
export async function loadKeysEnv(env: Env = process.env): Promise<KeysEnv> {
  const file = keysFile(env);
  const { values, warnings } = await readEnvFile(file);
  const keys = check(KeysSchema, { ...values, ...pick(env, KeysSchema) }, file);
  if (!keys.X_CLIENT_ID || !keys.X_CLIENT_SECRET) {
    const missing = [!keys.X_CLIENT_ID && "X_CLIENT_ID", !keys.X_CLIENT_SECRET && "X_CLIENT_SECRET"].filter(Boolean);
    throw new PsnError("X_KEYS_MISSING", `${missing.join(" and ")} missing in ${file}.`, {
      hint: "Run `psn setup`: it tells step by step where X shows them.",
      details: { file, missing },
    });
  }
  const isRealX = talksToX(keys, file);
  const api = new URL(keys.X_API_BASE_URL);
  return {
    oauth: {
      clientId: keys.X_CLIENT_ID,
      clientSecret: keys.X_CLIENT_SECRET,
      redirectUri: keys.X_REDIRECT_URI,
      authorizeUrl: keys.X_AUTHORIZE_URL,
      tokenUrl: keys.X_TOKEN_URL,
      revokeUrl: keys.X_REVOKE_URL,
    },
    apiBaseUrl: keys.X_API_BASE_URL,
    apiHost: api.host,
    isRealX,
    noLive: env.PSN_NO_LIVE,
    warnings,
  };
}

/** All settings, of the files and of the environment over them, by name and unchecked: what another machine needs of this one. */
export async function allSettings(env: Env = process.env): Promise<AllSettings> {
  const [hub, keys, aside] = await Promise.all(
    [hubFile, keysFile, asideKeysFile].map((file) => readEnvFile(file(env))),
  );
  const others = Object.fromEntries(Object.entries(env).filter(([name]) => /^PSN_(S3_|MEDIA_STORE$)/.test(name)));
  return {
    hub: given({ ...hub?.values, ...given(others), ...pick(env, HubSchema) }),
    keys: given({ ...keys?.values, ...pick(env, KeysSchema) }),
    aside: given(aside?.values ?? {}),
  };
}

export type Settings = Record<string, string>;
/** Of `hub.env`, of `keys.env`, and of the keys that are set aside. */
export type AllSettings = Record<"hub" | "keys" | "aside", Settings>;

/** What is empty is not set. */
export function given(values: Env): Settings {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1])));
}

// --- internal ---

const X_HOSTS: readonly string[] = ["https://api.x.com", "https://x.com"];
const ENDPOINTS = ["X_API_BASE_URL", "X_AUTHORIZE_URL", "X_TOKEN_URL", "X_REVOKE_URL"] as const;

/**
 * Whether all addresses are X's own. Tokens and the client secret go to each of them, so X's and others do not mix.
 * @throws PsnError CONFIG_INVALID for some of each, and for an address that is not safe to talk to
 */
function talksToX(keys: Record<(typeof ENDPOINTS)[number], string>, file: string): boolean {
  const foreign = ENDPOINTS.filter((name) => {
    const url = new URL(keys[name]);
    return !X_HOSTS.includes(url.origin) || url.username !== "" || url.password !== "";
  });
  if (foreign.length === 0) return true;
  if (foreign.length === ENDPOINTS.length) return false;
  const named = foreign.map((name) => `${name} (${new URL(keys[name]).host})`).join(", ");
  throw new PsnError(
    "CONFIG_INVALID",
    `${named} ${foreign.length > 1 ? "are" : "is"} not X's, and the other addresses are.`,
    {
      hint: `The app's secret and the tokens would go to both. Take it out of ${file} or of the environment, or set all four.`,
      details: { foreign: [...foreign], file },
    },
  );
}

function check<Schema extends z.ZodType>(schema: Schema, values: unknown, file: string): z.output<Schema> {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const name = String(issue?.path[0] ?? "a value");
  // The value itself is not repeated: it may be a secret.
  throw new PsnError("CONFIG_INVALID", `${name} ${issue?.message ?? "is not valid"}.`, {
    hint: `Correct ${name} in ${file} or in the environment.`,
    details: { name, file },
  });
}

function pick(env: Env, schema: z.ZodObject): Env {
  return Object.fromEntries(
    Object.keys(schema.shape)
      .filter((name) => env[name] !== undefined && env[name] !== "")
      .map((name) => [name, env[name]]),
  );
}
