/** Where a DATABASE_URL really leads: the driver lets `?host=` and the environment decide, not the name behind the @. */
import type { Env } from "./env-file.ts";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "::1"]);

/** By these libpq finds a server in another place. The driver reads none of them: where the hub is, the URL alone says. */
const NOT_READ = ["PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR"] as const;

/** The host that the driver connects to: a name, an address without brackets, or the folder of a socket. */
export function effectiveHost(url: URL, env: Env = process.env): string {
  const named = url.searchParams.get("host") || decoded(url.hostname) || env.PGHOST || "localhost";
  return /^\[(.*)\]$/.exec(named)?.[1] ?? named;
}

/** Whether the connection stays on this machine: a local socket, or loopback. A list of hosts counts as remote. */
export function isLocalDatabase(url: URL, env: Env = process.env): boolean {
  const host = effectiveHost(url, env);
  return host.startsWith("/") || LOOPBACK.has(host);
}

/** What a person should know of how DATABASE_URL is taken: where a password is less safe than it looks, and what is not obeyed. */
export function databaseUrlWarnings(databaseUrl: string, env: Env = process.env): string[] {
  if (!URL.canParse(databaseUrl)) return [];
  const url = new URL(databaseUrl);
  if (!/^postgres(ql)?:$/.test(url.protocol)) return [];
  const warnings: string[] = [];
  const ignored = NOT_READ.filter((name) => env[name]);
  if (ignored.length > 0) {
    warnings.push(`${ignored.join(" and ")} in the environment is not read: DATABASE_URL says where the hub is.`);
  }
  if (isLocalDatabase(url, env)) return warnings;
  const mode = url.searchParams.get("sslmode");
  if (mode === "disable")
    warnings.push("DATABASE_URL says sslmode=disable: its password and all posts go over the network in clear text.");
  if (mode === "no-verify")
    warnings.push("DATABASE_URL says sslmode=no-verify: nobody checks that the server is yours.");
  if (!mode && /^(disable|allow|prefer|no-verify)$/.test(env.PGSSLMODE ?? ""))
    warnings.push(`PGSSLMODE=${env.PGSSLMODE} in the environment is not obeyed: the hub is asked for TLS.`);
  return warnings;
}

// --- internal ---

/** As the driver reads it; a folder may stand there percent-encoded. */
function decoded(hostname: string): string {
  try {
    return decodeURIComponent(hostname);
  } catch {
    return hostname;
  }
}
