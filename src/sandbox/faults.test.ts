import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { until } from "../testing/wait.ts";
import type { FaultInput } from "./fault-schema.ts";
import { BASIC, oauthCall, readAnswer, type TestSandbox, testSandbox, tinyPng } from "./testing.ts";

let x: TestSandbox;
beforeEach(async () => {
  x = await testSandbox();
});
afterEach(() => x.stop());

const CREATE = { method: "POST", path: "/2/tweets" };
const posts = () => x.sandbox.report().accounts.sandbox_author?.posts.map((post) => post.text) ?? [];
const fault = (input: FaultInput) => x.sandbox.addFault(input);
const create = (text: string) => x.api("POST", "/2/tweets", { text });
const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "answered",
    (error: Error & { code?: string }) => error.code ?? error.message,
  );

/** What a bare socket sees: every byte until the end, and the error code if the end was a reset. */
function raw(path: string, body: string): Promise<{ received: string; error: string | null }> {
  return new Promise((resolve) => {
    let received = "";
    let error: string | null = null;
    const socket = connect(x.port, "127.0.0.1", () => {
      const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${x.token()}\r\n`;
      socket.write(`${head}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    });
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on("data", (data) => {
      received += String(data);
    });
    socket.on("error", (caught: Error & { code?: string }) => {
      error = caught.code ?? caught.message;
    });
    socket.on("close", () => resolve({ received, error }));
  });
}

describe("lost answers", () => {
  test("drop_before resets the connection and nothing is posted", async () => {
    fault({ kind: "drop_before", match: CREATE });
    expect(await failure(create("never"))).toBe("ECONNRESET");
    expect(posts()).toEqual([]);
    await create("then");
    expect(posts()).toEqual(["then"]);
  });

  test("scenario 2: drop_after posts and then resets: a real reset, without one byte of an answer", async () => {
    fault({ kind: "drop_after", match: CREATE });
    expect(await raw("/2/tweets", JSON.stringify({ text: "posted in silence" }))).toEqual({
      received: "",
      error: "ECONNRESET",
    });
    expect(posts()).toEqual(["posted in silence"]);
  });

  test("scenario 2: cut_answer breaks off in the middle of the body", async () => {
    fault({ kind: "cut_answer", match: CREATE });
    const { received, error } = await raw("/2/tweets", JSON.stringify({ text: "half an answer" }));
    expect(received).toStartWith("HTTP/1.1 201");
    expect(received).not.toContain("edit_history");
    expect(error).toBe("ECONNRESET");
    expect(posts()).toEqual(["half an answer"]);
  });

  test("scenario 2: 503, HTML and a 201 without id may all hide a post", async () => {
    fault({ kind: "status", status: 503, acted: true, match: CREATE });
    expect((await create("behind 503")).status).toBe(503);
    fault({ kind: "html", acted: true, match: CREATE });
    const page = await create("behind HTML");
    expect([page.status, page.headers.get("content-type")]).toEqual([502, "text/html; charset=utf-8"]);
    fault({ kind: "no_id", match: CREATE });
    const nameless = await create("behind no id");
    expect([nameless.status, nameless.json]).toEqual([201, { data: { text: "behind no id" } }]);
    fault({ kind: "status", status: 201, body: "not json {", acted: true, match: CREATE });
    expect((await create("behind garbage")).text).toBe("not json {");
    fault({ kind: "status", status: 503, match: CREATE });
    expect((await create("refused by 503")).status).toBe(503);
    expect(posts()).toEqual(["behind 503", "behind HTML", "behind no id", "behind garbage"]);
  });

  test("X acts on a delayed request although its sender has left", async () => {
    fault({ kind: "delay", ms: 1_000, match: CREATE });
    const headers = { authorization: `Bearer ${x.token()}`, "content-type": "application/json" };
    const leaving = new AbortController();
    const { signal } = leaving;
    const sent = fetch(`${x.url}/2/tweets`, { method: "POST", headers, body: '{"text":"late"}', signal });
    // The fault strikes when its request has come.
    await until(() => x.sandbox.faults()[0]?.struck === 1);
    leaving.abort();
    expect(await failure(sent)).not.toBe("answered");
    expect(posts()).toEqual([]);
    await until(() => posts().length === 1);
    expect(posts()).toEqual(["late"]);
  });

  test("a delay after acting: the post stands while its sender still waits", async () => {
    fault({ kind: "delay", ms: 1_000, when: "after", match: CREATE });
    let isAnswered = false;
    const answer = create("slow answer").finally(() => {
      isAnswered = true;
    });
    await until(() => posts().length === 1);
    expect([posts(), isAnswered]).toEqual([["slow answer"], false]);
    expect((await answer).status).toBe(201);
  });
});

