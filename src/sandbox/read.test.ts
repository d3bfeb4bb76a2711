import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type TestSandbox, testSandbox, tinyPng } from "./testing.ts";

let x: TestSandbox;
beforeAll(async () => {
  x = await testSandbox();
});
afterAll(() => x.stop());

const timeline = (query: string, handle = "sandbox_author") =>
  x.api("GET", `/2/users/${x.userId(handle)}/tweets?${query}`, undefined, handle);

function idsOf(data: unknown): string[] {
  return (data as { id: string }[] | undefined)?.map((post) => post.id) ?? [];
}

interface Entity {
  start: number;
  end: number;
  url: string;
  expanded_url: string;
  media_key?: string;
}

describe("timeline", () => {
  test("newest first, between 5 and 100 a page, and every page leads to the next", async () => {
    x.sandbox.addUser({ handle: "pages" });
    const ids: string[] = [];
    for (let i = 0; i < 13; i += 1) {
      x.clock.pass(1_000);
      ids.unshift(await x.post(`page ${i}`, {}, "pages"));
    }
    const first = await timeline("max_results=5", "pages");
    expect(idsOf(first.at("data"))).toEqual(ids.slice(0, 5));
    expect(first.at("meta.newest_id")).toBe(ids[0] ?? "");
    expect(first.at("meta.oldest_id")).toBe(ids[4] ?? "");
    const second = await timeline(`max_results=5&pagination_token=${first.at("meta.next_token")}`, "pages");
    expect(idsOf(second.at("data"))).toEqual(ids.slice(5, 10));
    const third = await timeline(`max_results=5&pagination_token=${second.at("meta.next_token")}`, "pages");
    expect(idsOf(third.at("data"))).toEqual(ids.slice(10));
    expect(third.at("meta.next_token")).toBeUndefined();
    for (const query of ["max_results=4", "max_results=101", "since_id=x", "pagination_token=zz!", "colour=red"]) {
      expect((await timeline(query, "pages")).status).toBe(400);
    }
  });

  test("since_id, until_id and times bound it; nothing new is an empty answer with a count", async () => {
    const a = await x.post("bound a");
    x.clock.pass(10_000);
    const middle = x.clock.now().toISOString();
    const b = await x.post("bound b");
    const c = await x.post("bound c", { reply: { in_reply_to_tweet_id: b } });
    expect(idsOf((await timeline(`since_id=${a}`)).at("data"))).toEqual([c, b]);
    expect(idsOf((await timeline(`since_id=${a}&until_id=${c}`)).at("data"))).toEqual([b]);
    expect(idsOf((await timeline(`start_time=${middle}`)).at("data"))).toEqual([c, b]);
    expect(idsOf((await timeline(`end_time=${middle}&since_id=${BigInt(a) - 1n}`)).at("data"))).toEqual([a]);
    expect(idsOf((await timeline(`since_id=${a}&exclude=replies,retweets`)).at("data"))).toEqual([b]);
    expect((await timeline(`since_id=${c}`)).json).toEqual({ meta: { result_count: 0 } });
  });

  test("a link is shortened and its entity leads back; scheme-less ones gain http://", async () => {
    await x.post("see https://example.com/a?b=1&c=2 and example.org, ok?");
    const post = (await timeline("max_results=5&post.fields=entities")).at("data.0") as {
      text: string;
      entities: { urls: Entity[] };
    };
    const expanded = post.entities.urls.map((url) => url.expanded_url);
    expect(expanded).toEqual(["https://example.com/a?b=1&c=2", "http://example.org"]);
    for (const { start, end, url } of post.entities.urls) {
      expect([...post.text].slice(start, end).join("")).toBe(url);
    }
    expect(post.text).toMatch(/^see https:\/\/t\.co\/\w+ and https:\/\/t\.co\/\w+, ok\?$/);
  });

  test("media add a link to the text and a key to the attachments", async () => {
    const media = Buffer.from(tinyPng(20, 10)).toString("base64");
    const upload = async () =>
      String((await x.api("POST", "/2/media/upload", { media, media_category: "tweet_image" })).at("data.id"));
    const ids = [await upload(), await upload()];
    await x.api("POST", "/2/media/metadata", { id: ids[0], metadata: { alt_text: { text: "one" } } });
    await x.post("two pictures 🎉", { media: { media_ids: ids } });
    const fields =
      "post.fields=entities,attachments&expansions=attachments.media_keys&media.fields=alt_text,width,height";
    const answer = await timeline(`max_results=5&${fields}`);
    const text = String(answer.at("data.0.text"));
    expect(text).toMatch(/^two pictures 🎉 https:\/\/t\.co\/\w+$/);
    const urls = answer.at("data.0.entities.urls") as Entity[];
    expect(urls.map((url) => url.media_key)).toEqual(ids.map((id) => `3_${id}`));
    expect([...text].slice(urls[0]?.start, urls[0]?.end).join("")).toBe(urls[0]?.url ?? "");
    expect(answer.at("data.0.attachments.media_keys")).toEqual(ids.map((id) => `3_${id}`));
    expect(answer.at("includes.media.0")).toEqual({
      media_key: `3_${ids[0]}`,
      type: "photo",
      alt_text: "one",
      width: 20,
      height: 10,
    });
  });

  test("a long post is cut, and whole in its note", async () => {
    const long = `${"A sentence with a link https://example.com/long and <tags>. ".repeat(20)}The end.`;
    await x.post(long, {}, "sandbox_premium");
    const answer = await timeline("max_results=5&post.fields=note_post,entities", "sandbox_premium");
    const text = String(answer.at("data.0.text"));
    expect(text).toMatch(/… https:\/\/t\.co\/\w+$/);
    const note = answer.at("data.0.note_post") as { text: string; entities: { urls: Entity[] } };
    let whole = note.text;
    for (const { url, expanded_url } of note.entities.urls) whole = whole.replace(url, expanded_url);
    expect(whole.replaceAll("&lt;", "<").replaceAll("&gt;", ">")).toBe(long);
  });

  test("a new post appears only after its lag, while its id can be read at once", async () => {
    x.sandbox.configure({ timelineLagMs: 5_000 });
    const id = await x.post("late to the timeline");
    expect(idsOf((await timeline("max_results=5")).at("data"))).not.toContain(id);
    expect((await x.api("GET", `/2/tweets/${id}`)).status).toBe(200);
    x.clock.pass(5_000);
    expect(idsOf((await timeline("max_results=5")).at("data"))[0]).toBe(id);
    x.sandbox.configure({ timelineLagMs: 0 });
  });
});

