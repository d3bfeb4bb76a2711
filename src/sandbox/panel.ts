/** What stands beside the timeline: accounts, the bill, limits, the clock, faults with their buttons, the last requests. */
import { attribute, type Html, html, join, NOTHING } from "../page/html.ts";
import type { Fault } from "./fault-schema.ts";
import { limitOf, windowMax } from "./limits.ts";
import { FAULT_NAMES, FAULTS } from "./named-faults.ts";
import { usd } from "./report.ts";
import type { SandboxUser, World } from "./state.ts";

const SHOWN_MAX = 12;
const ACCOUNTS_MAX = 48;
/** Choices of how often a fault strikes. */
export const TIMES = ["1", "2", "3", "5", "always"] as const;

/** The panel of a page at `path`, to which the answer of a button leads back. */
export function panel(world: World, here: SandboxUser | null, path: string): Html {
  return html`<section class="panel" aria-labelledby="panel-faults"><h2 id="panel-faults">Let something go wrong</h2>${faults(world, path)}</section>
<section class="panel" aria-labelledby="panel-accounts"><h2 id="panel-accounts">Accounts</h2>${accounts(world, here)}</section>
<section class="panel" aria-labelledby="panel-bill"><h2 id="panel-bill">Bill</h2>${bill(world, path)}</section>
<section class="panel" aria-labelledby="panel-limits"><h2 id="panel-limits">Limits in use</h2>${limits(world)}</section>
<section class="panel" aria-labelledby="panel-requests"><h2 id="panel-requests">Last requests</h2>${requests(world)}</section>`;
}

// --- internal ---

function rows(items: readonly Html[], none: string): Html {
  return items.length === 0 ? html`<p class="faint">${none}</p>` : html`<ul class="rows small">${items}</ul>`;
}

