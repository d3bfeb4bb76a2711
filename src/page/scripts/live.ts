/**
 * What every page does with a script: it follows the server's events; j and k go through the tweets; the theme is remembered. A page is
 * whole without it.
 */
export const LIVE_SCRIPT = `
(() => {
"use strict";
const { psn } = window;
Object.assign(psn, { isHeld: false, acting: 0, turn: 0 });
const themes = document.querySelector(".themes");
try {
  const saved = themes.hasAttribute("data-fixed") ? null : document.getElementById("theme-" + localStorage.getItem("psn-theme"));
  if (saved) saved.checked = true;
  themes.addEventListener("change", (event) => localStorage.setItem("psn-theme", event.target.value));
} catch {}
/* What is chosen, where the style sheet reads it. */
psn.dress = () => {
  const { dataset, classList } = document.documentElement;
  dataset.theme = themes.querySelector(":checked")?.value;
  classList.toggle("as-on-x", document.getElementById("as-on-x")?.checked === true);
};
psn.dress();
for (const type of ["change", "psn-shown"]) document.addEventListener(type, psn.dress);
window.addEventListener("pageshow", psn.dress);

psn.say = (words) => { document.getElementById("say").textContent = words; };

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
  const said = document.getElementById("away");
  /* A browser that asks again and again does not tell it again and again. */
  if (words !== null && said?.textContent === words) return;
  said?.remove();
  if (words === null) return;
  const box = document.createElement("p");
  box.id = "away";
  box.setAttribute("role", "alert");
  document.body.append(box);
  box.textContent = words;
};
const BACK = " What you see may be old, and nothing can be done here until it is back. The page then goes on by itself.";
const { events, ended } = document.body.dataset;
if (events) {
  let seen = null;
  const source = new EventSource(events);
  source.onmessage = ({ data }) => {
    const shown = document.getElementById("main").dataset.version;
    if (shown === undefined ? seen !== null && seen !== data : shown !== data) psn.refresh();
    seen = data;
    psn.away(null);
  };
  source.addEventListener("away", ({ data }) => psn.away(data + BACK));
  source.onerror = () => psn.away(ended);
}

const isTyping = (node) => node.closest("input,textarea,select,[contenteditable]");
psn.step = (by) => {
  const all = psn.tweets();
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
