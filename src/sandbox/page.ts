/** The page at `/`: what an author's readers would see, thread by thread, and beside it what the sandbox did. */
import { createHash } from "node:crypto";
import { escapeHtml } from "./escape.ts";
import { sidebar } from "./page-side.ts";
import { expandedUrl, heldText } from "./present-text.ts";
import { usd } from "./report.ts";
import { type SandboxMedia, type SandboxPost, type SandboxUser, userByHandle, type World } from "./state.ts";
import { STYLE } from "./style.ts";
import { findEntities } from "./text.ts";
import { type Branch, type Thread, threadsOf } from "./threads.ts";

const THREADS_PER_PAGE = 30;
/** Longer threads are cut on the page only; the state dump has them whole. */
const POSTS_PER_THREAD_MAX = 200;
const REFRESH_MS = 2_000;

/** Reloads when something changed, never while text is selected or the page is hidden. */
const SCRIPT = `
const seen = document.documentElement.dataset.revision;
setInterval(async () => {
  if (document.hidden || String(getSelection())) return;
  try {
    const answer = await fetch("/sandbox/revision");
    if (String((await answer.json()).revision) !== seen) location.reload();
  } catch {}
}, ${REFRESH_MS});
`;
const SCRIPT_HASH = createHash("sha256").update(SCRIPT).digest("base64");
const POLICY =
  "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; " +
  `frame-ancestors 'none'; form-action 'none'; script-src 'sha256-${SCRIPT_HASH}'`;

/** Same hue for the same account, in both themes. */
function face(user: SandboxUser): string {
  const hue = Number(BigInt(user.id) % 360n);
  const letter = Array.from(user.name)[0] ?? "?";
  return `<span class="face" style="background:hsl(${hue} 42% 42%)" aria-hidden="true">${escapeHtml(letter.toUpperCase())}</span>`;
}

/** The text with links, names and tags marked. Everything else is escaped and nothing is dropped. */
function richText(text: string): string {
  let at = 0;
  let out = "";
  for (const entity of findEntities(text)) {
    out += escapeHtml(text.slice(at, entity.start));
    const written = escapeHtml(text.slice(entity.start, entity.end));
    out +=
      entity.kind === "url"
        ? `<a href="${escapeHtml(expandedUrl(entity.value))}" rel="noreferrer noopener" target="_blank">${written}</a>`
        : `<span class="tag">${written}</span>`;
    at = entity.end;
  }
  return out + escapeHtml(text.slice(at));
}

function timeOf(ms: number): string {
  const iso = new Date(ms).toISOString();
  const words = new Date(ms).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });
  return `<time datetime="${iso}">${words} UTC</time>`;
}

function figure(world: World, id: string, media: SandboxMedia | undefined): string {
  const alt = media?.altText ?? null;
  const caption = alt === null ? `<span class="badge bad">no alt text</span>` : `<b>Alt</b> ${escapeHtml(alt)}`;
  const kind = media?.kind === "photo" ? "picture" : media?.kind === "animated_gif" ? "GIF" : "video";
  const size = media === undefined ? "" : `, ${(media.totalBytes / 1e6).toFixed(2)} MB`;
  const shown = world.bytes.has(id)
    ? `<img src="/sandbox/media/${escapeHtml(id)}" alt="${escapeHtml(alt ?? "")}" loading="lazy">`
    : `<div class="blank">${kind}${size}</div>`;
  return `<figure>${shown}<figcaption>${caption}</figcaption></figure>`;
}

function mediaOf(world: World, post: SandboxPost): string {
  if (post.mediaIds.length === 0) return "";
  const figures = post.mediaIds.map((id) => figure(world, id, world.state.media[id])).join("");
  return `<div class="media${post.mediaIds.length > 1 ? " many" : ""}">${figures}</div>`;
}

function badges(post: SandboxPost): string {
  const words: string[] = [];
  if (post.madeWithAi) words.push("made with AI");
  if (post.paidPartnership) words.push("paid partnership");
  if (post.replySettings !== null) words.push(`replies: ${post.replySettings}`);
  const bad = post.deletedAtMs === null ? "" : `<span class="badge bad">deleted</span>`;
  return bad + words.map((word) => `<span class="badge">${escapeHtml(word)}</span>`).join("");
}

