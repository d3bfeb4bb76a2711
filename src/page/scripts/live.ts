/**
 * What every page does with a script: it follows the server's events and changes only what is different, so that focus, open
 * details, selection and words under a person's hands stay; j and k go through the tweets; the theme is remembered.
 * A page is whole without it.
 */
export const LIVE_SCRIPT = `
(() => {
"use strict";
const psn = (window.psn = { isHeld: false, acting: 0, turn: 0, shown: document.getElementById("main").dataset.shown });
const themes = document.querySelector(".themes");
try {
  const saved = themes.hasAttribute("data-fixed") ? null : document.getElementById("theme-" + localStorage.getItem("psn-theme"));
  if (saved) saved.checked = true;
  themes.addEventListener("change", (event) => localStorage.setItem("psn-theme", event.target.value));
} catch {}

psn.say = (words) => { document.getElementById("say").textContent = words; };

/* What a person has done to an element is theirs, and no answer of the server takes it away. */
const isOwn = (node, name) => name === "open" || name === "checked" || (name === "value" && node.nodeName === "INPUT");
const isDirty = (node) => node.nodeName === "TEXTAREA" && node.value !== node.defaultValue;
const inHands = (root) => [...root.querySelectorAll("[data-mine],textarea")].filter((one) => one.hasAttribute("data-mine") || isDirty(one));
const hasWords = (node) => node.id === "conflict" || (node.nodeType === 1 && inHands(node).length > 0);
const fits = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id || "") === (b.id || "");

/* Articles of which a part is in a person's hands: what the server says of them is kept, and shown when the hands are off. */
const behind = new Map();
function hold(from, to) {
  const [live, article] = [from.closest("article"), to.closest("article")];
  if (live && article) behind.set(live.id, article);
}
function morph(from, to) {
  if (from.nodeName === "ARTICLE" && !to.hasAttribute("data-same")) behind.delete(from.id);
  if (from.isEqualNode(to)) return;
  if (from.nodeType !== 1) { if (from.data !== to.data) from.data = to.data; return; }
  if (to.hasAttribute("data-later") || to.hasAttribute("data-same")) return;
  if (from.hasAttribute("data-mine") || isDirty(from)) {
    hold(from, to);
    return;
  }
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name) && !isOwn(from, name)) from.removeAttribute(name);
  for (const { name, value } of [...to.attributes]) if (!isOwn(from, name) && from.getAttribute(name) !== value) from.setAttribute(name, value);
  if (from.nodeName === "TEXTAREA") { from.defaultValue = to.defaultValue; from.value = to.defaultValue; return; }
  if (from.nodeName === "INPUT" && from.type === "hidden") from.value = to.getAttribute("value") ?? "";
  const wanted = new Set([...to.children].map((child) => child.id).filter(Boolean));
  const known = new Map([...from.children].filter((child) => child.id).map((child) => [child.id, child]));
  let at = from.firstChild;
  const drop = () => {
    const next = at.nextSibling;
    /* Such as the editor of a post that was scheduled elsewhere: whoever saves is told so, and their words are kept. */
    if (hasWords(at)) hold(at, to); else at.remove();
    at = next;
  };
  for (const child of [...to.childNodes]) {
    const match = child.id ? known.get(child.id) : null;
    if (match) {
      while (at && at !== match && !(at.id && wanted.has(at.id))) drop();
      if (at === match) at = at.nextSibling; else from.insertBefore(match, at);
      if (fits(match, child)) morph(match, child); else match.replaceWith(document.importNode(child, true));
    } else if (at && !child.id && !at.id && fits(at, child)) {
      const here = at;
      at = at.nextSibling;
      morph(here, child);
    } else from.insertBefore(document.importNode(child, true), at);
  }
  while (at) drop();
}

/* Where the focus is, to find it again when its element was exchanged. */
function focused() {
  const node = document.activeElement;
  if (!node || node === document.body) return () => {};
  const home = node.closest("[id]");
  const path = node.dataset.focus ? '[data-focus="' + CSS.escape(node.dataset.focus) + '"]' : null;
  return () => {
    if (document.activeElement === node && node.isConnected) return;
    const near = node.id ? document.getElementById(node.id) : path && document.querySelector(path);
    (near || (home && document.getElementById(home.id)))?.focus({ preventScroll: true });
  };
}

/* What is seen changes at once. Tweets further away come after it has been painted, or as soon as a person is about to do something with
   them: of a long thread, to read and compare them all takes longer than anybody should wait for a key. */
const ARTICLE = /<article\\b[^>]*? id="([^"]+)"[^]*?<\\/article>/g;
const SLICE_MS = 8;
/* Two frames: the answer is on the screen before anything else is done. */
const SEEN_MS = 32;
let later = new Map();
/* Looked up while the server is at work: the answer need not wait for it. Null where nobody looks at the page. */
let near;
psn.look = () => {
  const isNear = (one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return (bottom > -innerHeight / 2 && top < innerHeight * 1.5) || one.contains(document.activeElement);
  };
  near = document.hidden ? null : new Set(tweets().filter(isNear).map(({ id }) => id));
};
/* One that is not on the page yet has its place to take, so it is never late. One that is as before may still be late. */
function withoutLater(markup) {
  if (near === undefined) psn.look();
  const before = later;
  later = new Map();
  const end = markup.indexOf("</main>");
  return markup.slice(0, end).replace(ARTICLE, (whole, id) => {
    const head = whole.slice(0, whole.indexOf(">"));
    const isSame = head.endsWith(" data-same");
    const news = isSame ? before.get(id) : whole;
    if (news === undefined) return whole;
    if (near === null || near.has(id) || !document.getElementById(id)) return news;
    later.set(id, news);
    return isSame ? whole : head + " data-later></article>";
  }) + markup.slice(end);
}
function bringLater(untilMs = Infinity) {
  const box = document.createElement("template");
  for (const [id, markup] of later) {
    later.delete(id);
    box.innerHTML = markup;
    const from = document.getElementById(id);
    if (from) { morph(from, box.content.firstChild); renumber(from); }
    if (performance.now() > untilMs) return;
  }
}
/* What every tweet bears and may be another one where all else is as before. Words in a person's hands keep the version that they were
   written for. */
function renumber(root) {
  const version = document.querySelector("#acts [name=version]")?.value;
  const size = String(document.getElementById("feed")?.childElementCount);
  const put = (node, name, value) => { if (node.getAttribute(name) !== value) node.setAttribute(name, value); };
  for (const one of root.querySelectorAll("[name=version]")) {
    if (version !== undefined && !one.form.hasAttribute("data-mine")) put(one, "value", version);
  }
  for (const one of root.querySelectorAll(".of")) if (one.firstChild.data !== size) one.firstChild.data = size;
  for (const one of root.nodeName === "ARTICLE" ? [root] : root.children) put(one, "aria-setsize", size);
}
/* Where a tweet says which one it is. What its author wrote, and what files are called, is none of these: the last number of a label is. */
const PLACED = "[id],[for],[data-count],[data-focus],[data-cut],[data-split],[name=position],summary,.n";
function place(article, n) {
  const put = (node, name, where, value) => {
    const had = node.getAttribute(name);
    const now = had?.replace(where, (_, head) => head + value);
    if (had !== null && now !== had) node.setAttribute(name, now);
  };
  for (const one of [article, ...article.querySelectorAll(PLACED)]) {
    for (const name of ["id", "for", "aria-labelledby", "data-count"]) put(one, name, /^(tweet-|count-|cut-)\\d+/, n);
    for (const name of ["data-cut", "data-split"]) put(one, name, /^()\\d+/, n - 1);
    if (one.dataset.focus !== undefined) for (const name of ["data-focus", "value"]) put(one, name, /^([a-z-]+:)\\d+/, n - 1);
    if (one.dataset.focus !== undefined || one.nodeName === "SUMMARY") {
      for (const name of ["aria-label", "title"]) put(one, name, /^([^]*tweet )\\d+/, n);
    }
    if (one.name === "position") put(one, "value", /^()\\d+/, n - 1);
    if (one.className === "n") one.firstChild.data = n;
  }
  article.setAttribute("aria-posinset", n);
}
/* Which of the tweets here becomes which of the answer's. Those that are as before go where they are now. Words under a person's hands go
   with their tweet, known by the words that it had; where it has others by now, they stay at its place. */
const HEAD = /<article\\b[^>]*? id="tweet-(\\d+)"[^>]*?( data-same(?:="(\\d+)")?)?>/g;
function goToPlaces(markup) {
  const heads = [...markup.matchAll(HEAD)];
  const feed = document.getElementById("feed");
  if (!feed || heads.length === 0) return true;
  const mine = [...new Set(inHands(feed).map((one) => one.closest("article")))];
  if (mine.length === 0 && !heads.some(([, , , was]) => was)) return true;
  bringLater();
  const at = new Map(tweets().map((one) => [one.id.slice(6), one]));
  const places = new Map();
  const open = new Map();
  for (const [index, { 1: n, 2: same, 3: was = n, index: from }] of heads.entries()) {
    if (same) places.set(at.get(was), Number(n));
    else open.set(Number(n), WAS.exec(markup.slice(from, heads[index + 1]?.index))?.[1]);
  }
  if (places.has(undefined)) return false;
  const take = (one, n) => { places.set(one, n); open.delete(n); };
  const wasOf = (one) => one.querySelector("[name=was]")?.value;
  for (const one of mine.filter((each) => !places.has(each))) {
    const key = wasOf(one);
    const [n, ...others] = [...open.keys()].filter((each) => open.get(each) === key);
    if (n !== undefined && others.length === 0) take(one, n);
  }
  for (const one of mine.filter((each) => !places.has(each))) {
    const here = Number(one.id.slice(6));
    const isAnother = () => [...at.values()].some((each) => each !== one && wasOf(each) === open.get(here));
    if (open.has(here) && !isAnother()) take(one, here);
  }
  for (const [n] of open) if (at.has(String(n)) && !places.has(at.get(String(n)))) places.set(at.get(String(n)), n);
  const kept = new Map(behind);
  behind.clear();
  for (const one of at.values()) {
    if (places.has(one)) continue;
    keepWords(one);
    one.remove();
  }
  for (const [one, n] of places) {
    const to = kept.get(one.id);
    if (one.id !== "tweet-" + n) for (const each of [one, to]) if (each) place(each, n);
    if (to) behind.set(one.id, to);
  }
  return true;
}
const WAS = / name="was" value="([^"]*)"/;
/* Words whose tweet is no more become those of a new one, unless their author leaves them. */
function keepWords(article) {
  const words = [...article.querySelectorAll(".edit textarea")].filter(isDirty).map(({ value }) => value);
  const area = document.querySelector("#add textarea");
  if (words.length === 0 || !area) return;
  area.value = [area.value, ...words].filter(Boolean).join("\\n---\\n");
  area.form.setAttribute("data-mine", "");
  area.closest("details").open = true;
  psn.tell?.("The tweet in which you wrote is no more. Your words are below, in “Add a tweet”.", true);
}
/* After a person has let go of words. */
psn.catchUp = () => {
  for (const [id, to] of [...behind]) {
    const from = document.getElementById(id);
    behind.delete(id);
    if (from) { morph(from, to); renumber(from); }
  }
};
/* Whether all is as the server said it. */
psn.isWhole = () => later.size === 0 && behind.size === 0;
let isBringing = false;
function bringSoon() {
  if (isBringing || later.size === 0) return;
  isBringing = true;
  setTimeout(() => { isBringing = false; bringLater(performance.now() + SLICE_MS); bringSoon(); });
}
for (const type of ["pointerdown", "click", "focusin"]) {
  document.addEventListener(type, ({ target }) => {
    if (type !== "focusin" || later.has(target.closest?.("article")?.id)) bringLater();
  }, true);
}

psn.show = (markup) => {
  const base = /<main\\b[^>]*? data-base="([^"]+)"/.exec(markup)?.[1];
  const isFitting = base === undefined || base === psn.shown;
  const refocus = focused();
  psn.shown = "";
  /* It is about another page than the one that is here. */
  if (!isFitting || !goToPlaces(markup)) { psn.refresh(); return; }
  const fresh = new DOMParser().parseFromString(withoutLater(markup), "text/html");
  const { shown } = fresh.getElementById("main").dataset;
  for (const id of ["main", "aside"]) {
    const [from, to] = [document.getElementById(id), fresh.getElementById(id)];
    if (from && to) morph(from, to);
  }
  const [heading, said] = [document.querySelector(".top h1"), fresh.querySelector(".top h1")];
  if (heading && said) morph(heading, said);
  document.title = fresh.title;
  psn.shown = shown;
  near = undefined;
  const feed = document.getElementById("feed");
  if (base !== undefined && feed) { psn.catchUp(); renumber(feed); }
  refocus();
  requestAnimationFrame(() => setTimeout(bringSoon, SEEN_MS));
  document.dispatchEvent(new CustomEvent("psn-shown"));
};

/* A page that bears no name is answered whole. */
psn.headers = (more) => (psn.shown === undefined ? more : { ...more, "x-psn-shown": psn.shown || "nothing" });

/* What was asked before an act must not be shown after it: it would be older. */
let isAsking = false;
let isStale = false;
const mayAsk = () => isStale && !psn.isHeld && psn.acting === 0;
psn.refresh = async () => {
  isStale = true;
  await psn.resume();
};
psn.resume = async () => {
  if (isAsking || !mayAsk()) return;
  isAsking = true;
  try {
    while (mayAsk()) {
      isStale = false;
      const { turn } = psn;
      psn.look();
      const answer = await fetch(location.href, { headers: psn.headers({ accept: "text/html" }) });
      const markup = await answer.text();
      if (turn !== psn.turn) isStale = true;
      else if (answer.ok) psn.show(markup);
    }
  } catch {} finally { isAsking = false; }
};
psn.release = () => { psn.isHeld = false; psn.resume(); };

/* Said until it is over: what is shown may be old. */
psn.away = (words) => {
  document.getElementById("away")?.remove();
  if (words === null) return;
  const box = document.createElement("p");
  box.id = "away";
  box.setAttribute("role", "alert");
  document.body.append(box);
  box.textContent = words + " What you see may be old, and nothing can be done here until it is back. The page then goes on by itself.";
};
const { events } = document.body.dataset;
if (events) {
  let seen = null;
  const source = new EventSource(events);
  source.onmessage = ({ data }) => {
    const shown = document.getElementById("main").dataset.version;
    if (shown === undefined ? seen !== null && seen !== data : shown !== data) psn.refresh();
    seen = data;
    psn.away(null);
  };
  source.addEventListener("away", ({ data }) => psn.away(data));
  source.onerror = () => psn.away("This page is not served any more; the command that served it has ended or was stopped.");
}

const isTyping = (node) => node.closest("input,textarea,select,[contenteditable]");
const tweets = () => [...document.querySelectorAll("[role=feed]>article")];
psn.step = (by) => {
  const all = tweets();
  const here = all.findIndex((one) => one.contains(document.activeElement));
  const next = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, here + by))];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
  const isOnTweet = event.target.matches("article");
  const by = { j: 1, k: -1, ...(isOnTweet ? { ArrowDown: 1, ArrowUp: -1, PageDown: 1, PageUp: -1 } : {}) }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  psn.step(by);
});
})();
`;
