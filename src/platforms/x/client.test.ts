import { afterEach, describe, expect, test } from "bun:test";
import { inspect } from "node:util";
import { XClient } from "./client.ts";
import { refusingUrl, sendJson, serve, serveRaw, TOKEN } from "./testing.ts";
import { RateLimitError, ThreadError, type TweetCreate, TweetCreateSchema, XApiError } from "./types.ts";

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of closing.splice(0)) await server.close();
});
async function serving(handle: Parameters<typeof serve>[0]) {
  const server = await serve(handle);
  closing.push(server);
  return { server, client: new XClient({ accessToken: TOKEN, baseUrl: server.url, timeoutMs: 20_000 }) };
}
async function failureOf(promise: Promise<unknown>): Promise<XApiError> {
  const failure = await promise.catch((error: unknown) => error);
  if (failure instanceof XApiError) return failure;
  throw new Error(`no XApiError: ${failure}`);
}

const problem = (status: number, detail: string) => ({ title: "Forbidden", type: "about:blank", status, detail });
const bodyOf = (seen: { body: Buffer }) => JSON.parse(seen.body.toString());
let nextId = 1_989_000_000_000_000_000n;
const created = () => ({ data: { id: String(++nextId), text: "x", edit_history_tweet_ids: [""] } });

describe("creating", () => {
  test("one tweet, with the token and a JSON body that always has a text", async () => {
    const { server, client } = await serving((_, response) =>
      sendJson(response, 201, { data: { id: "123", text: "x" } }),
    );
    expect(await client.createTweet({ media: { media_ids: ["5"] } })).toEqual({ id: "123" });
    const [seen] = server.seen;
    expect([seen?.method, seen?.path]).toEqual(["POST", "/2/tweets"]);
    expect(seen?.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, "content-type": "application/json" });
    expect(seen && bodyOf(seen)).toEqual({ text: "", media: { media_ids: ["5"] } });
  });

  test("scenario 11: a thread goes out in order, each tweet a reply to the one before", async () => {
    let inFlight = 0;
    let most = 0;
    const { server, client } = await serving(async (_, response) => {
      most = Math.max(most, ++inFlight);
      // Others that were sent at once arrive meanwhile.
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
      sendJson(response, 201, created());
    });
    const texts = ["one", "two 漢字", "three"];
    const ids = await client.postThread(texts.map((text) => ({ text })));
    expect(server.seen.map(bodyOf)).toEqual([
      { text: "one" },
      { text: "two 漢字", reply: { in_reply_to_tweet_id: ids[0] } },
      { text: "three", reply: { in_reply_to_tweet_id: ids[1] } },
    ]);
    expect([new Set(ids).size, most]).toEqual([3, 1]);
  });

  test("scenario 12: a thread that stops tells what it posted, and asks nothing more", async () => {
    const { server, client } = await serving((_, response) =>
      server.seen.length < 3 ? sendJson(response, 201, created()) : sendJson(response, 403, problem(403, "no")),
    );
    const failure = await client
      .postThread([{ text: "1" }, { text: "2" }, { text: "3" }, { text: "4" }])
      .catch((e: unknown) => e);
    if (!(failure instanceof ThreadError)) throw failure;
    expect([failure.postedIds.length, failure.failedPosition]).toEqual([2, 2]);
    expect(failure.cause).toMatchObject({ name: "XApiError", status: 403, mayHaveHappened: false });
    expect(server.seen).toHaveLength(3);
  });

  test("an invalid tweet anywhere in a thread means that nothing is sent", async () => {
    const { server, client } = await serving((_, response) => sendJson(response, 201, created()));
    expect(client.postThread([{ text: "fine" }, { text: " " }])).rejects.toThrow("a tweet needs a text or media");
    expect(server.seen).toHaveLength(0);
  });

  test("scenario 2: no error of a create hides that the tweet may exist", async () => {
    const reset = await serveRaw((socket) => socket.resetAndDestroy());
    const silent = await serveRaw(() => {});
    closing.push(reset, silent);
    const at = (baseUrl: string) =>
      new XClient({ accessToken: TOKEN, baseUrl, timeoutMs: 1_000 }).createTweet({ text: "x" });
    expect((await failureOf(at(reset.url))).mayHaveHappened).toBe(true);
    expect((await failureOf(at(silent.url))).mayHaveHappened).toBe(true);
    expect((await failureOf(at(await refusingUrl()))).mayHaveHappened).toBe(false);
    const { client } = await serving((_, response) => response.writeHead(201).end("<html>"));
    expect(await failureOf(client.createTweet({ text: "x" }))).toMatchObject({ status: 201, mayHaveHappened: true });
  });
});

