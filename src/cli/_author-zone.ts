/** The zone whose clock the author reads: as it was set up, else this machine's. */
import { PsnError } from "../core/errors.ts";
import { type Env, hubFile, readEnvFile } from "../core/utils/env.ts";
import { machineZone, zoneUnknown } from "../core/utils/machine-zone.ts";
import { requireTimezone } from "../core/utils/zone-clock.ts";

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

/** What is said where nobody can be asked for the zone. */
export function zoneMissing(env: Env): PsnError {
  return new PsnError("TIMEZONE_MISSING", `${zoneUnknown(env)} in which time zone you live.`, {
    hint: "Name it: psn setup --timezone Europe/Berlin (any name of the IANA database).",
  });
}