describe("the two vocabularies", () => {
  test("tweet.fields speaks of tweets, post.fields of posts, whatever the sandbox's own dialect", async () => {
    const root = await x.post("dialect root");
    await x.post("dialect reply", { reply: { in_reply_to_tweet_id: root } });
    const old = await timeline("max_results=5&tweet.fields=referenced_tweets,public_metrics,conversation_id");
    expect(old.at("data.0")).toMatchObject({
      edit_history_tweet_ids: [old.at("data.0.id")],
      referenced_tweets: [{ type: "replied_to", id: root }],
      public_metrics: { retweet_count: 0 },
      conversation_id: root,
    });
    const now = await timeline("max_results=5&post.fields=public_metrics&expansions=referenced_posts,author_id");
    expect(now.at("data.0")).toMatchObject({
      edit_history_post_ids: [now.at("data.0.id")],
      referenced_posts: [{ type: "replied_to", id: root }],
      public_metrics: { repost_count: 0 },
      author_id: x.userId(),
    });
    expect(now.at("includes.posts.0.id")).toBe(root);
    // twitter-api-v2 asks for expansions alone.
    const alone = await timeline("max_results=5&expansions=referenced_tweets.id");
    expect([alone.status, alone.at("includes.tweets.0.id")]).toEqual([200, root]);
    expect((await timeline("max_results=5&expansions=referenced_posts")).at("includes.posts.0.id")).toBe(root);
    expect((await timeline("post.fields=referenced_tweets")).status).toBe(400);
    expect((await timeline("tweet.fields=note_post")).status).toBe(400);
  });

  test("the older dialect answers creates and problems in its words", async () => {
    x.sandbox.configure({ dialect: "2026-06" });
    const made = await x.api("POST", "/2/tweets", { text: "old words" });
    expect(made.at("data.edit_history_tweet_ids")).toEqual([made.at("data.id")]);
    expect(made.headers.get("api-version")).toBe("2.166");
    const bad = await x.api("POST", "/2/tweets", { text: "x", colour: 1 });
    expect(bad.at("type")).toBe("https://api.twitter.com/2/problems/invalid-request");
    x.sandbox.configure({ dialect: "2026-08" });
  });
});

describe("look-ups", () => {
  test("missing ids come as errors inside a 200", async () => {
    const id = await x.post("look me up");
    const answer = await x.api("GET", `/2/tweets?ids=${id},1234567890`);
    expect(answer.status).toBe(200);
    expect(idsOf(answer.at("data"))).toEqual([id]);
    expect(answer.at("errors.0")).toMatchObject({ resource_id: "1234567890", resource_type: "post", parameter: "ids" });
    expect((await x.api("GET", "/2/tweets?ids=")).status).toBe(400);
    expect((await x.api("GET", `/2/tweets?ids=${Array.from({ length: 101 }, (_, i) => i + 1).join(",")}`)).status).toBe(
      400,
    );
  });

  test("users/me tells subscription and verification when asked", async () => {
    const plain = await x.api("GET", "/2/users/me", undefined, "sandbox_premium");
    expect(plain.json).toEqual({
      data: { id: x.userId("sandbox_premium"), name: "Sandbox Premium", username: "sandbox_premium" },
    });
    const fields = "/2/users/me?user.fields=subscription_type,verified_type";
    expect((await x.api("GET", fields, undefined, "sandbox_premium")).at("data")).toMatchObject({
      subscription_type: "Premium",
      verified_type: "blue",
    });
    expect((await x.api("GET", "/2/users/me?user.fields=shoe_size")).status).toBe(400);
  });
});
