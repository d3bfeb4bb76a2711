/** Editing in place with a script: forms answer without a reload, words are counted as they are typed, keys do what buttons do. */
export const EDIT_SCRIPT = `
(() => {
"use strict";
const { psn } = window;
document.documentElement.classList.add("has-script");

let toast = null;
function tell(words, isBad) {
  toast?.remove();
  toast = document.createElement("div");
  toast.className = "toast" + (isBad ? " is-bad" : "");
  toast.textContent = words;
  toast.setAttribute("role", isBad ? "alert" : "status");
  document.body.append(toast);
  const mine = toast;
  setTimeout(() => mine.remove(), isBad ? 9000 : 3500);
}
psn.tell = tell;

/* One request after the other: each bears the version that the answer before it brought. */
let last = Promise.resolve();
psn.queue = (ask, done) => {
  last = last.then(async () => {
    psn.acting += 1;
    psn.turn += 1;
    try {
      const answer = await ask();
      const markup = await answer.text();
      if (answer.status >= 500) { tell(markup + " Whether this was done is seen when it is back.", true); psn.refresh(); return; }
      if (answer.ok) done?.();
      if (markup) psn.show(markup);
      const notice = document.getElementById("notice");
      /* Its inner text would have the page laid out twice. */
      if (notice) tell([...notice.children].map(({ textContent }) => textContent).join("\\n"), notice.classList.contains("is-bad"));
      document.getElementById("conflict")?.querySelector("textarea")?.focus();
    } catch (error) {
      tell("The page does not answer (" + error.message + "). Whether this was done is seen when it does.", true);
      psn.refresh();
    } finally {
      psn.acting -= 1;
      psn.resume();
    }
  });
  return last;
};
/* An act bears a name, by which the server knows it again: one whose answer was lost is sent once more, and done once. */
psn.request ??= async (url, body) => {
  const one = { method: "POST", body, headers: psn.headers({ "x-psn-once": crypto.randomUUID() }) };
  return await fetch(url, one).catch(() => fetch(url, one));
};
psn.send = (url, makeBody, done) => psn.queue(() => psn.request(url, makeBody()), done);
const version = () => document.querySelector("#acts [name=version]").value;
psn.act = (act, done) => psn.send("act", () => new URLSearchParams({ version: version(), act }), done);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-live]")) return;
  event.preventDefault();
  const { submitter } = event;
  const act = form.id === "acts" ? submitter?.value : null;
  if (act) { psn.act(act); return; }
  const isPlain = form.enctype !== "multipart/form-data";
  const make = () => {
    const data = new FormData(form, submitter);
    return isPlain ? new URLSearchParams(data) : data;
  };
  const details = form.closest("details");
  const url = form.getAttribute("action");
  psn.queue(async () => {
    const answer = await psn.request(url, make());
    /* The words of a clash are saved, or come back in a form that knows what is there now. */
    if (answer.ok || [409, 422].includes(answer.status)) form.closest("#conflict")?.remove();
    return answer;
  }, () => close(details));
});

/* An editor that is closed holds nobody's words any more; what was saved comes with the answer. */
function close(details) {
  if (!details) return;
  for (const area of details.querySelectorAll("textarea")) area.value = area.defaultValue;
  details.querySelector("form")?.removeAttribute("data-mine");
  details.querySelector("output")?.replaceChildren();
  psn.catchUp();
  details.open = false;
  details.querySelector("summary")?.focus();
}

/* Live counts: the server counts, as it does everywhere, and only the newest answer is shown. */
let isCounting = false;
let waiting = null;
async function count(area) {
  if (isCounting) { waiting = area; return; }
  isCounting = true;
  try {
    const answer = await psn.request("count", new URLSearchParams({ text: area.value }));
    const { parts, limit } = answer.ok ? await answer.json() : {};
    /* An editor that was closed meanwhile has no words that are typed. */
    if (parts && area.closest("details")?.open !== false) {
      const output = area.form.querySelector("output");
      output.replaceChildren(...parts.flatMap((length, index) => {
        const one = document.createElement("b");
        one.textContent = length + "/" + limit;
        if (length > limit) one.className = "length over";
        return index === 0 ? [one] : [" + ", one];
      }));
    }
  } catch {} finally {
    isCounting = false;
    const next = waiting;
    waiting = null;
    if (next) count(next);
  }
}
document.addEventListener("input", ({ target }) => {
  if (!target.matches("textarea[data-count]")) return;
  target.form.toggleAttribute("data-mine", target.value !== target.defaultValue);
  count(target);
});
/* The browser tells of an opened editor later, and what is typed until then would be taken for keys of the page. */
function openEditor(details) {
  psn.unfold(details);
  details.open = true;
  details.querySelector("textarea").focus();
}
document.addEventListener("toggle", ({ target }) => {
  const area = target.querySelector?.("textarea[data-count]");
  if (!area) return;
  if (!target.open) { if (!area.form.hasAttribute("data-mine")) target.querySelector("output").replaceChildren(); return; }
  area.focus();
  count(area);
}, true);
window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-mine]")) event.preventDefault();
});

/* Splitting where the cursor stands: of words that are not saved, by a line of ---, else by the act itself. */
document.addEventListener("click", ({ target }) => {
  if (!target.matches("[data-split]")) return;
  const area = target.form.querySelector("textarea");
  const at = area.selectionStart;
  if (area.value === area.defaultValue) {
    psn.act("split:" + target.dataset.split + ":" + at, () => { target.closest("details").open = false; });
    return;
  }
  area.setRangeText("\\n---\\n", at, at, "end");
  target.form.requestSubmit();
});
document.addEventListener("dblclick", ({ target }) => {
  const details = target.closest?.("article .text") && target.closest("article").querySelector(".edit");
  if (details) openEditor(details);
});

const indexOf = (article) => [...document.querySelectorAll("#feed>article")].indexOf(article);
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (target.matches("textarea")) {
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); target.form.requestSubmit(); }
    if (key === "Escape" && target.closest("details")) close(target.closest("details"));
    return;
  }
  if (target.closest("input,select") || event.ctrlKey || event.metaKey) return;
  const article = target.closest("#feed>article");
  const go = (act, focusOn) => {
    event.preventDefault();
    psn.act(act).then(() => {
      /* Whoever has begun to type meanwhile stays there. */
      if (focusOn === undefined || document.activeElement.closest("textarea,input,select")) return;
      document.querySelectorAll("#feed>article")[focusOn]?.focus();
    });
  };
  if (!document.getElementById("acts") || !document.querySelector("#main [value=undo]")) return;
  if (key === "u") return go("undo");
  if (key === "U") return go("redo");
  if (!article) return;
  const at = indexOf(article);
  if (event.altKey) {
    if (key === "ArrowUp") go("up:" + at, at - 1);
    if (key === "ArrowDown") go("down:" + at, at + 1);
    return;
  }
  const moves = { "[": "-1:word", "]": "1:word", "{": "-1:sentence", "}": "1:sentence" };
  if (moves[key]) return go("move:" + at + ":" + moves[key]);
  if (key === "J") return go("join:" + at, at);
  if (key === "e") { const edit = article.querySelector(".edit"); if (edit) { event.preventDefault(); openEditor(edit); } }
});
})();
`;
