/** Two clients that know nothing of the sandbox, unchanged, through their public options only. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Agent } from "node:https";
import { connect } from "node:net";
import { Client } from "@xdevplatform/xdk";
import { TwitterApi } from "twitter-api-v2";
import { fakeMp4, type TestSandbox, testSandbox, tinyPng } from "./testing.ts";

let x: TestSandbox;
beforeAll(async () => {
  x = await testSandbox({ settings: { processingMs: 0 } });
});
afterAll(() => x.stop());

const stored = () => x.sandbox.report().accounts.sandbox_author?.posts ?? [];

describe("X's own SDK (@xdevplatform/xdk), by its option baseUrl", () => {
  const client = () => new Client({ baseUrl: x.url, accessToken: x.token() });

  test("me, a post, a thread, the timeline, a deletion", async () => {
    const xdk = client();
    const me = await xdk.users.getMe({ userFields: ["subscription_type"] });
    expect(me.data?.username).toBe("sandbox_author");
    const root = await xdk.posts.create({ text: "xdk root" });
    const rootId = String(root.data?.id);
    const reply = await xdk.posts.create({ text: "xdk reply", reply: { inReplyToTweetId: rootId } });
    expect(stored().at(-1)).toMatchObject({ id: reply.data?.id, replyToId: rootId, conversationId: rootId });
    const timeline = await xdk.users.getPosts(String(me.data?.id), {
      maxResults: 5,
      postFields: ["created_at", "entities"],
    });
    expect(timeline.data?.map((post) => post.text)).toEqual(["xdk reply", "xdk root"]);
    expect((await xdk.posts.delete(String(reply.data?.id))).data?.deleted).toBe(true);
  });

  test("a picture with alt text, in one request and in chunks", async () => {
    const xdk = client();
    const media = Buffer.from(tinyPng()).toString("base64");
    const one = await xdk.media.upload({ media, mediaCategory: "tweet_image" });
    const begun = await xdk.media.initializeUpload({
      mediaType: "image/png",
      mediaCategory: "tweet_image",
      totalBytes: tinyPng().length,
    });
    const id = String(begun.data?.id);
    await xdk.media.appendUpload(id, { media, segmentIndex: 0 });
    await xdk.media.finalizeUpload(id);
    await xdk.media.createMetadata({ id, metadata: { altText: { text: "from the SDK" } } });
    await xdk.posts.create({ text: "xdk pictures", media: { mediaIds: [String(one.data?.id), id] } });
    expect(
      stored()
        .at(-1)
        ?.media.map((item) => item.altText),
    ).toEqual([null, "from the SDK"]);
  });

  test("a refusal carries X's problem", async () => {
    const error = await client()
      .posts.create({ text: "x".repeat(300) })
      .then(
        () => null,
        (caught: { status: number; data?: unknown }) => caught,
      );
    expect(error?.status).toBe(403);
  });
});

/** twitter-api-v2 has no base URL, but takes an agent: this one connects to the sandbox whatever the host is. */
class ToSandbox extends Agent {
  override createConnection() {
    return connect(x.port, "127.0.0.1");
  }
}

describe("twitter-api-v2, by its option httpAgent", () => {
  const client = () => new TwitterApi(x.token(), { httpAgent: new ToSandbox() }).v2;

  test("me, a thread, the timeline, a deletion, and the rate limits it reads", async () => {
    const api = client();
    const me = await api.me({ "user.fields": ["verified_type"] });
    expect(me.data.username).toBe("sandbox_author");
    const thread = await api.tweetThread(["tav 1", "tav 2", "tav 3"]);
    expect(
      stored()
        .slice(-3)
        .map((post) => post.text),
    ).toEqual(["tav 1", "tav 2", "tav 3"]);
    expect(stored().at(-1)?.replyToId).toBe(thread[1]?.data.id ?? "");
    const timeline = await api.userTimeline(me.data.id, { max_results: 5, "tweet.fields": ["referenced_tweets"] });
    expect(timeline.tweets[0]?.referenced_tweets).toEqual([{ type: "replied_to", id: thread[1]?.data.id ?? "" }]);
    const next = await timeline.next();
    expect(next.tweets.length).toBeGreaterThan(0);
    expect((await api.deleteTweet(thread[2]?.data.id ?? "")).data.deleted).toBe(true);
    const limited = await api.get("users/me", undefined, { fullResponse: true });
    expect(limited.rateLimit?.limit).toBe(75);
  });

  test("a picture and a video in chunks, alt text, and a post with them", async () => {
    const api = client();
    const picture = await api.uploadMedia(Buffer.from(tinyPng()), { media_type: "image/png" as never });
    await api.createMediaMetadata(picture, { alt_text: { text: "from tav" } });
    await api.tweet("tav picture", { media: { media_ids: [picture] } });
    expect(stored().at(-1)?.media[0]?.altText).toBe("from tav");
    const file = Buffer.from(fakeMp4(2_500_000));
    const video = await api.uploadMedia(file, { media_type: "video/mp4" as never });
    await api.tweet("tav video", { media: { media_ids: [video] } });
    expect(stored().at(-1)?.media[0]?.byteLength).toBe(2_500_000);
  });

  test("a 429 is read with its reset, a duplicate as 403", async () => {
    const api = client();
    x.sandbox.addFault({ kind: "rate_limited", match: { path: "/2/tweets" }, resetSecs: 120 });
    const caught = async (work: Promise<unknown>) =>
      work.then(
        () => null,
        (error: { code: number; rateLimit?: { reset: number } }) => error,
      );
    const limited = await caught(api.tweet("limited"));
    expect([limited?.code, limited?.rateLimit?.reset]).toEqual([429, x.clock.ms / 1000 + 120]);
    await api.tweet("only once");
    expect((await caught(api.tweet("only once")))?.code).toBe(403);
  });
});
