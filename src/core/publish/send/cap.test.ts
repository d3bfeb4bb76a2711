/** The author's limits: what is over one is refused before it is approved, and held at its time; a thread that has begun goes on. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { openStage, type Stage } from "../../../testing/stage.ts";
import { stuckPosts } from "../../posts/stuck.ts";
import { approvePost, cancelPost, createPost, schedulePost } from "../../posts/write.ts";
import { changeLimits } from "../../spend/change-limits.ts";
import { type Limit, limitStates } from "../../spend/limits.ts";
import { publishPost } from "../publish.ts";
import { planDeletions, wantDeletions } from "../unpublish/ledger.ts";
import { unpublish } from "../unpublish/unpublish.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  // No day ends while a test runs, unless it says so.
  const now = stage.clock.now();
  await stage.pass((33 * HOUR_MS - (now.getTime() % (24 * HOUR_MS))) % (24 * HOUR_MS));
  await stage.hub.pool.query(
    "update psn.oauth_tokens set metadata = metadata || jsonb_build_object('apiHost', $1::text)",
    [stage.platform().host],
  );
});
afterEach(async () => {
  await stage.clean();
  const { rows } = await stage.hub.pool.query("select id from psn.posts where status in ('scheduled', 'retry')");
  for (const { id } of rows) await cancelPost(stage.hub, stage.deps().engine, id);
  await stage.hub.pool.query("truncate psn.spend, psn.spend_limits, psn.spend_promises");
});
afterAll(() => stage.close());

const HOUR_MS = 60 * 60_000;
const ALL = { accountId: null, period: "day" } as const;
const dollarsADay = (dollars: number): Limit => ({ ...ALL, unit: "micros", amount: dollars * 1_000_000 });
const postsADay = (amount: number): Limit => ({ ...ALL, unit: "posts", amount });
const limit = async (...set: Limit[]) =>
  await changeLimits(stage.hub, stage.deps().engine, { set, zone: "Europe/Berlin" });
const used = async () =>
  (await limitStates(stage.hub.db, { accountId: null, isSandbox: true })).map((state) => state.used);
const draft = async (...texts: string[]) => {
  const tweets = texts.map((text) => ({ text, separatorAfter: "", media: [] }));
  return (await createPost(stage.hub, { accountId: stage.account.id, tweets, source: texts.join("") })).postId;
};
const untilHeld = async (postId: string) => {
  const result = await stage.run(postId);
  expect(result).toMatchObject({ kind: "deferred", subStatus: "over_cap" });
  return result;
};

test("what is over a limit is refused before it is approved, with what is left and when that ends", async () => {
  await limit(dollarsADay(0.04));
  await approvePost(stage.hub, await draft("Fits."));
  const long = await draft("One.", "Two.", "Three.");
  expect(approvePost(stage.hub, long)).rejects.toMatchObject({ code: "CAP_TOO_SMALL" });
  await stage.untilDone(await stage.due(["Spends 0.015."]));
  const two = await draft("Four.", "Five.");
  const error = await approvePost(stage.hub, two).catch((one) => one);
  expect(error).toMatchObject({
    code: "OVER_CAP",
    details: { cap: { unit: "micros", amount: 40_000, used: 15_000, planned: 0, left: 25_000, needs: 30_000 } },
  });
  expect(Date.parse(error.details.retryAt)).toBeGreaterThan(Date.now());
  expect((await stage.post(two)).root.approvedHash).toBeNull();
  // Tomorrow there is room, and as another account as well, where the limit is this one's.
  const at = new Date(Date.parse(error.details.retryAt) + 60_000);
  await schedulePost(stage.hub, stage.deps().engine, two, { at, timezone: "UTC" }, { approve: true });
});

test("posts that wait for a time in the same day count as well", async () => {
  await limit(postsADay(2));
  await stage.due(["Waits."], { inMs: 2_000 });
  await approvePost(stage.hub, await draft("Second."));
  await stage.due(["Waits, too."], { inMs: 3_000 });
  expect(approvePost(stage.hub, await draft("Third."))).rejects.toMatchObject({
    code: "OVER_CAP",
    details: { cap: { used: 0, planned: 2, left: 0 } },
  });
});

test("one that is over a limit at its time is held, told and not sent; it goes out when the limit is raised", async () => {
  const postId = await stage.due(["Held."]);
  const first = await stage.due(["First."]);
  await limit(postsADay(1));
  await stage.untilDone(first);
  const before = stage.sends();
  await untilHeld(postId);
  expect(stage.sends()).toBe(before);
  const [stuck] = await stuckPosts(stage.hub.db, {}, { postId });
  expect(stuck).toMatchObject({ kind: "over_cap", needsPerson: false, next: ["psn limits show"] });
  expect(stuck?.reason).toContain("1 post a day (all accounts)");
  expect(stuck?.reason).toContain("psn limits set");
  expect(await limit(postsADay(2))).toMatchObject({ resumed: 1 });
  expect((await stage.untilDone(postId)).root.status).toBe("published");
});

test("it goes out when the day is over; those that waited go one after another", async () => {
  const first = await stage.due(["Today 1."]);
  const second = await stage.due(["Today 2."]);
  await stage.untilDone(await stage.due(["Uses the day up."]));
  await limit(postsADay(1), { accountId: stage.account.id, period: "day", unit: "posts", amount: 5 });
  const due = [];
  for (const postId of [first, second]) {
    const result = await untilHeld(postId);
    due.push(result.kind === "deferred" ? (result.until?.getTime() ?? 0) : 0);
  }
  expect((due[1] ?? 0) - (due[0] ?? 0)).toBe(5_000);
  await stage.pass((due[0] ?? 0) - (await stage.clock.now()).getTime() + 1_000);
  expect((await stage.run(first)).kind).toBe("published");
  // The new day's one is used: another day.
  await stage.pass(10_000);
  await untilHeld(second);
});

test("a limit that is smaller than the post alone needs a person", async () => {
  const postId = await stage.due(["One.", "Two."]);
  await limit(dollarsADay(0.02));
  expect(await stage.run(postId)).toMatchObject({ subStatus: "over_cap", until: null });
  expect(await stuckPosts(stage.hub.db, {}, { postId })).toMatchObject([{ kind: "cap_too_small", needsPerson: true }]);
});

test("a thread that has begun goes on, whatever is left", async () => {
  const postId = await stage.due(["One.", "Two.", "Three."]);
  await limit(dollarsADay(0.05));
  stage.x.sandbox.addFault({
    kind: "rate_limited",
    resetSecs: 60,
    match: { method: "POST", path: "/2/tweets" },
    skip: 1,
  });
  expect(await stage.run(postId)).toMatchObject({ subStatus: "rate_limited" });
  // What it will still need is nobody else's.
  expect(await used()).toEqual([45_000]);
  await limit(dollarsADay(0.001));
  await stage.pass(61_000);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
  expect(stage.onX()).toHaveLength(3);
  expect(await used()).toEqual([45_000]);
});

test("many workers at once never pass a limit", async () => {
  const posts: string[] = [];
  for (let index = 0; index < 8; index++)
    posts.push(await stage.due([`Crowd ${index}.`, `And on, ${index}.`], { inMs: 60_000 }));
  await stage.pass(61_000);
  await limit(postsADay(3), dollarsADay(0.1));
  const results = await Promise.all(
    posts.map(async (postId) => {
      const { root } = await stage.post(postId);
      return await publishPost(stage.deps(), { postId, scheduleVersion: root.scheduleVersion });
    }),
  );
  expect(results.filter(({ kind }) => kind === "published")).toHaveLength(3);
  const held = results.flatMap((one) =>
    one.kind === "deferred" && one.subStatus === "over_cap" ? (one.until?.getTime() ?? 0) : [],
  );
  expect(held).toHaveLength(5);
  // Each of its own time.
  const [first = 0] = held.toSorted((a, b) => a - b);
  expect(held.map((at) => at - first).toSorted((a, b) => a - b)).toEqual([0, 5_000, 10_000, 15_000, 20_000]);
  expect(stage.onX()).toHaveLength(6);
});

test("a process that dies right after its post got its room leaves it that room", async () => {
  const postId = await stage.due(["Dies."]);
  const another = await stage.due(["Another."]);
  await limit(postsADay(1));
  const dying = stage.deps();
  dying.platform = { ...dying.platform, createPost: () => Promise.reject(new Error("killed")) };
  await stage.run(postId, dying).catch(String);
  expect(await used()).toEqual([1]);
  await untilHeld(another);
});

test("taking down costs as well: over a limit it is refused, and nothing of it is gone", async () => {
  const postId = await stage.due(["Stays.", "Stays, too."]);
  await stage.untilDone(postId);
  await limit(dollarsADay(0.045));
  const refused = { code: "OVER_CAP", details: { cap: { used: 30_000, left: 15_000, needs: 20_000 } } };
  expect(planDeletions(stage.hub, postId, null)).rejects.toMatchObject(refused);
  expect(wantDeletions(stage.hub, postId, { tweets: null, by: "a person" })).rejects.toMatchObject(refused);
  expect(await planDeletions(stage.hub, postId, [2])).toHaveLength(1);
});

const takeDown = async (postId: string, tweets: number[] | null = null) => {
  await wantDeletions(stage.hub, postId, { tweets, by: "a person" });
  return await unpublish(stage.deps(), postId, stage.account.id);
};

test("many that take down at once never pass a limit", async () => {
  const ids: string[] = [];
  for (const text of ["One of three.", "Two of three.", "Three of three."]) {
    const postId = await stage.due([text]);
    await stage.untilDone(postId);
    ids.push(postId);
  }
  await limit(dollarsADay(0.055));
  const results = await Promise.allSettled(ids.map((postId) => takeDown(postId)));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const one of results) if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "OVER_CAP" });
  expect(stage.onX()).toHaveLength(2);
  expect(await used()).toEqual([55_000]);
});

test("one more request for a tweet that another process is just taking down needs room of its own", async () => {
  const postId = await stage.due(["Goes once."]);
  await stage.untilDone(postId);
  await limit(dollarsADay(0.025));
  await wantDeletions(stage.hub, postId, { tweets: null, by: "a person" });
  const deps = stage.deps();
  const { platform } = deps;
  deps.platform = {
    ...platform,
    deletePost: async (...args) => {
      await expect(takeDown(postId)).rejects.toMatchObject({ code: "OVER_CAP" });
      expect(await unpublish(stage.deps(), postId, stage.account.id)).toMatchObject({
        kind: "stopped",
        code: "OVER_CAP",
      });
      return await platform.deletePost(...args);
    },
  };
  expect(await unpublish(deps, postId, stage.account.id)).toEqual({ kind: "done" });
  expect(stage.onX()).toEqual([]);
});

test("beside a deletion that X refused and that stays open, all that goes with it is held against the limit", async () => {
  const postId = await stage.due(["First.", "Second.", "Third."]);
  await stage.untilDone(postId);
  await limit(dollarsADay(0.055));
  stage.x.sandbox.addFault({ kind: "status", status: 403, match: { method: "DELETE", path: "/2/tweets/*" } });
  expect(await takeDown(postId, [1])).toMatchObject({ kind: "stopped", code: "X_REFUSED" });
  // What is open keeps its room.
  expect(await used()).toEqual([55_000]);
  const refused = { code: "OVER_CAP", details: { cap: { used: 45_000, left: 10_000, needs: 30_000 } } };
  expect(planDeletions(stage.hub, postId, null)).rejects.toMatchObject(refused);
  await expect(takeDown(postId)).rejects.toMatchObject(refused);
  // Another one goes with the one that is open.
  await expect(takeDown(postId, [3])).rejects.toMatchObject({ code: "OVER_CAP" });
  expect(stage.onX()).toHaveLength(3);
  expect(await takeDown(postId, [1])).toEqual({ kind: "done" });
  expect(await used()).toEqual([55_000]);
});
