/** DATABASE_URL as the driver gets it: TLS where a network lies between, and past poolers that share sessions. */
import { isLocalDatabase } from "../config/database-url.ts";
import type { Env } from "../config/env-file.ts";
import { PsnError } from "../errors.ts";

/**
 * PSN keeps locks, LISTEN and settings in its sessions, which a pooler in transaction mode hands to others. Neon's
 * direct address follows from the pooled one; Supabase's transaction pooler is refused. `pooled` allows both, for runs
 * that need no session.
 * @throws PsnError CONFIG_INVALID, HUB_POOLED
 */
export function readDatabaseUrl(databaseUrl: string, pooled = false, env: Env = process.env): URL {
  let url: URL;
  try {
    url = new URL(databaseUrl);
  } catch {
    throw new PsnError("CONFIG_INVALID", "DATABASE_URL is not a URL.", {
      hint: "It looks like postgres://user:password@host:5432/database.",
    });
  }
  if (!isLocalDatabase(url, env)) {
    // Over a network the connection is encrypted and the server's certificate checked, unless the URL says otherwise.
    // The driver takes `require` for `verify-full` already, and prints a warning that a later version will not.
    const mode = url.searchParams.get("sslmode") || "verify-full";
    url.searchParams.set("sslmode", ["prefer", "require", "verify-ca"].includes(mode) ? "verify-full" : mode);
  }
  if (pooled) return url;
  if (/\.neon\.tech$/i.test(url.hostname)) url.hostname = url.hostname.replace(/-pooler\./i, ".");
  if (/\.pooler\.supabase\.com$/i.test(url.hostname) && url.port === "6543") {
    throw new PsnError("HUB_POOLED", "DATABASE_URL goes through Supabase's transaction pooler, which PSN cannot use.", {
      hint: "Use the session pooler, the same address with port 5432, or the direct connection.",
    });
  }
  return url;
}
