/** What an error of the hub means: one table of codes, for Postgres (SQLSTATE), the system and the network. */
import { asFileError } from "../config/file-error.ts";
import { PsnError } from "../errors.ts";

/** Raised by the triggers of a hub that was moved away. */
export const MOVED_CODE = "PSN02";

/**
 * `lost`: the hub went away. `busy`: it is there and could not do this now. The same again may work, whichever it is.
 */
type Outage = "lost" | "busy";

/** By SQLSTATE, or by its class of two characters. */
const SQLSTATE_OUTAGES: ReadonlyMap<string, Outage> = new Map([
  ["08", "lost"], // the connection failed
  ["53", "busy"], // too many connections, no memory, no disk
  ["25P03", "lost"], // this process was frozen in a transaction, and Postgres ended it
  ["40001", "busy"], // a serialization failure
  ["40P01", "busy"], // a deadlock: Postgres chose this one to give up
  ["57P01", "lost"], // the server stops
  ["57P02", "lost"], // it crashed
  ["57P03", "lost"], // it starts
  ["57P04", "lost"], // the database was dropped
  ["57P05", "lost"], // an idle session was ended
  ["58", "lost"], // the system under it failed: its shared memory was swept away, its disk does not read
]);

/**
 * Codes of the machine or the network. A name that cannot be looked up is how a laptop without a network sees its hub.
 */
