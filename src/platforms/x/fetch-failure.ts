/**
 * Why a `fetch` failed, and whether its failure proves that nothing was sent.
 *
 * This decides between "try again" and "ask X first", so only what proves it counts. The shapes were taken from Bun
 * 1.4.5 (the code stands on the error itself) and Node 20 (undici: on `cause`, or on every error of a `cause.errors`).
 */

/** These can only come from looking up the name. */
const DNS_CODES = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EAI_NODATA",
  "EAI_NONAME",
  "EAI_FAMILY",
  "EAI_SERVICE",
]);

/** These can only come from opening the TCP connection, no matter what reports them. */
const CONNECT_CODES = new Set(["ECONNREFUSED", "UND_ERR_CONNECT_TIMEOUT"]);

/**
 * The peer's certificate was refused, or the handshake ended at its first answer: a request is sent only after both.
 * Not in this list, on purpose: `EPROTO` and `ERR_SSL_WRONG_VERSION_NUMBER`. Bun says `EPROTO: The TLS handshake
 * failed` for a connection that broke in mid-stream too, measured with a server that had already read the request.
 */
const HANDSHAKE_CODES = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_REJECTED",
  "CERT_UNTRUSTED",
  "CERT_CHAIN_TOO_LONG",
  "CERT_SIGNATURE_FAILURE",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "HOSTNAME_MISMATCH",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
  "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
  "ERR_SSL_TLSV1_UNRECOGNIZED_NAME",
  "ERR_SSL_NO_APPLICATION_PROTOCOL",
]);

/**
 * The system calls that precede the first byte of a request. An `ECONNRESET` of `connect` is one of them, of `read` is
 * not.
 */
const CALLS_BEFORE_SENDING = new Set(["getaddrinfo", "connect"]);

/** An aggregate of aggregates, or an error that is its own cause, ends here. */
const DEPTH_MAX = 4;

export interface FetchFailure {
  /** True only when the failure proves that no byte of the request left. */
  neverSent: boolean;
  /** The code of the failure, or its name where it has none. Safe to show: it holds no address and no header. */
  code: string;
}

/** Reads the error that `fetch`, or the reading of a body, threw. Pure. */
export function readFetchFailure(error: unknown): FetchFailure {
  const causes = rootCauses(error, 0);
  const first = causes[0];
  const code = textOf(first, "code") ?? textOf(first, "name") ?? "UNKNOWN";
  // Happy eyeballs report one failure for each address: a single one that may have been sent spoils the proof.
  return { neverSent: causes.length > 0 && causes.every(provesNothingWasSent), code: code.slice(0, 60) };
}

function provesNothingWasSent(error: unknown): boolean {
  const code = textOf(error, "code");
  const call = textOf(error, "syscall");
  if (call !== null) return CALLS_BEFORE_SENDING.has(call);
  return code !== null && (DNS_CODES.has(code) || CONNECT_CODES.has(code) || HANDSHAKE_CODES.has(code));
}

/** Follows `cause` and `errors` down to the errors that name what happened. */
function rootCauses(error: unknown, depth: number): unknown[] {
  if (depth >= DEPTH_MAX || typeof error !== "object" || error === null) return [error];
  if ("errors" in error && Array.isArray(error.errors) && error.errors.length > 0) {
    return error.errors.flatMap((inner) => rootCauses(inner, depth + 1));
  }
  // Bun's own errors carry the code themselves; a wrapped cause is only of interest where the outer one says nothing.
  if (textOf(error, "code") === null && "cause" in error && error.cause !== undefined) {
    return rootCauses(error.cause, depth + 1);
  }
  return [error];
}

function textOf(value: unknown, key: "code" | "name" | "syscall"): string | null {
  if (typeof value !== "object" || value === null || !(key in value)) return null;
  const text = (value as Record<string, unknown>)[key];
  return typeof text === "string" && text !== "" ? text : null;
}
