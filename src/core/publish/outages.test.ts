/** X, a token or the hub is away for a while: nothing is lost, and nothing is sent twice. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tinyPng } from "../../sandbox/testing.ts";
import { openStage, type Stage } from "../../testing/stage.ts";
import { PsnError } from "../errors.ts";
import { folderBackend } from "../media/folder-backend.ts";
import { folderStore, type MediaStore, storeOn } from "../media/store.ts";
import type { Platform } from "../platform.ts";
import { retryPost } from "../posts/write.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => stage.clean());

const CREATE = { method: "POST", path: "/2/tweets" };

test("a mark that cannot be written sends nothing, leaves no request open and waits", async () => {
  const advance = async () => {
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  };
  const postId = await stage.due(["Full disk"]);
  const before = stage.sends();
  const full = stage.deps({ mark: { advance, check: async () => {}, requireOwn: () => {} } });
  expect(await stage.run(postId, full)).toMatchObject({ kind: "deferred", subStatus: "unreachable" });
  expect(stage.sends()).toBe(before);
  expect((await stage.life(postId)).outcomes).toEqual(["not_sent"]);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
});

test("401: one refresh, and the same run goes on", async () => {
  const postId = await stage.due(["Stale token"]);
  stage.x.sandbox.addFault({ kind: "status", status: 401, match: CREATE });
  expect((await stage.run(postId)).kind).toBe("published");
  expect((await stage.life(postId)).outcomes).toEqual(["signed_out", "posted"]);
});

test("scenario 15: 401 for everyone is an outage: the post waits and goes out by itself", async () => {
  const postId = await stage.due(["Outage"]);
  stage.x.sandbox.addFault({ kind: "auth_outage", times: 4 });
  expect(await stage.run(postId)).toMatchObject({ kind: "deferred", subStatus: "awaiting_auth" });
  const { root } = await stage.untilDone(postId);
  expect(root.status).toBe("published");
});

/** Runs the post at each of its times until so much time has passed, and tells what it was at each. */
async function runFor(postId: string, ms: number, worker: ReturnType<Stage["deps"]>): Promise<string[]> {
  const endMs = stage.clock.now().getTime() + ms;
  const seen: string[] = [];
  for (let round = 0; round < 200; round++) {
    const { root } = await stage.post(postId);
    if (root.dueAt === null || root.dueAt.getTime() > endMs) break;
    await stage.pass(Math.max(0, root.dueAt.getTime() - stage.clock.now().getTime()) + 20);
    await stage.run(postId, worker);
    const { root: after } = await stage.post(postId);
    seen.push(`${after.status} ${after.subStatus} ${after.retryCount}`);
  }
  return seen;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const nowhere = () => stage.deps({ platform: stage.platform({ apiBaseUrl: "http://127.0.0.1:9" }) });

test("scenario 64: fifteen seconds without network cost nothing: the post waits, and goes out when it is back", async () => {
  const postId = await stage.due(["Fifteen seconds"]);
  expect(new Set(await runFor(postId, 15_000, nowhere()))).toEqual(new Set(["retry unreachable 0"]));
  expect((await stage.untilDone(postId)).root).toMatchObject({ status: "published", retryCount: 0 });
});

test("scenario 64: hours without network, within the grace: nothing fails, the gaps grow, and what was posted stays", async () => {
  const postId = await stage.due(["Begins with network", "Goes on hours later"]);
  const real = stage.platform();
  let sends = 0;
  const once: Platform = {
    ...real,
    createPost: (...given) =>
      sends++ === 0
        ? real.createPost(...given)
        : stage.platform({ apiBaseUrl: "http://127.0.0.1:9" }).createPost(...given),
  };
  const seen = await runFor(postId, 5.7 * HOUR_MS, stage.deps({ platform: once }));
  expect(new Set(seen)).toEqual(new Set(["retry unreachable 0"]));
  // Ten seconds at first, ten minutes at last.
  expect(seen.length).toBeGreaterThan(30);
  expect(seen.length).toBeLessThan(60);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
  expect(stage.onX().map(({ text }) => text)).toEqual(["Begins with network", "Goes on hours later"]);
});

test("scenario 64: beyond the grace the post fails with the true reason, nothing was sent, and retry resumes", async () => {
  const postId = await stage.due(["Unreachable"]);
  await runFor(postId, 7 * HOUR_MS, nowhere());
  const { root } = await stage.post(postId);
  expect(root).toMatchObject({ status: "failed", failCode: "X_UNREACHABLE", content: "Unreachable" });
  expect(root.failReason).toContain("Nothing was sent");
  expect(root.failReason).toContain("6 hours");
  expect(stage.sends()).toBe(0);
  await retryPost(stage.hub, stage.deps().engine, postId);
  // A new outage is counted from its own beginning.
  expect(await stage.run(postId, nowhere())).toMatchObject({ kind: "deferred", subStatus: "unreachable" });
  expect((await stage.untilDone(postId)).root.status).toBe("published");
});

test("scenario 64: the network's own sign-in page, or a proxy that wants one, is not X: nothing was sent", async () => {
  for (const fault of [
    { status: 302, headers: { location: "http://wifi.example/login" } },
    { status: 307, headers: { location: "https://portal.example/" } },
    { status: 511, body: "<html>Sign in to the network</html>" },
    { status: 407, body: "<html>Proxy</html>" },
  ]) {
    const postId = await stage.due([`Captive ${fault.status}`]);
    stage.x.sandbox.addFault({ kind: "status", ...fault, match: CREATE, times: 4 });
    expect(await stage.run(postId)).toMatchObject({ kind: "deferred", subStatus: "unreachable" });
    expect((await stage.untilDone(postId)).root).toMatchObject({ status: "published", retryCount: 0 });
  }
});

test("scenario 64: a page with 200 where X should answer: nothing fails, and the tweet is there once", async () => {
  const postId = await stage.due(["Captive 200"]);
  stage.x.sandbox.addFault({ kind: "html", status: 200, match: CREATE });
  expect((await stage.untilDone(postId)).root).toMatchObject({ status: "published", retryCount: 0 });
  expect(stage.onX()).toHaveLength(1);
});

test("scenario 64: a token that cannot be refreshed for lack of network waits in the same way, up to the grace", async () => {
  const account = await stage.signIn("stale_offline");
  const postId = await stage.due(["Stale and offline"], { account });
  await stage.hub.pool.query("update psn.oauth_tokens set expires_at = psn.now() where account_id = $1", [account.id]);
  const real = stage.platform();
  const offline = stage.deps({
    platform: {
      ...real,
      refresh: async () => ({ kind: "unavailable", cause: "no answer (ENOTFOUND)", tokenMayBeSpent: false }),
    },
  });
  const seen = await runFor(postId, 5.5 * HOUR_MS, offline);
  expect(new Set(seen)).toEqual(new Set(["retry awaiting_auth 0"]));
  await runFor(postId, 2 * HOUR_MS, offline);
  expect((await stage.post(postId)).root).toMatchObject({ status: "failed", failCode: "X_TOKEN_UNAVAILABLE" });
  await retryPost(stage.hub, stage.deps().engine, postId);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
});

/** A folder's store that fails as told, in the ways that folders, S3 and the hub fail. */
function failingStore(at: "look" | "read", error: () => Error): MediaStore {
  const folder = join(tmpdir(), `psn-test-failing-${process.pid}`);
  const backend = folderBackend(folder);
  const fails = async (): Promise<never> => {
    throw error();
  };
  return storeOn(at === "look" ? { ...backend, has: fails } : { ...backend, has: async () => true, read: fails });
}

for (const [what, at, error] of [
  ["does not answer", "look", () => new PsnError("MEDIA_STORE_UNAVAILABLE", "The media store could not look: 503.")],
  ["breaks off while it is read", "read", () => new PsnError("MEDIA_STORE_UNAVAILABLE", "It could not read: 503.")],
  ["is a disk that fails", "look", () => Object.assign(new Error("EIO: i/o error"), { code: "EIO" })],
  ["is a folder that may not be read", "read", () => Object.assign(new Error("EACCES"), { code: "EACCES" })],
] as const) {
  test(`scenario 65: a media store that ${what} for minutes costs nothing`, async () => {
    const postId = await stage.due([{ text: `Store ${what}`, media: [await stage.picture()] }]);
    const seen = await runFor(postId, 10 * MINUTE_MS, stage.deps({ media: failingStore(at, error) }));
    expect(new Set(seen)).toEqual(new Set(["retry unreachable 0"]));
    expect((await stage.untilDone(postId)).root.status).toBe("published");
  });
}

test("bytes that were damaged in the store never stand on X, and are restored from their file where that is", async () => {
  const folder = join(tmpdir(), `psn-test-damaged-${process.pid}`);
  const origin = join(tmpdir(), `psn-test-origin-${process.pid}.png`);
  await writeFile(origin, tinyPng(9, 9));
  const plain = folderStore(folder);
  const { sha256, byteLength } = await plain.add(origin);
  const media = [{ sha256, byteLength, mime: "image/png", fileName: "a.png", width: 9, height: 9, altText: null }];
  const spoil = () => writeFile(join(folder, sha256.slice(0, 2), sha256), Buffer.alloc(byteLength, 3));
  await spoil();
  const lost = await stage.due(["One", { text: "Damaged", media }]);
  expect(await stage.run(lost, stage.deps({ media: plain }))).toMatchObject({ kind: "failed", code: "MEDIA_GONE" });
  expect(stage.onX()).toEqual([]);
  await spoil();
  const restoring = storeOn(folderBackend(folder), { originOf: async () => origin });
  const restored = await stage.due([{ text: "Restored", media }]);
  const worker = stage.deps({ media: restoring });
  expect(await stage.run(restored, worker)).toMatchObject({ kind: "deferred", subStatus: "unreachable" });
  expect((await stage.untilDone(restored, worker)).root).toMatchObject({ status: "published", retryCount: 0 });
});

test("scenario 65: bytes that the store has lost are gone, and that is no outage", async () => {
  const postId = await stage.due([{ text: "Lost bytes", media: [await stage.picture()] }]);
  const empty = folderStore(join(tmpdir(), `psn-test-empty-${process.pid}`));
  expect(await stage.run(postId, stage.deps({ media: empty }))).toMatchObject({ kind: "failed", code: "MEDIA_GONE" });
});

for (const [what, answer] of [
  ["an upload of X's that is away", { kind: "unavailable", cause: "HTTP 503: Service Unavailable" }],
  ["a network that is away during an upload", { kind: "unavailable", cause: "no answer (ENETUNREACH)" }],
] as const) {
  test(`scenario 65: ${what} for minutes costs nothing, also in mid-thread`, async () => {
    const postId = await stage.due([`Before: ${what}`, { text: "Picture", media: [await stage.picture()] }]);
    const meta = { httpStatus: null, transactionId: null, rateLimits: [] };
    const platform = { ...stage.platform(), uploadMedia: async () => ({ answer, meta }) };
    const seen = await runFor(postId, 10 * MINUTE_MS, stage.deps({ platform }));
    expect(new Set(seen)).toEqual(new Set(["retry unreachable 0"]));
    expect((await stage.untilDone(postId)).root.status).toBe("published");
    expect(stage.onX()).toHaveLength(2);
  });
}

test("scenario 65: a stop signal before, or during, an upload spends no try, however often it comes", async () => {
  const postId = await stage.due([{ text: "Stopped again and again", media: [await stage.picture()] }]);
  for (let round = 0; round < 5; round++) {
    const stop = new AbortController();
    const media: MediaStore = {
      ...stage.media,
      source: async (item) => {
        stop.abort(new Error("stopping"));
        return await stage.media.source(item);
      },
    };
    expect(await stage.run(postId, stage.deps({ media }), stop.signal)).toMatchObject({ kind: "deferred" });
    expect((await stage.post(postId)).root).toMatchObject({ status: "retry", retryCount: 0 });
    await stage.pass(1_000);
  }
  expect((await stage.life(postId)).kinds.filter((kind) => kind === "released")).toHaveLength(5);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
});

test("the connections to the hub break while X answers: the id is recorded all the same", async () => {
  const postId = await stage.due(["Hub away"]);
  const real = stage.platform();
  const platform: Platform = {
    ...real,
    async createPost(...given) {
      const answer = await real.createPost(...given);
      await stage.hub.pool.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
      return answer;
    },
  };
  expect((await stage.run(postId, stage.deps({ platform }))).kind).toBe("published");
  expect((await stage.life(postId)).outcomes).toEqual(["posted"]);
});

test("scenario 19: a hub that is away while X answers 429 loses nothing of that answer", async () => {
  const postId = await stage.due(["Limited, and the hub away"]);
  stage.x.sandbox.addFault({ kind: "rate_limited", resetSecs: 600, match: CREATE });
  const real = stage.platform();
  const { pool } = stage.hub;
  const { connect } = pool;
  const platform: Platform = {
    ...real,
    async createPost(...given) {
      const answer = await real.createPost(...given);
      let failures = 4;
      // Both of what a single statement and what a transaction asks the pool for.
      pool.connect = ((...args: [((error: Error) => void)?]) => {
        if (failures-- <= 0) pool.connect = connect;
        if (pool.connect === connect) return Reflect.apply(connect, pool, args);
        const error = new Error("Connection terminated unexpectedly");
        return args[0] ? args[0](error) : Promise.reject(error);
      }) as typeof connect;
      return answer;
    },
  };
  const run = stage.run(postId, stage.deps({ platform }));
  expect(await run).toMatchObject({ kind: "deferred", subStatus: "rate_limited" });
  expect((await stage.life(postId)).outcomes).toEqual(["wait"]);
  expect((await stage.post(postId)).root.retryCount).toBe(0);
});

test("a duplicate that X refuses after a request without an answer, and does not show: failed with X's reason", async () => {
  const postId = await stage.due(["Refused, and not there"]);
  stage.x.sandbox.addFault({ kind: "drop_before", match: CREATE });
  await stage.run(postId);
  const body = {
    detail: "You are not allowed to create a Tweet with duplicate content.",
    title: "Forbidden",
    status: 403,
  };
  stage.x.sandbox.addFault({ kind: "status", status: 403, body, match: CREATE, times: null });
  const { root } = await stage.untilDone(postId);
  expect(root).toMatchObject({ status: "failed", failCode: "X_DUPLICATE" });
  expect(root.failReason).toContain("the account does not show it");
  expect((await stage.life(postId)).outcomes).toEqual(["absent", "refused"]);
  expect(stage.sends()).toBe(2);
});
