/** A draft's page as a program meets it: who is let in, what its forms do, what its approval holds for. What serves it is a process. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { historyOf, loadPost } from "../../src/core/posts/read.ts";
import { drawPicture } from "../../src/demo/picture.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { type OpenPage, openPage } from "../../src/testing/draft-page.ts";
import { until } from "../../src/testing/wait.ts";

let home: TestHome;
let page: OpenPage;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
}, 300_000);
afterAll(async () => {
  await page?.close();
  await home?.close();
});

const TEXT = "One, with a link: https://example.com/a?b=1&c=2\n---\nTwo <b>bold</b> & two.\n---\nThree is the last.";

async function draft(text = TEXT): Promise<string> {
  const made = await home.psn(["post", "create", text, "--force"]);
  return (made.json as { post: { id: string } }).post.id;
}
/** As the hub has it. */
async function shown(id: string) {
  const { root, tweets } = await loadPost(home.hub.db, id);
  return { status: root.status, approved: root.approvedHash !== null, texts: tweets.map(({ content }) => content) };
}
const textsOf = async (id: string) => (await shown(id)).texts;
const open = async (id: string) => {
  await page?.close();
  page = await openPage(home, ["post", "show", id, "--open", "--json"]);
  return page;
};

test("only a browser with the key is let in, only at the page's own name, and only the page itself may ask for acts", async () => {
  const id = await draft();
  const { url, origin, address, cookie, pid } = await open(id);
  // Anybody on the machine can list arguments.
  const args = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  expect(args).not.toContain(new URL(url).searchParams.get("key") ?? "?");
  expect(args).not.toContain(new URL(address).pathname);
  const status = async (path: string, init: RequestInit = {}) =>
    (await fetch(new URL(path, address), { redirect: "manual", ...init })).status;
  expect(await status("./")).toBe(403);
  expect(await status("open?key=wrong")).toBe(403);
  expect(await status("./", { headers: { cookie: "psn-page=x" } })).toBe(403);
  expect(await status("./", { headers: { cookie } })).toBe(200);
  expect(await status("./", { headers: { cookie, host: "evil.example" } })).toBe(421);
  expect(await status("./", { headers: { cookie, origin: "https://evil.example" } })).toBe(403);
  const form = { method: "POST", body: new URLSearchParams({ version: "1", act: "join:0" }) };
  expect(await status("act", { ...form, headers: { cookie } })).toBe(403);
  expect(await status("act", { ...form, headers: { cookie, origin: "null" } })).toBe(403);
  expect(await status("act", { ...form, headers: { cookie, origin: "http://127.0.0.1:1" } })).toBe(403);
  expect(await status("act", { ...form, headers: { cookie, origin, "sec-fetch-site": "cross-site" } })).toBe(403);
  expect(await status("act", { ...form, headers: { origin } })).toBe(403);
  expect(await textsOf(id)).toHaveLength(3);
});

test("the key goes to no other port: it is the cookie of a path that nobody can guess, outside of which nothing is answered", async () => {
  const { url, origin, address, cookie } = await open(await draft());
  const { pathname: root } = new URL(address);
  expect(root).toMatch(/^\/[\w-]{22}\/$/);
  const letIn = await fetch(url);
  expect(letIn.headers.get("set-cookie")?.split("; ").slice(1)).toEqual([
    "HttpOnly",
    "SameSite=Strict",
    `Path=${root}`,
  ]);
  const key = new URL(url).searchParams.get("key") ?? "";
  for (const path of ["/", `/open?key=${key}`, "/act", "/events", "/media/x", root.slice(0, -1), `/x${root}`]) {
    expect([path, (await fetch(`${origin}${path}`, { headers: { cookie } })).status]).toEqual([path, 404]);
  }
  // Whatever the page names stays below its path, and no other site is told of it.
  const shown = await fetch(address, { headers: { cookie } });
  expect(shown.headers.get("referrer-policy")).toBe("same-origin");
  expect(letIn.headers.get("referrer-policy")).toBe("no-referrer");
  const named = [...(await shown.text()).matchAll(/ (?:href|src|action|data-events)="([^"]*)"/g)].map(
    ([, one = ""]) => one,
  );
  const own = named.map((one) => new URL(one, address)).filter((one) => one.origin === origin);
  expect(own.length).toBeGreaterThan(5);
  expect(own.filter(({ pathname }) => !pathname.startsWith(root)).map(String)).toEqual([]);
});

