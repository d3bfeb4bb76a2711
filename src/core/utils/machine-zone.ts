/** The time zone of this machine, for an author who has set none up. */
import type { Env } from "../config/env-file.ts";
import { isValidTimezone } from "./zone-clock.ts";

/** Where a zone was read from, in words for a person. */
export interface ZoneFound {
  zone: string;
  from: string;
}

/**
 * The zone of this machine, or null when it cannot be told for sure. A runtime that cannot read TZ takes UTC without a
 * word, so TZ is looked at here first.
 */
export function machineZone(env: Env): ZoneFound | null {
  const { TZ } = env;
  if (TZ === undefined) {
    const machines = Intl.DateTimeFormat().resolvedOptions().timeZone;
    return machines && isValidTimezone(machines) ? { zone: machines, from: "this machine's clock" } : null;
  }
  const named = nameIn(TZ);
  if (!isValidTimezone(named) || /^(?!UTC$|GMT$)[A-Z]{3,4}\d?[A-Z]*$/.test(named)) return null;
  return { zone: named, from: "the environment variable TZ" };
}

/** That this machine's zone is not known, as a clause. */
export function zoneUnknown({ TZ }: Env): string {
  return TZ === undefined ? "This machine does not say" : `TZ is ${quoted(TZ)}, which does not say`;
}

/** The zone in which times are read: as the author set it up, else this machine's, else UTC; and what to tell of it. */
export function zoneOrUtc(env: Env, setUp: string | undefined): { zone: string; warnings: string[] } {
  if (setUp !== undefined) return { zone: setUp, warnings: misspeltZone(env, setUp) };
  const machine = machineZone(env);
  if (machine) return { zone: machine.zone, warnings: [] };
  const unknown = `${zoneUnknown(env)} in which time zone you live, so times are read in UTC: psn setup --timezone ZONE`;
  return { zone: "UTC", warnings: [unknown] };
}

/** What to tell of a TZ that names no zone, where times are read in `zone` all the same. */
export function misspeltZone({ TZ }: Env, zone: string): string[] {
  // Rules such as CET-1CEST are no names, and a path may be of any file: they are for other programs.
  const isMisspelt = TZ !== undefined && /^:?[A-Za-z_]+(?:\/[A-Za-z_+-]+)+$/.test(TZ) && !isValidTimezone(nameIn(TZ));
  return isMisspelt ? [`TZ is ${quoted(TZ)}, which is no time zone; times are read in ${zone}, as it was set up.`] : [];
}

// --- internal ---

/** A leading colon is POSIX for "a file of the database": `:Europe/Berlin`. A path of it ends in the zone's name. */
const nameIn = (TZ: string) => TZ.replace(/^:/, "").replace(/^.*\/zoneinfo\/(?:posix\/|right\/)?/, "");
const quoted = (TZ: string) => JSON.stringify(TZ.slice(0, 60));
