/** The two pages of sign-in: the question, and the refusal when the app's request itself is wrong. */
import { escapeHtml } from "./escape.ts";
import type { SandboxApp, SandboxUser } from "./state.ts";
import { STYLE } from "./style.ts";

const SCOPE_WORDS: Record<string, string> = {
  "tweet.read": "See posts and timelines",
  "tweet.write": "Post and delete for you",
  "users.read": "See accounts",
  "media.write": "Upload pictures and videos for you",
  "offline.access": "Stay signed in until you revoke it",
};
/** More accounts than this make no usable page; the rest sign in by `sandbox_user`. */
const ACCOUNTS_SHOWN_MAX = 50;

function shell(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body><main class="consent">${body}</main></body>
</html>
`;
}

/** Asks whether `app` may act for one of the sandbox's accounts. The form repeats every parameter as it came. */
export function consentPage(app: SandboxApp, scopes: string[], users: SandboxUser[], given: URLSearchParams): string {
  const hidden = [...given]
    .filter(([name]) => name !== "sandbox_user" && name !== "decision")
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join("\n");
  const wanted = given.get("sandbox_user")?.toLowerCase();
  const chosen = users.find((user) => user.handle.toLowerCase() === wanted) ?? users[0];
  const accounts = users
    .slice(0, ACCOUNTS_SHOWN_MAX)
    .map(
      (user) =>
        `<label><input type="radio" name="sandbox_user" value="${escapeHtml(user.handle)}"${user === chosen ? " checked" : ""}> ` +
        `<b>${escapeHtml(user.name)}</b> <span>@${escapeHtml(user.handle)}</span></label>`,
    )
    .join("\n");
  const items = scopes.map((scope) => `<li>${escapeHtml(SCOPE_WORDS[scope] ?? scope)}</li>`).join("");
  return shell(
    "Sandbox X: authorize an app",
    `<h1>${escapeHtml(app.name)} wants to act for an account</h1>
<p>This is PSN’s sandbox. No real account and no real post is involved.</p>
<form method="post" action="/i/oauth2/authorize">
${hidden}
<fieldset><legend>Account</legend>
${accounts}
</fieldset>
<b>It could then</b>
<ul class="scopes">${items}</ul>
<div class="buttons">
<button name="decision" value="deny">Deny</button>
<button class="yes" name="decision" value="auto">Authorize</button>
</div>
</form>`,
  );
}

export function refusalPage(message: string): string {
  return shell(
    "Sandbox X: cannot authorize",
    `<h1>You weren’t able to give access to the app</h1><p>${escapeHtml(message)}</p><p>Go back and try signing in again.</p>`,
  );
}
