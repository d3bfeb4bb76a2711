import { afterEach, describe, expect, test } from "bun:test";
import { weightedLength } from "../../core/compose/weighted-length.ts";
import { type Credentials, LONG_POST_LIMIT, type MediaSource } from "../../core/platform.ts";
import { createXPlatform } from "./platform.ts";
import { refusingUrl, sendJson, serve, serveRaw, TOKEN } from "./testing.ts";

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of closing.splice(0)) await server.close();
});

const credentials: Credentials = { accessToken: TOKEN, platformUserId: "42" };
const simple = { text: "hello", replyToId: null, mediaIds: [] };
const image: MediaSource = { mime: "image/png", byteLength: 3, read: async () => new Uint8Array(3) };

function platformAt(url: string, timeoutMs = 20_000) {
  const oauth = {
    clientId: "id",
    clientSecret: "test-client-secret",
    redirectUri: "https://example.com/",
    authorizeUrl: `${url}/i/oauth2/authorize`,
    tokenUrl: `${url}/2/oauth2/token`,
    revokeUrl: `${url}/2/oauth2/revoke`,
  };
  return createXPlatform({ oauth, apiBaseUrl: url, timeoutMs });
}
async function serving(handle: Parameters<typeof serve>[0]) {
  const server = await serve(handle);
  closing.push(server);
  return { server, x: platformAt(server.url) };
}

