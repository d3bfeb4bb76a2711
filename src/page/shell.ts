/** A whole page: head, skip link, themes, and a policy that allows exactly what is on it. */
import { createHash } from "node:crypto";
import { attribute, constant, type Html, html, join, NOTHING } from "./html.ts";
import { iconSprite } from "./icons.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { LIVE_SCRIPT } from "./scripts/live.ts";
import { SHOW_SCRIPT } from "./scripts/show.ts";
import { THEMES_WITHOUT_SCRIPT, TWEET_STYLE } from "./style.ts";

export const THEMES = ["system", "light", "dim", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export interface Shell {
  title: string;
  /** Beside the title in the bar at the top. */
  heading: Html;
  bar?: Html;
  main: Html;
  aside?: Html;
  /** Where the skip link leads, such as “Skip to the thread”. */
  skip: string;
  /** Chosen from outside; else the person's choice of before, or the system's. */
  theme?: Theme | undefined;
  /** Address of the page's server-sent events, and what to say when its server is gone; absent for a page that never changes. */
  events?: { url: string; ended: string };
  /** What the script must know of what stands in `main`. `version` is what the events say when the page is as it is now. */
  mainData?: Readonly<Partial<Record<"version" | "shown" | "base" | "post", string | undefined>>>;
  style?: string;
  /** What stands in for a script where none runs. */
  styleWithoutScript?: string;
  scripts?: readonly string[];
  /** Seconds after which a browser without scripts asks again. */
  refreshSecs?: number;
}

/** A page with the value of its `content-security-policy`. */
export interface Page {
  html: string;
  policy: string;
}

/** No request leaves the page's own server; styles and scripts are allowed by their hash; nobody may put the page into a frame. */
export function pageOf(shell: Shell): Page {
  const own = [
    "img-src 'self'",
    "media-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  const sheet = THEMES_WITHOUT_SCRIPT + (shell.styleWithoutScript ?? "");
  const policy = [...hashesOf(shell, sheet), ...own].join("; ");
  const refresh =
    shell.refreshSecs === undefined ? NOTHING : html`<meta http-equiv="refresh" content="${shell.refreshSecs}">`;
  const withoutScript = html`<noscript>${refresh}<style>${constant(sheet)}</style></noscript>`;
  return { html: wholeOf(shell, withoutScript).markup, policy };
}

/**
 * Of a page what changes, for a script that shows the rest already. Its articles may be the ones that are shown (`data-same`), those of the
 * page that `mainData.base` names.
 */
export function changingOf({ title, heading, main, aside, mainData }: Shell): string {
  return html`<title>${title}</title><header class="top"><h1>${heading}</h1></header>${mainHtml(main, mainData)}${asideHtml(aside)}`
    .markup;
}

/** The same page for another program's frame, which has no server behind it: nothing is asked for, pictures are data. */
export function appFrame(shell: Shell): string {
  const policy = [...hashesOf(shell), "img-src data:", "form-action 'none'"].join("; ");
  return wholeOf(shell, html`<meta http-equiv="content-security-policy" content="${policy}">`).markup;
}

/**
 * A page that is one question or one answer, without script. Its forms may lead anywhere: a sign-in goes back to the app that asked,
 * and browsers hold such a redirect against `form-action`.
 */
export function plainPageOf({ title, main, style = "" }: { title: string; main: Html; style?: string }): Page {
  const sheet = TWEET_STYLE + PAGE_STYLE + style;
  const policy = `default-src 'none'; style-src ${hashOf(sheet)}; base-uri 'none'; frame-ancestors 'none'`;
  const page = html`<!doctype html>
<html lang="en">
${headOf(title, sheet)}
<body>${main}</body>
</html>
`;
  return { html: page.markup, policy };
}

/** The headers of a page beside its type. */
export function pageHeaders(policy: string): Record<string, string> {
  return {
    "cache-control": "no-store",
    "content-security-policy": policy,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  };
}

// --- internal ---

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const styleOf = (shell: Shell) => TWEET_STYLE + PAGE_STYLE + (shell.style ?? "");
const scriptsOf = (shell: Shell) => [SHOW_SCRIPT, LIVE_SCRIPT, ...(shell.scripts ?? [])];

/** Styles and scripts are allowed by their hash, and nothing that is not named. */
function hashesOf(shell: Shell, ...sheets: string[]): string[] {
  const scripts = scriptsOf(shell).map(hashOf).join(" ");
  const styles = [styleOf(shell), ...sheets].map(hashOf).join(" ");
  return ["default-src 'none'", "base-uri 'none'", `style-src ${styles}`, `script-src ${scripts}`];
}

function wholeOf(shell: Shell, more: Html): Html {
  return html`<!doctype html>
<html lang="en">
${headOf(shell.title, styleOf(shell), more)}
<body${attribute("data-events", shell.events?.url)}${attribute("data-ended", shell.events?.ended)}>
<a class="skip" href="#main">${shell.skip}</a>
${iconSprite()}
<header class="top"><div class="top-inner"><h1>${shell.heading}</h1>${shell.bar ?? NOTHING}${themes(shell.theme)}</div></header>
<div class="layout${shell.aside ? " with-aside" : ""}">
${mainHtml(shell.main, shell.mainData)}
${asideHtml(shell.aside)}
</div>
<p id="say" class="unseen" role="status" aria-live="polite"></p>
${scriptsOf(shell).map((script) => html`<script>${constant(script)}</script>`)}
</body>
</html>
`;
}

function mainHtml(main: Html, data: Shell["mainData"] = {}): Html {
  const attributes = Object.entries(data).map(([name, value]) => attribute(`data-${name}`, value));
  return html`<main id="main" tabindex="-1"${attributes}>${main}</main>`;
}

function asideHtml(aside: Html | undefined): Html {
  return aside ? html`<aside id="aside">${aside}</aside>` : NOTHING;
}

function headOf(title: string, style: string, more: Html = NOTHING): Html {
  return html`<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${more}
<title>${title}</title>
<style>${constant(style)}</style>
</head>`;
}

/** Radio buttons. A script tells the style sheet, and remembers the choice; without one the style sheet reads them. */
function themes(chosen: Theme | undefined): Html {
  const radios = THEMES.map(
    (theme) =>
      html`<input class="unseen" type="radio" name="theme" id="theme-${theme}" value="${theme}"${attribute("checked", theme === (chosen ?? "system"))}><label for="theme-${theme}">${theme}</label>`,
  );
  return html`<fieldset class="themes"${attribute("data-fixed", chosen !== undefined)}><legend class="unseen">Colours</legend>${join(radios)}</fieldset>`;
}
