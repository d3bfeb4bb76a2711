/** Where a DATABASE_URL really leads: the driver lets `?host=` and the environment decide, not the name behind the @. */
import type { Env } from "./env-file.ts";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "::1", "[::1]"]);

/** The host that the driver connects to: a name, an address, or the folder of a socket. */
export function effectiveHost(url: URL, env: Env = process.env): string {
  return url.searchParams.get("host") || url.hostname || env.PGHOST || "localhost";
}

/** Whether the connection stays on this machine: a local socket, or loopback. A list of hosts counts as remote. */
export function isLocalDatabase(url: URL, env: Env = process.env): boolean {
  const host = effectiveHost(url, env);
  return host.startsWith("/") || LOOPBACK.has(host);
}

/** What a person should know of a URL by which a password goes over a network: null when all is well. */
export function databaseUrlWarning(databaseUrl: string, env: Env = process.env): string | null {
  if (!URL.canParse(databaseUrl)) return null;
  const url = new URL(databaseUrl);
  const mode = url.searchParams.get("sslmode");
  if (isLocalDatabase(url, env)) return null;
  if (mode === "disable")
    return "DATABASE_URL says sslmode=disable: its password and all posts go over the network in clear text.";
  if (mode === "no-verify") return "DATABASE_URL says sslmode=no-verify: nobody checks that the server is yours.";
  return null;
}
