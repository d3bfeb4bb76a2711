/** What X's token endpoint means. Pure but for `PsnError`, which the sign-in throws because a person waits for it. */
import { z } from "zod";
import { PsnError } from "../../core/errors.ts";
import type { RefreshAnswer, TokenSet } from "../../core/platform.ts";
import { safeDetail } from "./detail.ts";
import { describe, readProblem } from "./problem.ts";
import { START_OVER } from "./redirect.ts";
import { type Answer, isClientError, isSuccess, type Responded } from "./transport.ts";

export interface TokenContext {
  now: Date;
  /** Client secret, code, verifier, token: X's descriptions have no business repeating them. */
  secrets: readonly string[];
}

/** X's access tokens live so long when it leaves `expires_in` out. */
const EXPIRES_IN_SECONDS = 7_200;
const EXPIRES_IN_SECONDS_MAX = 30 * 86_400;

/** A token goes into a header: printable ASCII without blanks. */
const TokenSchema = z
  .string()
  .max(4096)
  .regex(/^[\x21-\x7e]+$/);

const TokensSchema = z.object({
  token_type: z
    .string()
    .regex(/^bearer$/i)
    .optional(),
  access_token: TokenSchema,
  refresh_token: TokenSchema.nullish(),
  expires_in: z.number().positive().max(EXPIRES_IN_SECONDS_MAX).catch(EXPIRES_IN_SECONDS),
  scope: z.string().max(4096).nullish().catch(null),
});

/** The answer to a code. @throws PsnError, with codes as `exchangeCode` lists them. */
export function processExchangeResponse(
  answer: Answer,
  context: TokenContext,
  requestedScopes: readonly string[],
): TokenSet {
  if (answer.kind === "silent") throw unavailable(answer.cause, answer.neverSent);
  const detail = describe(answer, context.secrets);
  if (isSuccess(answer)) {
    const tokens = readTokens(answer, context);
    // The standard lets a server leave `scope` out when it granted what was asked for.
    if (tokens !== null) return { ...tokens, scopes: tokens.scopes.length > 0 ? tokens.scopes : [...requestedScopes] };
    throw new PsnError(
      "OAUTH_ANSWER_UNREADABLE",
      `X accepted the sign-in with an answer that holds no token: ${detail}`,
      {
        hint: START_OVER,
      },
    );
  }
  const refusal = readRefusal(answer);
  switch (refusal) {
    case "client":
      throw clientWrong(detail);
    case "callback":
      throw new PsnError("OAUTH_CALLBACK_MISMATCH", `X does not know the callback URL of this sign-in: ${detail}`, {
        hint: "Register exactly the same URL, down to the final slash, in the app's settings at X; then sign in from a new link.",
      });
    case "verifier":
      throw new PsnError("OAUTH_VERIFIER_WRONG", `The code belongs to another sign-in link: ${detail}`, {
        hint: "Open the newest link and paste what it leads to.",
      });
    case "grant":
      throw new PsnError("OAUTH_CODE_EXPIRED", `X does not take this code: ${detail}`, {
        hint: `A code lives 30 seconds and works once. ${START_OVER}`,
      });
    case "scope":
      throw new PsnError("OAUTH_SCOPE_REFUSED", `X does not grant these permissions to the app: ${detail}`, {
        hint: "Set the app's permissions to Read and write in the developer console, then sign in from a new link.",
      });
    case "other":
      throw new PsnError("OAUTH_REFUSED", `X refused the sign-in: ${detail}`, { hint: START_OVER });
    case null:
      throw unavailable(detail, false);
  }
}