function postHtml(world: World, post: SandboxPost, place: { nth: number; of: number; goesOn: boolean }): string {
  const user = world.state.users[post.authorId];
  if (user === undefined) return "";
  const handle = escapeHtml(user.handle);
  const poll =
    post.poll === null
      ? ""
      : `<ul class="poll">${post.poll.options.map((option) => `<li>${escapeHtml(option)}</li>`).join("")}</ul>`;
  const nth = place.of > 1 ? `<span class="nth">${place.nth}/${place.of}</span>` : "";
  const gone = post.deletedAtMs === null ? "" : " gone";
  return `<article class="post${place.goesOn ? " goes-on" : ""}" id="post-${post.id}">
${face(user)}
<div><div class="who"><b>${escapeHtml(user.name)}</b> <a class="handle" href="/?account=${handle}">@${handle}</a> ${timeOf(post.createdAtMs)} ${badges(post)}${nth}</div>
<p class="text${gone}" dir="auto">${richText(heldText(world, post))}</p>
${mediaOf(world, post)}${poll}
<div class="meta"><a href="#post-${post.id}"><code>${post.id}</code></a></div></div>
</article>`;
}

interface Room {
  left: number;
}

function branchHtml(world: World, branch: Branch, room: Room): string {
  const live = branch.chain;
  let out = "";
  live.forEach(({ post, others }, index) => {
    if (room.left <= 0) return;
    room.left -= 1;
    out += postHtml(world, post, { nth: index + 1, of: live.length, goesOn: index + 1 < live.length });
    for (const other of others) out += `<div class="nested">${branchHtml(world, other, room)}</div>`;
  });
  return out;
}

function threadHtml(world: World, thread: Thread): string {
  const room = { left: POSTS_PER_THREAD_MAX };
  const posts = branchHtml(world, thread.branch, room);
  const head = thread.size > 1 ? `<p class="count">Thread of ${thread.size} posts</p>` : "";
  const more =
    thread.size > POSTS_PER_THREAD_MAX ? `<p class="count">${thread.size - POSTS_PER_THREAD_MAX} more</p>` : "";
  return `<section class="thread">${head}${posts}${more}</section>`;
}

function emptyNote(user: SandboxUser | undefined): string {
  const who = user === undefined ? "Nobody has" : `@${escapeHtml(user.handle)} has not`;
  return `<div class="empty"><b>${who} posted yet</b>What is published to the sandbox appears here by itself.</div>`;
}

/** The page for `?account=handle` and `?before=<conversation id>`, with its content security policy. */
export function timelinePage(world: World, query: URLSearchParams): { html: string; policy: string } {
  const user = userByHandle(world.state, query.get("account") ?? "");
  const before = /^[0-9]{1,19}$/.exec(query.get("before") ?? "")?.[0] ?? null;
  const threads = threadsOf(world.state, user?.id ?? null);
  const rest = before === null ? threads : threads.filter((thread) => BigInt(thread.id) < BigInt(before));
  const shown = rest.slice(0, THREADS_PER_PAGE);
  const last = shown.at(-1);
  const account = user === undefined ? "" : `account=${encodeURIComponent(user.handle)}&amp;`;
  const older =
    last !== undefined && rest.length > shown.length
      ? `<a href="/?${account}before=${last.id}">Older</a>`
      : "<span></span>";
  const newer = before === null ? "<span></span>" : `<a href="/?${account}">Newest</a>`;
  const main = shown.length === 0 ? emptyNote(user) : shown.map((thread) => threadHtml(world, thread)).join("\n");
  const posts = Object.values(world.state.posts).filter((post) => post.deletedAtMs === null).length;
  const longer = threads.filter((thread) => thread.size > 1).length;
  const spent = usd(Object.values(world.state.ledgerTotals).reduce((sum, total) => sum + total.micros, 0));
  const html = `<!doctype html>
<html lang="en" data-revision="${world.state.revision}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sandbox X${user === undefined ? "" : `: @${escapeHtml(user.handle)}`}</title>
<style>${STYLE}</style>
<noscript><meta http-equiv="refresh" content="10"></noscript>
</head>
<body>
<header class="top"><div class="bar">
<h1><a href="/">Sandbox X</a></h1>
<p>Everything here stays on this machine. Nothing reaches the real X.</p>
<div class="figures"><span><b>${posts}</b> ${posts === 1 ? "post" : "posts"}</span><span><b>${longer}</b> ${longer === 1 ? "thread" : "threads"}</span><span><b>$${spent.toFixed(3)}</b> spent</span></div>
</div></header>
<div class="layout">
<main>
${main}
<nav class="pages">${newer}${older}</nav>
</main>
${sidebar(world, user ?? null)}
</div>
<script>${SCRIPT}</script>
</body>
</html>
`;
  return { html, policy: POLICY };
}
