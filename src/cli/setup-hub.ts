/** The hub's step of setup: hub.env, the encryption key, the database and its tables. */
import { resolve } from "node:path";
import { requirePlace } from "../core/config/file-error.ts";
import { createHubConnection, type Hub } from "../core/db/connection.ts";
import { migrateHub } from "../core/db/migrate.ts";
import { parseDatabaseUrl } from "../core/db/url.ts";
import { appliedMigrations, NEWEST_MIGRATION, requireNotNewer } from "../core/db/version.ts";
import { PsnError } from "../core/errors.ts";
import { requireHubKey } from "../core/tokens/hub-key.ts";
import { newKeyHex } from "../core/utils/crypto.ts";
import { defaultDataDir, type Env, hubFile, loadHubEnv, readEnvFile, writeEnvFile } from "../core/utils/env.ts";
import { machineZone } from "../core/utils/machine-zone.ts";
import { requireTimezone } from "../core/utils/zone-clock.ts";
import { ask } from "./_ask.ts";
import { zoneMissing } from "./_author-zone.ts";
import type { Io } from "./_command.ts";
import { requireHubToLookAt } from "./_hub-url.ts";
import type { Step } from "./_step.ts";

/** In a dry run `env` gets what the files would hold then. */
export type SetupIo = Pick<Io, "env" | "interactive" | "note" | "dryRun" | "willWrite"> & { signal?: AbortSignal };

export interface HubChoices {
  /** `embedded` or a postgres:// URL without a password. */
  db?: string;
  timezone?: string;
}

/**
 * Creates or completes hub.env and proves that the hub works. What is there is kept; the key is never replaced.
 * @throws PsnError SECRET_IN_ARGUMENT, TIMEZONE_UNKNOWN, TIMEZONE_MISSING where nobody can be asked, CONFIG_INVALID, SECRET_KEY_WRONG, HUB_…
 */
export async function setupHub(io: SetupIo, choices: HubChoices): Promise<Step> {
  const { env, note } = io;
  const file = hubFile(env);
  const { values } = await readEnvFile(file);
  const changes: Record<string, string> = {};
  if (!values.ENCRYPTION_KEY && !env.ENCRYPTION_KEY) changes.ENCRYPTION_KEY = newKeyHex();
  if (choices.db) changes.DATABASE_URL = withoutPassword(choices.db);
  else if (!values.DATABASE_URL) changes.DATABASE_URL = env.DATABASE_URL || "embedded";
  // Like the hub's address it is kept: a command without the variable finds the data. Where a hub was set up, it stays where it is.
  const isFirst = values.DATABASE_URL === undefined && values.PSN_DATA_DIR === undefined;
  if (env.PSN_DATA_DIR && isFirst) changes.PSN_DATA_DIR = resolve(env.PSN_DATA_DIR);
  if (choices.timezone) changes.PSN_TIMEZONE = requireTimezone(choices.timezone);
  else if (!values.PSN_TIMEZONE && !env.PSN_TIMEZONE) {
    const machine = machineZone(env);
    if (!machine && !io.interactive) throw zoneMissing(env);
    changes.PSN_TIMEZONE = machine?.zone ?? requireTimezone(await ask(ZONE_QUESTION));
  }

  // Proven first, written after: a rerun finds either the old file or one that works.
  const wanted: Env = { ...values, ...changes, ...pickSet(env) };
  if (choices.db) wanted.DATABASE_URL = choices.db;
  const hubEnv = await loadHubEnv({ ...env, ...wanted });
  const isNew = Object.keys(changes).length > 0;
  if (isNew) await requirePlace(file);
  if (io.dryRun && hubEnv.databaseUrl === "embedded") {
    await requireHubToLookAt(io, hubEnv.dataDir, `make the hub in ${hubEnv.dataDir}`);
  }
  const hub = await createHubConnection({
    databaseUrl: hubEnv.databaseUrl,
    dataDir: hubEnv.dataDir,
    ...(io.signal ? { signal: io.signal } : {}),
    onWait: (what) => note(`Waiting for the hub: ${what}.`),
  });
  try {
    if (hub.embedded?.startedNow) note(`Started the hub (${hub.where}). It keeps running; psn hub stop stops it.`);
    await requireNotNewer(hub.pool);
    if (await isOlder(hub)) io.willWrite("bring the hub's tables up to date");
    const applied = await migrateHub(hub);
    // A new key for a hub whose secrets an earlier one sealed must not get into the file.
    await requireHubKey(hub, hubEnv.keyRing);
    const elsewhere = env.PSN_DATA_DIR ? otherFolder(hubEnv.dataDir, { ...values, ...changes }, env) : null;
    const zoneFrom = zoneOrigin(env, choices, changes.PSN_TIMEZONE !== undefined, file);
    if (io.dryRun) Object.assign(env, changes, pickSet(env));
    else if (isNew) await writeEnvFile(file, changes);
    return {
      step: "hub",
      status: isNew || applied > 0 ? "success" : "skipped",
      message: `The hub works: ${hub.where}. Times are read in ${hubEnv.timezone} (from ${zoneFrom}); psn setup --timezone ZONE changes it.${elsewhere ? ` ${elsewhere}` : ""}`,
      data: {
        where: hub.where,
        timezone: hubEnv.timezone,
        timezoneFrom: zoneFrom,
        config: file,
        warnings: elsewhere ? [...hubEnv.warnings, elsewhere] : hubEnv.warnings,
      },
    };
  } finally {
    await hub.close();
  }
}

// --- internal ---

const isOlder = async (hub: Hub) => (await appliedMigrations(hub.pool)).newest < NEWEST_MIGRATION;

function withoutPassword(db: string): string {
  if (db === "embedded") return db;
  if (!/^postgres(ql)?:\/\//.test(db)) {
    throw new PsnError("CONFIG_INVALID", "--db takes `embedded` or a URL such as postgres://user@host/database.");
  }
  const url = parseDatabaseUrl(db);
  if (url.password === "" && !url.searchParams.has("password")) return db;
  throw new PsnError(
    "SECRET_IN_ARGUMENT",
    "A URL with a password must not be an argument: other users of this machine can read it.",
    {
      hint: "Give it in the environment instead: DATABASE_URL=… psn setup. Setup stores it in hub.env.",
    },
  );
}

/** That a command without PSN_DATA_DIR looks elsewhere than this one, as a sentence; null where it does not. */
function otherFolder(dataDir: string, values: Env, env: Env): string | null {
  const without = values.PSN_DATA_DIR
    ? resolve(values.PSN_DATA_DIR)
    : defaultDataDir({ ...env, PSN_DATA_DIR: undefined });
  if (without === dataDir) return null;
  return `The data is in ${dataDir}, as PSN_DATA_DIR in the environment says; a command without it looks in ${without}, as it was set up before.`;
}

const ZONE_QUESTION =
  "In which time zone do you live? This machine does not say. A name such as Europe/Berlin or America/New_York:";

/** Where the zone was read from, for the author to see whether it is theirs. */
function zoneOrigin(env: Env, { timezone }: HubChoices, isNew: boolean, file: string): string {
  if (env.PSN_TIMEZONE) return "PSN_TIMEZONE in the environment";
  if (timezone) return "--timezone";
  if (!isNew) return file;
  return machineZone(env)?.from ?? "your answer";
}

function pickSet(env: Env): Env {
  return Object.fromEntries(
    ["ENCRYPTION_KEY", "DATABASE_URL", "PSN_DATA_DIR", "PSN_TIMEZONE"]
      .filter((name) => env[name])
      .map((name) => [name, env[name]]),
  );
}
