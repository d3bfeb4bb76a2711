/** What a post waits for: a limit, a sign-in, credits. No try is spent, and it goes on by itself or at a word. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { openStage, type Stage } from "../../testing/stage.ts";
import { gatherNotices } from "../posts/notices.ts";
import { resumeAccount, resumeApp } from "../posts/write.ts";
import { sweep } from "./watchdog.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => stage.clean());

const CREATE = { method: "POST", path: "/2/tweets" };

test("scenario 19: 429 with a reset waits until then, spends no try, and nothing of the account goes out meanwhile", async () => {
  const postId = await stage.due(["Limited", "Second part"]);
  stage.x.sandbox.addFault({ kind: "rate_limited", resetSecs: 600, match: { ...CREATE, bodyIncludes: "Second" } });
  const result = await stage.run(postId);
  expect(result).toMatchObject({ kind: "deferred", subStatus: "rate_limited" });
  const waitMs = (result.kind === "deferred" ? (result.until?.getTime() ?? 0) : 0) - stage.clock.now().getTime();
  expect(waitMs).toBeGreaterThan(590_000);
  expect(waitMs).toBeLessThan(605_000);
  const other = await stage.due(["Same account"]);
  expect(await stage.run(other)).toMatchObject({ kind: "deferred", subStatus: "rate_limited" });
  expect(stage.sends()).toBe(2);
  const notices = await gatherNotices(stage.hub.db);
  expect(notices.filter(({ code }) => code === "RATE_LIMITED")).toHaveLength(2);
  for (const id of [postId, other]) {
    const { root } = await stage.untilDone(id);
    expect(root).toMatchObject({ status: "published", retryCount: 0 });
  }
  expect(stage.sends()).toBe(4);
});

test("scenario 19: 429 without a reset backs off in growing steps, spends no try, and ends well", async () => {
  const postId = await stage.due(["Limited, nobody says until when"]);
  stage.x.sandbox.addFault({ kind: "rate_limited", withReset: false, match: CREATE, times: 3 });
  const waits: number[] = [];
  for (let round = 0; round < 3; round++) {
    const result = await stage.run(postId);
    const waitMs = (result.kind === "deferred" ? (result.until?.getTime() ?? 0) : 0) - stage.clock.now().getTime();
    waits.push(Math.round(waitMs / 10_000) * 10);
    await stage.pass(waitMs + 20);
  }
  expect(waits).toEqual([60, 120, 240]);
  expect(await stage.run(postId)).toMatchObject({ kind: "published" });
});

test("scenario 19: a used-up day is waited for, although the quarter of an hour is healthy", async () => {
  const postId = await stage.due(["Day is over"]);
  stage.x.sandbox.addFault({ kind: "rate_limited", window: "user_24h", resetSecs: 7_200, match: CREATE });
  const result = await stage.run(postId);
  const waitMs = (result.kind === "deferred" ? (result.until?.getTime() ?? 0) : 0) - stage.clock.now().getTime();
  expect(waitMs).toBeGreaterThan(7_190_000);
  await stage.pass(waitMs + 20);
  expect((await stage.run(postId)).kind).toBe("published");
});

test("headers that say 'none left' stop the next send before it is refused", async () => {
  stage.x.sandbox.configure({ limits: { "POST /2/tweets": { user15min: 2 } } });
  const ids = [await stage.due(["a1"]), await stage.due(["a2"]), await stage.due(["a3"])];
  for (const id of ids) await stage.run(id);
  stage.x.sandbox.configure({ limits: {} });
  expect(stage.sends()).toBe(2);
  expect((await stage.post(ids[2] ?? "")).root).toMatchObject({ status: "retry", subStatus: "rate_limited" });
  await stage.untilDone(ids[2] ?? "");
  expect(stage.sends()).toBe(3);
});

test("scenario 16: a revoked account's post is held, not failed, and goes out after sign-in", async () => {
  const account = await stage.signIn("revoked_author");
  const postId = await stage.due(["Held"], { account });
  stage.x.sandbox.revokeUser("revoked_author");
  expect(await stage.run(postId)).toMatchObject({ kind: "deferred", subStatus: "awaiting_auth", until: null });
  await stage.signIn("revoked_author");
  expect(await resumeAccount(stage.hub, stage.deps().engine, account.id)).toBe(1);
  expect((await stage.run(postId)).kind).toBe("published");
});

test("scenario 21: 402 holds every post of the app, with one notice, and one command lets them go on", async () => {
  const ids = [await stage.due(["No money 1"]), await stage.due(["No money 2"]), await stage.due(["No money 3"])];
  stage.x.sandbox.addFault({ kind: "credits", match: CREATE });
  for (const id of ids) {
    expect(await stage.run(id)).toMatchObject({ kind: "deferred", subStatus: "out_of_credits", until: null });
  }
  expect(stage.sends()).toBe(1);
  const notices = await gatherNotices(stage.hub.db);
  expect(notices.filter(({ code }) => code === "OUT_OF_CREDITS")).toHaveLength(1);
  await sweep(stage.hub, stage.deps().engine);
  expect((await stage.post(ids[0] ?? "")).root.dueAt).toBeNull();
  expect(await resumeApp(stage.hub, stage.deps().engine, stage.deps().clientId)).toBe(3);
  for (const id of ids) expect((await stage.untilDone(id)).root.status).toBe("published");
});

for (const [kind, words] of [
  ["spend_cap", "spending limit"],
  ["usage_cap", "usage cap"],
] as const) {
  test(`a ${kind} is not taken for a plain refusal or rate limit`, async () => {
    const postId = await stage.due([`Cap ${kind}`]);
    stage.x.sandbox.addFault({ kind, match: CREATE });
    const result = await stage.run(postId);
    expect(result).toMatchObject({ kind: "deferred", subStatus: "out_of_credits" });
    expect(result.kind === "deferred" && result.note).toContain(words);
    await resumeApp(stage.hub, stage.deps().engine, stage.deps().clientId);
    expect((await stage.run(postId)).kind).toBe("published");
  });
}