/** A button that posts to the panel and leads back. */
function act(path: string, fields: Record<string, string>, inner: Html): Html {
  const hidden = Object.entries({ ...fields, back: path }).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<form class="inline" method="post" action="/sandbox/panel">${hidden}${inner}</form>`;
}

function faults(world: World, path: string): Html {
  const inForce = world.state.faults.filter((fault) => fault.timesLeft !== 0).slice(0, SHOWN_MAX);
  const buttons = FAULT_NAMES.map(
    (name) =>
      html`<button class="slim" name="fault" value="${name}" title="${FAULTS[name].does.replace(/,? ?(come back in|of|for|the last)? ?--[^)]*\)/, "")}">${name.replaceAll("_", " ")}</button>`,
  );
  const times = TIMES.map((one) => html`<option value="${one}">${one === "always" ? "until cleared" : one}</option>`);
  return html`${inForce.length === 0 ? html`<p class="faint">X behaves.</p>` : html`<ul class="rows small">${inForce.map((fault) => faultRow(fault, path))}</ul>${act(path, { do: "clear" }, html`<button class="slim">Clear all</button>`)}`}
<details class="choose" id="choose-fault"><summary>Choose a fault</summary><form method="post" action="/sandbox/panel"><input type="hidden" name="do" value="fault"><input type="hidden" name="back" value="${path}"><label class="times">How often <select name="times">${times}</select></label><div class="faults">${buttons}</div></form></details>`;
}

function faultRow({ id, effect, match, timesLeft }: Fault, path: string): Html {
  const { method, path: pattern, account } = match;
  const where = [method, pattern, account === undefined ? undefined : `@${account}`].filter(Boolean).join(" ");
  const left = timesLeft === null ? "until cleared" : `${timesLeft} left`;
  const name = effect.kind.replaceAll("_", " ");
  const end = html`<button class="slim" aria-label="End ${name}">×</button>`;
  return html`<li id="fault-${id}"><span class="grow"><b>${name}</b> <code>${where}</code> · ${left}</span>${act(path, { do: "end", id }, end)}</li>`;
}

function accounts(world: World, here: SandboxUser | null): Html {
  const items = Object.values(world.state.users)
    .slice(0, ACCOUNTS_MAX)
    .map((user) => {
      const ids = world.state.postsByUser[user.id] ?? [];
      const posts = ids.filter((id) => world.state.posts[id]?.deletedAtMs === null).length;
      const marks = [
        user.subscription === "None" ? NOTHING : html` <span class="mark">${user.subscription}</span>`,
        user.suspended ? html` <span class="mark bad">suspended</span>` : NOTHING,
        user.locked ? html` <span class="mark bad">locked</span>` : NOTHING,
      ];
      const current = user.id === here?.id ? html` class="here" aria-current="page"` : NOTHING;
      return html`<li><span class="grow"><a href="/${user.handle}"${current}>@${user.handle}</a>${marks}</span><span>${posts}</span></li>`;
    });
  return rows(items, "None.");
}

const KIND_WORDS: Record<string, string> = {
  create: "Posts",
  createWithUrl: "Posts with a link",
  createSummonedReply: "Summoned replies",
  delete: "Deletions",
  mediaMetadata: "Alt texts",
  readPost: "Posts read",
  readOwnPost: "Own posts read",
  readUser: "Accounts read",
};

const dollars = (micros: number) => `$${usd(micros).toFixed(3)}`;

function bill(world: World, path: string): Html {
  const totals = Object.entries(world.state.ledgerTotals);
  const spent = totals.reduce((sum, [, { micros }]) => sum + micros, 0);
  const items = [
    ...Object.values(world.state.apps)
      .slice(0, SHOWN_MAX)
      .map(({ name, balanceMicros }) => {
        const tone = attribute("class", balanceMicros <= 0 ? "bad" : null);
        return html`<li><span class="grow">Balance of ${name}</span><span${tone}>${dollars(balanceMicros)}</span></li>`;
      }),
    html`<li><b class="grow">Spent</b><b>${dollars(spent)}</b></li>`,
    ...totals.map(
      ([kind, { count, micros }]) =>
        html`<li><span class="grow">${KIND_WORDS[kind] ?? kind} × ${count}</span><span>${dollars(micros)}</span></li>`,
    ),
  ];
  const buttons = html`<div class="buttons">${act(path, { do: "credits", usd: "0" }, html`<button class="slim">Out of credits</button>`)}${act(path, { do: "credits", usd: "100" }, html`<button class="slim">Buy $100</button>`)}</div>`;
  return html`${rows(items, "Nothing was billed.")}${buttons}`;
}

function limits(world: World): Html {
  const nowMs = world.now.getTime();
  const items = Object.entries(world.state.rateWindows)
    .filter(([, { startMs, lengthMs }]) => startMs + lengthMs > nowMs)
    .slice(-SHOWN_MAX)
    .map(([key, entry]) => {
      const [endpoint = "", window = ""] = key.split("|");
      const max = windowMax(limitOf(world, endpoint), window);
      const minutes = Math.ceil((entry.startMs + entry.lengthMs - nowMs) / 60_000);
      const tone = attribute("class", max !== null && entry.count >= max ? "bad" : null);
      return html`<li><span class="grow"><code>${endpoint}</code> <span class="faint">${window}, ${minutes} min left</span></span><span${tone}>${entry.count}/${max ?? "–"}</span></li>`;
    });
  const clock = html`<p class="small faint">The clock here: <time datetime="${world.now.toISOString()}">${world.now.toISOString().slice(0, 16).replace("T", " ")} UTC</time></p>`;
  return html`${clock}${rows(items, "None yet.")}`;
}

function requests(world: World): Html {
  const items = world.state.log
    .slice(-SHOWN_MAX)
    .toReversed()
    .map(({ endpoint, status, acted, handle, faults: struck }) => {
      const tone = status !== null && status < 400 ? "good" : "bad";
      const outcome = status === null ? (acted ? "reset, acted" : "reset") : String(status);
      const why = struck.length === 0 ? NOTHING : html` <span class="mark bad">${struck.join(", ")}</span>`;
      const who = handle === null ? NOTHING : html` <span class="faint">@${handle}</span>`;
      return html`<li><span class="grow"><code>${endpoint}</code>${who}${why}</span><span class="${tone}">${outcome}</span></li>`;
    });
  const { received, acted } = world.state.writes;
  return join([
    rows(items, "None yet."),
    html`<p class="small faint">${acted} of ${received} writes carried out. <a href="/sandbox/replay">Replay them</a></p>`,
  ]);
}
