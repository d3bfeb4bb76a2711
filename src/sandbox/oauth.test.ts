import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { authorizeUrl, BASIC, oauthCall, pkce, readAnswer, type TestSandbox, testSandbox } from "./testing.ts";
import { SANDBOX_APP_BEARER, SANDBOX_CALLBACK_URL, SANDBOX_CLIENT_ID } from "./types.ts";

let x: TestSandbox;
beforeAll(async () => {
  x = await testSandbox();
});
afterAll(() => x.stop());

const noFollow = { redirect: "manual" } as const;

/** Consents as a program and returns what came back in the redirect. */
async function consent(change: Record<string, string | null> = {}) {
  const { verifier, challenge } = pkce();
  const all = { sandbox_consent: "auto", sandbox_user: "sandbox_author", ...change };
  const response = await fetch(authorizeUrl(x.url, challenge, all), noFollow);
  const location = response.headers.get("location");
  const back = location === null ? null : new URL(location);
  return { status: response.status, back, code: back?.searchParams.get("code") ?? "", verifier, response };
}

function exchange(code: string, verifier: string) {
  return oauthCall(x.url, {
    grant_type: "authorization_code",
    code,
    redirect_uri: SANDBOX_CALLBACK_URL,
    code_verifier: verifier,
  });
}

describe("consent", () => {
  test("a program that consents gets the redirect with code and state", async () => {
    const { status, back, code } = await consent();
    expect(status).toBe(302);
    expect(back?.origin).toBe("http://127.0.0.1:8976");
    expect(back?.searchParams.get("state")).toBe("state-1");
    expect(code.length).toBeGreaterThan(20);
  });

  test("with Accept: application/json the redirect comes as JSON", async () => {
    const { challenge } = pkce();
    const accept = { headers: { accept: "application/json" } };
    const answer = await readAnswer(await fetch(authorizeUrl(x.url, challenge), accept));
    expect(answer.status).toBe(200);
    expect(answer.at("redirect_uri")).toContain(`code=${answer.at("code")}`);
    expect(answer.at("state")).toBe("state-1");
  });

  test("scenario 17: a denial comes back as access_denied with the state", async () => {
    const { back } = await consent({ sandbox_consent: "deny" });
    expect(back?.searchParams.get("error")).toBe("access_denied");
    expect(back?.searchParams.get("state")).toBe("state-1");
    expect(back?.searchParams.has("code")).toBe(false);
  });

  test("a person sees a form, chooses an account, and its button leads back", async () => {
    const { challenge } = pkce();
    const page = await readAnswer(await fetch(authorizeUrl(x.url, challenge)));
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.text).toContain("@sandbox_premium");
    expect(page.text).toContain(">Authorize<");
    const fields = [...page.text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    const form = new URLSearchParams(fields.map((field): [string, string] => [field[1] ?? "", field[2] ?? ""]));
    form.set("sandbox_user", "sandbox_premium");
    form.set("decision", "auto");
    const sent = await fetch(`${x.url}/i/oauth2/authorize`, { method: "POST", body: form, ...noFollow });
    expect(sent.status).toBe(302);
    expect(new URL(sent.headers.get("location") ?? "").searchParams.get("code")).toStartWith("sbx_code_");
  });

  test("a callback that differs by a slash, or an unknown app, is refused without a redirect", async () => {
    for (const change of [{ redirect_uri: `${SANDBOX_CALLBACK_URL}/` }, { client_id: "nobody" }]) {
      const { status, back } = await consent(change);
      expect(status).toBe(400);
      expect(back).toBeNull();
    }
  });

  test("wrong response_type, scope, state or challenge come back as errors", async () => {
    const cases: [Record<string, string | null>, string][] = [
      [{ response_type: "token" }, "unsupported_response_type"],
      [{ scope: "tweet.read make.coffee" }, "invalid_scope"],
      [{ scope: null }, "invalid_scope"],
      [{ state: "s".repeat(501) }, "invalid_request"],
      [{ state: null }, "invalid_request"],
      [{ code_challenge: "short" }, "invalid_request"],
      [{ code_challenge_method: "S512" }, "invalid_request"],
    ];
    for (const [change, error] of cases) {
      const { back } = await consent(change);
      expect(back?.searchParams.get("error")).toBe(error);
    }
    expect((await consent({ state: "s".repeat(500) })).code).not.toBe("");
    // twitter-api-v2 has sent it in lower case for years.
    const lower = await consent({ code_challenge_method: "s256" });
    expect((await exchange(lower.code, lower.verifier)).status).toBe(200);
  });

  test("text of the request is escaped on the page", async () => {
    const { challenge } = pkce();
    const page = await readAnswer(await fetch(authorizeUrl(x.url, challenge, { state: `"><script>x</script>` })));
    expect(page.text).not.toContain("<script>x");
  });
});

