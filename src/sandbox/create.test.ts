import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SNOWFLAKE_EPOCH_MS } from "./ids.ts";
import { START, type TestSandbox, testSandbox, tinyPng } from "./testing.ts";

let x: TestSandbox;
beforeAll(async () => {
  x = await testSandbox();
});
afterAll(() => x.stop());

const PERMITTED = "You are not permitted to perform this action.";

async function image(handle?: string): Promise<string> {
  const media = Buffer.from(tinyPng()).toString("base64");
  const answer = await x.api("POST", "/2/media/upload", { media, media_category: "tweet_image" }, handle);
  return String(answer.at("data.id"));
}

describe("ids", () => {
  test("an id tells its time, and every next one is greater, even when the clock steps back", async () => {
    x.clock.ms = START + 3_600_000;
    const first = await x.post("id one");
    expect(Number((BigInt(first) >> 22n) + BigInt(SNOWFLAKE_EPOCH_MS))).toBe(x.clock.ms);
    const second = await x.post("id two");
    x.clock.pass(-60_000);
    const third = await x.post("id three");
    expect(BigInt(second) > BigInt(first) && BigInt(third) > BigInt(second)).toBe(true);
    x.clock.pass(60_000);
  });
});

describe("what X answers to a create", () => {
  test("201 with X's version of the text: links shortened, three characters escaped", async () => {
    const answer = await x.api("POST", "/2/tweets", { text: " a < b & c > d https://example.com/x " });
    expect(answer.status).toBe(201);
    expect(String(answer.at("data.text"))).toMatch(/^a &lt; b &amp; c &gt; d https:\/\/t\.co\/\w{10}$/);
    expect(answer.at("data.edit_history_post_ids")).toEqual([answer.at("data.id")]);
    const stored = x.sandbox.report().accounts.sandbox_author?.posts.at(-1);
    expect(stored?.text).toBe(" a < b & c > d https://example.com/x ");
  });

  test("unknown keys, wrong types and broken JSON are 400 and create nothing", async () => {
    const before = x.sandbox.report().accounts.sandbox_author?.posts.length;
    const bad: unknown[] = [
      { text: "x", colour: "red" },
      { text: 5 },
      { text: "x", reply: {} },
      { text: "x", reply: { in_reply_to_tweet_id: "abc" } },
      { text: "x", reply_settings: "everyone" },
      { text: "x", poll: { options: ["one"], duration_minutes: 60 } },
      { text: "x", poll: { options: ["one", "two"], duration_minutes: 4 } },
      { text: "x", media: { media_ids: [] } },
      { text: "" },
      { text: "a\ufeffb" },
      { text: "x", poll: { options: ["a", "b"], duration_minutes: 60 }, card_uri: "card://1" },
    ];
    for (const body of bad) expect((await x.api("POST", "/2/tweets", body)).status).toBe(400);
    const headers = { authorization: `Bearer ${x.token()}`, "content-type": "application/json" };
    expect((await fetch(`${x.url}/2/tweets`, { method: "POST", headers, body: "{text" })).status).toBe(400);
    expect(x.sandbox.report().accounts.sandbox_author?.posts.length).toBe(before);
  });

  test("280 weighted characters pass, 281 are the generic 403; a subscriber may write 25,000", async () => {
    expect((await x.api("POST", "/2/tweets", { text: "é".repeat(280) })).status).toBe(201);
    const long = await x.api("POST", "/2/tweets", { text: "x".repeat(281) });
    expect([long.status, long.at("detail"), long.at("type")]).toEqual([403, PERMITTED, "about:blank"]);
    expect((await x.api("POST", "/2/tweets", { text: "語".repeat(141) })).status).toBe(403);
    const link = `https://example.com/${"p".repeat(400)}`;
    expect((await x.api("POST", "/2/tweets", { text: `${"y".repeat(256)} ${link}` })).status).toBe(201);
    expect((await x.api("POST", "/2/tweets", { text: "z".repeat(25_000) }, "sandbox_premium")).status).toBe(201);
    expect((await x.api("POST", "/2/tweets", { text: "z".repeat(25_001) }, "sandbox_premium")).status).toBe(403);
  });

  test("the same text again is a duplicate until the window has passed, deleted or not", async () => {
    const id = await x.post("twice");
    const again = await x.api("POST", "/2/tweets", { text: "twice " });
    expect([again.status, again.at("detail")]).toEqual([
      403,
      "You are not allowed to create a Tweet with duplicate content.",
    ]);
    await x.api("DELETE", `/2/tweets/${id}`);
    expect((await x.api("POST", "/2/tweets", { text: "twice" })).status).toBe(403);
    expect((await x.api("POST", "/2/tweets", { text: "twice" }, "sandbox_premium")).status).toBe(201);
    x.clock.pass(60 * 60_000);
    expect((await x.api("POST", "/2/tweets", { text: "twice" })).status).toBe(201);
  });

  test("without a window X takes any copy: only the sender can prevent it", async () => {
    x.sandbox.configure({ duplicateWindowMs: 0 });
    await x.post("copy");
    await x.post("copy");
    x.sandbox.configure({ duplicateWindowMs: 3_600_000 });
  });

  test("two cashtags are refused, one is not", async () => {
    const two = await x.api("POST", "/2/tweets", { text: "buy $AAPL and $MSFT" });
    expect(two.status).toBe(403);
    expect(two.at("detail")).toContain("maximum of one cashtag");
    expect((await x.api("POST", "/2/tweets", { text: "buy $AAPL for $5 and 3$" })).status).toBe(201);
  });

  test("suspended and locked accounts are refused in X's words", async () => {
    x.sandbox.addUser({ handle: "gone", suspended: true });
    x.sandbox.addUser({ handle: "stuck", locked: true });
    const gone = await x.api("POST", "/2/tweets", { text: "hello" }, "gone");
    expect([gone.status, String(gone.at("type")).split("/").at(-1)]).toEqual([403, "user-suspended"]);
    const stuck = await x.api("POST", "/2/tweets", { text: "hello" }, "stuck");
    expect([stuck.status, String(stuck.at("detail")).includes("temporarily locked")]).toEqual([403, true]);
  });
});

