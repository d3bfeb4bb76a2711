/** The sandbox's pages: the timeline, an account, a post in its thread. What an author's readers would see, at X's own paths. */
import { printable } from "../core/compose/unicode-segments.ts";
import { type Html, html, join, NOTHING } from "../page/html.ts";
import { type Page, pageOf } from "../page/shell.ts";
import { avatar, type Place, tweetHtml } from "../page/tweet.ts";
import { panel } from "./panel.ts";
import { PANEL_STYLE } from "./panel-style.ts";
import { personView, postView } from "./post-view.ts";
import type { SandboxUser, World } from "./state.ts";
import { byAge, type Conversation, conversationsOf, type Placed, placed } from "./threads.ts";
import { ANY_USER } from "./types.ts";

const THREADS_PER_PAGE = 30;
/** Longer threads are cut on the page only; the state dump has them whole. */
const POSTS_PER_THREAD_MAX = 200;
/** For a browser without scripts; with them the page hears of changes at once. */
const REFRESH_SECS = 10;
const EVENTS_URL = "/sandbox/events";

/** The timeline, or one account's; `?before=<conversation id>` is further back. */
export function timelinePage(world: World, query: URLSearchParams, user: SandboxUser | null): Page {
  const before = /^[0-9]{1,19}$/.exec(query.get("before") ?? "")?.[0] ?? null;
  const all = conversationsOf(world.state, user?.id ?? null);
  const rest = before === null ? all : all.filter(({ id }) => byAge(id, before) < 0);
  const shown = rest.slice(0, THREADS_PER_PAGE);
  const path = user === null ? "/" : `/${user.handle}`;
  const last = shown.at(-1);
  const older =
    last !== undefined && rest.length > shown.length
      ? html`<a href="${path}?before=${last.id}">Older</a>`
      : html`<span></span>`;
  const newer = before === null ? html`<span></span>` : html`<a href="${path}">Newest</a>`;
  const threads = shown.map((conversation) => threadHtml(world, conversation, placed(conversation), null));
  return sandboxPage(world, {
    title: user === null ? "Sandbox X" : `${personView(user).name} (@${user.handle}) · Sandbox X`,
    here: user,
    path: before === null ? path : `${path}?before=${before}`,
    main: html`${user === null ? NOTHING : profile(world, user)}${shown.length === 0 ? emptyNote(user) : join(threads)}<nav class="pages" aria-label="Older and newer">${newer}${older}</nav>`,
  });
}

/** A post, opened in its thread. */
export function postPage(world: World, user: SandboxUser, postId: string): Page {
  const post = world.state.posts[postId];
  const conversation = conversationsOf(world.state, null).find(({ id }) => id === post?.conversationId);
  const all = conversation === undefined ? [] : placed(conversation);
  const isThere = all.some((one) => one.post.id === postId);
  const list = isThere || post === undefined ? all : [{ post, depth: 0, nth: 1, of: 1 }];
  const at = list.findIndex((one) => one.post.id === postId);
  const from = Math.max(0, at - POSTS_PER_THREAD_MAX / 2);
  const shown = list.slice(from, from + POSTS_PER_THREAD_MAX);
  return sandboxPage(world, {
    title: printable(`${user.name} on Sandbox X: ${(post?.text ?? "").slice(0, 60)}`),
    here: user,
    path: `/${user.handle}/status/${postId}`,
    main: threadHtml(world, conversation ?? { id: postId, posts: [] }, shown, postId, list.length),
  });
}

/** The newest threads of all, without what stands around them. */
export function newestThreads(world: World): Html[] {
  const shown = conversationsOf(world.state, null).slice(0, THREADS_PER_PAGE);
  return shown.map((conversation) => threadHtml(world, conversation, placed(conversation), null));
}

/** For an address at which nothing is. */
export function missingPage(world: World, words: string): Page {
  return sandboxPage(world, {
    title: "Not here · Sandbox X",
    here: null,
    path: "/",
    main: html`<div class="empty"><b>${words}</b>The sandbox may have been started anew since. <a class="tag" href="/">The timeline</a></div>`,
  });
}

// --- internal ---

const ENDED =
  "The sandbox has ended. What you see may be old; the page goes on by itself when psn sandbox runs here again.";

function sandboxPage(
  world: World,
  { title, here, path, main }: { title: string; here: SandboxUser | null; path: string; main: Html },
): Page {
  return pageOf({
    title,
    heading: html`<a href="/">Sandbox X</a> <small>Nothing here reaches the real X. ${ANY_USER}</small>`,
    main,
    aside: panel(world, here, path),
    skip: "Skip to the timeline",
    events: { url: EVENTS_URL, ended: ENDED },
    refreshSecs: REFRESH_SECS,
    style: PANEL_STYLE,
  });
}

function threadHtml(
  world: World,
  { id, posts }: Conversation,
  list: readonly Placed[],
  openedId: string | null,
  size = list.length,
): Html {
  const shown = list.slice(0, POSTS_PER_THREAD_MAX);
  const articles = shown.map((one, index) => articleHtml(world, one, index, shown, openedId));
  const first = world.state.users[list[0]?.post.authorId ?? ""];
  const count = Math.max(size, posts.length);
  const words = count === 1 ? "Post" : `Thread of ${count} posts`;
  const more = size > shown.length ? html`<p class="thread-head">${size - shown.length} more</p>` : NOTHING;
  const isAlone = count === 1 ? " unseen" : "";
  return html`<section class="thread" id="thread-${id}"><h2 class="thread-head${isAlone}" id="head-${id}">${words}<span class="unseen"> by ${first === undefined ? "nobody" : personView(first).name}</span></h2><div role="feed" aria-labelledby="head-${id}">${articles}</div>${more}</section>`;
}

function articleHtml(
  world: World,
  { post, depth, nth, of }: Placed,
  index: number,
  all: readonly Placed[],
  openedId: string | null,
): Html {
  const user = world.state.users[post.authorId];
  if (user === undefined) return NOTHING;
  const [before, after] = [all[index - 1], all[index + 1]];
  const place: Place = {
    position: index + 1,
    size: all.length,
    label: of > 1 ? `post ${nth} of ${of}` : depth > 0 ? "reply" : "post",
    isOpened: post.id === openedId,
    depth,
    isReply: before !== undefined && post.replyToId === before.post.id && before.depth === depth,
    goesOn: after !== undefined && after.post.replyToId === post.id && after.depth === depth,
    ...(of > 1 ? { corner: html`<span class="nth">${nth}/${of}</span>` } : {}),
  };
  return tweetHtml(postView(world, post, user), place);
}

function profile(world: World, user: SandboxUser): Html {
  const ids = world.state.postsByUser[user.id] ?? [];
  const posts = ids.filter((id) => world.state.posts[id]?.deletedAtMs === null).length;
  return html`<div class="profile">${avatar(personView(user))}<h2><bdi>${personView(user).name}</bdi></h2><p class="faint">@${user.handle} · ${posts} ${posts === 1 ? "post" : "posts"}</p></div>`;
}

function emptyNote(user: SandboxUser | null): Html {
  const who = user === null ? "Nobody has" : `@${user.handle} has not`;
  return html`<div class="empty"><b>${who} posted yet</b>What is published to the sandbox appears here by itself.</div>`;
}
