/** `/i/oauth2/authorize`: the page where a person says yes or no, and the same for programs. */
import { consentPage, refusalPage } from "./consent-page.ts";
import { randomText, sha256Hex } from "./ids.ts";
import { isOtherPage } from "./other-page.ts";
import { empty, json, pageAnswer, sandboxFull } from "./problems.ts";
import { CAPS, type SandboxApp, type SandboxUser, userByHandle, type World } from "./state.ts";
import type { SandboxRequest, SandboxResponse } from "./types.ts";

const STATE_MAX = 500;
/** Every scope of X's own list (OpenAPI 2.167). */
const ALL_SCOPES = new Set(
  (
    "block.read block.write bookmark.read bookmark.write broadcast.read broadcast.write dm.read dm.write follows.read " +
    "follows.write like.read like.write list.read list.write media.write mute.read mute.write offline.access space.read " +
    "timeline.read tweet.moderate.write tweet.read tweet.write users.email users.read"
  ).split(" "),
);

interface Asked {
  app: SandboxApp;
  redirectUri: string;
  state: string;
  scopes: string[];
  challenge: string;
  method: "S256" | "plain";
}

/** Refused before the redirect address is known to be the app's own: nobody may be sent there. */
interface Refused {
  kind: "refused";
  code: number;
  message: string;
}
interface SendBack {
  kind: "send_back";
  to: string;
}

function backTo(redirectUri: string, parameters: Record<string, string>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) if (value !== "") url.searchParams.set(name, value);
  return url.href;
}

/** Judges the parameters of an authorize request. Pure. */
function judge(world: World, query: URLSearchParams): ({ kind: "asked" } & Asked) | Refused | SendBack {
  const app = world.state.apps[query.get("client_id") ?? ""];
  if (app === undefined) {
    return { kind: "refused", code: 32, message: "Value passed for the client id was invalid: this app is unknown." };
  }
  const redirectUri = query.get("redirect_uri") ?? "";
  if (!app.callbacks.includes(redirectUri)) {
    return {
      kind: "refused",
      code: 415,
      message:
        "Callback URL not approved for this client application. Approved callback URLs can be adjusted in your application settings.",
    };
  }
  const state = query.get("state") ?? "";
  const refuse = (error: string, description: string): SendBack => ({
    kind: "send_back",
    to: backTo(redirectUri, {
      error,
      error_description: description,
      state: state.length <= STATE_MAX ? state : "",
    }),
  });
  if (query.get("response_type") !== "code") return refuse("unsupported_response_type", "response_type must be code.");
  if (state === "" || state.length > STATE_MAX)
    return refuse("invalid_request", "state must have 1 to 500 characters.");
  const scopes = [...new Set((query.get("scope") ?? "").split(" ").filter((scope) => scope !== ""))];
  const unknown = scopes.find((scope) => !ALL_SCOPES.has(scope));
  if (scopes.length === 0 || unknown !== undefined) {
    return refuse("invalid_scope", unknown === undefined ? "scope is missing." : `Unknown scope [${unknown}].`);
  }
  const named = query.get("code_challenge_method") ?? "plain";
  // X takes it in lower case, too: twitter-api-v2 has sent it so for years.
  const method = /^s256$/i.test(named) ? "S256" : named;
  const challenge = query.get("code_challenge") ?? "";
  if (method !== "S256" && method !== "plain") return refuse("invalid_request", "code_challenge_method is invalid.");
  if (!/^[A-Za-z0-9\-._~]{43,128}$/.test(challenge)) return refuse("invalid_request", "code_challenge is invalid.");
  return { kind: "asked", app, redirectUri, state, scopes, challenge, method };
}

function grantCode(world: World, asked: Asked, user: SandboxUser): SandboxResponse | { to: string; code: string } {
  const { codes, settings } = world.state;
  const nowMs = world.now.getTime();
  if (Object.keys(codes).length >= CAPS.tokens) {
    for (const [key, code] of Object.entries(codes)) if (code.used || code.expiresAtMs <= nowMs) delete codes[key];
    if (Object.keys(codes).length >= CAPS.tokens) return sandboxFull("authorization codes", CAPS.tokens);
  }
  const code = `sbx_code_${randomText(world, 40)}`;
  const granted = settings.grantedScopes;
  codes[sha256Hex(code)] = {
    clientId: asked.app.clientId,
    userId: user.id,
    redirectUri: asked.redirectUri,
    scopes: granted === null ? asked.scopes : asked.scopes.filter((scope) => granted.includes(scope)),
    challenge: asked.challenge,
    method: asked.method,
    expiresAtMs: nowMs + settings.codeSecs * 1000,
    used: false,
  };
  return { to: backTo(asked.redirectUri, { state: asked.state, code }), code };
}

function sendTo(location: string, asJson: boolean): SandboxResponse {
  if (!asJson) return { ...empty(302), headers: { location, "cache-control": "no-store" } };
  const query = new URL(location).searchParams;
  const { code, state, error } = Object.fromEntries(query) as Record<string, string | undefined>;
  return json(200, { redirect_uri: location, code, state, error }, { "cache-control": "no-store" });
}

/**
 * `GET /i/oauth2/authorize` shows the page; its form comes back as `POST` with `decision` and `sandbox_user`.
 * Programs say `sandbox_consent=auto` (or `deny`) and `sandbox_user=<handle>` and get the 302 at once; with
 * `Accept: application/json` they get `{ redirect_uri, code, state }` or `{ redirect_uri, error, state }` in a 200.
 */
export function authorizeCall(world: World, request: SandboxRequest): SandboxResponse {
  const accept = request.headers.accept ?? "";
  const asJson = accept.includes("application/json") && !accept.includes("text/html");
  const bodyText = typeof request.body === "string" ? request.body : Buffer.from(request.body).toString("utf8");
  const given = request.method === "POST" ? new URLSearchParams(bodyText) : request.query;

  const judged = judge(world, given);
  if (judged.kind === "refused") {
    return asJson
      ? json(400, { errors: [{ code: judged.code, message: judged.message }] })
      : pageAnswer(400, refusalPage(judged.message));
  }
  if (judged.kind === "send_back") return sendTo(judged.to, asJson);

  const fallback = asJson ? "auto" : null;
  // Whichever page led here, it does not say yes in the place of its reader.
  const said = isOtherPage(request.headers) ? null : (given.get("sandbox_consent") ?? fallback);
  const decision = request.method === "POST" ? given.get("decision") : said;
  const users = Object.values(world.state.users);
  if (decision === null) return pageAnswer(200, consentPage(judged.app, judged.scopes, users, given));
  if (decision === "deny") {
    const { redirectUri, state } = judged;
    const description = "The user denied the request.";
    return sendTo(backTo(redirectUri, { error: "access_denied", error_description: description, state }), asJson);
  }
  const handle = given.get("sandbox_user");
  const user = handle === null ? users[0] : userByHandle(world.state, handle);
  if (user === undefined) {
    const message = `This sandbox has no account @${handle ?? ""}.`;
    return asJson ? json(400, { errors: [{ message }] }) : pageAnswer(400, refusalPage(message));
  }
  const grant = grantCode(world, judged, user);
  return "status" in grant ? grant : sendTo(grant.to, asJson);
}
