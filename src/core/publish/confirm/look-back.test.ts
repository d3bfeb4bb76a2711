/** A record that is older than X: put back from a backup, or another copy went on. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStage, type Stage } from "../../../testing/stage.ts";
import type { AccountRow } from "../../accounts/choose.ts";
import { entitlementFor } from "../../accounts/entitlement.ts";
import { approvePost, createPost, retryPost, schedulePost } from "../../posts/write.ts";
import { sweep } from "../watchdog.ts";

let stage: Stage;
let account: AccountRow;
let handle: string;
let count = 0;
beforeAll(async () => {
  stage = await openStage();
  // X's own refusal of duplicates would hide a second send.
  stage.x.sandbox.configure({ duplicateWindowMs: 0 });
});
afterAll(() => stage.close());
beforeEach(async () => {
  handle = `restored_${++count}`;
  account = await stage.signIn(handle);
});

const TABLES = [
  "posts",
  "post_media",
  "publish_attempts",
  "post_events",
  "hub_settings",
  "rate_limits",
  "account_looks",
  "unknown_posts",
];

/** Keeps a copy of the record; the answer puts it back, as a backup would. */
async function backup(): Promise<() => Promise<void>> {
  const { pool } = stage.hub;
  await pool.query("drop schema if exists backup cascade; create schema backup");
  for (const table of TABLES) await pool.query(`create table backup.${table} as table psn.${table}`);
  return async () => {
    const client = await pool.connect();
    await client.query("begin; set local session_replication_role = replica");
    for (const table of TABLES) {
      await client.query(`delete from psn.${table}; insert into psn.${table} select * from backup.${table}`);
    }
    await client.query("commit");
    client.release();
  };
}

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

