import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestSandbox, testSandbox, tinyPng } from "./testing.ts";
import { ANY_USER } from "./types.ts";

let x: TestSandbox;
beforeAll(async () => {
  x = await testSandbox();
});
afterAll(() => x.stop());

async function page(query = "") {
  const response = await fetch(`${x.url}/${query}`);
  return { html: await response.text(), headers: response.headers, status: response.status };
}

test("an empty sandbox says so", async () => {
  const { html, status } = await page();
  expect(status).toBe(200);
  expect(html).toContain("Nobody has posted yet");
});

test("it says that any user of the machine can use it", async () => {
  expect((await page()).html).toContain(ANY_USER);
});

test("a thread stands in order, with what others replied beside it", async () => {
  const root = await x.post("first of the thread, with @sandbox_premium");
  const second = await x.post("second of the thread", { reply: { in_reply_to_tweet_id: root } });
  await x.post("third of the thread", { reply: { in_reply_to_tweet_id: second } });
  await x.post("a voice from the side", { reply: { in_reply_to_tweet_id: root } }, "sandbox_premium");
  const { html } = await page();
  const order = ["first of the thread", "a voice from the side", "second of the thread", "third of the thread"];
  const places = order.map((text) => html.indexOf(text));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(html).toContain("Thread of 4 posts");
  expect(html).toContain(">3/3<");
});

test("a name's escapes, control characters and changes of direction are shown as such, in the title and on the page", async () => {
  x.sandbox.addUser({ handle: "escapes", name: "\u001b[31mRed\u0085\u202egnp" });
  const id = await x.post("a post of a strange name", {}, "escapes");
  for (const path of ["", "escapes", `escapes/status/${id}`]) {
    const { html } = await page(path);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be absent
    expect(html, path).not.toMatch(/[\u0000\u001b\u0080-\u009f\u202a-\u202e\u2066-\u2069]/);
    expect(html, path).toContain("\u{fffd}[31mRed");
  }
});

test("whatever authors write is escaped: text, names, alt texts, links", async () => {
  x.sandbox.addUser({ handle: "evil", name: `<img src=x onerror="alert(1)">` });
  const media = Buffer.from(tinyPng()).toString("base64");
  const up = await x.api("POST", "/2/media/upload", { media, media_category: "tweet_image" }, "evil");
  const id = up.at("data.id");
  const alt = { id, metadata: { alt_text: { text: `"><script>alt()</script>` } } };
  await x.api("POST", "/2/media/metadata", alt, "evil");
  const text = `<script>text()</script> https://example.com/"onmouseover="x() & more`;
  await x.post(text, { media: { media_ids: [id] } }, "evil");
  const { html } = await page();
  expect(html).not.toContain("<script>text");
  expect(html).not.toContain("<script>alt");
  expect(html).not.toContain("<img src=x");
  expect(html).not.toMatch(/<[^>]+onmouseover=/);
  expect(html).toContain("&lt;script&gt;text()");
});

