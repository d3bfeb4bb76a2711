/** The two pages of sign-in: the question, and the refusal when the app's request itself is wrong. */
import { attribute, html } from "../page/html.ts";
import { type Page, plainPageOf } from "../page/shell.ts";
import { PANEL_STYLE } from "./panel-style.ts";
import type { SandboxApp, SandboxUser } from "./state.ts";

const SCOPE_WORDS: Record<string, string> = {
  "tweet.read": "See posts and timelines",
  "tweet.write": "Post and delete for you",
  "users.read": "See accounts",
  "media.write": "Upload pictures and videos for you",
  "offline.access": "Stay signed in until you revoke it",
};
/** More accounts than this make no usable page; the rest sign in by `sandbox_user`. */
const ACCOUNTS_SHOWN_MAX = 50;

/** Asks whether `app` may act for one of the sandbox's accounts. The form repeats every parameter as it came. */
export function consentPage(app: SandboxApp, scopes: string[], users: SandboxUser[], given: URLSearchParams): Page {
  const hidden = [...given]
    .filter(([name]) => name !== "sandbox_user" && name !== "decision")
    .map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
  const wanted = given.get("sandbox_user")?.toLowerCase();
  const chosen = users.find((user) => user.handle.toLowerCase() === wanted) ?? users[0];
  const accounts = users
    .slice(0, ACCOUNTS_SHOWN_MAX)
    .map(
      (user) =>
        html`<label><input type="radio" name="sandbox_user" value="${user.handle}"${attribute("checked", user === chosen)}> <b>${user.name}</b> <span>@${user.handle}</span></label>`,
    );
  const items = scopes.map((scope) => html`<li>${SCOPE_WORDS[scope] ?? scope}</li>`);
  return plainPageOf({
    title: "Sandbox X: authorize an app",
    style: PANEL_STYLE,
    main: html`<div class="consent" role="main"><h1>${app.name} wants to act for an account</h1>
<p>This is PSN’s sandbox. No real account and no real post is involved.</p>
<form method="post" action="/i/oauth2/authorize">
${hidden}
<fieldset><legend>Account</legend>
${accounts}
</fieldset>
<b>It could then</b>
<ul class="scopes">${items}</ul>
<div class="two">
<button name="decision" value="deny">Deny</button>
<button class="solid" name="decision" value="auto">Authorize</button>
</div>
</form></div>`,
  });
}

export function refusalPage(message: string): Page {
  return plainPageOf({
    title: "Sandbox X: cannot authorize",
    style: PANEL_STYLE,
    main: html`<div class="consent" role="main"><h1>You weren’t able to give access to the app</h1><p>${message}</p><p>Go back and try signing in again.</p></div>`,
  });
}