describe("errors", () => {
  test("say what X said, and hide the body and the token from logs", async () => {
    const { client } = await serving((_, response) =>
      sendJson(
        response,
        403,
        {
          ...problem(403, `no, ${TOKEN}`),
          type: "https://api.x.com/2/problems/client-forbidden",
          extra: "in the body",
        },
        { "x-transaction-id": "abc" },
      ),
    );
    const failure = await failureOf(client.createTweet({ text: "x" }));
    expect(failure).toMatchObject({
      endpoint: "POST /2/tweets",
      status: 403,
      problemType: "client-forbidden",
      title: "Forbidden",
      detail: "HTTP 403, client-forbidden: no, [secret]",
      transactionId: "abc",
      rateLimits: [],
    });
    expect(failure.body()).toMatchObject({ extra: "in the body" });
    const shown =
      inspect(failure, { depth: 9, showHidden: true }) + JSON.stringify(failure) + Object.keys(failure).join();
    expect(shown).not.toContain(TOKEN);
    expect(shown).not.toContain("in the body");
    expect(inspect(client, { depth: 9 }) + JSON.stringify(client)).not.toContain(TOKEN);
  });

  test("a rate limit is an error of its own, with its end", async () => {
    const reset = Math.floor(Date.now() / 1000) + 600;
    const headers = { "x-rate-limit-limit": "100", "x-rate-limit-remaining": "0", "x-rate-limit-reset": String(reset) };
    const { client } = await serving((_, response) => sendJson(response, 429, { title: "Too Many Requests" }, headers));
    const failure = await failureOf(client.createTweet({ text: "x" }));
    expect(failure).toBeInstanceOf(RateLimitError);
    expect(failure).toMatchObject({ name: "RateLimitError", until: new Date(reset * 1000), scope: "account" });
  });
});

describe("limits as X last named them", () => {
  const reset = Math.floor(Date.now() / 1000) + 600;
  const headers = (remaining: number, family = "x-rate-limit") => ({
    [`${family}-limit`]: "100",
    [`${family}-remaining`]: String(remaining),
    [`${family}-reset`]: String(reset),
  });

  test("are kept for each endpoint, and what an answer leaves out stays known", async () => {
    const answers = [headers(1), headers(40_000, "x-user-limit-24hour"), headers(0, "x-app-limit-24hour"), {}];
    const { client } = await serving((_, response) => sendJson(response, 201, created(), answers.shift() ?? {}));
    expect([client.getRateLimit("POST /2/tweets"), client.isRateLimited("POST /2/tweets")]).toEqual([null, false]);
    await client.createTweet({ text: "x" });
    expect(client.isRateLimited("POST /2/tweets")).toBe(false);
    await client.createTweet({ text: "x" });
    expect(client.getRateLimit("POST /2/tweets")).toMatchObject({
      per15Minutes: { remaining: 1, limit: 100, resetAt: new Date(reset * 1000) },
      user24Hours: { remaining: 40_000 },
      app24Hours: null,
      blockedUntil: null,
    });
    await client.createTweet({ text: "x" });
    await client.createTweet({ text: "x" });
    expect(client.isRateLimited("POST /2/tweets")).toBe(true);
    expect(client.isRateLimited("POST /2/tweets", new Date(reset * 1000))).toBe(false);
    expect(client.isRateLimited("GET /2/users/me")).toBe(false);
  });

  test("a 429 that names only a Retry-After blocks too", async () => {
    const { client } = await serving((_, response) => sendJson(response, 429, {}, { "retry-after": "60" }));
    await failureOf(client.createTweet({ text: "x" }));
    expect(client.isRateLimited("POST /2/tweets")).toBe(true);
    expect(client.isRateLimited("POST /2/tweets", new Date(Date.now() + 61_000))).toBe(false);
  });
});

