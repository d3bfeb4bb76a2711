/**
 * Configuration: two files of KEY=value lines, `hub.env` and `keys.env`, in one folder; environment variables win.
 *
 * Both hold secrets, so the folder is 0700 and the files 0600. A laxer mode is a warning, not an error: the person may
 * have reasons, and a warning with the command that mends it is what helps.
 */
import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { z } from "zod";
import { PsnError } from "../errors.ts";
import type { XOAuthConfig } from "../types/index.ts";
import { type EncryptionKey, keyFromHex } from "./crypto.ts";
import { isValidTimezone } from "./timezone.ts";

const ENV_FILE_BYTES_MAX = 64 * 1024;
/** Time for a look that comes late, and for a second try while X is down. */
const REFRESH_MARGIN_MINUTES = 15;

export type Env = Record<string, string | undefined>;

const HubSchema = z.object({
  DATABASE_URL: z
    .string()
    .refine((url) => url === "embedded" || /^postgres(ql)?:\/\//.test(url), "must be `embedded` or a postgres:// URL")
    .default("embedded"),
  ENCRYPTION_KEY: z.string().optional(),
  /** Still readable while `psn keys rotate` runs. */
  ENCRYPTION_KEY_OLD: z.string().optional(),
  PSN_ENGINE: z.enum(["embedded", "trigger"]).default("embedded"),
  PSN_TIMEZONE: z.string().refine(isValidTimezone, "must be an IANA time zone such as Europe/Berlin").default("UTC"),
  PSN_DATA_DIR: z.string().min(1).optional(),
  PSN_GRACE_MINUTES: z.coerce.number().int().min(1).max(43_200).default(360),
  PSN_CATCH_UP_MINUTES: z.coerce.number().int().min(0).max(1_440).default(5),
  PSN_REFRESH_MINUTES: z.coerce.number().int().min(1).max(60).default(30),
  PSN_REFRESH_WINDOW_MINUTES: z.coerce.number().int().min(1).max(115).optional(),
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
  timezone: string;
  /** Where the embedded hub and the media store live. */
  dataDir: string;
  /** A post that is later than this is not sent behind the author's back. */
  graceMinutes: number;
  /** Between two posts of one account that were missed while nothing ran; 0 lets all go at once. */
  catchUpMinutes: number;
  /** How often tokens are looked after, and how near its end a token is refreshed then; the second is never smaller. */
  refresh: { everyMinutes: number; windowMinutes: number };
  trigger: { secretKey: string | undefined; apiUrl: string | undefined };
  /** Things a person should mend, each with the command that does. */
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

const KeysSchema = z.object({
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
  warnings: string[];
}

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

/**
 * Reads `hub.env` under the environment and checks every value.
 * @throws PsnError NOT_SET_UP when there is no encryption key, CONFIG_INVALID for a value that cannot be, KEY_INVALID,
 *   CONFIG_UNREADABLE.
 */
export async function loadHubEnv(env: Env = process.env): Promise<HubEnv> {
  const file = join(configDir(env), "hub.env");
  const { values, warnings } = await readEnvFile(file);
  const hub = check(HubSchema, { ...values, ...pick(env, HubSchema) }, file);
  if (!hub.ENCRYPTION_KEY) {
    throw new PsnError("NOT_SET_UP", `PSN is not set up: ${file} has no ENCRYPTION_KEY.`, {
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
      `PSN_REFRESH_WINDOW_MINUTES (${windowMinutes}) is shorter than PSN_REFRESH_MINUTES (${everyMinutes}): tokens would end between two looks.`,
      { hint: `Correct one of them in ${file} or in the environment.`, details: { file } },
    );
  }
  return {
    databaseUrl: hub.DATABASE_URL,
    encryptionKey,
    keyRing: hub.ENCRYPTION_KEY_OLD ? [encryptionKey, keyFromHex(hub.ENCRYPTION_KEY_OLD)] : [encryptionKey],
    engine: hub.PSN_ENGINE,
    timezone: hub.PSN_TIMEZONE,
    dataDir: hub.PSN_DATA_DIR ? resolve(hub.PSN_DATA_DIR) : defaultDataDir(env),
    graceMinutes: hub.PSN_GRACE_MINUTES,
    catchUpMinutes: hub.PSN_CATCH_UP_MINUTES,
    refresh: { everyMinutes, windowMinutes },
    trigger: { secretKey: hub.TRIGGER_SECRET_KEY, apiUrl: hub.TRIGGER_API_URL },
    warnings,
  };
}

/**
 * Reads `keys.env` under the environment: the X app's id and secret, and the hosts to talk to.
 * @throws PsnError X_KEYS_MISSING, CONFIG_INVALID, CONFIG_UNREADABLE.
 */
export async function loadKeysEnv(env: Env = process.env): Promise<KeysEnv> {
  const file = join(configDir(env), "keys.env");
  const { values, warnings } = await readEnvFile(file);
  const keys = check(KeysSchema, { ...values, ...pick(env, KeysSchema) }, file);
  if (!keys.X_CLIENT_ID || !keys.X_CLIENT_SECRET) {
    const missing = [!keys.X_CLIENT_ID && "X_CLIENT_ID", !keys.X_CLIENT_SECRET && "X_CLIENT_SECRET"].filter(Boolean);
    throw new PsnError("X_KEYS_MISSING", `${missing.join(" and ")} missing in ${file}.`, {
      hint: "Run `psn setup`: it tells step by step where X shows them.",
      details: { file, missing },
    });
  }
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
    isRealX: api.hostname === "api.x.com",
    warnings,
  };
}

/**
 * Sets values in an env file, keeping its other lines and comments; a value of null removes the line. Written to a
 * sibling, flushed and renamed, so a crash or a power cut leaves the old file or the new one: the encryption key has
 * no second copy. A new folder is 0700, the file 0600; the mode of a folder that exists is its owner's affair.
 * @throws PsnError CONFIG_INVALID for a value that the file cannot hold, CONFIG_UNREADABLE, CONFIG_UNWRITABLE
 */
export async function writeEnvFile(file: string, changes: Record<string, string | null>): Promise<void> {
  const lines = (await readText(file))?.split(/\r?\n/) ?? [];
  while (lines.at(-1) === "") lines.pop();
  for (const [name, value] of Object.entries(changes)) {
    const isOurs = (line: string) => new RegExp(`^\\s*(export\\s+)?${name}\\s*=`).test(line);
    const at = lines.findIndex(isOurs);
    const rest = lines.filter((line) => !isOurs(line));
    if (value !== null) rest.splice(at < 0 ? rest.length : at, 0, envLine(name, value));
    lines.splice(0, lines.length, ...rest);
  }
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // A link stays a link: what it points to is replaced.
    await replaceFile(await realpath(file).catch(() => file), `${lines.join("\n")}\n`);
  } catch (error) {
    throw new PsnError("CONFIG_UNWRITABLE", `${file} cannot be written: ${(error as Error).message}`, {
      hint: "Check that its folder is yours and that the disk is not full. The file is as it was.",
    });
  }
}

/**
 * The values of an env file, and warnings when others could read it. No file is no values.
 * @throws PsnError CONFIG_UNREADABLE
 */
export async function readEnvFile(file: string): Promise<{ values: Env; warnings: string[] }> {
  const text = await readText(file);
  if (text === null) return { values: {}, warnings: [] };
  const warnings: string[] = [];
  for (const [path, allowed] of [
    [dirname(file), 0o700],
    [file, 0o600],
  ] as const) {
    const mode = (await stat(path)).mode & 0o777;
    if (mode & ~allowed) {
      warnings.push(
        `Others on this machine can reach ${path} (mode ${mode.toString(8)}). Mend it with: chmod ${allowed.toString(8)} '${path.replaceAll("'", "'\\''")}'`,
      );
    }
  }
  return { values: parseEnv(text) as Env, warnings };
}

// --- internal ---

async function readText(file: string): Promise<string | null> {
  try {
    const { size } = await stat(file);
    if (size > ENV_FILE_BYTES_MAX) throw new Error(`it is larger than ${ENV_FILE_BYTES_MAX} bytes`);
    return await readFile(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new PsnError("CONFIG_UNREADABLE", `${file} cannot be read: ${(error as Error).message}`, {
      hint: "Check that the file is yours and that its mode is 600.",
    });
  }
}

/** Flushed before the rename and after it, so that neither the bytes nor the name are lost in a power cut. */
async function replaceFile(file: string, text: string): Promise<void> {
  const sibling = `${file}.${randomBytes(6).toString("hex")}.new`;
  try {
    const written = await open(sibling, "wx", 0o600);
    try {
      await written.writeFile(text);
      await written.sync();
    } finally {
      await written.close();
    }
    await rename(sibling, file);
  } finally {
    await rm(sibling, { force: true });
  }
  const folder = await open(dirname(file), "r");
  // Some file systems cannot flush a folder; the rename has happened all the same.
  await folder.sync().catch(() => {});
  await folder.close();
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

/** The line for a value, in whichever quotes the reader gives it back unchanged. */
function envLine(name: string, value: string): string {
  if (/[\r\n\0]/.test(value)) {
    throw new PsnError("CONFIG_INVALID", `The value for ${name} has a line break.`, { hint: "Give it on one line." });
  }
  for (const quote of ["", "'", "`", '"']) {
    const line = `${name}=${quote}${value}${quote}`;
    if ((quote || /^[\w./:@%+,=-]*$/.test(value)) && parseEnv(line)[name] === value) return line;
  }
  throw new PsnError("CONFIG_INVALID", `The value for ${name} has quotes of every kind and cannot be stored.`);
}