test("what the page shows is what is stored, to the byte, escaped, with counts, cost and why it was cut where", async () => {
  const { get } = await open(await draft());
  const { text } = await get("./");
  const words = [
    "Two &lt;b&gt;bold&lt;/b&gt; &amp; two.",
    'data-text="https://example.com/a?b=1&amp;c=2"',
    "<b>3 tweets</b>",
    "$0.230",
    "Cut: your line of ---",
  ];
  expect(words.filter((one) => !text.includes(one))).toEqual([]);
  expect(/ style=| on[a-z]+="/.exec(text)).toBeNull();
});

test("the page's acts are those of the command line: joined, split, moved, reordered, removed, added, undone, redone", async () => {
  const id = await draft("Alpha beta gamma. Delta.\n---\nTwo.\n---\nThree.");
  const { act, words } = await open(id);
  await act("move:0:-1:sentence");
  expect(await textsOf(id)).toEqual(["Alpha beta gamma.", "Delta.\n\nTwo.", "Three."]);
  await act("undo");
  await act("join:1");
  expect(await textsOf(id)).toEqual(["Alpha beta gamma. Delta.", "Two.\n\nThree."]);
  await act("down:0");
  await act("split:1:17");
  expect(await textsOf(id)).toEqual(["Two.\n\nThree.", "Alpha beta gamma.", "Delta."]);
  await act("remove:0");
  await act("undo");
  await act("redo");
  await words({ do: "insert", position: 2, text: "New.\r\n---\r\nNewer." });
  await words({ do: "text", position: 0, text: "Alpha & <omega>" });
  expect(await textsOf(id)).toEqual(["Alpha & <omega>", "Delta.", "New.", "Newer."]);
  expect((await act("explode:1")).status).toBe(422);
});

test("an act that a browser sends again, because its answer was lost, is done once and answered the same", async () => {
  const id = await draft("One.\n---\nTwo.\n---\nThree.");
  const { origin, address, cookie } = await open(id);
  const press = async (once: string) => {
    const body = new URLSearchParams({ version: "1", act: "join:0" });
    const headers = { cookie, origin, "x-psn-once": once };
    const answer = await fetch(`${address}act`, { method: "POST", body, headers, redirect: "manual" });
    return [answer.status, (await answer.text()).includes("Joined.")];
  };
  const [one, other] = [crypto.randomUUID(), crypto.randomUUID()];
  const [first, again] = await Promise.all([press(one), press(one)]);
  expect([first, again]).toEqual([
    [200, true],
    [200, true],
  ]);
  // Under another name the post itself knows that it was done.
  expect((await press(other))[0]).toBe(200);
  expect(await textsOf(id)).toEqual(["One.\n\nTwo.", "Three."]);
});

/** What the page's form knows a tweet by. */
const wasOf = (page: string, position: number) =>
  new RegExp(`name="position" value="${position}">.*?name="was" value="([^"]+)"`, "s").exec(page)?.[1] ?? "";

test("two windows and a command at once lose no edit: words find their tweet, and what clashes is shown beside it", async () => {
  const id = await draft("One.\n---\nTwo.\n---\nThree.");
  const { get, words, send } = await open(id);
  const before = (await get("./")).text;
  // A command changes other tweets meanwhile.
  await home.psn(["post", "insert", id, "1", "Zero."]);
  const saved = await words({ do: "text", position: 1, text: "Two, better.", version: 1, was: wasOf(before, 1) });
  expect(saved.status).toBe(200);
  expect(await textsOf(id)).toEqual(["Zero.", "One.", "Two, better.", "Three."]);
  // The other window had the same tweet.
  const clash = await words({ do: "text", position: 1, text: "Two, <mine>.", version: 1, was: wasOf(before, 1) });
  expect(clash.status).toBe(409);
  expect(clash.text).toContain("Two, &lt;mine&gt;.");
  expect(await textsOf(id)).toEqual(["Zero.", "One.", "Two, better.", "Three."]);
  // An act on what was not seen does nothing.
  const stale = await send("act", { version: "1", act: "join:0" });
  expect([stale.status, stale.text.includes("changed elsewhere")]).toEqual([409, true]);
  expect(await textsOf(id)).toHaveLength(4);
});

test("words for many tweets, sent at once from one look at the page, are all kept", async () => {
  const texts = ["One.", "Two.", "Three.", "Four.", "Five.", "Six."];
  const id = await draft(texts.join("\n---\n"));
  const { get, words } = await open(id);
  const page = (await get("./")).text;
  const answers = await Promise.all(
    texts.map((text, position) =>
      words({ do: "text", position, text: `${text} Better.`, version: 1, was: wasOf(page, position) }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(texts.map(() => 200));
  expect(await textsOf(id)).toEqual(texts.map((text) => `${text} Better.`));
});

test("a picture is attached with its alt text, shown, and taken away; only media of this post are served", async () => {
  const id = await draft();
  const { attach, get, act } = await open(id);
  const answer = await attach(
    0,
    new File([new Uint8Array(drawPicture())], "../a picture.png", { type: "image/png" }),
    "A lighthouse",
  );
  expect(answer.text).toContain("Attached to tweet 1.");
  const path = /src="(media\/[0-9a-f]{64})"/.exec(answer.text)?.[1] ?? "";
  expect((await get(path)).type).toBe("image/png");
  expect((await get(`media/${"0".repeat(64)}`)).status).toBe(404);
  expect((await attach(0, new File(["no picture"], "x.png"), "")).status).toBe(422);
  await act("detach:0:0");
  expect((await get(path)).status).toBe(404);
});

test("an approval holds for what was shown: a used form, another content and an older version approve nothing", async () => {
  const id = await draft();
  const { get, send, nonceOf } = await open(id);
  const first = nonceOf((await get("./")).text);
  await home.psn(["post", "text", id, "3", "Changed elsewhere."]);
  const changed = await send("approve", { nonce: first, choice: "later" });
  expect([changed.status, changed.text.includes("changed elsewhere")]).toEqual([409, true]);
  expect((await send("approve", { nonce: "made-up", choice: "later" })).status).toBe(409);
  const second = nonceOf((await get("./")).text);
  expect((await send("approve", { nonce: second, choice: "later" })).text).toContain("Draft, approved");
  expect((await send("approve", { nonce: second, choice: "now" })).status).toBe(409);
  expect(await shown(id)).toMatchObject({ status: "draft", approved: true });
});

test("a time in words is read back before it counts; one with two readings is asked about; it can be taken back", async () => {
  const id = await draft("For later.");
  const { get, send, nonceOf, act } = await open(id);
  const unclear = await send("approve", {
    nonce: nonceOf((await get("./")).text),
    choice: "time",
    // Unclear at any hour of the day.
    when: "tomorrow night at 12",
  });
  expect(unclear.status).toBe(409);
  expect(unclear.text).toMatch(/name="choice" value="at:20/);
  expect((await shown(id)).approved).toBe(false);
  const asked = await send("approve", { nonce: nonceOf(unclear.text), choice: "time", when: "2027-03-05 09:00" });
  expect(asked.text).toContain("Fri 2027-03-05 09:00 Europe/Berlin (+01:00)");
  expect((await shown(id)).status).toBe("draft");
  const done = await send("approve", { nonce: nonceOf(asked.text), choice: "yes" });
  expect(done.text).toContain("Goes out Fri 2027-03-05 09:00");
  expect((await shown(id)).status).toBe("scheduled");
  // What waits for its time is not edited in place.
  expect(done.text).not.toContain('action="words"');
  expect((await act("join:0")).status).toBe(422);
  await act("cancel");
  expect(await shown(id)).toMatchObject({ status: "draft" });
});

test("publish now takes two steps, and sends what was shown to the byte", async () => {
  const id = await draft("Now, <one> & only.\n---\nAnd https://example.com/second");
  const { get, send, nonceOf, live } = await open(id);
  const asked = await send("approve", { nonce: nonceOf((await get("./")).text), choice: "now" });
  expect(asked.text).toContain("Publish now?");
  expect(home.onX()).not.toContain("Now, <one> & only.");
  await send("approve", { nonce: nonceOf(asked.text), choice: "yes" });
  await live((text) => text.includes('<h2 id="approve-head">Published</h2>'));
  expect(home.onX().slice(-2)).toEqual(["Now, <one> & only.", "And https://example.com/second"]);
  const { text } = await get("./");
  expect(text).toContain(`href="${home.sandbox.url}/sandbox_author/status/`);
});

test("a text that is no draft yet is shown likewise, and nothing is written", async () => {
  await page?.close();
  page = await openPage(home, ["preview", "Only a look.\n---\nAt two tweets.", "--open", "--json"]);
  const { get, send } = page;
  const { text } = await get("./");
  expect(text).toContain("A preview; nothing is stored");
  expect(text).toContain("At two tweets.");
  expect(text).not.toContain("<form");
  expect((await send("act", { version: "1", act: "join:0" })).status).toBe(405);
});

test("where there is no Chromium, --png says what it needs, and does nothing", async () => {
  const ran = await home.psn(["preview", "A look.", "--png", "a.png"], {
    env: { ...home.env, CHROMIUM_PATH: join(home.folder, "none") },
  });
  expect(ran.json).toMatchObject({ error: { code: "CHROMIUM_MISSING" } });
  expect(ran.code).toBe(3);
});

test("where only a person approves, no program is given the key; the page records the person's yes, and answers what a command asks", async () => {
  const env = { ...home.env, PSN_APPROVAL: "person" };
  const id = await draft("For a person.");
  // Without a browser nobody could be let in.
  const refused = await home.psn(["post", "show", id, "--open"], { env: { ...env, BROWSER: "none" } });
  expect(refused.json).toMatchObject({ error: { code: "PAGE_NOT_OPEN" } });
  expect(refused.stdout + refused.stderr).not.toContain("key=");

  // A browser of this user follows the file that it is given.
  const browser = join(home.folder, "browser");
  await writeFile(browser, '#!/bin/sh\ncp "$(echo "$1" | sed s,^file://,,)" "$0.part" && mv "$0.part" "$0.html"\n', {
    mode: 0o700,
  });
  await page?.close();
  page = await openPage(home, ["post", "show", id, "--open", "--json"], {
    env: { ...env, BROWSER: browser },
    keyFrom: async () => /url=([^"]+)"/.exec(await readFile(`${browser}.html`, "utf8").catch(() => ""))?.[1] ?? "",
  });
  await until(() => page.log().includes("Ctrl-C closes it."));
  // A program that knew the page's path could have the browser send the key to a port of its own.
  expect(page.log()).not.toContain("http://");

  const { get, send, live, nonceOf } = page;
  const asked = await home.psn(["post", "approve", id], { env });
  expect(asked.json).toMatchObject({ error: { code: "APPROVAL_NEEDED" } });
  await live((text) => text.includes("A command asks for your yes"));
  const question = (await get("./")).text.split('id="asked"')[1] ?? "";
  const fields = { id: /name="id" value="([^"]+)"/.exec(question)?.[1] ?? "", nonce: nonceOf(question) };
  expect((await send("answer", { ...fields, nonce: "forged", answer: "yes" })).status).toBe(409);
  const again = (await get("./")).text.split('id="asked"')[1] ?? "";
  await send("answer", { ...fields, nonce: nonceOf(again), answer: "yes" });
  expect((await shown(id)).approved).toBe(false);
  expect((await home.psn(["post", "approve", id], { env })).code).toBe(0);
  expect((await shown(id)).approved).toBe(true);

  const form = (await get("./")).text.split('id="approval"')[1] ?? "";
  const readBack = await send("approve", { nonce: nonceOf(form), choice: "time", when: "2027-03-05 09:00" });
  const done = await send("approve", { nonce: nonceOf(readBack.text.split('id="approval"')[1] ?? ""), choice: "yes" });
  expect(done.status).toBe(200);
  expect((await shown(id)).status).toBe("scheduled");
  const { events } = await historyOf(home.hub.db, id);
  expect(events.filter(({ note }) => note.includes("on the approval page (local user)"))).toHaveLength(2);
});
