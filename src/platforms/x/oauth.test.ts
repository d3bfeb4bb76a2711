import { afterEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { PsnError } from "../../core/errors.ts";
import { processExchangeResponse, processRefreshResponse, processRevokeResponse } from "./judge-oauth.ts";
import {
  assertScopes,
  createXOAuthClient,
  exchangeCode,
  generateAuthUrl,
  missingScopes,
  parseRedirect,
  refreshAccessToken,
  revokeToken,
  takeCode,
  X_SCOPES,
} from "./oauth.ts";
import { answered, NOW, refusingUrl, type Seen, sendJson, serve, serveRaw } from "./testing.ts";

const SECRET = "test-client-secret-0123456789";
const CODE = "test-code-0123456789";
const VERIFIER = "test-verifier-0123456789-0123456789-0123456789";
const REFRESH = "test-refresh-token-0123456789";

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of closing.splice(0)) await server.close();
});

function clientAt(url: string, timeoutMs = 20_000) {
  const config = {
    clientId: "client:id+1",
    clientSecret: SECRET,
    redirectUri: "http://127.0.0.1:8080/callback",
    authorizeUrl: "https://x.com/i/oauth2/authorize",
    tokenUrl: `${url}/2/oauth2/token`,
    revokeUrl: `${url}/2/oauth2/revoke`,
  };
  const clock = { now: () => NOW, sleep: (ms: number) => Bun.sleep(ms) };
  return createXOAuthClient(config, { timeoutMs, clock });
}

async function serving(handle: Parameters<typeof serve>[0]) {
  const server = await serve(handle);
  closing.push(server);
  return { server, client: clientAt(server.url) };
}

async function failureOf(promise: Promise<unknown>): Promise<PsnError> {
  const failure = await promise.catch((error: unknown) => error);
  if (failure instanceof PsnError) return failure;
  throw new Error(`no PsnError: ${failure}`);
}

const GRANTED = {
  token_type: "bearer",
  expires_in: 7200,
  access_token: "new-access-token-0123456789",
  refresh_token: "new-refresh-token-0123456789",
  scope: X_SCOPES.join(" "),
};

describe("the link to sign in with", () => {
  const client = clientAt("https://api.x.com");
  test("leads to x.com with S256, the five scopes and fresh secrets", () => {
    const { url, state, codeVerifier } = generateAuthUrl(client);
    const parsed = new URL(url);
    expect(parsed.origin + parsed.pathname).toBe("https://x.com/i/oauth2/authorize");
    expect(Object.fromEntries(parsed.searchParams)).toEqual({
      response_type: "code",
      client_id: "client:id+1",
      redirect_uri: "http://127.0.0.1:8080/callback",
      scope: "tweet.read tweet.write users.read media.write offline.access",
      state,
      code_challenge_method: "S256",
      code_challenge: createHash("sha256").update(codeVerifier).digest("base64url"),
    });
    expect(url).toContain("scope=tweet.read%20tweet.write%20users.read");
    expect(state.length).toBeLessThanOrEqual(500);
    expect(generateAuthUrl(client).state).not.toBe(state);
    expect(generateAuthUrl(client).codeVerifier).not.toBe(codeVerifier);
  });

  test("a client shows its secret to no inspector", () => {
    expect(inspect(client, { depth: 9 }) + JSON.stringify(client)).not.toContain(SECRET);
  });
});