test("nothing on the page comes from elsewhere, and the policy says so", async () => {
  const { html, headers } = await page();
  expect(headers.get("content-security-policy")).toStartWith("default-src 'none'");
  const loaded = [...html.matchAll(/\b(?:src|srcset|data)="([^"]+)"/g)].map((match) => match[1] ?? "");
  expect(loaded.every((address) => address.startsWith("/sandbox/media/"))).toBe(true);
  expect(html).not.toMatch(/<link\b|@import|url\(/);
});

test("pictures show with their alt text, the lack of one is marked, and both are served", async () => {
  const upload = async () => {
    const media = Buffer.from(tinyPng()).toString("base64");
    const body = { media, media_category: "tweet_image" };
    return String((await x.api("POST", "/2/media/upload", body)).at("data.id"));
  };
  const ids = [await upload(), await upload()];
  await x.api("POST", "/2/media/metadata", { id: ids[0], metadata: { alt_text: { text: "An orange square" } } });
  await x.post("look at these", { media: { media_ids: ids } });
  const { html } = await page();
  expect(html).toContain(`alt="An orange square"`);
  expect(html).toContain("No alt text");
  const picture = await fetch(`${x.url}/sandbox/media/${ids[0]}`);
  expect(picture.headers.get("content-type")).toBe("image/png");
  expect((await fetch(`${x.url}/sandbox/media/123`)).status).toBe(404);
});

test("one account's page has only its threads; older threads are a page away", async () => {
  for (let i = 0; i < 32; i += 1) await x.post(`many ${i}.`);
  const first = await page("sandbox_author");
  expect(first.html).toContain("many 31.");
  expect(first.html).not.toContain("many 1.");
  const older = /href="(\/sandbox_author\?before=\d+)"/.exec(first.html)?.[1] ?? "";
  const second = await (await fetch(`${x.url}${older}`)).text();
  expect(second).toContain("many 1.");
  expect((await page("evil")).html).not.toContain("many 31.");
  expect((await page("?before=zzz")).status).toBe(200);
  expect((await page("nobody_here")).status).toBe(404);
});

test("money, faults and the last requests stand beside the timeline", async () => {
  x.sandbox.addFault({ kind: "drop_after", match: { method: "POST", path: "/2/tweets", account: "evil" }, times: 2 });
  const { html } = await page();
  expect(html).toContain("drop after");
  expect(html).toContain("2 left");
  expect(html).toMatch(/Posts × \d+/);
  expect(html).toContain("POST /2/tweets");
});

test("a post has a page at X's own path, opened in its thread; a wrong name leads to its author, what is gone says so", async () => {
  const root = await x.post("opened one");
  const second = await x.post("opened two", { reply: { in_reply_to_tweet_id: root } });
  const { html } = await page(`sandbox_author/status/${second}`);
  const articles = html.split("<article ").slice(1);
  expect(articles.map((one) => one.includes("opened-tweet"))).toEqual([false, true]);
  const answer = await fetch(`${x.url}/evil/status/${second}`, { redirect: "manual" });
  expect(answer.headers.get("location")).toBe(`/sandbox_author/status/${second}`);
  await x.api("DELETE", `/2/tweets/${second}`);
  const gone = await page(`sandbox_author/status/${second}`);
  expect(gone.status).toBe(404);
  expect(gone.html).toContain("This post was deleted");
});

test("the panel's buttons add and end faults and credits without a script, and only for this page itself", async () => {
  const press = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${x.url}/sandbox/panel`, { method: "POST", body: new URLSearchParams(fields), headers, redirect: "manual" });
  x.sandbox.clearFaults();
  const pressed = await press({ do: "fault", fault: "rate_limited", times: "always", back: "/sandbox_author" });
  expect([pressed.status, pressed.headers.get("location")]).toEqual([303, "/sandbox_author"]);
  expect(x.sandbox.faults()).toMatchObject([
    { timesLeft: null, match: { method: "POST", path: "/2/tweets" }, effect: { kind: "rate_limited", resetSecs: 900 } },
  ]);
  const away = await press({ do: "end", id: x.sandbox.faults()[0]?.id ?? "", back: "https://evil.example/" });
  expect(away.headers.get("location")).toBe("/");
  expect(x.sandbox.faults()).toEqual([]);
  await press({ do: "credits", usd: "0" });
  expect(Object.values(x.sandbox.report().apps)[0]?.balanceUsd).toBe(0);
  await press({ do: "credits", usd: "100" });
  expect((await press({ do: "clear" }, { "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect((await press({ do: "clear" }, { origin: "https://evil.example" })).status).toBe(403);
  expect((await press({ do: "everything" })).status).toBe(400);
});

test("ten thousand posts make no larger page, and none of them is lost", async () => {
  const { state } = x.sandbox.save();
  const [model] = Object.values(state.posts);
  if (!model) throw new Error("a post is needed");
  for (let i = 0; i < 10_000; i += 1) {
    const id = String(3_000_000_000_000_000_000n + BigInt(i));
    state.posts[id] = {
      ...model,
      id,
      conversationId: id,
      text: `mass ${i}.`,
      replyToId: null,
      deletedAtMs: null,
      mediaIds: [],
    };
    state.postsByUser[model.authorId]?.push(id);
  }
  x.sandbox.load({ state, bytes: {} });
  const { html } = await page();
  expect(html).toContain("mass 9999.");
  expect(html.split("<article ").length - 1).toBe(30);
  expect(html.length).toBeLessThan(100_000);
});
