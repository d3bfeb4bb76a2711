/** DATABASE_URL as the driver gets it: TLS where a network lies between, and past poolers that share sessions. */
import { effectiveHost, isLocalDatabase } from "../config/database-url.ts";
import type { Env } from "../config/env-file.ts";
import { PsnError } from "../errors.ts";

/**
 * PSN keeps locks, LISTEN and settings in its sessions, which a pooler in transaction mode hands to others. Neon's
 * direct address follows from the pooled one; Supabase's transaction pooler is refused, and any other by what it does
 * (own-session.ts). `pooled` allows them, for runs that need no session.
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
  const host = effectiveHost(url, env);
  leadTo(url, pooled ? host : pastPooler(host, portOf(url)));
  return url;
}

/** Where the URL leads, for a person: never a user or a password. */
export function placeOf(url: URL, env: Env = process.env): string {
  const host = effectiveHost(url, env);
  const port = portOf(url);
  return `${host.includes(":") ? `[${host}]` : host}${port ? `:${port}` : ""}${url.pathname}`;
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
  const isBad = /[\s#]/.test(rest) || /%(?![0-9a-f]{2})/i.test(rest);
  if (rest !== "" && !isTorn && !isCut && !isBad && URL.canParse(databaseUrl)) return unambiguous(new URL(databaseUrl));
  throw new PsnError("CONFIG_INVALID", "DATABASE_URL cannot be read as a URL.", {
    hint: `It looks like postgres://user:password@host:5432/database. Signs in the password must be percent-encoded: ${ENCODED}.`,
  });
}

// --- internal ---

/** As the driver reads it. */
const portOf = (url: URL) => url.searchParams.get("port") || url.port;

/** Of libpq's, and meant to say where the server is; the driver would leave them out without a word. */
const NOT_TAKEN = ["hostaddr", "service", "servicefile"];

/** @throws PsnError CONFIG_INVALID for what the driver and a person would read in two ways */
function unambiguous(url: URL): URL {
  const names = [...url.searchParams.keys()];
  const hint = "It looks like postgres://user:password@host:5432/database?sslmode=verify-full, with each setting once.";
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    throw new PsnError("CONFIG_INVALID", `DATABASE_URL says ${known(twice)} more than once.`, { hint });
  }
  const other = NOT_TAKEN.find((name) => names.includes(name));
  if (other === undefined) return url;
  throw new PsnError("CONFIG_INVALID", `DATABASE_URL says ${other}=, which PSN does not read.`, {
    hint: "Name the server's host itself: postgres://user:password@host:5432/database.",
  });
}

/** What is no word may be a piece of a password. */
const known = (name: string) => (/^[a-z_]{2,40}$/.test(name) ? `${name}=` : "a setting");

/**
 * What was judged is what the driver connects to: the host stands in one place, and in the environment none has a say.
 * @throws PsnError CONFIG_INVALID for several hosts, and for what is none
 */
function leadTo(url: URL, host: string): void {
  const isSocket = host.startsWith("/");
  if (isSocket) url.searchParams.set("host", host);
  else url.searchParams.delete("host");
  url.hostname = isSocket ? "localhost" : host.includes(":") ? `[${host}]` : host;
  if (!host.includes(",") && effectiveHost(url, {}) === host) return;
  throw new PsnError("CONFIG_INVALID", "DATABASE_URL, or PGHOST, has to name one host.", {
    hint: "Of several servers it is the one that can be written to: postgres://user:password@host:5432/database.",
  });
}

/** @throws PsnError HUB_POOLED */
function pastPooler(host: string, port: string): string {
  if (/\.pooler\.supabase\.com$/i.test(host) && port === "6543") {
    throw new PsnError("HUB_POOLED", "DATABASE_URL goes through Supabase's transaction pooler, which PSN cannot use.", {
      hint: "Use the session pooler, the same address with port 5432, or the direct connection.",
    });
  }
  return /\.neon\.tech$/i.test(host) ? host.replace(/-pooler\./i, ".") : host;
}

const ENCODED = "# is %23, / is %2F, ? is %3F, @ is %40, % is %25, a blank is %20";
