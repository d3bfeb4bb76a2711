/** The whole layer against the sandbox over real sockets: what X answers there is decided by another hand than ours. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { Credentials, Platform } from "../../core/platform.ts";
import { type RunningSandbox, startSandbox } from "../../sandbox/server.ts";
import { fakeMp4, TINY_GIF, tinyPng } from "../../sandbox/testing.ts";
import { SANDBOX_CALLBACK_URL, SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET } from "../../sandbox/types.ts";
import { XClient } from "./client.ts";
import { sameText } from "./match.ts";
import {
  assertScopes,
  createXOAuthClient,
  exchangeCode,
  generateAuthUrl,
  refreshAccessToken,
  revokeToken,
  takeCode,
} from "./oauth.ts";
import { createXPlatform } from "./platform.ts";

let running: RunningSandbox;
let x: Platform;
let me: Credentials;

const oauthConfig = () => ({
  clientId: SANDBOX_CLIENT_ID,
  clientSecret: SANDBOX_CLIENT_SECRET,
  redirectUri: SANDBOX_CALLBACK_URL,
  authorizeUrl: `${running.url}/i/oauth2/authorize`,
  tokenUrl: `${running.url}/2/oauth2/token`,
  revokeUrl: `${running.url}/2/oauth2/revoke`,
});

async function signedIn(handle: string): Promise<Credentials> {
  const { access_token: accessToken } = running.sandbox.signIn(handle);
  const who = await x.identity(accessToken);
  if (who.kind !== "identity") throw new Error(who.kind);
  return { accessToken, platformUserId: who.identity.platformUserId };
}

beforeAll(async () => {
  running = await startSandbox({ settings: { processingMs: 0 } });
  x = createXPlatform({ oauth: oauthConfig(), apiBaseUrl: running.url });
});
afterAll(() => running.stop());
beforeEach(async () => {
  running.sandbox.reset();
  running.sandbox.configure({ processingMs: 0 });
  me = await signedIn("sandbox_author");
});

const TEXTS = [
  "plain",
  "a < b && c > d &amp; &lt;",
  "see example.com and https://Example.org/Path?a=1&b=2, or README.md",
  "emoji 👩‍👩‍👧‍👦 and 漢字、カタカナ and cafe\u0301",
  "詳細はexample.comへ https://example.com/",
  "lines\n\nand\n\n\nmore  blanks",
  "@sandbox_premium #tag $TAG",
];

async function create(text: string, replyToId: string | null = null, mediaIds: string[] = []) {
  return (await x.createPost(me, { text, replyToId, mediaIds })).outcome;
}
async function posted(text: string, replyToId: string | null = null, mediaIds: string[] = []): Promise<string> {
  const outcome = await create(text, replyToId, mediaIds);
  if (outcome.kind !== "posted") throw new Error(JSON.stringify(outcome));
  return outcome.externalPostId;
}
async function shown(sinceId: string | null = null) {
  const { answer } = await x.ownPosts(me, { sinceId, max: 100 });
  if (answer.kind !== "posts") throw new Error(JSON.stringify(answer));
  return answer;
}

describe.each(["2026-06", "2026-08"] as const)("where X speaks the words of %s", (dialect) => {
  beforeEach(() => running.sandbox.configure({ dialect }));

  test("scenario 2: a thread is recognised, text by text and parent by parent", async () => {
    const ids: string[] = [];
    for (const text of TEXTS) ids.push(await posted(text, ids.at(-1) ?? null));
    const { posts, complete } = await shown();
    expect(complete).toBe(true);
    expect(posts.map(({ id }) => id)).toEqual(ids.toReversed());
    for (const [position, text] of TEXTS.entries()) {
      const post = posts.find(({ id }) => id === ids[position]);
      expect([text, post && sameText(text, post.text), post?.replyToId]).toEqual([
        text,
        true,
        ids[position - 1] ?? null,
      ]);
    }
    const newer = await shown(ids[3]);
    expect(newer).toMatchObject({ complete: true });
    expect(newer.posts).toHaveLength(TEXTS.length - 4);
  });

  test("a long post and its links are recognised in full", async () => {
    me = await signedIn("sandbox_premium");
    const text = `${"Ünï & <long> words 漢 ".repeat(60)}https://example.com/path?a=1&b=2 end`;
    await posted(text);
    const { posts, complete } = await shown();
    expect([complete, posts[0] && sameText(text, posts[0].text)]).toEqual([true, true]);
  });
});

describe("scenario 2: an answer that is lost", () => {
  const FAULTS = [
    { kind: "drop_after" },
    { kind: "cut_answer" },
    { kind: "html", status: 502, acted: true },
    { kind: "html", status: 403, acted: true },
    { kind: "html", status: 401, acted: true },
    { kind: "status", status: 503, acted: true },
    { kind: "no_id" },
  ] as const;
  test.each(FAULTS)("%j is unknown, and a lookup finds the tweet", async (fault) => {
    const before = await posted("before");
    running.sandbox.addFault({ ...fault, match: { method: "POST", path: "/2/tweets" } });
    expect((await create("lost & found: example.com")).kind).toBe("unknown");
    const { posts, complete } = await shown(before);
    expect([complete, posts.length, posts[0] && sameText("lost & found: example.com", posts[0].text)]).toEqual([
      true,
      1,
      true,
    ]);
  });

  test("an answer that is too late is unknown", async () => {
    const slow = createXPlatform({ oauth: oauthConfig(), apiBaseUrl: running.url, timeoutMs: 1_500 });
    running.sandbox.addFault({ kind: "delay", ms: 20_000, when: "after", match: { path: "/2/tweets" } });
    expect((await slow.createPost(me, { text: "late", replyToId: null, mediaIds: [] })).outcome.kind).toBe("unknown");
    expect((await shown()).posts).toHaveLength(1);
  });
});

test("refusals are told apart", async () => {
  const first = await posted("same words");
  const kinds: string[] = [];
  const ask = async (
    fault: Parameters<typeof running.sandbox.addFault>[0] | null,
    text: string,
    parent: string | null = null,
  ) => {
    if (fault) running.sandbox.addFault(fault);
    const outcome = await create(text, parent);
    kinds.push(
      outcome.kind === "refused" ? outcome.reason : outcome.kind === "out_of_credits" ? outcome.cap : outcome.kind,
    );
  };
  await ask(null, "same words");
  await ask(null, "reply to nothing", "1234567890123456789");
  await ask(null, "$ONE $TWO");
  await ask(null, "far too long ".repeat(50));
  await ask({ kind: "not_visible" }, "reply", first);
  await ask({ kind: "rate_limited", window: "user_24h" }, "a");
  await ask({ kind: "rate_limited", withReset: false }, "b");
  await ask({ kind: "credits" }, "c");
  await ask({ kind: "spend_cap" }, "d");
  await ask({ kind: "usage_cap" }, "e");
  await ask({ kind: "auth_outage" }, "f");
  await ask({ kind: "drop_before" }, "g");
  expect(kinds.slice(0, 1)).toEqual(["duplicate"]);
  expect(["parent_missing", "reply_not_allowed"]).toContain(kinds[1] ?? "");
  expect(kinds.slice(2)).toEqual([
    "cashtags",
    "not_permitted",
    "parent_missing",
    "wait",
    "wait",
    "credits",
    "spend_cap",
    "usage_cap",
    "signed_out",
    "unknown",
  ]);
});

/** A whole picture, or video, of so many bytes. */
function file(mime: "image/png" | "image/gif" | "video/mp4", size: number) {
  const bytes =
    mime === "video/mp4" ? fakeMp4(size) : mime === "image/png" ? tinyPng(40, 30) : new Uint8Array(TINY_GIF);
  const read = async (start: number, end: number) => bytes.slice(start, end);
  return { mime, byteLength: bytes.byteLength, read };
}