describe("reading", () => {
  const ME = "42";
  const post = (id: number, more: object = {}) => ({
    id: String(id),
    text: `post ${id}`,
    created_at: "2026-11-21T09:00:00.000Z",
    conversation_id: String(id),
    ...more,
  });

  test("own posts: replies kept, older vocabulary, newer than since_id, newest first", async () => {
    const reply = {
      referenced_tweets: [{ type: "replied_to", id: "1001" }],
      conversation_id: "1001",
      in_reply_to_user_id: ME,
    };
    const { server, client } = await serving((_, response) =>
      sendJson(response, 200, {
        data: [post(1001), post(1003, reply), post(1000), post(1002)],
        meta: { result_count: 4 },
      }),
    );
    const { posts, complete } = await client.getOwnPosts(ME, { sinceId: "1000", max: 7 });
    expect(posts.map(({ id, replyToId }) => [id, replyToId])).toEqual([
      ["1003", "1001"],
      ["1002", null],
      ["1001", null],
    ]);
    expect(complete).toBe(true);
    expect(server.seen[0]?.path).toBe("/2/users/42/tweets");
    expect(Object.fromEntries(server.seen[0]?.query ?? [])).toEqual({
      max_results: "7",
      exclude: "retweets",
      since_id: "1000",
      "tweet.fields":
        "attachments,conversation_id,created_at,entities,in_reply_to_user_id,note_tweet,referenced_tweets",
    });
  });

  test("own posts: pages are followed to the end, or to max, and completeness is claimed only at the end", async () => {
    const { server, client } = await serving(({ query }, response) => {
      const page = Number(query.get("pagination_token") ?? 0);
      const data = Array.from({ length: 5 }, (_, i) => post(1100 - page * 5 - i));
      sendJson(response, 200, { data, meta: { result_count: 5, ...(page < 3 && { next_token: String(page + 1) }) } });
    });
    const all = await client.getOwnPosts(ME, { sinceId: null, max: 100 });
    expect([all.posts.length, all.complete]).toEqual([20, true]);
    const some = await client.getOwnPosts(ME, { sinceId: null, max: 7 });
    expect([some.posts.length, some.complete]).toEqual([7, false]);
    expect(server.seen.at(-1)?.query.get("max_results")).toBe("5");
    const exactly = await client.getOwnPosts(ME, { sinceId: null, max: 20 });
    expect([exactly.posts.length, exactly.complete]).toEqual([20, true]);
  });

  test("own posts: an endless or circling timeline ends all the same, and is not complete", async () => {
    const circling = await serving((_, response) =>
      sendJson(response, 200, { data: [post(1)], meta: { result_count: 1, next_token: "same" } }),
    );
    expect(await circling.client.getOwnPosts(ME, { sinceId: null, max: 100 })).toMatchObject({ complete: false });
    expect(circling.server.seen.length).toBe(2);
    let token = 0;
    const endless = await serving((_, response) =>
      sendJson(response, 200, { data: [], meta: { result_count: 0, next_token: String(++token) } }),
    );
    expect(await endless.client.getOwnPosts(ME, { sinceId: null, max: 100 })).toEqual({ posts: [], complete: false });
    expect(endless.server.seen.length).toBeLessThan(100);
  });

  test("own posts: an empty timeline says that it is empty", async () => {
    const empty = await serving((_, response) => sendJson(response, 200, { meta: { result_count: 0 } }));
    expect(await empty.client.getOwnPosts(ME, { sinceId: "5", max: 10 })).toEqual({ posts: [], complete: true });
    const silent = await serving((_, response) => sendJson(response, 200, {}));
    expect((await failureOf(silent.client.getOwnPosts(ME, { sinceId: "5", max: 10 }))).status).toBe(200);
  });

  test("own posts: what could hide a post takes away completeness", async () => {
    const bodies = [
      { data: [post(7), { id: "8" }], meta: { result_count: 2 } },
      { data: [post(7)], meta: { result_count: 2 } },
      { data: [post(7)], meta: { result_count: 1 }, errors: [{ title: "Internal error" }] },
      {
        data: [
          post(7, {
            text: "cut… https://t.co/a",
            entities: { urls: [{ url: "https://t.co/a", expanded_url: "https://x.com/i/web/status/7" }] },
          }),
        ],
        meta: { result_count: 1 },
      },
    ];
    for (const body of bodies) {
      const { client } = await serving((_, response) => sendJson(response, 200, body));
      expect((await client.getOwnPosts(ME, { sinceId: null, max: 10 })).complete).toBe(false);
    }
    const harmless = {
      data: [post(7)],
      meta: { result_count: 1 },
      errors: [{ parameter: "referenced_tweets.id", resource_id: "1" }],
    };
    const { client } = await serving((_, response) => sendJson(response, 200, harmless));
    expect((await client.getOwnPosts(ME, { sinceId: null, max: 10 })).complete).toBe(true);
  });

  test("own posts: where the older vocabulary fails, openly or in silence, the newer one is asked", async () => {
    const root = { conversation_id: "1001", in_reply_to_user_id: ME };
    const newer = {
      data: [post(1002, { ...root, referenced_posts: [{ type: "replied_to", id: "1001" }] })],
      meta: { result_count: 1 },
    };
    const invalid = {
      errors: [
        {
          parameters: { "tweet.fields": ["x"] },
          message: "The query parameter [tweet.fields] is not one of [post.fields]",
        },
      ],
      title: "Invalid Request",
      type: "https://api.x.com/2/problems/invalid-request",
    };
    const older: [number, object][] = [
      [400, invalid],
      [200, { data: [post(1002, root)], meta: { result_count: 1 } }],
    ];
    for (const [status, body] of older) {
      const { server, client } = await serving(({ query }, response) =>
        query.has("tweet.fields") ? sendJson(response, status, body) : sendJson(response, 200, newer),
      );
      const { posts, complete } = await client.getOwnPosts(ME, { sinceId: null, max: 10 });
      expect([posts[0]?.replyToId, complete]).toEqual(["1001", true]);
      expect(server.seen[1]?.query.get("expansions")).toContain("referenced_posts");
    }
    const neither = await serving((_, response) => sendJson(response, 200, older[1]?.[1]));
    expect(await neither.client.getOwnPosts(ME, { sinceId: null, max: 10 })).toMatchObject({ complete: false });
  });
});