async function picture() {
  const file = join(tmpdir(), `psn-dot-${process.pid}.png`);
  await writeFile(file, PIXEL);
  const { sha256, byteLength } = await stage.media.add(file);
  return [{ sha256, byteLength, mime: "image/png", fileName: "dot.png", width: 1, height: 1, altText: null }];
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const texts = () => stage.onX(handle).map(({ text }) => text);

test("scenario 59: a hub that comes back from a backup sends nothing that X shows, and goes on with the rest", async () => {
  const single = await stage.due(["Scheduled one"], { account, inMs: 20 * MINUTE_MS });
  const thread = await stage.due(["Thread one", "Thread two", "Thread three"], { account, inMs: 20 * MINUTE_MS });
  const later = await stage.due(["Not out yet"], { account, inMs: 25 * MINUTE_MS });
  await sweep(stage.hub, stage.deps().engine);
  const putBack = await backup();
  await stage.pass(20 * MINUTE_MS + 10);
  for (const id of [single, thread]) expect((await stage.run(id)).kind).toBe("published");
  const before = stage.onX(handle);
  await putBack();
  await stage.pass(5 * MINUTE_MS);
  await sweep(stage.hub, stage.deps().engine);
  for (const id of [single, thread, later]) expect((await stage.untilDone(id)).root.status).toBe("published");
  expect(texts()).toEqual(["Scheduled one", "Thread one", "Thread two", "Thread three", "Not out yet"]);
  expect((await stage.post(thread)).root.platformPostIds).toEqual(before.slice(1).map(({ id }) => id));
});

test("scenario 59: half a thread was known, the rest is found under it", async () => {
  const thread = await stage.due(["Half one", "Half two", "Half three"], { account });
  stage.x.sandbox.addFault({
    kind: "rate_limited",
    resetSecs: 60,
    match: { method: "POST", path: "/2/tweets", bodyIncludes: "Half two" },
  });
  expect((await stage.run(thread)).kind).toBe("deferred");
  await sweep(stage.hub, stage.deps().engine);
  const putBack = await backup();
  expect((await stage.untilDone(thread)).root.status).toBe("published");
  await putBack();
  await stage.pass(20 * MINUTE_MS);
  expect((await stage.untilDone(thread)).root.status).toBe("published");
  expect(texts()).toEqual(["Half one", "Half two", "Half three"]);
});

test("scenario 59: a page of X's lacks what was sent: the next read shows it, and nothing is sent again", async () => {
  const single = await stage.due(["Left out once"], { account });
  const thread = await stage.due(["Left out one", "Left out two"], { account });
  await sweep(stage.hub, stage.deps().engine);
  const putBack = await backup();
  for (const id of [single, thread]) expect((await stage.run(id)).kind).toBe("published");
  await putBack();
  await stage.pass(20 * MINUTE_MS);
  stage.x.sandbox.addFault({ kind: "timeline_gap", times: null });
  for (const id of [single, thread]) expect((await stage.untilDone(id)).root.status).toBe("published");
  stage.x.sandbox.clearFaults();
  expect(texts()).toEqual(["Left out once", "Left out one", "Left out two"]);
});

test("scenario 59: put back minutes after the approval, it looks also before a worker has said that it is here", async () => {
  await sweep(stage.hub, stage.deps().engine);
  const post = await stage.due(["Approved just now"], { account });
  await sweep(stage.hub, stage.deps().engine);
  const putBack = await backup();
  expect((await stage.run(post)).kind).toBe("published");
  const [before] = stage.onX(handle);
  const sends = stage.sends();
  await putBack();
  await stage.pass(4 * MINUTE_MS);
  expect((await stage.run(post)).kind).toBe("published");
  expect(stage.sends()).toBe(sends);
  expect((await stage.post(post)).root.externalPostId).toBe(before?.id ?? "");
  expect(texts()).toEqual(["Approved just now"]);
});

test("scenario 59: a picture without words that the record does not know is not sent again, nor taken for granted", async () => {
  const media = await picture();
  const post = await stage.due([{ text: "", media }], { account });
  await sweep(stage.hub, stage.deps().engine);
  const putBack = await backup();
  expect((await stage.run(post)).kind).toBe("published");
  await putBack();
  await stage.pass(20 * MINUTE_MS);
  expect(await stage.run(post)).toMatchObject({ kind: "failed", code: "PERHAPS_ON_X" });
  expect(stage.onX(handle)).toHaveLength(1);
  expect((await stage.post(post)).root.failReason).toContain(stage.onX(handle)[0]?.id ?? "none");
  // The author looked, and it was another one.
  await retryPost(stage.hub, stage.deps().engine, post);
  expect((await stage.run(post)).kind).toBe("published");
});

test("scenario 59: what was seen after one absence is known after the next, when the account has posted since", async () => {
  const post = await stage.due(["Sent by the copy"], { account });
  const other = await stage.due(["Not out yet"], { account });
  await sweep(stage.hub, stage.deps().engine);
  const putBack = await backup();
  expect((await stage.run(post)).kind).toBe("published");
  await putBack();
  await stage.pass(20 * MINUTE_MS);
  expect((await stage.run(other, stage.deps({ catchUpMs: 0 }))).kind).toBe("published");
  await sweep(stage.hub, stage.deps().engine);
  await stage.pass(20 * MINUTE_MS);
  const third = await stage.due(["After another absence"], { account });
  expect((await stage.run(third)).kind).toBe("published");
  expect((await stage.run(post, stage.deps({ catchUpMs: 0 }))).kind).toBe("published");
  expect(texts()).toEqual(["Sent by the copy", "Not out yet", "After another absence"]);
});

test("scenario 59: a post that is approved after the author said the same by hand is not taken for that", async () => {
  const known = await stage.due(["Known"], { account });
  expect((await stage.run(known)).kind).toBe("published");
  const { access_token: accessToken } = stage.x.sandbox.signIn(handle);
  const credentials = { accessToken, platformUserId: stage.x.sandbox.report().accounts[handle]?.id ?? "" };
  await stage.platform().createPost(credentials, { text: "Good morning", replyToId: null, mediaIds: [] });
  await stage.pass(3 * DAY_MS);
  const again = await stage.due(["Good morning"], { account });
  await stage.pass(20 * MINUTE_MS);
  expect((await stage.run(again, stage.deps({ catchUpMs: 0 }))).kind).toBe("published");
  expect(texts()).toEqual(["Known", "Good morning", "Good morning"]);
});

test("scenario 59: while X cannot be looked at, nothing is sent", async () => {
  const post = await stage.due(["Blind"], { account });
  await sweep(stage.hub, stage.deps().engine);
  await stage.pass(20 * MINUTE_MS);
  const match = { method: "GET", path: "/2/users/*/tweets" };
  stage.x.sandbox.addFault({ kind: "status", status: 503, match });
  expect(await stage.run(post)).toMatchObject({ kind: "deferred", subStatus: "confirming" });
  expect(texts()).toEqual([]);
  stage.x.sandbox.clearFaults();
  expect((await stage.untilDone(post)).root.status).toBe("published");
});

test("scenario 59: an account is looked at once after an absence, in two reads, and not while a worker is there", async () => {
  const reads = () =>
    Object.entries(stage.x.sandbox.report().counts)
      .filter(([name]) => name.startsWith("GET") && name.endsWith("/tweets"))
      .reduce((sum, [, { received }]) => sum + received, 0);
  const ids = [];
  for (const name of ["a", "b", "c"]) ids.push(await stage.due([`Once ${name}`], { account, inMs: MINUTE_MS }));
  await sweep(stage.hub, stage.deps().engine);
  await stage.pass(2 * MINUTE_MS);
  const start = reads();
  for (const id of ids) await stage.untilDone(id, stage.deps({ catchUpMs: 0 }));
  expect(reads() - start).toBe(2);
  await sweep(stage.hub, stage.deps().engine);
  const next = await stage.due(["With a worker"], { account, inMs: MINUTE_MS });
  await stage.pass(MINUTE_MS + 10);
  await sweep(stage.hub, stage.deps().engine);
  expect((await stage.run(next)).kind).toBe("published");
  expect(reads() - start).toBe(2);
});

test("scenario 59: X refuses a repetition that another copy of the hub has made: it is adopted, not failed", async () => {
  stage.x.sandbox.configure({ duplicateWindowMs: 60 * MINUTE_MS });
  const post = await stage.due(["Said by the other copy", "And its answer"], { account });
  await sweep(stage.hub, stage.deps().engine);
  const putBack = await backup();
  expect((await stage.run(post)).kind).toBe("published");
  const before = stage.onX(handle).map(({ id }) => id);
  await putBack();
  expect((await stage.run(post)).kind).toBe("published");
  expect((await stage.post(post)).root.platformPostIds).toEqual(before);
  expect(stage.onX(handle)).toHaveLength(2);
});

const FORBIDDEN = { kind: "status", status: 403, match: { path: "/2/users/*/tweets" }, times: null } as const;

test("scenario 71: after an absence a timeline that X forbids for good keeps nobody waiting for ever: a person's word sends it", async () => {
  const post = await stage.due(["Not compared"], { account, inMs: 20 * MINUTE_MS });
  const { engine } = stage.deps();
  await stage.pass(20 * MINUTE_MS);
  stage.x.sandbox.addFault(FORBIDDEN);
  await sweep(stage.hub, engine);
  expect(await stage.run(post)).toMatchObject({ kind: "deferred", subStatus: "confirming" });
  const { root } = await stage.untilDone(post);
  expect([root.status, root.failCode, texts()]).toEqual(["failed", "RECORD_NOT_COMPARED", []]);
  expect(root.failReason).toContain(`psn post retry ${post}`);
  await retryPost(stage.hub, engine, post);
  expect((await stage.untilDone(post)).root.status).toBe("published");
  expect(texts()).toEqual(["Not compared"]);
  stage.x.sandbox.clearFaults();
});

test("scenario 71: an embedded hub whose mark is in order goes on at once and says so; one that is in doubt does not", async () => {
  const mark = { requireOwn: () => {}, check: async () => {}, advance: async () => true };
  const { engine } = stage.deps();
  const worker = stage.deps({ mark });
  const post = await stage.due(["By its mark"], { account, inMs: 20 * MINUTE_MS });
  const doubtful = await stage.due(["In doubt"], { account, inMs: 20 * MINUTE_MS });
  await stage.pass(20 * MINUTE_MS);
  stage.x.sandbox.addFault(FORBIDDEN);
  await sweep(stage.hub, engine);
  expect((await stage.run(post, worker)).kind).toBe("published");
  expect((await stage.life(post)).kinds).toContain("not_compared");
  await stage.hub.pool.query("update psn.account_looks set is_thorough = true where account_id = $1", [account.id]);
  expect(await stage.run(doubtful, worker)).toMatchObject({ kind: "deferred", subStatus: "confirming" });
  expect(texts()).toEqual(["By its mark"]);
  stage.x.sandbox.clearFaults();
});

test("scenario 59: a long text that X shows only the beginning of is known again after an absence", async () => {
  const long = `${"All of it, word by word. ".repeat(20)}End.`;
  stage.x.sandbox.changeUser(handle, { subscription: "Premium" });
  await entitlementFor(stage.hub, async () => stage.deps(), account.id, 25_000);
  const tweets = [{ text: long, separatorAfter: "", media: [] }];
  const made = { accountId: account.id, tweets, source: long, metadata: { limit: 25_000 } };
  const { postId: post } = await createPost(stage.hub, made);
  await approvePost(stage.hub, post);
  const at = new Date(stage.clock.now().getTime() + MINUTE_MS);
  await schedulePost(stage.hub, stage.deps().engine, post, { at, timezone: "UTC" });
  await stage.pass(MINUTE_MS + 1_000);
  await sweep(stage.hub, stage.deps().engine);
  await stage.hub.pool.query(
    "insert into psn.account_looks (account_id, wanted_at, is_thorough, looked_at) values ($1, psn.now(), false, psn.now()) on conflict (account_id) do update set looked_at = psn.now()",
    [account.id],
  );
  const seen = [account.id, "2126494762520285184", `${long.slice(0, 274)}…`];
  await stage.hub.pool.query(
    "insert into psn.unknown_posts (account_id, external_post_id, text, media_count, is_beginning) values ($1, $2, $3, 0, true)",
    seen,
  );
  expect(await stage.run(post)).toMatchObject({ kind: "published", platformPostIds: ["2126494762520285184"] });
  expect(texts()).toEqual([]);
});