describe("media", () => {
  test("an image with an alt text is posted and its link is undone", async () => {
    const { answer } = await x.uploadMedia(me, file("image/png", 2_000));
    if (answer.kind !== "ready") throw new Error(JSON.stringify(answer));
    expect((await x.setAltText(me, answer.mediaId, "a cat & a dog")).answer).toEqual({ kind: "done" });
    await posted("look: example.com", null, [answer.mediaId]);
    const [post] = (await shown()).posts;
    expect([post?.mediaCount, post && sameText("look: example.com", post.text)]).toEqual([1, true]);
  });

  test("scenario 23: a video goes up in chunks that fit, and is waited for", async () => {
    running.sandbox.configure({ maxChunkBytes: 300_000, processingMs: 50 });
    const { answer } = await x.uploadMedia(me, file("video/mp4", 1_500_000));
    if (answer.kind !== "ready") throw new Error(JSON.stringify(answer));
    await posted("", null, [answer.mediaId]);
    const [post] = (await shown()).posts;
    expect([post?.mediaCount, post?.text]).toEqual([1, ""]);
  });

  test("media that X cannot process, and media of somebody else, are refused", async () => {
    running.sandbox.addFault({ kind: "processing_failed" });
    expect((await x.uploadMedia(me, file("image/gif", 5_000))).answer.kind).toBe("refused");
    expect(await create("x", null, ["1234567890123456789"])).toMatchObject({
      kind: "refused",
      reason: "media_invalid",
    });
  });
});

