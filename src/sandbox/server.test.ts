import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../testing/wait.ts";
import { startSandbox } from "./server.ts";
import { readAnswer, type TestSandbox, testSandbox, tinyPng } from "./testing.ts";

async function withSandbox(work: (x: TestSandbox) => Promise<void>, options: Parameters<typeof testSandbox>[0] = {}) {
  const x = await testSandbox(options);
  try {
    await work(x);
  } finally {
    await x.stop();
  }
}

async function withFolder(work: (folder: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), "psn-sandbox-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const codeOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );

async function control(x: TestSandbox, method: string, path: string, body?: unknown) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  return readAnswer(await fetch(`${x.url}${path}`, init));
}

describe("the host", () => {
  test("a port in use, and an address that is not loopback, are errors a person can act on", () =>
    withSandbox(async (x) => {
      const error = await startSandbox({ port: x.port }).catch(
        (caught: Error & { code?: string; hint?: string }) => caught,
      );
      expect(error).toMatchObject({ name: "PsnError", code: "PORT_IN_USE" });
      expect("hint" in error && error.hint).toContain("--port");
      expect(await codeOf(startSandbox({ host: "0.0.0.0" }))).toBe("SANDBOX_NOT_LOOPBACK");
    }));

  test("stopping breaks what is open and frees the port", async () => {
    const x = await testSandbox();
    x.sandbox.addFault({ kind: "delay", ms: 600_000 });
    const held = codeOf(x.api("GET", "/2/users/me"));
    await until(() => x.sandbox.faults()[0]?.struck === 1);
    // Long before the minute is over, or the test ends by its own limit.
    await x.stop();
    // It is answered now and not after its delay, which is longer than a test may take.
    expect(await held).toBeDefined();
    const again = await startSandbox({ port: x.port });
    expect(again.port).toBe(x.port);
    await again.stop();
  });

  test("requests that make no sense are answered, not crashed on", () =>
    withSandbox(async (x) => {
      expect((await x.api("GET", "/2/nothing")).status).toBe(404);
      expect((await x.api("PUT", "/2/tweets", {})).status).toBe(404);
      expect((await x.api("GET", "/2/tweets/abc")).status).toBe(400);
      expect((await x.api("GET", "/2/tweets/%ff%00")).status).toBe(400);
      expect((await control(x, "GET", "/nowhere")).status).toBe(404);
      expect((await control(x, "GET", "/sandbox/reset")).status).toBe(405);
      expect((await control(x, "DELETE", "/sandbox/faults/%E0%A4%A")).status).toBe(400);
      const odd = await fetch(`${x.url}/sandbox/users`, { method: "POST", body: "{nope" });
      expect(odd.status).toBe(400);
      const foreign = await fetch(`${x.url}/sandbox/reset`, {
        method: "POST",
        headers: { "sec-fetch-site": "cross-site" },
      });
      expect(foreign.status).toBe(403);
      expect((await x.api("GET", "/2/users/me")).status).toBe(200);
    }));

  test("every answer carries X's headers, dated by the sandbox's clock", () =>
    withSandbox(async (x) => {
      const { headers } = await x.api("GET", "/2/users/me");
      expect(headers.get("x-transaction-id")).toMatch(/^[a-z0-9]{16}$/);
      expect(headers.get("api-version")).toBe("2.167");
      expect(headers.get("date")).toBe(x.clock.now().toUTCString());
    }));
});