const SYSTEM_OUTAGES: ReadonlySet<string> = new Set([
  "EADDRNOTAVAIL",
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETRESET",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

/** Errors of the driver that have no code. */
const DRIVER_OUTAGES = [
  "Connection terminated",
  "timeout exceeded when trying to connect",
  "timeout expired",
  "Query read timeout",
  "Client has encountered a connection error",
];

/** No SQLSTATE begins with E, and every name of a system error does. */
const SQLSTATE = /^[0-9A-DF-Z][0-9A-Z]{4}$/;
const CHAIN_LENGTH_MAX = 10;

type Coded = Error & { code?: unknown; syscall?: unknown; severity?: unknown };

/**
 * An error and its causes, the outermost first. It ends before a `PsnError`, which has been explained already: what it
 * came from (a call to S3, say) is no error of the hub.
 */
function chainOf(error: unknown): Coded[] {
  const chain: Coded[] = [];
  for (let link = error; link instanceof Error && chain.length < CHAIN_LENGTH_MAX; link = link.cause) {
    if (link instanceof PsnError) break;
    chain.push(link);
  }
  return chain;
}

/**
 * The code of the Postgres error under an error, at any depth: 23505 for a unique violation. Undefined for any other.
 */
export function pgCode(error: unknown): string | undefined {
  const codes = chainOf(error).map(({ code }) => code);
  return codes.find((code): code is string => typeof code === "string" && SQLSTATE.test(code));
}

/**
 * True for a hub that went away or was busy in the middle of things: the same again may work, and nobody is to blame.
 * Connection errors, a machine that is offline for a moment, a server that stops or starts, too many clients,
 * deadlocks.
 */
export function isHubOutage(error: unknown): boolean {
  return chainOf(error).some((link) => outageOf(link) !== null);
}

/** True for what Postgres answered with an SQLSTATE, such as a broken rule. */
export function isRefusal(error: unknown): boolean {
  return pgCode(error) !== undefined;
}

/** True for a deadlock, of which Postgres chose this side to give up. */
export function isDeadlock(error: unknown): boolean {
  return pgCode(error) === "40P01";
}

/** A PsnError for a hub that went away, was busy or was moved in the middle of things; null for any other error. */
export function explainHubError(error: unknown): PsnError | null {
  for (const link of chainOf(error)) {
    if (link.code === MOVED_CODE) return movedAway("this address", link.message.replace(/^.* moved to /, ""));
    const outage = outageOf(link);
    if (outage === null) continue;
    const what = outage === "lost" ? "stopped answering in the middle of this" : "was too busy for this";
    return new PsnError("HUB_LOST", `The hub ${what} (${link.code ?? link.message}).`, {
      hint: "Nothing is lost: try again in a moment. psn hub status tells more.",
      cause: error,
    });
  }
  return null;
}

/** drizzle's own message is the statement with its parameters, which are nobody's business; its cause says why. */
const STATEMENT = "Failed query";

/**
 * An error as a person may see it: a hub that went away and a file that could not be written explained, and of any other what is behind
 * drizzle's statement.
 */
export function withoutStatement(error: unknown): unknown {
  if (error instanceof PsnError) return error;
  const behind = chainOf(error).find(({ message }) => !message.startsWith(STATEMENT)) ?? error;
  return explainHubError(error) ?? asFileError(behind);
}

/** What an error says to a person: never a statement, nor its parameters. */
export function messageOf(error: unknown): string {
  const plain = withoutStatement(error);
  return plain instanceof Error ? plain.message : String(plain);
}

/** A PsnError for a hub that could not be opened. `where` is for a person and holds no password. */
export function explainConnectError(error: unknown, where: string): PsnError {
  if (error instanceof PsnError) return error;
  const link = chainOf(error).find(({ code }) => code !== undefined) ?? (error as Coded);
  const hint = "Check DATABASE_URL in hub.env, then `psn setup`.";
  switch (link.code) {
    case "28P01":
    case "28000":
      return new PsnError("HUB_AUTH", `The hub at ${where} refused the user or password.`, {
        hint: `${hint} In the URL, a % in a password is written %25, and other signs are percent-encoded likewise.`,
      });
    case "3D000":
      return new PsnError("HUB_DATABASE_MISSING", `There is no such database: ${where}.`, { hint });
  }
  if (/SSL|TLS|certificate/i.test(link.message)) {
    return new PsnError("HUB_TLS", `No safe connection to ${where}: ${link.message}`, {
      hint: "Remote hubs are reached over TLS with a checked certificate; add ?sslmode=… to DATABASE_URL to change that.",
    });
  }
  // A failed lookup or refused connection has a code; the message may repeat the host, never the password.
  return new PsnError("HUB_UNREACHABLE", `The hub at ${where} does not answer (${link.code ?? link.message}).`, {
    hint,
  });
}

export function movedAway(where: string, to: string): PsnError {
  return new PsnError("HUB_MOVED", `The hub at ${where} was moved to ${to}; it takes no changes any more.`, {
    hint: "Put the new DATABASE_URL into hub.env of this machine. If the move was interrupted, run psn hub move again: it finishes.",
  });
}

export function stillCopying(where: string, isBackup: boolean): PsnError {
  if (isBackup) {
    return new PsnError("HUB_COPYING", `The hub at ${where} was being restored from a backup, and is not whole.`, {
      hint: "Run the same psn restore again: it begins anew. Nothing of it is used until it is whole.",
    });
  }
  return new PsnError(
    "HUB_COPYING",
    `The hub at ${where} is a copy that is not finished; the old hub is the one that counts.`,
    {
      hint: "Run psn hub move again with the configuration of the old hub; it finishes where it was.",
    },
  );
}

function outageOf({ code, syscall, message, severity }: Coded): Outage | null {
  if (typeof code !== "string") return DRIVER_OUTAGES.some((said) => message.startsWith(said)) ? "lost" : null;
  if (SQLSTATE.test(code)) {
    // Whatever Postgres ends a session for, the statement had no fault.
    const ended = severity === "FATAL" || severity === "PANIC" ? "lost" : null;
    return SQLSTATE_OUTAGES.get(code) ?? SQLSTATE_OUTAGES.get(code.slice(0, 2)) ?? ended;
  }
  // The socket of an embedded hub that does not run; of a file, the same code is no outage.
  if (code === "ENOENT") return syscall === "connect" ? "lost" : null;
  return SYSTEM_OUTAGES.has(code) ? "lost" : null;
}