/** The answer to a refresh token. Only a refusal that X puts into words counts as one. */
export function processRefreshResponse(answer: Answer, context: TokenContext, refreshToken: string): RefreshAnswer {
  if (answer.kind === "silent") {
    return { kind: "unavailable", cause: answer.cause, tokenMayBeSpent: !answer.neverSent };
  }
  const detail = describe(answer, context.secrets);
  if (isSuccess(answer)) {
    const tokens = readTokens(answer, context);
    if (tokens === null)
      return { kind: "unavailable", cause: `no token in the answer. ${detail}`, tokenMayBeSpent: true };
    // X always sends a new one; a server that sends none means that the old one goes on (RFC 6749, section 6).
    return { kind: "refreshed", tokens: { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken } };
  }
  switch (readRefusal(answer)) {
    case "client":
      return { kind: "misconfigured", detail };
    case "grant":
    case "verifier":
    case "callback":
      return { kind: "refused", detail };
    case "scope":
    case "other":
      // A refusal that does not name the token: X's word, so the token is as it was.
      return { kind: "unavailable", cause: detail, tokenMayBeSpent: false };
    case null:
      // A 4xx came from before the token was looked at; a 5xx or a torn answer may have come after.
      return { kind: "unavailable", cause: detail, tokenMayBeSpent: !isPlainRefusal(answer) };
  }
}

/** The answer to a revocation. @throws PsnError OAUTH_CLIENT_WRONG or OAUTH_UNAVAILABLE. */
export function processRevokeResponse(answer: Answer, context: TokenContext): void {
  if (answer.kind === "silent") throw unavailable(answer.cause, answer.neverSent);
  if (isSuccess(answer)) return;
  const detail = describe(answer, context.secrets);
  const refusal = readRefusal(answer);
  if (refusal === "client") throw clientWrong(detail);
  if (refusal === null) throw unavailable(detail, false);
  // X refuses only tokens that it does not know: what was to be ended has ended.
}

/** What a refusal is about; null when the answer is none in words, such as X's 401 for everyone during an outage. */
function readRefusal(answer: Responded): "client" | "grant" | "verifier" | "callback" | "scope" | "other" | null {
  if (!isClientError(answer) || answer.status === 429 || answer.form !== "json") return null;
  const error = errorWord(answer.json);
  const { detail, type, codes, messages } = readProblem(answer.json);
  const words = [detail, ...messages].join(" \n ");

  if (error === "unauthorized_client" || error === "invalid_client" || type === "client-forbidden") return "client";
  if (codes.includes(415) || /callback url|redirect[_ ]?uri/i.test(words)) return "callback";
  if (error === "invalid_scope") return "scope";
  if (error !== "invalid_request" && error !== "invalid_grant") {
    // "rate_limited", "temporarily_unavailable" and what has no word at all are X's state, and say nothing of the
    // request.
    return error === "unsupported_grant_type" || error === "access_denied" ? "other" : null;
  }
  if (/missing valid authorization header|client[_ ]id|client authentication/i.test(words)) return "client";
  if (/code[_ ]?verifier/i.test(words)) return "verifier";
  // X says invalid_request, with "Value passed for the token was invalid", where the standard says invalid_grant. A
  // request without a parameter is our own fault, and no verdict on a token.
  if (error === "invalid_request" && /missing required/i.test(words)) return "other";
  return "grant";
}

function errorWord(json: unknown): string | null {
  const parsed = z.object({ error: z.string() }).safeParse(json);
  return parsed.success ? parsed.data.error.trim().toLowerCase() : null;
}

function readTokens(answer: Responded, { now }: TokenContext): TokenSet | null {
  const parsed = TokensSchema.safeParse(answer.json);
  if (!parsed.success) return null;
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds, scope } = parsed.data;
  return {
    accessToken,
    refreshToken: refreshToken ?? null,
    expiresAt: new Date(now.getTime() + seconds * 1000),
    scopes: (scope ?? "").split(/\s/).filter((name) => name !== ""),
  };
}

/** X, and not a page of something in front of it, turned the request away. */
function isPlainRefusal(answer: Responded): boolean {
  return (
    answer.status >= 400 &&
    answer.status < 500 &&
    answer.status !== 408 &&
    (answer.form === "json" || answer.status === 429)
  );
}

function clientWrong(detail: string): PsnError {
  return new PsnError("OAUTH_CLIENT_WRONG", `X does not accept the app's client id and secret: ${detail}`, {
    hint: "Check both in keys.env. The app must be of the type Web App: a Native App has no secret.",
  });
}

function unavailable(cause: string, neverSent: boolean): PsnError {
  return new PsnError("OAUTH_UNAVAILABLE", `X could not be asked: ${safeDetail(cause)}`, {
    hint: neverSent ? "Check the connection to the internet, then try again." : `X may have an outage. ${START_OVER}`,
  });
}