describe("the switches", () => {
  test("scenario 32: reads are counted as reads, and only writes as writes", () =>
    withSandbox(async (x) => {
      await x.api("GET", "/2/users/me");
      await x.api("GET", `/2/users/${x.userId()}/tweets`);
      const dry = await control(x, "GET", "/sandbox/state");
      expect(dry.at("writes")).toEqual({ received: 0, acted: 0 });
      expect(dry.at("counts.GET /2/users/me.received")).toBe(1);
      await x.post("wet");
      await x.api("POST", "/2/tweets", { text: "x".repeat(281) });
      const wet = await control(x, "GET", "/sandbox/state");
      expect(wet.at("writes")).toEqual({ received: 2, acted: 1 });
      expect(wet.at("counts.POST /2/tweets.byStatus")).toEqual({ "201": 1, "403": 1 });
    }));

  test("the state tells every post with its parent, media, alt text and sha256, in order", () =>
    withSandbox(async (x) => {
      const media = Buffer.from(tinyPng()).toString("base64");
      const up = await x.api("POST", "/2/media/upload", { media, media_category: "tweet_image" });
      const id = String(up.at("data.id"));
      await x.api("POST", "/2/media/metadata", { id, metadata: { alt_text: { text: "orange" } } });
      const root = await x.post("a & b", { media: { media_ids: [id] } });
      const reply = await x.post("c", { reply: { in_reply_to_tweet_id: root } });
      const state = await control(x, "GET", "/sandbox/state");
      expect(state.at("accounts.sandbox_author.posts.0")).toMatchObject({
        id: root,
        text: "a & b",
        replyToId: null,
        createdAt: x.clock.now().toISOString(),
        deletedAt: null,
        media: [{ id, altText: "orange", mime: "image/png", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      });
      expect(state.at("accounts.sandbox_author.posts.1")).toMatchObject({ id: reply, replyToId: root });
      const log = await control(x, "GET", "/sandbox/requests");
      expect(log.at("requests.0")).toMatchObject({ endpoint: "POST /2/media/upload", status: 200, acted: true });
      const ledger = await control(x, "GET", "/sandbox/ledger");
      expect(ledger.at("entries.1")).toMatchObject({ what: "create", usd: 0.015, resourceId: root });
    }));

  test("accounts are added, changed and signed in; apps bring their own callbacks", () =>
    withSandbox(async (x) => {
      const added = await control(x, "POST", "/sandbox/users", { handle: "newbie", subscription: "Basic" });
      expect(added.at("handle")).toBe("newbie");
      expect((await control(x, "POST", "/sandbox/users", { handle: "Newbie" })).at("error.code")).toBe(
        "SANDBOX_USER_EXISTS",
      );
      expect((await control(x, "POST", "/sandbox/users", { handle: "no spaces" })).status).toBe(400);
      const tokens = await control(x, "POST", "/sandbox/tokens", {
        handle: "newbie",
        scopes: ["users.read", "tweet.read"],
      });
      expect(tokens.at("refresh_token")).toBeUndefined();
      await control(x, "PATCH", "/sandbox/users/newbie", { suspended: true });
      const headers = { authorization: `Bearer ${tokens.at("access_token")}` };
      expect((await fetch(`${x.url}/2/users/me`, { headers })).status).toBe(403);
      expect((await control(x, "POST", "/sandbox/users/nobody/revoke")).at("error.code")).toBe("SANDBOX_NO_USER");
      const app = { clientId: "mine", clientSecret: "s", callbacks: ["http://localhost:1/callback"] };
      expect((await control(x, "POST", "/sandbox/apps", app)).at("error.message")).toContain("localhost");
      const good = { ...app, callbacks: ["http://127.0.0.1:1/callback"] };
      expect((await control(x, "POST", "/sandbox/apps", good)).json).toEqual({ done: true });
    }));

  test("settings refuse what they do not know", () =>
    withSandbox(async (x) => {
      expect((await control(x, "PATCH", "/sandbox/settings", { timelineLagMs: 50 })).at("timelineLagMs")).toBe(50);
      expect((await control(x, "PATCH", "/sandbox/settings", { lag: 50 })).status).toBe(400);
      expect((await control(x, "PATCH", "/sandbox/settings", { codeSecs: -1 })).status).toBe(400);
      expect((await control(x, "GET", "/sandbox/settings")).at("timelineLagMs")).toBe(50);
    }));

  test("a reset empties the timeline; ids go on, and sign-ins stay on demand", () =>
    withSandbox(async (x) => {
      const before = await x.post("gone soon");
      await control(x, "POST", "/sandbox/reset", { keepAccounts: true });
      expect((await control(x, "GET", "/sandbox/state")).at("accounts.sandbox_author.posts")).toEqual([]);
      const after = await x.post("gone soon");
      expect(BigInt(after) > BigInt(before)).toBe(true);
      const id = x.userId();
      await control(x, "POST", "/sandbox/reset");
      expect((await x.api("GET", "/2/users/me")).status).toBe(401);
      expect(x.userId()).toBe(id);
    }));
});

describe("caps", () => {
  test("a full sandbox says what is full, and does nothing", () =>
    withSandbox(async (x) => {
      for (let i = 0; i < 998; i += 1) x.sandbox.addUser({ handle: `u${i}` });
      expect(() => x.sandbox.addUser({ handle: "one_too_many" })).toThrow("at most 1000 accounts");
      for (let i = 0; i < 1_000; i += 1) x.sandbox.addFault({ kind: "html" });
      expect(() => x.sandbox.addFault({ kind: "html" })).toThrow("1000 faults");
      x.sandbox.clearFaults();
      // 128 MiB of open uploads is the cap; segments that come too early are held, so they count.
      const answers: number[] = [];
      const upload = async () => {
        const body = { media_type: "video/mp4", media_category: "tweet_video", total_bytes: 200 * 1024 * 1024 };
        return String((await x.api("POST", "/2/media/upload/initialize", body)).at("data.id"));
      };
      const id = await upload();
      const chunk = new Uint8Array(8 * 1024 * 1024);
      for (let index = 1; index <= 17; index += 1) {
        const form = new FormData();
        form.set("segment_index", String(index));
        form.set("media", new Blob([chunk]));
        answers.push((await x.api("POST", `/2/media/upload/${id}/append`, form)).status);
      }
      expect(answers.slice(0, 16).every((status) => status === 200)).toBe(true);
      expect(answers[16]).toBe(507);
    }));
});

describe("the state file", () => {
  test("a restarted sandbox keeps posts, pictures, sign-ins and spent tokens", () =>
    withFolder(async (folder) => {
      const stateFile = join(folder, "deep", "sandbox.json");
      let token = "";
      let root = "";
      await withSandbox(
        async (x) => {
          token = x.token();
          const media = Buffer.from(tinyPng()).toString("base64");
          const up = await x.api("POST", "/2/media/upload", { media, media_category: "tweet_image" });
          root = await x.post("kept", { media: { media_ids: [String(up.at("data.id"))] } });
        },
        { stateFile },
      );
      expect(await readdir(join(folder, "deep"))).toEqual(["sandbox.json"]);
      expect((await stat(stateFile)).mode & 0o777).toBe(0o600);
      expect(await readFile(stateFile, "utf8")).not.toContain(token);
      await withSandbox(
        async (x) => {
          const headers = { authorization: `Bearer ${token}` };
          const answer = await readAnswer(await fetch(`${x.url}/2/tweets?ids=${root}`, { headers }));
          expect(answer.at("data.0.id")).toBe(root);
          const page = await (await fetch(x.url)).text();
          const picture = /\/sandbox\/media\/\d+/.exec(page)?.[0] ?? "";
          const bytes = new Uint8Array(await (await fetch(`${x.url}${picture}`)).arrayBuffer());
          expect(Buffer.from(bytes).equals(Buffer.from(tinyPng()))).toBe(true);
          expect(BigInt(await x.post("later")) > BigInt(root)).toBe(true);
        },
        { stateFile, seed: "another" },
      );
    }));

  test("it is written while the sandbox runs, not only at its end", () =>
    withFolder(async (folder) => {
      const stateFile = join(folder, "sandbox.json");
      await withSandbox(
        async (x) => {
          await x.post("soon on disk");
          await until(
            async () => existsSync(stateFile) && (await readFile(stateFile, "utf8")).includes("soon on disk"),
          );
        },
        { stateFile },
      );
    }));

  test("a file that is no saved sandbox is refused and left as it is", () =>
    withFolder(async (folder) => {
      for (const content of ["{", '{"state":{}}', "[]"]) {
        const stateFile = join(folder, "bad.json");
        await writeFile(stateFile, content);
        expect(await codeOf(startSandbox({ stateFile }))).toBe("SANDBOX_BAD_SNAPSHOT");
        expect(await readFile(stateFile, "utf8")).toBe(content);
      }
    }));
});