describe("tokens", () => {
  test("a verifier that is too long is told so, and not that it does not match", async () => {
    const { code } = await consent();
    const { status, json } = await exchange(code, "v".repeat(171));
    expect(status).toBe(400);
    expect(JSON.stringify(json)).toContain("171 characters");
  });

  test("a code becomes tokens once", async () => {
    const { code, verifier } = await consent();
    const first = await exchange(code, verifier);
    expect(first.status).toBe(200);
    expect(first.json).toMatchObject({ token_type: "bearer", expires_in: 7200 });
    expect(first.at("scope")).toBe("tweet.read tweet.write users.read media.write offline.access");
    expect(first.at("refresh_token")).toBeString();
    const second = await exchange(code, verifier);
    expect(second.status).toBe(400);
    expect(second.json).toEqual({
      error: "invalid_request",
      error_description: "Value passed for the authorization code was invalid.",
    });
  });

  test("scenario 17: a code of more than 30 seconds is refused", async () => {
    const { code, verifier } = await consent();
    x.clock.pass(30_000);
    expect((await exchange(code, verifier)).status).toBe(400);
  });

  test("the wrong verifier or redirect address is refused and the code stays", async () => {
    const { code, verifier } = await consent();
    const wrong = await exchange(code, pkce().verifier);
    expect(wrong.at("error_description")).toContain("code verifier");
    const elsewhere = await oauthCall(x.url, {
      grant_type: "authorization_code",
      code,
      redirect_uri: "https://example.com/callback",
      code_verifier: verifier,
    });
    expect(elsewhere.at("error_description")).toContain("redirect uri");
    expect((await exchange(code, verifier)).status).toBe(200);
  });

  test("without Basic, or with a wrong secret, the client is refused", async () => {
    const form = { grant_type: "refresh_token", refresh_token: "x", client_id: SANDBOX_CLIENT_ID };
    const none = await oauthCall(x.url, form, { authorization: null });
    expect(none.json).toEqual({
      error: "unauthorized_client",
      error_description: "Missing valid authorization header",
    });
    const wrong = await oauthCall(x.url, form, { authorization: `Basic ${btoa(`${SANDBOX_CLIENT_ID}:wrong`)}` });
    expect([wrong.status, wrong.at("error")]).toEqual([401, "invalid_client"]);
  });

  test("no offline.access, no refresh token", async () => {
    const { code, verifier } = await consent({ scope: "tweet.read users.read" });
    const tokens = await exchange(code, verifier);
    expect(tokens.at("refresh_token")).toBeUndefined();
    expect(tokens.at("scope")).toBe("tweet.read users.read");
  });

  test("a refresh token works once; the next one goes on; the refusal is X's own", async () => {
    const signedIn = x.sandbox.signIn("sandbox_author");
    const refresh = (token: string) => oauthCall(x.url, { grant_type: "refresh_token", refresh_token: token });
    const first = await refresh(signedIn.refresh_token ?? "");
    expect(first.status).toBe(200);
    const again = await refresh(signedIn.refresh_token ?? "");
    expect(again.status).toBe(400);
    expect(again.json).toEqual({
      error: "invalid_request",
      error_description: "Value passed for the token was invalid.",
    });
    expect((await refresh(String(first.at("refresh_token")))).status).toBe(200);
  });

  test("scenario 14: a thousand refreshes in a row work", () => {
    let token = x.sandbox.signIn("sandbox_premium").refresh_token ?? "";
    for (let i = 0; i < 1_000; i += 1) {
      const answer = x.sandbox.handle({
        method: "POST",
        path: "/2/oauth2/token",
        query: new URLSearchParams(),
        headers: { authorization: BASIC, "content-type": "application/x-www-form-urlencoded" },
        body: `grant_type=refresh_token&refresh_token=${token}`,
      });
      expect(answer.status).toBe(200);
      token = (JSON.parse(String(answer.body)) as { refresh_token: string }).refresh_token;
    }
    expect(x.sandbox.report().accounts.sandbox_premium?.signIns.refreshes).toBe(1_000);
  });

  test("scenario 18: of many refreshes at once with one token X takes one and the report says so", async () => {
    x.sandbox.addUser({ handle: "crowd" });
    const token = x.sandbox.signIn("crowd").refresh_token ?? "";
    const form = { grant_type: "refresh_token", refresh_token: token };
    const answers = await Promise.all(Array.from({ length: 8 }, () => oauthCall(x.url, form)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    expect(x.sandbox.report().accounts.crowd?.signIns).toEqual({ consents: 1, refreshes: 1, refusedRefreshes: 7 });
  });

  test("an access token lives two hours", async () => {
    const token = x.sandbox.signIn("sandbox_author").access_token;
    const me = () => fetch(`${x.url}/2/users/me`, { headers: { authorization: `Bearer ${token}` } });
    x.clock.pass(7_199_000);
    expect((await me()).status).toBe(200);
    x.clock.pass(1_000);
    const late = await readAnswer(await me());
    expect(late.json).toEqual({ title: "Unauthorized", detail: "Unauthorized", type: "about:blank", status: 401 });
  });

  test("revoking a refresh token ends the sign-in; revoking a user ends all of theirs", async () => {
    const tokens = x.sandbox.signIn("sandbox_author");
    const path = "/2/oauth2/revoke";
    const revoked = await oauthCall(x.url, { token: tokens.refresh_token ?? "" }, { path });
    expect(revoked.json).toEqual({ revoked: true });
    const me = (token: string) => fetch(`${x.url}/2/users/me`, { headers: { authorization: `Bearer ${token}` } });
    expect((await me(tokens.access_token)).status).toBe(401);
    const other = x.sandbox.signIn("crowd");
    expect(x.sandbox.revokeUser("crowd")).toBeGreaterThan(0);
    expect((await me(other.access_token)).status).toBe(401);
  });

  test("X may grant fewer scopes than asked", async () => {
    x.sandbox.configure({ grantedScopes: ["tweet.read", "users.read", "offline.access"] });
    const { code, verifier } = await consent();
    expect((await exchange(code, verifier)).at("scope")).toBe("tweet.read users.read offline.access");
    x.sandbox.configure({ grantedScopes: null });
  });
});

describe("bearers", () => {
  test("a missing scope is X's catch-all 403", async () => {
    const token = x.sandbox.signIn("sandbox_author", { scopes: ["tweet.read", "users.read"] }).access_token;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const body = JSON.stringify({ text: "not allowed" });
    const answer = await readAnswer(await fetch(`${x.url}/2/tweets`, { method: "POST", headers, body }));
    expect([answer.status, answer.at("detail")]).toEqual([403, "You are not permitted to perform this action."]);
  });

  test("the app-only bearer reads, but cannot post", async () => {
    const headers = { authorization: `Bearer ${SANDBOX_APP_BEARER}`, "content-type": "application/json" };
    const usage = await fetch(`${x.url}/2/usage/tweets`, { headers });
    expect(usage.status).toBe(200);
    const body = JSON.stringify({ text: "by nobody" });
    const answer = await readAnswer(await fetch(`${x.url}/2/tweets`, { method: "POST", headers, body }));
    expect([answer.status, answer.at("title")]).toEqual([403, "Unsupported Authentication"]);
  });

  test("no token is kept: neither the report nor the saved state holds one", () => {
    const tokens = x.sandbox.signIn("sandbox_author");
    const kept = JSON.stringify([x.sandbox.report(), x.sandbox.save()]);
    expect(kept).not.toContain(tokens.access_token);
    expect(kept).not.toContain("sbx_refresh_");
  });
});