describe("creating a post", () => {
  test("scenario 29: poll, reply settings and labels pass through in X's words", async () => {
    const { server, x } = await serving((_, response) =>
      sendJson(response, 201, { data: { id: "77", text: "x" } }, { "x-transaction-id": "t1" }),
    );
    const poll = { options: ["a", "b"], durationMinutes: 60 };
    const request = {
      ...simple,
      replyToId: "76",
      poll,
      replySettings: "verified",
      madeWithAi: true,
      paidPartnership: true,
    } as const;
    const { host } = new URL(server.url);
    expect(await x.createPost(credentials, request)).toEqual({
      outcome: { kind: "posted", externalPostId: "77" },
      meta: {
        httpStatus: 201,
        transactionId: "t1",
        rateLimits: [],
        clock: { host, date: expect.any(Date), askedAt: expect.any(Date), gotAt: expect.any(Date) },
      },
    });
    expect(JSON.parse(String(server.seen[0]?.body))).toEqual({
      text: "hello",
      reply: { in_reply_to_tweet_id: "76" },
      poll: { options: ["a", "b"], duration_minutes: 60 },
      reply_settings: "verified",
      made_with_ai: true,
      paid_partnership: true,
    });
    await x.createPost(credentials, { ...simple, mediaIds: ["1", "2"] });
    expect(JSON.parse(String(server.seen[1]?.body))).toEqual({ text: "hello", media: { media_ids: ["1", "2"] } });
  });

  test("a long post of long URLs is sent: X counts 23 for each of them", async () => {
    const { server, x } = await serving((_, response) => sendJson(response, 201, { data: { id: "77", text: "x" } }));
    const url = `https://example.com/${"path/".repeat(100)}`;
    const text = Array.from({ length: 200 }, () => url).join(" ");
    expect([weightedLength(text) <= LONG_POST_LIMIT, text.length > LONG_POST_LIMIT]).toEqual([true, true]);
    expect((await x.createPost(credentials, { ...simple, text })).outcome.kind).toBe("posted");
    expect(JSON.parse(String(server.seen[0]?.body))).toEqual({ text });
  });

  test("what X would refuse is refused here, unsent", async () => {
    const { server, x } = await serving((_, response) => response.end());
    for (const request of [
      { ...simple, text: " " },
      { ...simple, mediaIds: ["1", "2", "3", "4", "5"] },
      { ...simple, mediaIds: ["1"], poll: { options: ["a", "b"], durationMinutes: 60 } },
      { ...simple, replyToId: "none" },
    ]) {
      const { outcome, meta } = await x.createPost(credentials, request);
      expect(outcome).toMatchObject({ kind: "refused", reason: "invalid" });
      expect(meta.httpStatus).toBeNull();
    }
    expect(server.seen).toHaveLength(0);
  });

  test("scenario 2: every way of losing the answer is unknown, and asks X once", async () => {
    let connections = 0;
    const lost: ((socket: import("node:net").Socket) => unknown)[] = [
      (socket) => socket.resetAndDestroy(),
      () => {},
      (socket) => socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>"),
      (socket) => socket.end("HTTP/1.1 201 Created\r\nContent-Length: 6\r\n\r\n<html>"),
      (socket) => socket.end('HTTP/1.1 201 Created\r\nContent-Length: 11\r\n\r\n{"data":{}}'),
      (socket) => socket.end('HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{"data":{'),
      (socket) => socket.write('HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{"data":{'),
    ];
    for (const lose of lost) {
      const server = await serveRaw((socket) => {
        connections++;
        lose(socket);
      });
      closing.push(server);
      expect((await platformAt(server.url, 1_000).createPost(credentials, simple)).outcome.kind).toBe("unknown");
    }
    expect(connections).toBe(lost.length);
    expect((await platformAt(await refusingUrl()).createPost(credentials, simple)).outcome.kind).toBe("not_sent");
  });

  test("an abort before sending throws; one while waiting is unknown", async () => {
    const stop = new AbortController();
    const { server, x } = await serving(() => stop.abort());
    expect(x.createPost(credentials, simple, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
    expect(server.seen).toHaveLength(0);
    expect((await x.createPost(credentials, simple, stop.signal)).outcome.kind).toBe("unknown");
  });
});

describe("no method throws for what X answers", () => {
  const FAULTS: [name: string, handle: Parameters<typeof serve>[0]][] = [
    ["500", (_, response) => response.writeHead(500).end("<html>")],
    ["200 page", (_, response) => response.writeHead(200).end("<html>")],
    ["200 null", (_, response) => sendJson(response, 200, null)],
    ["200 nonsense", (_, response) => sendJson(response, 200, { data: 5, meta: "x", errors: {} })],
    ["403", (_, response) => sendJson(response, 403, { title: "Forbidden" })],
    ["reset", (_, response) => response.socket?.destroy()],
  ];
  test.each(FAULTS)("%s", async (_name, handle) => {
    const { x } = await serving(handle);
    expect((await x.ownPosts(credentials, { sinceId: null, max: 5 })).answer.kind).toBe("unavailable");
    expect((await x.identity(TOKEN)).kind).toBe("unavailable");
    expect((await x.refresh("test-refresh-token")).kind).toBe("unavailable");
  });

  test("401 is a word about the account, everywhere but at the token endpoint", async () => {
    const { x } = await serving((_, response) => sendJson(response, 401, { title: "Unauthorized" }));
    expect((await x.createPost(credentials, simple)).outcome.kind).toBe("signed_out");
    expect((await x.ownPosts(credentials, { sinceId: null, max: 5 })).answer.kind).toBe("signed_out");
    expect((await x.uploadMedia(credentials, image)).answer.kind).toBe("signed_out");
    expect((await x.setAltText(credentials, "1", "a")).answer.kind).toBe("signed_out");
    expect((await x.identity(TOKEN)).kind).toBe("signed_out");
    expect((await x.refresh("test-refresh-token")).kind).toBe("unavailable");
  });

  test("a rate limit while looking names the time to look again", async () => {
    const { x } = await serving((_, response) => sendJson(response, 429, {}, { "retry-after": "60" }));
    const { answer, meta } = await x.ownPosts(credentials, { sinceId: "1", max: 5 });
    expect(answer).toMatchObject({ kind: "unavailable", retryAt: expect.any(Date) });
    expect(meta.httpStatus).toBe(429);
  });

  test("an abort in the middle of several requests is an answer", async () => {
    const stop = new AbortController();
    const { x } = await serving((_, response) => {
      stop.abort();
      sendJson(response, 200, { data: [], meta: { result_count: 0, next_token: "more" } });
    });
    expect((await x.ownPosts(credentials, { sinceId: null, max: 50 }, stop.signal)).answer.kind).toBe("unavailable");
    expect(x.ownPosts(credentials, { sinceId: null, max: 50 }, stop.signal)).rejects.toThrow();
  });
});

test("uploads, alt text, identity and refresh come through", async () => {
  const { x } = await serving(({ path }, response) => {
    if (path === "/2/users/me") return sendJson(response, 200, { data: { id: "42", username: "me", name: "Me" } });
    if (path === "/2/oauth2/token") {
      return sendJson(response, 200, {
        access_token: "new-access",
        refresh_token: "new-refresh",
        expires_in: 7200,
        scope: "a b",
      });
    }
    return sendJson(response, 200, { data: { id: "99", expires_after_secs: 86_400 } });
  });
  expect((await x.uploadMedia(credentials, image)).answer).toMatchObject({ kind: "ready", mediaId: "99" });
  expect((await x.setAltText(credentials, "99", "a cat")).answer).toEqual({ kind: "done" });
  expect(await x.identity(TOKEN)).toEqual({
    clock: expect.any(Object),
    kind: "identity",
    identity: { platformUserId: "42", handle: "me", name: "Me", subscription: null },
  });
  expect(await x.refresh("old")).toMatchObject({
    kind: "refreshed",
    tokens: { refreshToken: "new-refresh", scopes: ["a", "b"] },
  });
  expect(x.idTime("1346889436626259968")?.toISOString()).toBe("2021-01-06T18:40:40.344Z");
});

test("an address that would carry tokens in the clear is found at once", () => {
  expect(() => platformAt("http://api.x.com")).toThrow("https");
});
