/** Codes and tokens: made, found, rotated, revoked. Only their sha256 is kept, so no dump can leak one. */
import { createHash, timingSafeEqual } from "node:crypto";
import { newId, randomText, sha256Hex } from "./ids.ts";
import { blank, json, sandboxFull } from "./problems.ts";
import { CAPS, type SandboxApp, type SandboxToken, type World } from "./state.ts";
import type { SandboxRequest, SandboxResponse } from "./types.ts";

/** What the token endpoint answers. Secret; handed out once and never stored. */
export interface IssuedTokens {
  token_type: "bearer";
  expires_in: number;
  access_token: string;
  refresh_token?: string;
  scope: string;
}

function oauthError(status: number, error: string, description: string): SandboxResponse {
  return json(status, { error, error_description: description });
}

const invalidToken = () => oauthError(400, "invalid_request", "Value passed for the token was invalid.");
const invalidCode = () => oauthError(400, "invalid_request", "Value passed for the authorization code was invalid.");

/** A new pair for a grant; no refresh token without `offline.access`. */
function issueTokens(
  world: World,
  grant: { grantId: string; clientId: string; userId: string; scopes: string[] },
): IssuedTokens {
  const { settings, accessTokens, refreshTokens } = world.state;
  const nowMs = world.now.getTime();
  forgetTokens(world, nowMs);
  const accessToken = `sbx_access_${randomText(world, 48)}`;
  accessTokens[sha256Hex(accessToken)] = {
    ...grant,
    expiresAtMs: nowMs + settings.accessTokenSecs * 1000,
    spent: false,
  };
  const issued: IssuedTokens = {
    token_type: "bearer",
    expires_in: settings.accessTokenSecs,
    access_token: accessToken,
    scope: grant.scopes.join(" "),
  };
  if (grant.scopes.includes("offline.access")) {
    const refreshToken = `sbx_refresh_${randomText(world, 48)}`;
    refreshTokens[sha256Hex(refreshToken)] = {
      ...grant,
      expiresAtMs: nowMs + settings.refreshTokenDays * 86_400_000,
      spent: false,
    };
    issued.refresh_token = refreshToken;
  }
  return issued;
}

/** A fresh sign-in of a user at an app, as if they had consented now. */
export function newGrant(world: World, clientId: string, userId: string, scopes: string[]): IssuedTokens {
  return issueTokens(world, { grantId: newId(world), clientId, userId, scopes });
}

/** Drops what can never be used again once the records grow large; spent refresh tokens go first come. */
function forgetTokens(world: World, nowMs: number): void {
  for (const tokens of [world.state.accessTokens, world.state.refreshTokens]) {
    const keys = Object.keys(tokens);
    if (keys.length < CAPS.tokens / 2) continue;
    for (const key of keys) {
      const token = tokens[key];
      if (token !== undefined && (token.spent || token.expiresAtMs <= nowMs)) delete tokens[key];
    }
  }
}

/** Live token behind a bearer, or undefined when unknown, expired or revoked. */
export function findAccessToken(world: World, bearer: string): SandboxToken | undefined {
  const token = world.state.accessTokens[sha256Hex(bearer)];
  return token === undefined || token.spent || token.expiresAtMs <= world.now.getTime() ? undefined : token;
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest()];
  return timingSafeEqual(left, right);
}

/** The app that Basic authorization names, or X's refusal. */
function basicApp(world: World, request: SandboxRequest): SandboxApp | SandboxResponse {
  const header = request.headers.authorization ?? "";
  const encoded = /^Basic\s+([A-Za-z0-9+/=_-]+)\s*$/i.exec(header)?.[1];
  if (encoded === undefined) return oauthError(401, "unauthorized_client", "Missing valid authorization header");
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  const [id, secret] = [text.slice(0, colon), text.slice(colon + 1)].map(formDecoded);
  const app = world.state.apps[id ?? ""];
  if (colon < 0 || app === undefined || !sameText(app.clientSecret, secret ?? "")) {
    return oauthError(401, "invalid_client", "Value passed for the client was invalid.");
  }
  return app;
}

/** RFC 6749 has both halves of Basic form-encoded first; raw ones are taken as they are. */
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

function bodyText(request: SandboxRequest): string {
  return typeof request.body === "string" ? request.body : Buffer.from(request.body).toString("utf8");
}

/** The form of a token call, JSON taken too because twitter-api-v2 sends it for some calls. */
function formOf(request: SandboxRequest): URLSearchParams {
  const text = bodyText(request);
  if ((request.headers["content-type"] ?? "").includes("json")) {
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === "object" && value !== null) {
        return new URLSearchParams(Object.entries(value).map(([key, field]): [string, string] => [key, String(field)]));
      }
    } catch {
      return new URLSearchParams();
    }
  }
  return new URLSearchParams(text);
}

/** Whose code or refresh token a token call carries, for faults that name an account. */
export function accountOfTokenCall(world: World, request: SandboxRequest): string | null {
  const form = formOf(request);
  const refresh = world.state.refreshTokens[sha256Hex(form.get("refresh_token") ?? form.get("token") ?? "")];
  return refresh?.userId ?? world.state.codes[sha256Hex(form.get("code") ?? "")]?.userId ?? null;
}