describe("trading a code", () => {
  test("sends what X asks for, and reads the tokens", async () => {
    const { server, client } = await serving((_, response) => sendJson(response, 200, GRANTED));
    expect(await exchangeCode(client, { code: CODE, codeVerifier: VERIFIER })).toEqual({
      accessToken: GRANTED.access_token,
      refreshToken: GRANTED.refresh_token,
      expiresAt: new Date(NOW.getTime() + 7_200_000),
      scopes: [...X_SCOPES],
    });
    const [seen] = server.seen as [Seen];
    expect([seen.method, seen.path]).toEqual(["POST", "/2/oauth2/token"]);
    expect(seen.headers.authorization).toBe(`Basic ${btoa(`client:id+1:${SECRET}`)}`);
    expect(seen.headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(Object.fromEntries(new URLSearchParams(seen.body.toString()))).toEqual({
      grant_type: "authorization_code",
      code: CODE,
      redirect_uri: "http://127.0.0.1:8080/callback",
      code_verifier: VERIFIER,
    });
  });

  const refused = (description: string, error = "invalid_request") => ({ error, error_description: description });
  const TABLE: [name: string, status: number, body: unknown, code: string][] = [
    [
      "scenario 17: a stale code",
      400,
      refused("Value passed for the authorization code was invalid."),
      "OAUTH_CODE_EXPIRED",
    ],
    ["a stale code by the standard's word", 400, refused("", "invalid_grant"), "OAUTH_CODE_EXPIRED"],
    ["another verifier", 400, refused("Value passed for the code verifier was invalid."), "OAUTH_VERIFIER_WRONG"],
    [
      "another redirect_uri",
      400,
      refused("Value passed for the redirect uri did not match the uri of the authorization code."),
      "OAUTH_CALLBACK_MISMATCH",
    ],
    [
      "code 415",
      403,
      { errors: [{ code: 415, message: "Callback URL not approved for this client application." }] },
      "OAUTH_CALLBACK_MISMATCH",
    ],
    [
      "no client authentication",
      401,
      refused("Missing valid authorization header", "unauthorized_client"),
      "OAUTH_CLIENT_WRONG",
    ],
    [
      "no client authentication, in other words",
      400,
      refused("Missing valid authorization header"),
      "OAUTH_CLIENT_WRONG",
    ],
    ["wrong client", 400, refused("x", "invalid_client"), "OAUTH_CLIENT_WRONG"],
    ["wrong scope", 400, refused("x", "invalid_scope"), "OAUTH_SCOPE_REFUSED"],
    ["a parameter that we forgot", 400, refused("Missing required parameter [code]."), "OAUTH_REFUSED"],
    ["another refusal", 400, refused("x", "unsupported_grant_type"), "OAUTH_REFUSED"],
    ["401 for everyone", 401, { title: "Unauthorized", status: 401 }, "OAUTH_UNAVAILABLE"],
    ["429", 429, refused("x", "rate_limited"), "OAUTH_UNAVAILABLE"],
    ["503", 503, refused("x", "temporarily_unavailable"), "OAUTH_UNAVAILABLE"],
    ["a page", 400, "<html>", "OAUTH_UNAVAILABLE"],
    ["200 without a token", 200, { token_type: "bearer" }, "OAUTH_ANSWER_UNREADABLE"],
    ["200 with a token for another scheme", 200, { ...GRANTED, token_type: "mac" }, "OAUTH_ANSWER_UNREADABLE"],
    ["200 with a token that no header can carry", 200, { ...GRANTED, access_token: "a\nb" }, "OAUTH_ANSWER_UNREADABLE"],
    ["200 with a page", 200, "<html>", "OAUTH_ANSWER_UNREADABLE"],
  ];
  test.each(TABLE)("%s", async (_name, status, body, code) => {
    const context = { now: NOW, secrets: [SECRET, CODE] };
    const failure = await failureOf((async () => processExchangeResponse(answered(status, body), context, X_SCOPES))());
    expect(failure.code).toBe(code);
    expect(failure.hint).toBeString();
  });

  test("an answer that leaves out scope and lifetime means the usual ones", () => {
    const answer = answered(200, { access_token: "some-access-token" });
    expect(processExchangeResponse(answer, { now: NOW, secrets: [] }, X_SCOPES)).toEqual({
      accessToken: "some-access-token",
      refreshToken: null,
      expiresAt: new Date(NOW.getTime() + 7_200_000),
      scopes: [...X_SCOPES],
    });
  });

  test("no error shows code, verifier or secret, even when X repeats them", async () => {
    const { client } = await serving((seen, response) => {
      const echo = `${seen.body} ${seen.headers.authorization} ${CODE} ${SECRET}`;
      sendJson(response, 400, { error: "invalid_request", error_description: echo });
    });
    const failure = await failureOf(exchangeCode(client, { code: CODE, codeVerifier: VERIFIER }));
    const shown = inspect(failure, { depth: 9 }) + JSON.stringify(failure);
    for (const secret of [CODE, VERIFIER, SECRET, btoa(`client:id+1:${SECRET}`)]) expect(shown).not.toContain(secret);
  });

  test("no connection, and no answer in time, are told apart", async () => {
    const refused = await failureOf(
      exchangeCode(clientAt(await refusingUrl()), { code: CODE, codeVerifier: VERIFIER }),
    );
    expect([refused.code, refused.hint]).toEqual(["OAUTH_UNAVAILABLE", expect.stringContaining("connection")]);
    const silent = await serveRaw(() => {});
    closing.push(silent);
    const late = await failureOf(exchangeCode(clientAt(silent.url, 1_000), { code: CODE, codeVerifier: VERIFIER }));
    expect([late.code, late.hint]).toEqual(["OAUTH_UNAVAILABLE", expect.stringContaining("new link")]);
  });

  test("scenario 17: scopes that X did not grant are named", () => {
    expect(missingScopes([...X_SCOPES])).toEqual([]);
    expect(() => assertScopes([...X_SCOPES, "like.read"])).not.toThrow();
    expect(() => assertScopes(["tweet.read", "users.read"])).toThrow("tweet.write, media.write, offline.access");
  });
});

describe("trading a refresh token", () => {
  const context = { now: NOW, secrets: [SECRET, REFRESH] };
  const judge = (status: number, body: unknown) => processRefreshResponse(answered(status, body), context, REFRESH);

  test("sends the token with Basic alone, and reads the new pair", async () => {
    const { server, client } = await serving((_, response) => sendJson(response, 200, GRANTED));
    expect(await refreshAccessToken(client, REFRESH)).toMatchObject({
      kind: "refreshed",
      tokens: { accessToken: GRANTED.access_token, refreshToken: GRANTED.refresh_token },
    });
    expect(Object.fromEntries(new URLSearchParams(server.seen[0]?.body.toString()))).toEqual({
      grant_type: "refresh_token",
      refresh_token: REFRESH,
    });
  });

  test("scenario 15: only a refusal of the token by name is one", () => {
    const named = { error: "invalid_request", error_description: "Value passed for the token was invalid." };
    expect(judge(400, named).kind).toBe("refused");
    expect(judge(400, { error: "invalid_grant" }).kind).toBe("refused");
    expect(judge(401, { error: "invalid_grant" }).kind).toBe("refused");
    for (const error of ["unauthorized_client", "invalid_client"]) {
      expect(judge(400, { error }).kind).toBe("misconfigured");
      expect(judge(401, { error }).kind).toBe("misconfigured");
    }
  });

  const UNCLEAR: [name: string, status: number, body: unknown, tokenMayBeSpent: boolean][] = [
    ["401 for everyone", 401, { title: "Unauthorized" }, false],
    ["403", 403, { title: "Forbidden" }, false],
    ["429", 429, { error: "rate_limited" }, false],
    ["429 page", 429, "<html>", false],
    [
      "a parameter that we forgot",
      400,
      { error: "invalid_request", error_description: "Missing required parameter [x]" },
      false,
    ],
    ["400 page", 400, "<html>", true],
    ["400 without a body", 400, undefined, true],
    ["408", 408, {}, true],
    ["500 with a word", 500, { error: "invalid_request" }, true],
    ["503", 503, { error: "temporarily_unavailable" }, true],
    ["503 page", 503, "<html>", true],
    ["200 without tokens", 200, {}, true],
    ["200 page", 200, "<html>", true],
    ["302", 302, undefined, true],
  ];
  test.each(UNCLEAR)("scenario 15: %s is no revocation", (_name, status, body, tokenMayBeSpent) => {
    expect(judge(status, body)).toMatchObject({ kind: "unavailable", tokenMayBeSpent });
  });

  test("scenario 15: neither is no answer; whether the token may be spent depends on whether it left", async () => {
    const gone = clientAt(await refusingUrl());
    expect(await refreshAccessToken(gone, REFRESH)).toMatchObject({ kind: "unavailable", tokenMayBeSpent: false });
    const silent = await serveRaw(() => {});
    closing.push(silent);
    expect(await refreshAccessToken(clientAt(silent.url, 1_000), REFRESH)).toMatchObject({
      kind: "unavailable",
      tokenMayBeSpent: true,
    });
  });

  test("an answer without a new refresh token leaves the old one in use", () => {
    expect(judge(200, { access_token: "new-access-token" })).toMatchObject({
      kind: "refreshed",
      tokens: { refreshToken: REFRESH, scopes: [] },
    });
  });

  test("no answer shows the token", () => {
    for (const status of [200, 400, 401, 403, 500]) {
      const body = { error: "invalid_request", error_description: `bad ${REFRESH} ${SECRET}` };
      const shown = JSON.stringify(judge(status, body));
      expect(shown).not.toContain(REFRESH);
      expect(shown).not.toContain(SECRET);
    }
  });
});

test("revoking: done, already gone, wrong client, unavailable", async () => {
  const { server, client } = await serving((_, response) => sendJson(response, 200, { revoked: true }));
  await revokeToken(client, REFRESH);
  expect([server.seen[0]?.path, server.seen[0]?.body.toString()]).toEqual(["/2/oauth2/revoke", `token=${REFRESH}`]);
  const context = { now: NOW, secrets: [] };
  processRevokeResponse(answered(400, { error: "invalid_request" }), context);
  expect(() => processRevokeResponse(answered(401, { error: "unauthorized_client" }), context)).toThrow("client id");
  expect(() => processRevokeResponse(answered(503), context)).toThrow("could not be asked");
});

describe("scenario 17: what a person pastes", () => {
  const code = "VGNibzFWSWREZm01bjN1N3dicWlNUG1oa2xRRVNNdmVHelJGY2hPWGxNd2dxOjE2MjIxNjA4MjU4MjU6MToxOmFjOjE";
  const both = { kind: "code" as const, code, state: "st-ate_1" };
  test("a code, an address, or a part of one", () => {
    expect(parseRedirect(code)).toEqual({ ...both, state: null });
    for (const pasted of [
      `http://127.0.0.1:8080/callback?state=st-ate_1&code=${code}`,
      `https://example.com/?code=${code}&state=st-ate_1#frag`,
      `127.0.0.1:8080/callback?state=st-ate_1&code=${code}`,
      `?state=st-ate_1&code=${code}`,
      `state=st-ate_1&code=${code}`,
      ` "http://127.0.0.1/callback?state=st-ate_1&\n  code=${code.slice(0, 40)}\n${code.slice(40)}" \r\n`,
      `<https://example.com/?code=${code}&state=st-ate_1>`,
    ]) {
      expect(parseRedirect(pasted)).toEqual(both);
    }
  });

  test("X's error instead of a code", () => {
    expect(
      parseRedirect("http://127.0.0.1/?error=access_denied&state=s&error_description=The+user%20said%0Ano"),
    ).toEqual({
      kind: "error",
      error: "access_denied",
      description: "The user said no",
      state: "s",
    });
    expect(() => takeCode("?error=access_denied&state=s", "s")).toThrow("declined");
    expect(() => takeCode("?error=server_error&state=s", "s")).toThrow("server_error");
  });

  test("a code of another sign-in is said at once", () => {
    expect(takeCode(`?code=${code}&state=mine`, "mine")).toBe(code);
    expect(takeCode(code, "mine")).toBe(code);
    expect(() => takeCode(`?code=${code}&state=other`, "mine")).toThrow("another sign-in");
    expect(() => takeCode("?error=access_denied&state=other", "mine")).toThrow("another sign-in");
  });

  test("anything else is refused, without repeating it", () => {
    const { url } = generateAuthUrl(clientAt("https://api.x.com"));
    for (const pasted of [
      "",
      "   ",
      "y",
      "what is a code?",
      "https://x.com/home",
      "http://[",
      url,
      `?code=${code}&code=${code}`,
      "?code=",
      "?code=a%20b%20c%20d%20e",
      `?code=${code}&state=${"s".repeat(501)}`,
      "?error=<script>",
      "x".repeat(9_000),
    ]) {
      let failure: unknown;
      try {
        parseRedirect(pasted);
      } catch (error) {
        failure = error;
      }
      expect([pasted.slice(0, 40), failure instanceof PsnError && failure.code]).toEqual([
        pasted.slice(0, 40),
        "OAUTH_PASTE_UNREADABLE",
      ]);
      expect(String(failure)).not.toContain(code);
    }
  });
});
