/**
 * Signing in to X: OAuth 2.0 authorization code with PKCE, as a confidential client. The only file that imports arctic.
 *
 * arctic's generic `OAuth2Client` makes the address, the state and the code verifier. The calls to the token endpoint
 * are our own: arctic has no timeout and no AbortSignal, uses the global fetch, and throws the body away for any status
 * but 200, 400 and 401, while what becomes of an account depends on that body. A refresh token is spent by its first
 * use, so "X refused it" must never be taken for "X was down", nor the other way round.
 */
import { CodeChallengeMethod, generateCodeVerifier, generateState, OAuth2Client } from "arctic";
import { type Clock, wallClock } from "../../core/clock.ts";
import { PsnError } from "../../core/errors.ts";
import type { RefreshAnswer, TokenSet, XOAuthConfig } from "../../core/platform.ts";
import {
  processExchangeResponse,
  processRefreshResponse,
  processRevokeResponse,
  type TokenContext,
} from "./judge-oauth.ts";
import { type Answer, BODY_BYTES_MAX, exchange, type FetchLike, secureUrl } from "./transport.ts";

export { parseRedirect, type Redirect, START_OVER, takeCode } from "./redirect.ts";

/** What PSN asks for; without `offline.access` there is no refresh token, without `media.write` no media. */
export const X_SCOPES = ["tweet.read", "tweet.write", "users.read", "media.write", "offline.access"] as const;

const TOKEN_TIMEOUT_MS = 30_000;
/**
 * A refresh that is given up may still have spent the token at X, and then its answer is the only copy of the next one:
 * it is waited for as long as an edge in front of X might hold a request. Callers with less patience leave earlier.
 */
const REFRESH_TIMEOUT_MS = 120_000;

export interface XOAuthOptions {
  /** For every call. Default 30 s, and 120 s for a refresh. */
  timeoutMs?: number | undefined;
  fetch?: FetchLike | undefined;
  clock?: Clock | undefined;
}

/** Holds the client secret in private fields, so that neither a log nor an inspector shows it. */
export class XOAuthClient {
  readonly #config: XOAuthConfig;
  readonly #arctic: OAuth2Client;
  readonly #timeoutMs: number | undefined;
  readonly #fetch: FetchLike;
  readonly #clock: Clock;

  constructor(config: XOAuthConfig, options: XOAuthOptions) {
    this.#config = { ...config, tokenUrl: secureUrl(config.tokenUrl), revokeUrl: secureUrl(config.revokeUrl) };
    this.#arctic = new OAuth2Client(config.clientId, config.clientSecret, config.redirectUri);
    this.#timeoutMs = options.timeoutMs;
    this.#fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
    this.#clock = options.clock ?? wallClock;
  }

  authorizeUrl(state: string, codeVerifier: string): URL {
    return this.#arctic.createAuthorizationURLWithPKCE(
      secureUrl(this.#config.authorizeUrl),
      state,
      CodeChallengeMethod.S256,
      codeVerifier,
      [...X_SCOPES],
    );
  }

  get redirectUri(): string {
    return this.#config.redirectUri;
  }