describe("replies", () => {
  test("a thread on one's own posts chains and keeps its conversation", async () => {
    const root = await x.post("thread 1");
    const second = await x.post("thread 2", { reply: { in_reply_to_tweet_id: root } });
    const third = await x.post("thread 3", { reply: { in_reply_to_tweet_id: second } });
    const stored = x.sandbox.report().accounts.sandbox_author?.posts.slice(-3) ?? [];
    expect(stored.map((post) => [post.id, post.replyToId, post.conversationId])).toEqual([
      [root, null, root],
      [second, root, root],
      [third, second, root],
    ]);
  });

  test("others may answer only when mentioned", async () => {
    const quiet = await x.post("nobody is asked");
    const refused = await x.api(
      "POST",
      "/2/tweets",
      { text: "may I?", reply: { in_reply_to_tweet_id: quiet } },
      "sandbox_premium",
    );
    expect(refused.status).toBe(403);
    expect(refused.at("detail")).toBe(
      "You can only reply to or quote posts where you are mentioned or are the author.",
    );
    const asking = await x.post("what do you say, @Sandbox_Premium?");
    await x.post("that I may", { reply: { in_reply_to_tweet_id: asking } }, "sandbox_premium");
  });

  test("a deleted parent is not visible, an unknown one is not found", async () => {
    const parent = await x.post("soon gone");
    await x.api("DELETE", `/2/tweets/${parent}`);
    const late = await x.api("POST", "/2/tweets", { text: "late", reply: { in_reply_to_tweet_id: parent } });
    expect([late.status, late.at("detail")]).toEqual([
      403,
      "You attempted to reply to a Tweet that is deleted or not visible to you.",
    ]);
    const lost = await x.api("POST", "/2/tweets", { text: "lost", reply: { in_reply_to_tweet_id: "1234567890" } });
    expect([lost.status, String(lost.at("type")).split("/").at(-1)]).toEqual([404, "resource-not-found"]);
  });

  test("quotes are refused for self-serve apps", async () => {
    const id = await x.post("quote me");
    expect((await x.api("POST", "/2/tweets", { text: "quoting", quote_tweet_id: id })).status).toBe(403);
  });
});

describe("media and labels", () => {
  test("four photos go, five or a foreign or an expired one do not", async () => {
    const own = [await image(), await image(), await image(), await image()];
    expect((await x.api("POST", "/2/tweets", { text: "four", media: { media_ids: own } })).status).toBe(201);
    const five = { text: "five", media: { media_ids: [...own, own[0]] } };
    expect((await x.api("POST", "/2/tweets", five)).status).toBe(400);
    const foreign = await image("sandbox_premium");
    const refused = await x.api("POST", "/2/tweets", { text: "foreign", media: { media_ids: [foreign] } });
    expect([refused.status, refused.at("errors.0.message")]).toEqual([400, "Your media IDs are invalid."]);
    expect(refused.at("errors.0.parameters")).toEqual({ "media.media_ids": [foreign] });
    x.clock.pass(86_400_000);
    // Two hours have passed as well, so the sign-in is new; the upload's day is over.
    const headers = {
      authorization: `Bearer ${x.sandbox.signIn("sandbox_author").access_token}`,
      "content-type": "application/json",
    };
    const body = JSON.stringify({ text: "expired", media: { media_ids: [own[0]] } });
    expect((await fetch(`${x.url}/2/tweets`, { method: "POST", headers, body })).status).toBe(400);
    x.clock.pass(-86_400_000);
  });

  test("scenario 29: poll, reply settings, AI and paid labels are kept as sent", async () => {
    const poll = { options: ["yes", "no"], duration_minutes: 60 };
    await x.post("labels", { poll, reply_settings: "following", made_with_ai: true, paid_partnership: true });
    expect(x.sandbox.report().accounts.sandbox_author?.posts.at(-1)).toMatchObject({
      poll: { options: ["yes", "no"], durationMinutes: 60 },
      replySettings: "following",
      madeWithAi: true,
      paidPartnership: true,
    });
  });
});

describe("deleting", () => {
  test("one's own goes, another's and a missing one do not; the record remembers", async () => {
    const id = await x.post("to delete");
    expect((await x.api("DELETE", `/2/tweets/${id}`, undefined, "sandbox_premium")).status).toBe(403);
    expect((await x.api("DELETE", `/2/tweets/${id}`)).json).toEqual({ data: { deleted: true } });
    expect((await x.api("DELETE", `/2/tweets/${id}`)).status).toBe(404);
    const stored = x.sandbox.report().accounts.sandbox_author?.posts.find((post) => post.id === id);
    expect(stored?.deletedAt).toBe(x.clock.now().toISOString());
  });
});
