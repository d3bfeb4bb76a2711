/**
 * The page inside the frame of an agent's client, as an MCP App: what the page's server answers elsewhere, tools answer here, through the
 * client, which asks the person itself where an approval is needed. MCP Apps, 2026-01-26: JSON-RPC over postMessage with the frame's parent.
 */
export const APP_SCRIPT = `
(() => {
"use strict";
const { psn } = window;
const PROTOCOL = "2026-01-26";
/* A person who is asked may take their time; a client that is gone answers nothing. */
const ANSWER_MS_MAX = 600000;
let count = 0;
let host = {};
const waiting = new Map();
const send = (message) => parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
const ask = (method, params) => new Promise((resolve, reject) => {
  const id = ++count;
  const timer = setTimeout(() => { waiting.delete(id); reject(new Error("the client does not answer")); }, ANSWER_MS_MAX);
  waiting.set(id, { resolve, reject, timer });
  send({ id, method, params });
});
const call = (name, given) => ask("tools/call", { name, arguments: given });
const wordsOf = ({ content }) => (content ?? []).map(({ text }) => text ?? "").join("\\n");
const pageOf = (result) => result._meta?.["psn/page"];

addEventListener("message", ({ source, data }) => {
  if (source !== parent || data?.jsonrpc !== "2.0") return;
  const { id, method, params } = data;
  if (method === undefined) {
    const one = waiting.get(id);
    if (!one) return;
    waiting.delete(id);
    clearTimeout(one.timer);
    if (data.error) one.reject(new Error(data.error.message)); else one.resolve(data.result);
  } else if (id !== undefined) {
    if (method === "ping" || method === "ui/resource-teardown") send({ id, result: {} });
    else send({ id, error: { code: -32601, message: "Method not found" } });
  } else if (method === "ui/notifications/tool-result") {
    show(params);
  } else if (method === "ui/notifications/tool-cancelled") {
    document.getElementById("waits")?.replaceChildren("The call was cancelled.");
  } else if (method === "ui/notifications/host-context-changed") wear(params);
});

/* What the tool answered: the page, or, where there is none, its words. */
function show(result) {
  const markup = pageOf(result);
  if (markup !== undefined) psn.show(markup);
  else document.getElementById("waits")?.replaceChildren(wordsOf(result));
}
function wear(context) {
  const theme = document.getElementById("theme-" + context?.theme);
  if (theme) theme.checked = true;
  psn.dress();
}

/* The buttons of the page as tools: positions are counted from 0 on the page, from 1 by the tools. */
const TOOLS = {
  undo: () => ["post_undo"],
  redo: () => ["post_redo"],
  join: (at) => ["post_join", { tweet: at + 1 }],
  up: (at) => ["post_reorder", { tweet: at + 1, to: at }],
  down: (at) => ["post_reorder", { tweet: at + 1, to: at + 2 }],
  remove: (at) => ["post_remove", { tweet: at + 1 }],
  "remove-all": (at) => ["post_remove", { tweet: at + 1, force: true }],
  split: (at, offset) => ["post_split", { tweet: at + 1, at: Number(offset) }],
  detach: (at, item) => ["post_detach", { tweet: at + 1, item: Number(item) + 1 }],
  move: (at, by, unit) => ["post_move", { tweet: at + 1, by: Number(by), unit }],
};
function toolOf(url, body) {
  const id = document.getElementById("main").dataset.post;
  const form = Object.fromEntries(body);
  const common = { id, version: Number(form.version) };
  if (url === "act") {
    const [name, at, ...rest] = form.act.split(":");
    /* It has no version: what waits is taken back as it is. */
    if (name === "cancel") return ["post_cancel", { id }];
    const [tool, given] = TOOLS[name](Number(at), ...rest);
    return [tool, { ...common, ...given }];
  }
  const tool = form.do === "insert" ? "post_insert" : "post_text";
  return [tool, { ...common, tweet: Number(form.position) + 1, text: form.text.replaceAll("\\r\\n", "\\n") }];
}

/* In the place of the page's server. There is no address to ask again. */
psn.refresh = async () => {};
psn.request = async (url, body) => {
  if (url === "approve") return await weigh(Object.fromEntries(body));
  if (url !== "act" && url !== "words") return { ok: false, text: async () => "" };
  return await done(...toolOf(url, body));
};
async function done(tool, given) {
  const result = await call(tool, given);
  const isBad = result.isError === true;
  const markup = pageOf(result) ?? "";
  const isStale = isBad && result.structuredContent?.error?.code === "POST_CHANGED";
  if (isStale) {
    const isFound = followWords(markup);
    psn.tell("It was changed elsewhere meanwhile; this is how it is now." + (isFound ? " Your words are kept: save them again." : " Nothing of it was done."), true);
  } else if (isBad) psn.tell(wordsOf(result), true);
  return { ok: !isBad, text: async () => markup };
}

/* Words stay under the hands that wrote them. Their form follows its tweet, which is known by the words that it had; a tweet that has other words now is not written over. */
function followWords(markup) {
  const fresh = new DOMParser().parseFromString(markup, "text/html");
  const field = (form, name) => form.querySelector("[name=" + name + "]");
  let isFound = false;
  for (const mine of document.querySelectorAll("form[data-mine]")) {
    const same = [...fresh.querySelectorAll("form")].filter((one) => ["do", "was"].every((name) => field(one, name) && field(one, name).value === field(mine, name)?.value));
    if (same.length !== 1) continue;
    for (const name of ["version", "position"]) field(mine, name).value = field(same[0], name).value;
    isFound = true;
  }
  return isFound;
}

/* What is wanted is read back before it is asked for; the client asks the person where only a person approves. */
async function weigh({ choice, when }) {
  const nothing = { ok: true, text: async () => "" };
  const { post: id } = document.getElementById("main").dataset;
  const common = { id, version: Number(document.querySelector("#acts [name=version]").value) };
  if (choice === "later") return await done("post_approve", common);
  if (choice === "now") {
    readBack("Publish it now? It cannot be taken back.", "post_now", { ...common, approve: true });
    return nothing;
  }
  const phrase = choice.startsWith("at:") ? choice.slice(3) : when;
  const read = await call("when", { phrase });
  if (read.isError) { psn.tell(wordsOf(read), true); return nothing; }
  readBack("Goes out " + wordsOf(read), "post_schedule", { ...common, at: read.structuredContent.at, approve: true });
  return nothing;
}
function readBack(words, tool, given) {
  const box = document.getElementById("readback");
  box.querySelector("p").textContent = words;
  box.hidden = false;
  const [yes, no] = box.querySelectorAll("button");
  yes.onclick = () => { box.hidden = true; psn.queue(() => done(tool, given)); };
  no.onclick = () => { box.hidden = true; };
  yes.focus();
}

/* A frame may not be allowed to submit forms, and its submit event would then never come. */
function submit(form, submitter) {
  if (!form.reportValidity()) return;
  form.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true, submitter: submitter ?? null }));
}
HTMLFormElement.prototype.requestSubmit = function (submitter) { submit(this, submitter); };
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.form && button.type === "submit") { event.preventDefault(); submit(button.form, button); return; }
  const link = event.target.closest("a[href]");
  if (!link) return;
  if (link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  if (host.openLinks && /^https?:/.test(link.href)) ask("ui/open-link", { url: link.href }).catch(() => {});
});

/* Seen again, it shows what the post is by now. */
document.addEventListener("visibilitychange", () => {
  const { post } = document.getElementById("main").dataset;
  if (!document.hidden && post) psn.queue(() => done("post_show", { id: post }));
});
new ResizeObserver(() => {
  const { width, height } = document.documentElement.getBoundingClientRect();
  send({ method: "ui/notifications/size-changed", params: { width: Math.ceil(width), height: Math.ceil(height) } });
}).observe(document.documentElement);

ask("ui/initialize", {
  protocolVersion: PROTOCOL,
  appInfo: { name: "psn-preview", title: "PSN", version: "1" },
  appCapabilities: { availableDisplayModes: ["inline"] },
}).then(({ hostCapabilities, hostContext }) => {
  host = hostCapabilities ?? {};
  wear(hostContext);
  send({ method: "ui/notifications/initialized" });
}).catch((error) => document.getElementById("waits")?.replaceChildren(error.message));
})();
`;
