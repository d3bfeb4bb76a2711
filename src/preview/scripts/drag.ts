/**
 * A cut is dragged over the words, or moved by the arrow keys on its handle. The server says to which places it can go and what the two
 * tweets would count; only the drop changes anything, by the same act as a button's.
 */
export const DRAG_SCRIPT = `
(() => {
"use strict";
const { psn } = window;
const articles = () => document.querySelectorAll("#feed>article");
const textOf = (article) => article.querySelector(".text");

/* Where a caret is in a tweet's own text: what X shortens counts as its author wrote it. */
function offsetIn(text, node, offset) {
  let at = 0;
  for (const child of text.childNodes) {
    const own = child.dataset?.text;
    if (child === node || child.contains(node)) return at + (own === undefined ? offset : 0);
    at += (own ?? child.textContent).length;
  }
  return at;
}
function pointIn(text, offset) {
  let at = 0;
  for (const child of text.childNodes) {
    const own = child.dataset?.text;
    const { length } = own ?? child.textContent;
    if (offset <= at + length) {
      if (child.nodeType === 3) return [child, offset - at];
      const inner = child.firstChild ?? child;
      return [inner, own === undefined ? Math.min(offset - at, inner.length ?? 0) : offset > at ? (inner.length ?? 0) : 0];
    }
    at += length;
  }
  return [text, text.childNodes.length];
}
function caretAt(x, y) {
  if (document.caretPositionFromPoint) {
    const spot = document.caretPositionFromPoint(x, y);
    return spot && [spot.offsetNode, spot.offset];
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range && [range.startContainer, range.startOffset];
}

let drag = null;
document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.("[data-cut]");
  if (!grip || event.button !== 0) return;
  event.preventDefault();
  grip.focus();
  grip.setPointerCapture(event.pointerId);
  psn.isHeld = true;
  document.documentElement.classList.add("is-dragging");
  const at = Number(grip.dataset.cut);
  const pair = [articles()[at], articles()[at + 1]].map(textOf);
  const marker = document.createElement("div");
  marker.className = "marker";
  const counts = document.createElement("output");
  marker.append(counts);
  drag = { grip, at, pair, marker, counts, places: null, place: null, point: [event.clientX, event.clientY] };
  requestAnimationFrame(creep);
  const mine = drag;
  fetch("places?border=" + at).then((answer) => answer.json()).then(({ places }) => {
    mine.places = places;
    if (drag === mine) follow();
  }).catch(() => end(false));
});
document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  drag.point = [event.clientX, event.clientY];
  if (drag.places) follow();
});
document.addEventListener("pointerup", () => drag && end(true));
document.addEventListener("pointercancel", () => drag && end(false));
document.addEventListener("keydown", (event) => {
  if (drag && event.key === "Escape") { event.preventDefault(); end(false); }
});

/* At an edge of the window the page goes on: a finger that drags cannot scroll, and the words may be above a tall picture. */
const EDGE = 40;
const CREEP = 6;
function creep() {
  if (!drag) return;
  const y = drag.point[1];
  const by = y < EDGE ? -CREEP : y > innerHeight - EDGE ? CREEP : 0;
  const before = scrollY;
  if (by !== 0) scrollBy(0, by);
  if (scrollY !== before && drag.places) follow();
  requestAnimationFrame(creep);
}

/* The place nearest to the pointer, in reading order. */
function follow() {
  const [x, y] = drag.point;
  const boxes = drag.pair.map((text) => text.getBoundingClientRect());
  const side = y < (boxes[0].bottom + boxes[1].top) / 2 ? 0 : 1;
  const box = boxes[side];
  const caret = caretAt(Math.min(box.right - 2, Math.max(box.left + 1, x)), Math.min(box.bottom - 3, Math.max(box.top + 3, y)));
  if (!caret || !drag.pair[side].contains(caret[0])) return;
  const offset = offsetIn(drag.pair[side], caret[0], caret[1]);
  const key = (tweet, at) => tweet * 1e6 + at;
  const wanted = key(side, offset);
  const distance = (place) => Math.abs(key(place.tweet, place.offset) - wanted);
  const near = drag.places.filter((place) => place.tweet === side);
  const still = drag.places.find((place) => place.by === 0);
  const isBetween = y > boxes[0].bottom && y < boxes[1].top;
  drag.place = isBetween || near.length === 0 ? still : near.reduce((best, place) => (distance(place) < distance(best) ? place : best));
  mark();
}
function mark() {
  const { place, pair, marker, counts, at } = drag;
  const [node, offset] = pointIn(pair[place.tweet], place.offset);
  const spot = document.createRange();
  spot.setStart(node, offset);
  const box = spot.getClientRects()[0] ?? spot.getBoundingClientRect();
  counts.textContent = (at + 1) + ": " + place.left + " · " + (at + 2) + ": " + place.right;
  if (!marker.isConnected) document.body.append(marker);
  Object.assign(marker.style, { left: box.left + scrollX + "px", top: box.top + scrollY + "px", height: (box.height || 20) + "px" });
  if (!window.Highlight) return;
  const moving = document.createRange();
  if (place.tweet === 0) { moving.setStart(node, offset); moving.setEndAfter(pair[0].lastChild ?? pair[0]); }
  else { moving.setStartBefore(pair[1].firstChild ?? pair[1]); moving.setEnd(node, offset); }
  CSS.highlights.set("psn-moving", new Highlight(...(place.by === 0 ? [] : [moving])));
}
function end(isDropped) {
  const { place, at, marker, grip } = drag;
  drag = null;
  marker.remove();
  window.CSS?.highlights?.delete("psn-moving");
  document.documentElement.classList.remove("is-dragging");
  psn.release();
  if (isDropped && place && place.by !== 0) psn.act("move:" + at + ":" + place.by + ":word").then(() => grip.isConnected && grip.focus());
}

document.addEventListener("keydown", (event) => {
  const grip = event.target.closest?.("[data-cut]");
  if (!grip || event.ctrlKey || event.metaKey || event.altKey) return;
  const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
  const at = grip.dataset.cut;
  if (by !== undefined) {
    event.preventDefault();
    psn.act("move:" + at + ":" + by + ":" + (event.shiftKey ? "sentence" : "word"));
  } else if (event.key === "Delete") {
    event.preventDefault();
    psn.act("join:" + at);
  }
});
})();
`;
