import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type TestSandbox, testSandbox } from "./testing.ts";

let x: TestSandbox;
beforeEach(async () => {
  x = await testSandbox();
});
afterEach(() => x.stop());

const create = (text: string, handle?: string) => x.api("POST", "/2/tweets", { text }, handle);

describe("rate limits", () => {
  test("100 posts in a quarter of an hour per account, then 429 until the reset that the headers name", async () => {
    const first = await create("n0");
    expect(first.headers.get("x-rate-limit-limit")).toBe("100");
    expect(first.headers.get("x-rate-limit-remaining")).toBe("99");
    const reset = Number(first.headers.get("x-rate-limit-reset"));
    expect(reset).toBe(x.clock.ms / 1000 + 900);
    for (let i = 1; i < 100; i += 1) await create(`n${i}`);
    const over = await create("one too many");
    expect([over.status, over.headers.get("x-rate-limit-remaining")]).toEqual([429, "0"]);
    expect(over.json).toEqual({
      title: "Too Many Requests",
      detail: "Too Many Requests",
      type: "about:blank",
      status: 429,
    });
    expect(x.sandbox.report().accounts.sandbox_author?.posts).toHaveLength(100);
    expect((await create("other account", "sandbox_premium")).status).toBe(201);
    x.clock.ms = reset * 1000;
    expect((await create("after the reset")).status).toBe(201);
  });

  test("scenario 19: an exhausted day shows beside a healthy quarter hour", async () => {
    x.sandbox.configure({ limits: { "POST /2/tweets": { user15min: 100, user24h: 2, app24h: 10_000 } } });
    await create("a");
    await create("b");
    const over = await create("c");
    expect(over.status).toBe(429);
    expect(over.headers.get("x-user-limit-24hour-remaining")).toBe("0");
    expect(over.headers.get("x-rate-limit-remaining")).toBe("98");
    expect(over.headers.get("x-app-limit-24hour-remaining")).toBe("9998");
    x.clock.pass(24 * 3_600_000);
    x.sandbox.configure({ accessTokenSecs: 86_400 });
  });

  test("the app's own limit counts all accounts together", async () => {
    x.sandbox.configure({ limits: { "POST /2/tweets": { user15min: 100, app24h: 2 } } });
    await create("a");
    await create("b", "sandbox_premium");
    expect((await create("c")).status).toBe(429);
  });
});

describe("money", () => {
  const spent = () => x.sandbox.report().spent;

  test("scenario 31: a post costs 0.015, with a link 0.20, a mere README.md too; refusals cost nothing", async () => {
    await create("plain");
    expect(spent().totalUsd).toBe(0.015);
    await create("https://example.com");
    await create("read README.md first");
    expect(spent().byKind.createWithUrl).toEqual({ count: 2, usd: 0.4 });
    await create("plain");
    await create("x".repeat(300));
    expect(spent().totalUsd).toBe(0.415);
  });

  test("own posts cost the owner of the app 0.001 a day each, another account 0.005", async () => {
    await create("mine");
    await create("theirs", "sandbox_premium");
    const read = (handle: string) => x.api("GET", `/2/users/${x.userId(handle)}/tweets`, undefined, handle);
    await read("sandbox_author");
    await read("sandbox_author");
    await read("sandbox_premium");
    expect(spent().byKind.readOwnPost).toEqual({ count: 1, usd: 0.001 });
    expect(spent().byKind.readPost).toEqual({ count: 1, usd: 0.005 });
  });

  test("scenario 21: without credits everything is 402 until somebody pays", async () => {
    x.sandbox.setCredits(0.01);
    expect((await create("slightly below zero is allowed")).status).toBe(201);
    expect(x.sandbox.report().apps["sandbox-client-id"]?.balanceUsd).toBe(-0.005);
    expect((await create("no more")).status).toBe(402);
    expect((await x.api("GET", "/2/users/me")).status).toBe(402);
    await fetch(`${x.url}/sandbox/credits`, { method: "PUT", body: JSON.stringify({ usd: 5 }) });
    expect((await create("no more")).status).toBe(201);
  });
});