test("what a tweet may hold together", () => {
  const ok = (tweet: TweetCreate) => TweetCreateSchema.safeParse(tweet).success;
  const media = { media_ids: ["1"] };
  const poll = { options: ["a", "b"], duration_minutes: 60 };
  expect(ok({ text: "x" })).toBe(true);
  expect(ok({ media })).toBe(true);
  expect(ok({ text: "x", poll, reply_settings: "verified", made_with_ai: true, paid_partnership: false })).toBe(true);
  expect(ok({})).toBe(false);
  expect(ok({ text: "x", media, poll })).toBe(false);
  expect(ok({ text: "x", quote_tweet_id: "1", media })).toBe(false);
  expect(ok({ text: "x", media: { media_ids: ["1", "2", "3", "4", "5"] } })).toBe(false);
  expect(ok({ text: "x", poll: { ...poll, duration_minutes: 4 } })).toBe(false);
  expect(ok({ text: "x", reply: { in_reply_to_tweet_id: "not an id" } })).toBe(false);
  expect(TweetCreateSchema.safeParse({ text: "x", unknown: 1 }).success).toBe(false);
  expect(TweetCreateSchema.safeParse({ text: "x", reply_settings: "everyone" }).success).toBe(false);
});

test("a client refuses a token or an address that it could not use safely, without showing the token", () => {
  expect(() => new XClient({ accessToken: TOKEN, baseUrl: "http://api.x.com" })).toThrow("https");
  for (const accessToken of ["", "has blank", "has\nbreak", "ünicode"]) {
    expect(() => new XClient({ accessToken })).toThrow("cannot be sent");
  }
});
