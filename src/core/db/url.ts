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
  const url = parseDatabaseUrl(databaseUrl);
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

/**
 * The URL, if its password cannot have become a part of anything else. A `#`, `/` or `?` in it ends the host for every reader of
 * URLs, and what follows would be printed as a port, a database or nothing.
 * @throws PsnError CONFIG_INVALID, which never repeats the URL
 */
export function parseDatabaseUrl(databaseUrl: string): URL {
  const [, rest = ""] = /^postgres(?:ql)?:\/\/([\s\S]*)$/.exec(databaseUrl) ?? [];
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const isTorn = end >= 0 && rest.slice(end).includes("@");
  // `user:123` whose rest an env file took for a comment.
  const isCut = end < 0 && authority.includes(":") && !authority.includes("@");
  const isBad = /[\s#]/.test(rest) || /%(?![0-9a-f]{2})/i.test(authority.slice(0, authority.lastIndexOf("@") + 1));
  if (rest !== "" && !isTorn && !isCut && !isBad && URL.canParse(databaseUrl)) return new URL(databaseUrl);
  throw new PsnError("CONFIG_INVALID", "DATABASE_URL cannot be read as a URL.", {
    hint: `It looks like postgres://user:password@host:5432/database. Signs in the password must be percent-encoded: ${ENCODED}.`,
  });
}

const ENCODED = "# is %23, / is %2F, ? is %3F, @ is %40, % is %25, a blank is %20";