describe("refusals on demand", () => {
  test("429 with a reset, without one, and for the day", async () => {
    fault({ kind: "rate_limited", match: CREATE, resetSecs: 60 });
    const named = await create("a");
    const resetAt = String(Math.ceil(x.clock.ms / 1000) + 60);
    expect([named.status, named.headers.get("x-rate-limit-reset")]).toEqual([429, resetAt]);
    fault({ kind: "rate_limited", match: CREATE, withReset: false });
    const silent = await create("a");
    expect([silent.status, silent.headers.get("x-rate-limit-reset")]).toEqual([429, null]);
    fault({ kind: "rate_limited", match: CREATE, window: "user_24h", resetSecs: 3_600 });
    const day = await create("a");
    expect(day.headers.get("x-user-limit-24hour-remaining")).toBe("0");
    expect(day.headers.get("x-rate-limit-remaining")).toBe("39999");
    expect(posts()).toEqual([]);
  });

  test("scenario 21: 402 carries the account number as a bare number too big for a double", async () => {
    fault({ kind: "credits" });
    const answer = await create("a");
    expect(answer.status).toBe(402);
    const number = /"account_id":(\d+),/.exec(answer.text)?.[1] ?? "0";
    expect(Number(number)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    expect(answer.at("title")).toBe("CreditsDepleted");
    fault({ kind: "spend_cap" });
    expect((await create("a")).at("title")).toBe("SpendCapReached");
    fault({ kind: "usage_cap" });
    const capped = await create("a");
    expect([capped.status, capped.at("title")]).toEqual([429, "UsageCapExceeded"]);
  });

  test("scenario 15: in an outage everybody's tokens look bad, and a refresh spends nothing", async () => {
    const tokens = x.sandbox.signIn("sandbox_author");
    const form = { grant_type: "refresh_token", refresh_token: tokens.refresh_token ?? "" };
    const { id } = fault({ kind: "auth_outage", times: null });
    expect((await create("a")).status).toBe(401);
    expect((await x.api("GET", "/2/users/me", undefined, "sandbox_premium")).status).toBe(401);
    expect((await oauthCall(x.url, form)).status).toBe(401);
    x.sandbox.clearFaults(id);
    expect((await oauthCall(x.url, form)).status).toBe(200);
  });

  test("a refresh whose answer is lost has spent its token", async () => {
    const tokens = x.sandbox.signIn("sandbox_author");
    const form = { grant_type: "refresh_token", refresh_token: tokens.refresh_token ?? "" };
    fault({ kind: "drop_after", match: { path: "/2/oauth2/token", account: "sandbox_author" } });
    expect(await failure(oauthCall(x.url, form))).toBe("ECONNRESET");
    expect((await oauthCall(x.url, form)).status).toBe(400);
    expect(BASIC).toStartWith("Basic ");
  });

  test("scenario 13: not visible although the parent is there", async () => {
    const root = await x.post("root");
    fault({ kind: "not_visible" });
    const body = { text: "reply", reply: { in_reply_to_tweet_id: root } };
    expect((await x.api("POST", "/2/tweets", body)).at("detail")).toContain("not visible to you");
    expect((await x.api("POST", "/2/tweets", body)).status).toBe(201);
  });

  test("the timeline lags or is down, while posting goes on", async () => {
    const timeline = () => x.api("GET", `/2/users/${x.userId()}/tweets`);
    fault({ kind: "timeline_lag", ms: 10_000, times: null });
    fault({ kind: "timeline_down" });
    await create("hidden");
    expect((await timeline()).status).toBe(503);
    expect((await timeline()).at("meta.result_count")).toBe(0);
    x.clock.pass(10_000);
    expect((await timeline()).at("meta.result_count")).toBe(1);
  });

  test("a page of the timeline lacks a tweet, which the next read shows; each is lacking once", async () => {
    const ids = [await x.post("older"), await x.post("newer")];
    const seen = async () => {
      const page = await x.api("GET", `/2/users/${x.userId()}/tweets`);
      return ids.filter((id) => JSON.stringify(page.at("data") ?? []).includes(id));
    };
    fault({ kind: "timeline_gap", times: null });
    expect(await seen()).toEqual([ids[0] ?? ""]);
    expect(await seen()).toEqual([ids[1] ?? ""]);
    expect(await seen()).toEqual(ids);
  });

  test("processing fails on demand", async () => {
    fault({ kind: "processing_failed" });
    const media = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64").toString("base64");
    const up = await x.api("POST", "/2/media/upload", { media, media_category: "tweet_gif" });
    x.clock.pass(1_000);
    const status = await x.api("GET", `/2/media/upload?command=STATUS&media_id=${up.at("data.id")}`);
    expect(status.at("data.processing_info.state")).toBe("failed");
    expect(status.at("data.processing_info.error.message")).toBeString();
    expect(tinyPng().length).toBeGreaterThan(0);
  });
});

describe("aim", () => {
  test("skip and times hit exactly the third and fourth create; the body can be named, too", async () => {
    fault({ kind: "status", status: 503, match: CREATE, skip: 2, times: 2 });
    const seen: number[] = [];
    for (const text of ["1", "2", "3", "4", "5"]) seen.push((await create(text)).status);
    expect(seen).toEqual([201, 201, 503, 503, 201]);
    fault({ kind: "status", status: 500, match: { bodyIncludes: "needle" } });
    expect((await create("hay")).status).toBe(201);
    expect((await create("hay with a needle")).status).toBe(500);
  });

  test("account, glob and regular expression narrow a fault", async () => {
    fault({ kind: "status", status: 500, match: { account: "@Sandbox_Premium", path: "/2/users/*" } });
    fault({ kind: "status", status: 501, match: { path: "regex:^/2/tweets/[0-9]+$" } });
    expect((await x.api("GET", "/2/users/me")).status).toBe(200);
    expect((await x.api("GET", "/2/users/me", undefined, "sandbox_premium")).status).toBe(500);
    expect((await create("not the regex")).status).toBe(201);
    expect((await x.api("GET", "/2/tweets/123")).status).toBe(501);
  });

  test("the same seed strikes the same requests", async () => {
    const run = async (seed: string): Promise<string> => {
      const y = await testSandbox({ seed });
      try {
        y.sandbox.addFault({ kind: "status", status: 503, probability: 0.5, match: CREATE });
        let seen = "";
        for (let i = 0; i < 24; i += 1)
          seen += (await y.api("POST", "/2/tweets", { text: `n${i}` })).status === 201 ? "+" : "-";
        return seen;
      } finally {
        await y.stop();
      }
    };
    const first = await run("s1");
    expect(await run("s1")).toBe(first);
    expect(first).toContain("+");
    expect(first).toContain("-");
    expect(await run("s2")).not.toBe(first);
  });

  test("faults are added, listed and cleared over HTTP; nonsense is refused with a reason", async () => {
    const send = async (method: string, path: string, body?: unknown) =>
      readAnswer(
        await fetch(`${x.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
      );
    const added = await send("POST", "/sandbox/faults", { kind: "drop_after", match: CREATE, times: 3 });
    expect(added.at("timesLeft")).toBe(3);
    expect((await send("GET", "/sandbox/faults")).at("faults.0.id")).toBe(added.at("id"));
    for (const bad of [
      { kind: "explode" },
      { kind: "delay" },
      { kind: "html", colour: 1 },
      { kind: "html", match: { path: "regex:(" } },
    ]) {
      const refused = await send("POST", "/sandbox/faults", bad);
      expect([refused.status, refused.at("error.code")]).toEqual([400, "SANDBOX_BAD_INPUT"]);
    }
    expect((await send("DELETE", `/sandbox/faults/${added.at("id")}`)).json).toEqual({ removed: 1 });
    expect((await send("DELETE", "/sandbox/faults")).json).toEqual({ removed: 0 });
  });
});