  /** Sends a form to the token or the revocation endpoint; gives back whatever came. */
  async post(where: "token" | "revoke", form: Record<string, string>, signal?: AbortSignal): Promise<Answer> {
    const { clientId, clientSecret, tokenUrl, revokeUrl } = this.#config;
    return exchange(
      {
        method: "POST",
        url: where === "token" ? tokenUrl : revokeUrl,
        headers: {
          // In the header only: X answers `unauthorized_client` to a confidential client that puts its id into the
          // body.
          authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
          "content-type": "application/x-www-form-urlencoded",
          accept: "application/json",
          "user-agent": "psn",
        },
        body: new URLSearchParams(form).toString(),
        timeoutMs: this.#timeoutMs ?? (form.grant_type === "refresh_token" ? REFRESH_TIMEOUT_MS : TOKEN_TIMEOUT_MS),
        bodyBytesMax: BODY_BYTES_MAX,
      },
      { fetch: this.#fetch, clock: this.#clock },
      signal,
    );
  }

  context(secrets: readonly string[]): TokenContext {
    return { now: this.#clock.now(), secrets: [this.#config.clientSecret, ...secrets] };
  }
}

/** @throws TypeError when the token or revoke address is neither https nor on this machine. */
export function createXOAuthClient(config: XOAuthConfig, options: XOAuthOptions = {}): XOAuthClient {
  return new XOAuthClient(config, options);
}

/**
 * The address that a person opens to sign in, with what has to be kept until the code comes back. `state` and
 * `codeVerifier` belong to this address alone; the verifier is a secret.
 */
export function generateAuthUrl(client: XOAuthClient): { url: string; state: string; codeVerifier: string } {
  const state = generateState();
  const codeVerifier = generateCodeVerifier();
  const url = client.authorizeUrl(state, codeVerifier);
  // X's documentation wants blanks as %20; URLSearchParams writes "+". A plus of its own is %2B by now.
  url.search = url.search.replaceAll("+", "%20");
  return { url: url.href, state, codeVerifier };
}

/**
 * Trades the code of the redirect for tokens. The code lives 30 seconds and works once.
 * @throws PsnError OAUTH_CODE_EXPIRED, OAUTH_VERIFIER_WRONG, OAUTH_CALLBACK_MISMATCH, OAUTH_CLIENT_WRONG,
 *   OAUTH_SCOPE_REFUSED, OAUTH_REFUSED, OAUTH_UNAVAILABLE or OAUTH_ANSWER_UNREADABLE.
 * @throws the reason of `signal` when it was aborted before anything was sent.
 */
export async function exchangeCode(
  client: XOAuthClient,
  { code, codeVerifier }: { code: string; codeVerifier: string },
  signal?: AbortSignal,
): Promise<TokenSet> {
  const answer = await client.post(
    "token",
    { grant_type: "authorization_code", code, redirect_uri: client.redirectUri, code_verifier: codeVerifier },
    signal,
  );
  return processExchangeResponse(answer, client.context([code, codeVerifier]), X_SCOPES);
}

/**
 * Trades a refresh token for a new pair. Never throws for what X answers. The caller stores the new pair in the same
 * commit that ends this call: the old one is spent.
 * @throws the reason of `signal` when it was aborted before anything was sent.
 */
export async function refreshAccessToken(
  client: XOAuthClient,
  refreshToken: string,
  signal?: AbortSignal,
): Promise<RefreshAnswer> {
  const answer = await client.post("token", { grant_type: "refresh_token", refresh_token: refreshToken }, signal);
  return processRefreshResponse(answer, client.context([refreshToken]), refreshToken);
}

/**
 * Ends a token at X, of either kind. A token that X does not know any more counts as ended.
 * @throws PsnError OAUTH_CLIENT_WRONG or OAUTH_UNAVAILABLE.
 */
export async function revokeToken(client: XOAuthClient, token: string, signal?: AbortSignal): Promise<void> {
  processRevokeResponse(await client.post("revoke", { token }, signal), client.context([token]));
}

/** The scopes of `X_SCOPES` that were not granted; empty when all were. */
export function missingScopes(granted: readonly string[]): string[] {
  return X_SCOPES.filter((scope) => !granted.includes(scope));
}

/** @throws PsnError OAUTH_SCOPE_MISSING when X granted less than PSN needs. */
export function assertScopes(granted: readonly string[]): void {
  const missing = missingScopes(granted);
  if (missing.length === 0) return;
  throw new PsnError("OAUTH_SCOPE_MISSING", `X did not grant ${missing.join(", ")}.`, {
    hint: "Set the app's permissions to Read and write in the developer console, then sign in again from a new link.",
    details: { missing },
  });
}