describe("signing in", () => {
  const options = { timeoutMs: 20_000 };
  async function consent(more = "") {
    const client = createXOAuthClient(oauthConfig(), options);
    const { url, state, codeVerifier } = generateAuthUrl(client);
    const response = await fetch(`${url}&sandbox_user=sandbox_author&sandbox_consent=${more || "auto"}`, {
      redirect: "manual",
    });
    return { client, state, codeVerifier, location: response.headers.get("location") ?? "" };
  }

  test("scenario 17: link, consent, pasted address, tokens, refresh, revocation", async () => {
    const { client, state, codeVerifier, location } = await consent();
    const tokens = await exchangeCode(client, { code: takeCode(location, state), codeVerifier });
    assertScopes(tokens.scopes);
    expect(await x.identity(tokens.accessToken)).toMatchObject({ identity: { handle: "sandbox_author" } });
    const refreshed = await x.refresh(tokens.refreshToken ?? "");
    if (refreshed.kind !== "refreshed") throw new Error(refreshed.kind);
    expect(refreshed.tokens.refreshToken).not.toBe(tokens.refreshToken);
    expect((await x.refresh(tokens.refreshToken ?? "")).kind).toBe("refused");
    await revokeToken(client, refreshed.tokens.refreshToken ?? "");
  });

  test("scenario 17: what goes wrong is named", async () => {
    const denied = await consent("deny");
    expect(() => takeCode(denied.location, denied.state)).toThrow("declined");
    const { client, state, codeVerifier, location } = await consent();
    const code = takeCode(location, state);
    const failure = async (promise: Promise<unknown>) => (await promise.catch((e: unknown) => e)) as { code?: string };
    const other = generateAuthUrl(client).codeVerifier;
    expect(["OAUTH_VERIFIER_WRONG", "OAUTH_CODE_EXPIRED"]).toContain(
      (await failure(exchangeCode(client, { code, codeVerifier: other }))).code ?? "",
    );
    const used = await consent();
    const again = { code: takeCode(used.location, used.state), codeVerifier: used.codeVerifier };
    await exchangeCode(client, again);
    expect((await failure(exchangeCode(client, again))).code).toBe("OAUTH_CODE_EXPIRED");
    const wrong = createXOAuthClient({ ...oauthConfig(), clientSecret: "wrong-client-secret" }, options);
    expect((await failure(exchangeCode(wrong, { code, codeVerifier }))).code).toBe("OAUTH_CLIENT_WRONG");
    expect((await refreshAccessToken(wrong, "whatever")).kind).toBe("misconfigured");
    const moved = createXOAuthClient({ ...oauthConfig(), redirectUri: "http://127.0.0.1:1/" }, options);
    const fresh = await consent();
    const mismatch = exchangeCode(moved, {
      code: takeCode(fresh.location, fresh.state),
      codeVerifier: fresh.codeVerifier,
    });
    expect((await failure(mismatch)).code).toBe("OAUTH_CALLBACK_MISMATCH");
  });

  test("scenario 15: an outage of X's sign-in is no refusal", async () => {
    const tokens = running.sandbox.signIn("sandbox_author");
    running.sandbox.addFault({ kind: "auth_outage", times: null });
    expect((await x.refresh(tokens.refresh_token ?? "")).kind).toBe("unavailable");
    running.sandbox.clearFaults();
    expect((await x.refresh(tokens.refresh_token ?? "")).kind).toBe("refreshed");
  });
});

test("scenario 11: the client's own thread", async () => {
  const client = new XClient({ accessToken: me.accessToken, baseUrl: running.url });
  const ids = await client.postThread([{ text: "one" }, { text: "two" }, { text: "three" }]);
  const { posts } = await client.getOwnPosts(me.platformUserId, { sinceId: null, max: 10 });
  expect(posts.toReversed().map(({ text, replyToId }) => [text, replyToId])).toEqual([
    ["one", null],
    ["two", ids[0] ?? null],
    ["three", ids[1] ?? null],
  ]);
  expect(client.getRateLimit("POST /2/tweets")?.per15Minutes).toMatchObject({ limit: 100 });
});
