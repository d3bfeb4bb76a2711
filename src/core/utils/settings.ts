/** Every setting with its value and where it comes from: the environment, a file, or the default. Secrets are never shown. */
import { type Env, readEnvFile } from "../config/env-file.ts";
import { hubFile, keysFile } from "../config/folders.ts";
import { HubSchema, KeysSchema } from "./env.ts";

export interface Setting {
  name: string;
  /** Null when it is not set. A secret is `(set)`; of an address with a password the password is left out. */
  value: string | null;
  source: "environment" | "hub.env" | "keys.env" | "default" | "not set";
}

/** Read elsewhere than in the two schemas. */
const MORE_OF_HUB = [
  "PSN_MEDIA_STORE",
  "PSN_S3_ENDPOINT",
  "PSN_S3_BUCKET",
  "PSN_S3_REGION",
  "PSN_S3_ACCESS_KEY_ID",
  "PSN_S3_SECRET_ACCESS_KEY",
  "TRIGGER_PROJECT_REF",
];
const HUB_NAMES = [...Object.keys(HubSchema.shape), ...MORE_OF_HUB];
const SECRET = /^(ENCRYPTION_KEY|ENCRYPTION_KEY_OLD|TRIGGER_SECRET_KEY|X_CLIENT_SECRET|PSN_S3_.*KEY.*)$/;

/**
 * All settings, those of hub.env first.
 * @throws PsnError CONFIG_UNREADABLE
 */
export async function settings(env: Env): Promise<Setting[]> {
  const hub = await readEnvFile(hubFile(env));
  const keys = await readEnvFile(keysFile(env));
  return [
    ...HUB_NAMES.map((name) => setting(name, env, "hub.env", hub.values, defaultOf(HubSchema, name))),
    ...Object.keys(KeysSchema.shape).map((name) =>
      setting(name, env, "keys.env", keys.values, defaultOf(KeysSchema, name)),
    ),
  ];
}

/** Every setting with its default, whatever is stored; null where it has none. */
export function settingDefaults(): { name: string; value: string | null }[] {
  const named = (names: readonly string[], schema: typeof HubSchema | typeof KeysSchema) =>
    names.map((name) => {
      const value = defaultOf(schema, name);
      return { name, value: value === undefined ? null : String(value) };
    });
  return [...named(HUB_NAMES, HubSchema), ...named(Object.keys(KeysSchema.shape), KeysSchema)];
}

// --- internal ---

function setting(name: string, env: Env, file: "hub.env" | "keys.env", stored: Env, fallback: unknown): Setting {
  // As the readers do it: an empty variable is none.
  if (env[name]) return { name, value: shown(name, env[name]), source: "environment" };
  if (stored[name] !== undefined) return { name, value: shown(name, stored[name]), source: file };
  if (fallback !== undefined) return { name, value: String(fallback), source: "default" };
  return { name, value: null, source: "not set" };
}

function shown(name: string, value: string): string {
  if (SECRET.test(name)) return "(set)";
  if (!URL.canParse(value)) return value;
  const url = new URL(value);
  // A query may hold a password as well.
  if (name === "DATABASE_URL") return `${url.protocol}//${url.host}${url.pathname}`;
  if (url.username === "" && url.password === "") return value;
  url.username = "";
  url.password = "";
  return url.href;
}

function defaultOf(schema: typeof HubSchema | typeof KeysSchema, name: string): unknown {
  const all: Record<string, unknown> = schema.parse({});
  return all[name];
}
