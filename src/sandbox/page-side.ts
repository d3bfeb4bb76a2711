/** What stands beside the timeline: accounts, money, faults in force, the last requests. */
import { escapeHtml } from "./escape.ts";
import type { Fault } from "./fault-schema.ts";
import { usd } from "./report.ts";
import type { SandboxUser, World } from "./state.ts";

const SHOWN_MAX = 12;

function list(items: string[], none: string): string {
  return items.length === 0 ? `<p class="none">${none}</p>` : `<ul>${items.join("")}</ul>`;
}

function accountItems(world: World, here: SandboxUser | null): string[] {
  return Object.values(world.state.users)
    .slice(0, SHOWN_MAX * 4)
    .map((user) => {
      const posts = (world.state.postsByUser[user.id] ?? []).filter(
        (id) => world.state.posts[id]?.deletedAtMs === null,
      );
      const handle = escapeHtml(user.handle);
      const marks = [
        user.subscription === "None" ? "" : `<span class="badge">${user.subscription}</span>`,
        user.suspended ? `<span class="badge bad">suspended</span>` : "",
        user.locked ? `<span class="badge bad">locked</span>` : "",
      ].join(" ");
      const current = user.id === here?.id ? ` class="here" aria-current="page"` : "";
      return `<li><span class="grow"><a href="/?account=${handle}"${current}>@${handle}</a> ${marks}</span><span>${posts.length}</span></li>`;
    });
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

function moneyItems(world: World): string[] {
  const spent = Object.entries(world.state.ledgerTotals).map(
    ([kind, total]) =>
      `<li><span class="grow">${escapeHtml(KIND_WORDS[kind] ?? kind)} × ${total.count}</span><span>$${usd(total.micros).toFixed(3)}</span></li>`,
  );
  const balances = Object.values(world.state.apps)
    .slice(0, SHOWN_MAX)
    .map((app) => {
      const amount = usd(app.balanceMicros);
      const tone = amount <= 0 ? ` class="bad"` : "";
      return `<li><span class="grow">Balance of ${escapeHtml(app.name)}</span><span${tone}>$${amount.toFixed(3)}</span></li>`;
    });
  return [...balances, ...spent];
}

function faultItem(fault: Fault): string {
  const { method, path, account } = fault.match;
  const where = [method, path, account === undefined ? undefined : `@${account}`].filter((part) => part !== undefined);
  const left = fault.timesLeft === null ? "until cleared" : `${fault.timesLeft} left`;
  const name = escapeHtml(fault.effect.kind.replaceAll("_", " "));
  return `<li><span class="grow"><b>${name}</b> <code>${escapeHtml(where.join(" "))}</code></span><span>${left}</span></li>`;
}

function requestItems(world: World): string[] {
  return world.state.log
    .slice(-SHOWN_MAX)
    .toReversed()
    .map((entry) => {
      const tone = entry.status !== null && entry.status < 400 ? "ok" : "bad";
      const status = entry.status === null ? (entry.acted ? "reset, acted" : "reset") : String(entry.status);
      return `<li><code class="grow">${escapeHtml(entry.endpoint)}</code><span class="${tone}">${status}</span></li>`;
    });
}

export function sidebar(world: World, here: SandboxUser | null): string {
  const faults = world.state.faults
    .filter((fault) => fault.timesLeft !== 0)
    .slice(0, SHOWN_MAX)
    .map(faultItem);
  const { received, acted } = world.state.writes;
  return `<aside>
<section><h2>Accounts</h2>${list(accountItems(world, here), "None.")}</section>
<section><h2>Money</h2>${list(moneyItems(world), "Nothing was billed.")}</section>
<section><h2>Faults in force</h2>${list(faults, "None. X behaves.")}</section>
<section><h2>Last requests</h2>${list(requestItems(world), "None yet.")}
<p class="none">${acted} of ${received} writes carried out</p></section>
</aside>`;
}
