/** The replay with a script: a step changes only what is different on the page, and steps follow each other by themselves. */
export const REPLAY_SCRIPT = `
(() => {
"use strict";
const { psn } = window;
/* What happened hours apart is not waited for so long. */
const PAUSE_MS_MAX = 3000;
const PAUSE_MS_MIN = 40;
const play = document.getElementById("play");
document.getElementById("play-tools").hidden = false;
let timer = null;
let isLoading = false;

async function go(url) {
  if (isLoading) return;
  isLoading = true;
  try {
    const answer = await fetch(url, { headers: { accept: "text/html" } });
    if (!answer.ok) return stop();
    psn.show(await answer.text());
    history.replaceState(null, "", url);
  } catch { stop(); } finally { isLoading = false; }
}
const linkTo = (name) => document.querySelector('#replay a[data-step="' + name + '"]');
function stop() {
  clearTimeout(timer);
  timer = null;
  play.textContent = "Play";
}
function wait() {
  const gap = Number(document.getElementById("replay").dataset.gap);
  const speed = Number(document.getElementById("speed").value);
  timer = setTimeout(next, Math.max(PAUSE_MS_MIN, Math.min(PAUSE_MS_MAX, gap) / speed));
}
async function next() {
  const link = linkTo("next");
  if (link) await go(link.href);
  if (timer === null) return;
  if (linkTo("next")) wait(); else stop();
}
async function toggle() {
  if (timer !== null) return stop();
  play.textContent = "Pause";
  timer = 0;
  if (!linkTo("next") && linkTo("first")) await go(linkTo("first").href);
  if (timer !== null) wait();
}
play.addEventListener("click", toggle);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-step]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  stop();
  go(link.href);
});
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input,select,textarea")) return;
  if (event.key === "p") { event.preventDefault(); toggle(); return; }
  const name = { ArrowLeft: "back", ArrowRight: "next" }[event.key];
  if (!name) return;
  event.preventDefault();
  stop();
  const link = linkTo(name);
  if (link) go(link.href);
});
})();
`;
