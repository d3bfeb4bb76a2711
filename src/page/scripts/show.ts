/**
 * Shows what the server answers, and changes only what is different, so that focus, open details, selection and words under a person's
 * hands stay. Tweets that went to another place are moved there.
 */
export const SHOW_SCRIPT = `
(() => {
"use strict";
const psn = (window.psn = { shown: document.getElementById("main").dataset.shown });
psn.tweets = () => [...document.querySelectorAll("[role=feed]>article")];
const { tweets } = psn;

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
  if (to.hasAttribute?.("data-same")) return;
  if (from.nodeName === "ARTICLE") behind.delete(from.id);
  if (from.nodeName === "DETAILS" && !formsIn(from)) unfold(to);
  if (from.isEqualNode(to)) return;
  if (from.nodeType !== 1) { if (from.data !== to.data) from.data = to.data; return; }
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
  const { focus } = node.dataset;
  const path = focus ? '[data-focus="' + CSS.escape(focus) + '"]' : node.name === "act" ? '[name=act][value="' + CSS.escape(node.value) + '"]' : null;
  return () => {
    if (document.activeElement === node && node.isConnected) return;
    const near = node.id ? document.getElementById(node.id) : path && document.querySelector(path);
    (near || (home && document.getElementById(home.id)))?.focus({ preventScroll: true });
  };
}

/* The forms of a tweet stand in noscript: where a script runs, they are words until somebody opens them. Of hundreds of forms that
   nobody fills in, a browser that offers to fill them in takes longer at each act than all else. */
const formsIn = (details) => details.querySelector(":scope>noscript");
function unfold(details) {
  const forms = formsIn(details);
  if (!forms) return false;
  const box = document.createElement("template");
  box.innerHTML = forms.textContent;
  forms.replaceWith(box.content);
  /* They have the numbers of when they came. */
  place(details.closest("article"));
  return true;
}
psn.unfold = (details) => { if (unfold(details)) renumber(details.closest("article")); };
document.addEventListener("toggle", ({ target }) => { if (target.open) psn.unfold(target); }, true);

/* What every tweet bears and may be another one where all else is as before. Words in a person's hands keep the version that they were
   written for. */
function renumber(root) {
  const version = document.querySelector("#acts [name=version]")?.value;
  const size = String(document.getElementById("feed")?.childElementCount);
  for (const one of root.querySelectorAll("[name=version]")) {
    if (version !== undefined && !one.form.hasAttribute("data-mine") && one.getAttribute("value") !== version) one.setAttribute("value", version);
  }
  for (const one of root.querySelectorAll(".of")) if (one.firstChild.data !== size) one.firstChild.data = size;
  for (const one of root.closest("article") ? [root] : root.children) {
    if (one.getAttribute("aria-setsize") !== size) one.setAttribute("aria-setsize", size);
  }
}
function takePlace(article, n) {
  article.id = "tweet-" + n;
  article.setAttribute("aria-posinset", n);
}
/* Where a tweet says which one it is. What its author wrote, and what files are called, is none of these: the last number of a label is. */
const PLACED = "[id],[data-cut],[data-split],[name=act],[name=position],summary,label[for],.n";
function say(node, name, where, value) {
  const had = node.getAttribute(name);
  if (had === null) return;
  const now = had.replace(where, "$1" + value);
  if (now !== had) node.setAttribute(name, now);
}
const IN_ID = /^(tweet-|count-|cut-)\\d+/;
const IN_ACT = /^([a-z-]*:?)\\d+/;
const IN_LABEL = /^([^]*tweet )\\d+/;
function place(article) {
  const n = Number(article.id.slice(6));
  say(article, "aria-labelledby", IN_ID, n);
  for (const one of article.querySelectorAll(PLACED)) {
    if (one.className === "n") { one.firstChild.data = n; continue; }
    if (one.id) say(one, "id", IN_ID, n);
    if (one.name === "act" || one.name === "position") say(one, "value", IN_ACT, n - 1);
    else {
      say(one, "for", IN_ID, n);
      for (const name of ["data-cut", "data-split", "data-focus"]) say(one, name, IN_ACT, n - 1);
    }
    say(one, "aria-label", IN_LABEL, n);
  }
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
  const at = new Map(tweets().map((one) => [one.id.slice(6), one]));
  const places = new Map();
  const open = new Map();
  for (const [index, { 1: n, 2: same, 3: was = n, index: from }] of heads.entries()) {
    if (same) places.set(at.get(was), Number(n));
    else open.set(Number(n), WAS.exec(markup.slice(from, heads[index + 1]?.index))?.[1]);
  }
  if (places.has(undefined)) return false;
  const take = (one, n) => { places.set(one, n); open.delete(n); };
  const wasOf = (one) => one.querySelector("[name=was]")?.value ?? WAS.exec(one.querySelector("noscript")?.textContent)?.[1];
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
    if (one.id !== "tweet-" + n) {
      for (const each of [one, to]) if (each) { takePlace(each, n); place(each); }
    }
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
psn.show = (markup) => {
  const base = /<main\\b[^>]*? data-base="([^"]+)"/.exec(markup)?.[1];
  const isFitting = base === undefined || base === psn.shown;
  const refocus = focused();
  psn.shown = "";
  /* It is about another page than the one that is here. */
  if (!isFitting || !goToPlaces(markup)) { psn.refresh(); return; }
  const fresh = new DOMParser().parseFromString(markup, "text/html");
  /* It has parsed them as where no script runs. */
  for (const forms of fresh.querySelectorAll("noscript")) forms.textContent = forms.innerHTML;
  const { shown } = fresh.getElementById("main").dataset;
  for (const id of ["main", "aside"]) {
    const [from, to] = [document.getElementById(id), fresh.getElementById(id)];
    if (from && to) morph(from, to);
  }
  const [heading, said] = [document.querySelector(".top h1"), fresh.querySelector(".top h1")];
  if (heading && said) morph(heading, said);
  document.title = fresh.title;
  psn.shown = shown;
  const feed = document.getElementById("feed");
  if (base !== undefined && feed) {
    psn.catchUp();
    renumber(feed);
  }
  refocus();
  document.dispatchEvent(new CustomEvent("psn-shown"));
};
})();
`;
