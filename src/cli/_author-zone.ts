/** The zone whose clock the author reads: as it was set up, else this machine's. */
import { PsnError } from "../core/errors.ts";
import { type Env, hubFile, readEnvFile } from "../core/utils/env.ts";
import { isValidTimezone, requireTimezone } from "../core/utils/timezone.ts";

/** Where a zone was read from, in words for a person. */
export interface ZoneFound {
  zone: string;
  from: string;
}

/**
 * The author's zone. Works before setup, and opens no hub.
 * @throws PsnError TIMEZONE_UNKNOWN, TIMEZONE_MISSING, CONFIG_UNREADABLE
 */
export async function authorZone(env: Env): Promise<string> {
  const set = env.PSN_TIMEZONE || (await readEnvFile(hubFile(env))).values.PSN_TIMEZONE;
  if (set) return requireTimezone(set);
  const machine = machineZone(env);
  if (machine) return machine.zone;
  throw zoneMissing(env);
}

/**
 * The zone of this machine, or null when it cannot be told for sure. A runtime that cannot read TZ takes UTC without a
 * word, so TZ is looked at here first.
 */
export function machineZone(env: Env): ZoneFound | null {
  const { TZ } = env;
  const machines = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (TZ === undefined) {
    return machines && isValidTimezone(machines) ? { zone: machines, from: "this machine's clock" } : null;
  }
  // A leading colon is POSIX for "a file of the database": `:Europe/Berlin`. A path of it ends in the zone's name.
  const named = TZ.replace(/^:/, "").replace(/^.*\/zoneinfo\/(?:posix\/|right\/)?/, "");
  if (!isValidTimezone(named) || /^(?!UTC$|GMT$)[A-Z]{3,4}\d?[A-Z]*$/.test(named)) return null;
  return { zone: named, from: "the environment variable TZ" };
}

/** What is said where nobody can be asked for the zone. */
export function zoneMissing(env: Env): PsnError {
  const { TZ } = env;
  const why =
    TZ === undefined ? "This machine does not say" : `TZ is ${JSON.stringify(TZ.slice(0, 60))}, which does not say`;
  return new PsnError("TIMEZONE_MISSING", `${why} in which time zone you live.`, {
    hint: "Name it: psn setup --timezone Europe/Berlin (any name of the IANA database).",
  });
}