/** `POST /2/oauth2/token`. */
export function tokenCall(world: World, request: SandboxRequest): SandboxResponse {
  const app = basicApp(world, request);
  if ("status" in app) return app;
  const form = formOf(request);
  switch (form.get("grant_type")) {
    case "authorization_code":
      return exchangeCode(world, app, form);
    case "refresh_token":
      return refresh(world, app, form);
    case null:
      return oauthError(400, "invalid_request", "Missing required parameter [grant_type].");
    default:
      return oauthError(400, "unsupported_grant_type", "Value passed for the grant type was invalid.");
  }
}

function exchangeCode(world: World, app: SandboxApp, form: URLSearchParams): SandboxResponse {
  for (const name of ["code", "redirect_uri", "code_verifier"]) {
    if (!form.get(name)) return oauthError(400, "invalid_request", `Missing required parameter [${name}].`);
  }
  const code = world.state.codes[sha256Hex(form.get("code") ?? "")];
  if (code === undefined || code.used || code.clientId !== app.clientId) return invalidCode();
  if (code.expiresAtMs <= world.now.getTime()) return invalidCode();
  if (code.redirectUri !== form.get("redirect_uri")) {
    return oauthError(
      400,
      "invalid_request",
      "Value passed for the redirect uri did not match the uri of the authorization code.",
    );
  }
  const verifier = form.get("code_verifier") ?? "";
  const challenge = code.method === "plain" ? verifier : createHash("sha256").update(verifier).digest("base64url");
  if (verifier.length > 128) {
    const message = `Value passed for the code verifier has ${verifier.length} characters; RFC 7636 allows 43 to 128.`;
    return oauthError(400, "invalid_request", message);
  }
  if (!/^[A-Za-z0-9\-._~]{43,128}$/.test(verifier) || !sameText(challenge, code.challenge)) {
    return oauthError(400, "invalid_request", "Value passed for the code verifier did not match the code challenge.");
  }
  if (tokensFull(world)) return sandboxFull("tokens", CAPS.tokens);
  code.used = true;
  const user = world.state.users[code.userId];
  if (user === undefined) return invalidCode();
  user.signIns.consents += 1;
  return json(200, newGrant(world, app.clientId, code.userId, code.scopes));
}

function tokensFull(world: World): boolean {
  forgetTokens(world, world.now.getTime());
  return Object.keys(world.state.accessTokens).length >= CAPS.tokens;
}

function refresh(world: World, app: SandboxApp, form: URLSearchParams): SandboxResponse {
  const given = form.get("refresh_token");
  if (!given) return oauthError(400, "invalid_request", "Missing required parameter [refresh_token].");
  const old = world.state.refreshTokens[sha256Hex(given)];
  const user = old === undefined ? undefined : world.state.users[old.userId];
  const usable =
    old !== undefined && !old.spent && old.expiresAtMs > world.now.getTime() && old.clientId === app.clientId;
  if (!usable || user === undefined) {
    if (user !== undefined) user.signIns.refusedRefreshes += 1;
    return invalidToken();
  }
  if (tokensFull(world)) return sandboxFull("tokens", CAPS.tokens);
  old.spent = true;
  if (world.state.settings.refreshKillsOldAccess) {
    for (const token of Object.values(world.state.accessTokens)) if (token.grantId === old.grantId) token.spent = true;
  }
  user.signIns.refreshes += 1;
  const { grantId, clientId, userId, scopes } = old;
  return json(200, issueTokens(world, { grantId, clientId, userId, scopes }));
}

/** `POST /2/oauth2/revoke`: a refresh token takes its whole sign-in along, an access token only itself. */
export function revokeCall(world: World, request: SandboxRequest): SandboxResponse {
  const app = basicApp(world, request);
  if ("status" in app) return app;
  const given = formOf(request).get("token");
  if (!given) return oauthError(400, "invalid_request", "Missing required parameter [token].");
  const hash = sha256Hex(given);
  const access = world.state.accessTokens[hash];
  const refreshToken = world.state.refreshTokens[hash];
  if (access !== undefined && access.clientId === app.clientId) access.spent = true;
  if (refreshToken !== undefined && refreshToken.clientId === app.clientId) {
    revokeWhere(world, (token) => token.grantId === refreshToken.grantId);
  }
  return json(200, { revoked: true });
}

/** Ends every token that fits; returns how many were still alive. */
export function revokeWhere(world: World, fits: (token: SandboxToken) => boolean): number {
  let ended = 0;
  for (const tokens of [world.state.accessTokens, world.state.refreshTokens]) {
    for (const token of Object.values(tokens)) {
      if (token.spent || !fits(token)) continue;
      token.spent = true;
      ended += 1;
    }
  }
  return ended;
}

/** Whether a bearer is an app-only one, and whose. */
export function appOfBearer(world: World, bearer: string): SandboxApp | undefined {
  const hash = sha256Hex(bearer);
  return Object.values(world.state.apps).find((app) => app.appBearerHash === hash);
}

export const outage = () => blank(401, "Unauthorized", "Unauthorized");
