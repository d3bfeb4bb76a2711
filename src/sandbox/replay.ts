/**
 * What was asked of the sandbox, once more, step by step: each request with its answer, and the timeline as it stood then. Each step has an
 * address, so it is read without a script; with one it plays by itself, at the pace at which it happened or quicker.
 */
import { attribute, type Html, html, join, NOTHING } from "../page/html.ts";
import { type Page, pageOf } from "../page/shell.ts";
import { newestThreads } from "./page.ts";
import { PANEL_STYLE } from "./panel-style.ts";
import { REPLAY_SCRIPT } from "./replay-script.ts";
import type { SandboxPost, SandboxState, World } from "./state.ts";

/** Steps that are listed before and after the one that is shown. */
const LISTED_MAX = 100;
export const REPLAY_PATH = "/sandbox/replay";

type Entry = SandboxState["log"][number];

/** Step N of what is still recorded; from 0, before the first request, to their count. Without one, the beginning. */
export function replayPage(world: World, query: URLSearchParams): Page {
  const { log } = world.state;
  const step = Math.min(log.length, Number(/^[0-9]{1,6}$/.exec(query.get("step") ?? "")?.[0] ?? 0));
  const entry = log[step - 1];
  const then = worldAt(world, entry?.atMs ?? (log[0]?.atMs ?? 0) - 1);
  const threads = newestThreads(then);
  const timeline = threads.length === 0 ? html`<p class="empty">Nothing was posted yet.</p>` : join(threads);
  return pageOf({
    title: `Step ${step} of ${log.length} · Replay · Sandbox X`,
    heading: html`<a href="/">Sandbox X</a> <small>Replay</small>`,
    main: html`${controls(log, step, entry)}${timeline}`,
    aside: html`<section class="panel" aria-labelledby="happened"><h2 id="happened">What happened</h2>${happened(log, step)}</section>`,
    skip: "Skip to the replay",
    style: PANEL_STYLE + STYLE,
    scripts: [REPLAY_SCRIPT],
  });
}

// --- internal ---

const STYLE = `
.replay{padding:12px 16px;border-bottom:1px solid var(--rule);display:grid;gap:8px;position:sticky;top:52px;background:var(--paper);z-index:3}
.replay .buttons{align-items:center}.replay select{width:auto;padding:3px 6px;border-radius:6px}.replay [hidden]{display:none}
@media (max-width:640px){.replay{position:static}}
`;

/** The world at an instant: what came later is not there yet. */
function worldAt(world: World, atMs: number): World {
  const posts: Record<string, SandboxPost> = {};
  for (const [id, post] of Object.entries(world.state.posts)) {
    if (post.createdAtMs > atMs) continue;
    const { deletedAtMs } = post;
    posts[id] = deletedAtMs !== null && deletedAtMs > atMs ? { ...post, deletedAtMs: null } : post;
  }
  return { ...world, now: new Date(atMs), state: { ...world.state, posts } };
}

const addressOf = (step: number) => `${REPLAY_PATH}?step=${step}`;

function controls(log: readonly Entry[], step: number, entry: Entry | undefined): Html {
  const { length } = log;
  const link = (to: number, name: string, words: string) =>
    to < 0 || to > length || to === step
      ? html`<span class="button slim faint">${words}</span>`
      : html`<a class="button slim" href="${addressOf(to)}" data-step="${name}" data-focus="step-${name}">${words}</a>`;
  const [next, here] = [log[step], entry ?? log[step]];
  const gapMs = next && here ? next.atMs - here.atMs : 0;
  const speeds = [1, 2, 10, 100].map((speed) => html`<option value="${speed}">${speed}×</option>`);
  const said = entry ? html`${what(entry)}, ${since(log, entry)}` : html`Before the first request`;
  return html`<section class="replay" id="replay" aria-label="Replay"${attribute("data-gap", gapMs)}><p id="now" role="status"><b>Step ${step} of ${length}</b>: ${said}</p><div class="buttons">${link(0, "first", "First")}${link(step - 1, "back", "Back")}${link(step + 1, "next", "Next")}${link(length, "last", "Last")}<span id="play-tools" data-mine hidden><button type="button" class="slim" id="play" aria-keyshortcuts="p">Play</button> <label class="small">Speed <select id="speed">${speeds}</select></label> <span class="small faint">Keys: <kbd>←</kbd> <kbd>→</kbd> <kbd>p</kbd></span></span></div></section>`;
}

function happened(log: readonly Entry[], step: number): Html {
  if (log.length === 0) return html`<p class="faint">Nothing was asked of the sandbox yet.</p>`;
  const from = Math.max(0, step - LISTED_MAX);
  const shown = log.slice(from, step + LISTED_MAX);
  const items = shown.map((entry, index) => {
    const nth = from + index + 1;
    const current = nth === step ? html` aria-current="step" class="here"` : NOTHING;
    return html`<li><a href="${addressOf(nth)}" data-step="${nth}" data-focus="step-${nth}"${current}>${what(entry)}</a> <span class="faint">${since(log, entry)}</span></li>`;
  });
  const cut =
    shown.length < log.length
      ? html`<p class="small faint">${log.length} in all; those around this step.</p>`
      : NOTHING;
  return html`${cut}<ol class="small" start="${from + 1}">${items}</ol>`;
}

function what({ endpoint, handle, status, acted, faults }: Entry): string {
  const who = handle === null ? "" : ` by @${handle}`;
  const outcome = status === null ? `connection reset${acted ? ", but carried out" : ""}` : String(status);
  const why = faults.length === 0 ? "" : ` (${faults.join(", ").replaceAll("_", " ")})`;
  return `${endpoint}${who}: ${outcome}${why}`;
}

const since = (log: readonly Entry[], { atMs }: Entry): string =>
  `after ${((atMs - (log[0]?.atMs ?? atMs)) / 1000).toFixed(1)} s`;
