/** Posts that were missed while nothing ran: on a real hub, with the sandbox, and time that passes when the test says so. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { openStage, type Stage } from "../../../testing/stage.ts";
import { until } from "../../../testing/wait.ts";
import type { AccountRow } from "../../accounts/choose.ts";
import type { Platform } from "../../platform.ts";
import { gatherNotices } from "../../posts/notices.ts";
import { cancelPost, retryPost, schedulePost } from "../../posts/write.ts";
import type { PublishDeps, PublishResult } from "../deps.ts";
import { sweep } from "../watchdog.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe("on the hub", () => {
  let stage: Stage;
  let account: AccountRow;
  let handle: string;
  let count = 0;
  beforeAll(async () => {
    stage = await openStage({ poolMax: 12 });
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    stage.x.sandbox.clearFaults();
    // One account a test: what another test published late must not count.
    handle = `sleeper_${++count}`;
    account = await stage.signIn(handle);
  });

  const texts = () => stage.onX(handle).map(({ text }) => text);
  const dueIn = (post: { root: { dueAt: Date | null } }) =>
    Math.round(((post.root.dueAt?.getTime() ?? 0) - stage.clock.now().getTime()) / MINUTE_MS);
  const deaf = () => stage.hub.pool.query("delete from psn.hub_settings where key = 'awake'");

  /** Posts of which the first is due in a minute and each other a minute after the one before; then time passes. */
  async function missed(names: string[], sleepMs: number): Promise<string[]> {
    const ids: string[] = [];
    for (const [index, name] of names.entries()) {
      ids.push(await stage.due([name], { account, inMs: (index + 1) * MINUTE_MS }));
    }
    await stage.pass(sleepMs);
    return ids;
  }

  /** Runs each post at its time, as an engine would, until nothing of the account waits. @returns the times of sending */
  async function live(ids: string[], worker = stage.deps()): Promise<number[]> {
    const beganMs = stage.clock.now().getTime();
    const times: number[] = [];
    for (let round = 0; round < 40; round++) {
      const waiting = [];
      for (const id of ids) {
        const { root } = await stage.post(id);
        // A post whose worker died is taken over when its lease has run out.
        const dueAt = root.status === "publishing" ? root.leaseExpiresAt : root.dueAt;
        if (dueAt) waiting.push({ id, dueMs: dueAt.getTime() });
      }
      const [next] = waiting.toSorted((a, b) => a.dueMs - b.dueMs);
      if (!next) return times;
      const now = stage.clock.now().getTime();
      if (next.dueMs > now) await stage.pass(next.dueMs - now + 20);
      const result = await stage.run(next.id, worker);
      if (result.kind === "published") times.push(Math.round((stage.clock.now().getTime() - beganMs) / MINUTE_MS));
    }
    throw new Error("it does not come to an end");
  }

  test("scenario 20: a laptop that slept: its missed posts go out one by one, in their order, five minutes apart", async () => {
    const ids = await missed(["one", "two", "three", "four"], 2 * HOUR_MS + 10 * MINUTE_MS);
    // The last is looked at first: it is not the first to go.
    const results: PublishResult[] = [];
    for (const id of ids.toReversed()) results.push(await stage.run(id));
    expect(results.map(({ kind }) => kind)).toEqual(["deferred", "deferred", "deferred", "published"]);
    const waiting = [];
    for (const id of ids.slice(1)) waiting.push(await stage.post(id));
    expect(waiting.map(dueIn)).toEqual([5, 10, 15]);
    for (const { root } of waiting) {
      expect(root).toMatchObject({ status: "retry", subStatus: "catching_up", retryCount: 0 });
    }
    const { notes } = await stage.life(ids[1] ?? "");
    expect(notes).toContain(
      "It was missed by 2 hours while nothing was running; it follows the one before by 5 minutes.",
    );
    expect((await stage.life(ids[0] ?? "")).notes).toContain(
      "It was missed by 2 hours while nothing was running; it goes out now.",
    );
    const [notice] = (await gatherNotices(stage.hub.db)).filter(({ code }) => code === "CATCHING_UP");
    expect(notice?.message).toContain(`3 posts of @${handle} were missed`);
    expect(await live(ids)).toEqual([5, 10, 15]);
    expect(texts()).toEqual(["one", "two", "three", "four"]);
  });

  test("scenario 20: what is on time does not wait for what was missed, nor is another account", async () => {
    const other = await stage.signIn(`${handle}_other`);
    const ids = await missed(["missed 1", "missed 2", "missed 3"], HOUR_MS);
    const theirs = await stage.due(["theirs"], { account: other, inMs: MINUTE_MS });
    await stage.pass(HOUR_MS);
    for (const id of ids) await stage.run(id);
    expect((await stage.run(theirs)).kind).toBe("published");
    const onTime = await stage.due(["on time"], { account });
    expect((await stage.run(onTime)).kind).toBe("published");
    const little = await stage.due(["a minute late"], { account, inMs: 1_000 });
    await stage.pass(MINUTE_MS);
    expect((await stage.run(little)).kind).toBe("published");
    await live(ids);
    expect(texts()).toEqual(["missed 1", "on time", "a minute late", "missed 2", "missed 3"]);
  });

  test("scenario 20: many workers begin at once: one post of the account goes, the others get slots of their own", async () => {
    const ids = await missed(["a", "b", "c", "d", "e"], HOUR_MS);
    const workers = Array.from({ length: 4 }, () => stage.deps());
    const results = await Promise.all(workers.flatMap((worker) => ids.map((id) => stage.run(id, worker))));
    expect(results.filter(({ kind }) => kind === "published")).toHaveLength(1);
    expect(texts()).toEqual(["a"]);
    const slots = [];
    for (const id of ids.slice(1)) slots.push(dueIn(await stage.post(id)));
    // One that was looked at while the first was going out is a gap behind it; no two share a slot.
    expect(new Set(slots).size).toBe(4);
    expect(slots).toEqual(slots.toSorted((a, b) => a - b));
    await live(ids);
    expect(texts()).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("scenario 20: asleep again in the middle of it: what waited is spaced anew, and order is kept", async () => {
    const ids = await missed(["first", "second", "third", "fourth"], HOUR_MS);
    for (const id of ids) await stage.run(id);
    await stage.pass(2 * HOUR_MS);
    const results = await Promise.all(ids.slice(1).map((id) => stage.run(id)));
    expect(results.filter(({ kind }) => kind === "published")).toHaveLength(1);
    expect(await live(ids)).toEqual([5, 10]);
    expect(texts()).toEqual(["first", "second", "third", "fourth"]);
  });

  test("scenario 20: beyond the grace a missed post waits for a word; within it, its slot may lie beyond", async () => {
    const ids = await missed(["too late", "just in time", "and this one"], MINUTE_MS + 6 * HOUR_MS + 30_000);
    const results = [];
    for (const id of ids) results.push((await stage.run(id)).kind);
    expect(results).toEqual(["failed", "published", "deferred"]);
    expect((await stage.post(ids[0] ?? "")).root.failCode).toBe("MISSED_ITS_TIME");
    await stage.pass(5 * MINUTE_MS);
    expect((await stage.run(ids[2] ?? "")).kind).toBe("published");
  });

  test("scenario 20: a slot that is itself missed by more than the grace is not sent behind the author's back", async () => {
    const ids = await missed(["gone", "left behind"], HOUR_MS);
    for (const id of ids) await stage.run(id);
    await stage.pass(3 * 24 * HOUR_MS);
    expect(await stage.run(ids[1] ?? "")).toMatchObject({ kind: "failed", code: "MISSED_ITS_TIME" });
    await retryPost(stage.hub, stage.deps().engine, ids[1] ?? "");
    expect((await stage.run(ids[1] ?? "")).kind).toBe("published");
  });

  test("scenario 20: the sweep that wakes with the worker brings no burst either", async () => {
    const ids = await missed(["x", "y", "z"], HOUR_MS);
    await stage.hub.pool.query("select graphile_worker.remove_job('post:' || id) from psn.posts where id = any($1)", [
      ids,
    ]);
    expect((await sweep(stage.hub, stage.deps().engine)).overdue).toBeGreaterThanOrEqual(3);
    await Promise.all(ids.map((id) => stage.run(id)));
    expect(texts()).toEqual(["x"]);
    await sweep(stage.hub, stage.deps().engine);
    for (const id of ids.slice(1)) expect((await stage.run(id)).kind).toBe("not_ours");
    await live(ids);
    expect(texts()).toEqual(["x", "y", "z"]);
  });

  test("scenario 20: posts that waited for a limit when the laptop fell asleep bring no burst either", async () => {
    const ids = [];
    for (const name of ["limited 1", "limited 2", "limited 3"]) ids.push(await stage.due([name], { account }));
    stage.x.sandbox.addFault({ kind: "rate_limited", resetSecs: 60, match: { method: "POST", path: "/2/tweets" } });
    for (const id of ids) expect(await stage.run(id)).toMatchObject({ subStatus: "rate_limited" });
    await stage.pass(2 * HOUR_MS);
    const results = await Promise.all(ids.map((id) => stage.run(id)));
    expect(results.filter(({ kind }) => kind === "published")).toHaveLength(1);
    await live(ids);
    expect(texts()).toEqual(["limited 1", "limited 2", "limited 3"]);
  });

  test("scenario 20: what is on X in part, or perhaps, is not kept waiting: the thread goes on, the lost answer is looked for", async () => {
    const half = await stage.due(["half of it", "the other half"], { account });
    const onSend = (bodyIncludes: string) => ({ method: "POST", path: "/2/tweets", bodyIncludes });
    stage.x.sandbox.addFault({ kind: "rate_limited", resetSecs: 60, match: onSend("the other half") });
    expect(await stage.run(half)).toMatchObject({ subStatus: "rate_limited" });
    await stage.hub.pool.query("delete from psn.rate_limits");
    const lost = await stage.due(["answer lost"], { account });
    stage.x.sandbox.addFault({ kind: "drop_after", match: onSend("answer lost") });
    expect(await stage.run(lost)).toMatchObject({ subStatus: "confirming" });
    await stage.pass(HOUR_MS);
    for (const id of [half, lost]) expect((await stage.run(id)).kind).toBe("published");
    expect(texts()).toEqual(["half of it", "answer lost", "the other half"]);
  });

  test("scenario 20: a post that waited for a limit, and was slept over for days, is not sent behind the author's back", async () => {
    const id = await stage.due(["limited, then forgotten"], { account });
    stage.x.sandbox.addFault({ kind: "rate_limited", resetSecs: 60, match: { method: "POST", path: "/2/tweets" } });
    await stage.run(id);
    await stage.pass(3 * 24 * HOUR_MS);
    expect(await stage.run(id)).toMatchObject({ kind: "failed", code: "MISSED_ITS_TIME" });
  });

  test("a post that its author sent by hand waits for no slot", async () => {
    const ids = await missed(["missed", "by hand"], HOUR_MS);
    for (const id of ids) await stage.run(id);
    await retryPost(stage.hub, stage.deps().engine, ids[1] ?? "");
    await stage.pass(10 * MINUTE_MS);
    expect((await stage.run(ids[1] ?? "")).kind).toBe("published");
  });

  test("scenario 10: posts that are late because many are due at once, with a worker there, are not spaced", async () => {
    await sweep(stage.hub, stage.deps().engine);
    const ids = [];
    for (const name of ["busy 1", "busy 2", "busy 3"]) ids.push(await stage.due([name], { account, inMs: MINUTE_MS }));
    for (let half = 0; half < 10; half++) {
      await stage.pass(MINUTE_MS / 2);
      await sweep(stage.hub, stage.deps().engine);
    }
    for (const id of ids) expect((await stage.run(id)).kind).toBe("published");
    await deaf();
  });

  test("scenario 20: posts that are late for reasons of their own do not keep a missed one waiting without end", async () => {
    const ids = await missed(["first missed", "second missed"], HOUR_MS);
    const worker = stage.deps();
    const [, second = ""] = ids;
    for (const id of ids) await stage.run(id, worker);
    // A limit, or a long upload: each is due with a worker there, and goes out three minutes after its time.
    const match = { method: "POST", path: "/2/tweets", bodyIncludes: "slow" };
    for (let slow = 0; slow < 8; slow++) {
      await sweep(stage.hub, worker.engine);
      const id = await stage.due([`slow ${slow}`], { account });
      stage.x.sandbox.addFault({ kind: "rate_limited", resetSecs: 170, match });
      expect(await stage.run(id, worker)).toMatchObject({ subStatus: "rate_limited" });
      await stage.pass(90_000);
      await sweep(stage.hub, worker.engine);
      await stage.pass(90_000);
      expect((await stage.run(id, worker)).kind).toBe("published");
      await stage.run(second, worker);
    }
    expect((await stage.post(second)).root.status).toBe("published");
    await deaf();
  });

  test("scenario 1: the worker dies over the first: nothing else goes while it is taken over, then one by one", async () => {
    const ids = await missed(["died over", "next", "last"], HOUR_MS);
    const never = new Promise<never>(() => {});
    const platform: Platform = { ...stage.platform(), createPost: () => never };
    const dying: PublishDeps = stage.deps({ platform, clock: { now: stage.clock.now, sleep: () => never } });
    void stage.run(ids[0] ?? "", dying);
    await until(async () => (await stage.life(ids[0] ?? "")).outcomes.length > 0);
    await stage.pass(11_000);
    for (const id of ids.slice(1)) expect((await stage.run(id)).kind).toBe("deferred");
    await live(ids);
    expect(texts().toSorted()).toEqual(["died over", "last", "next"]);
    expect(stage.onX(handle)).toHaveLength(3);
  });

  test("scenario 20: a hub that fails in the middle of the decision leaves the post as it was, and the next look decides", async () => {
    const ids = await missed(["stays", "waits"], HOUR_MS);
    const engine = { ...stage.deps().engine, enqueue: () => Promise.reject(new Error("the hub went away")) };
    expect(stage.run(ids[1] ?? "", stage.deps({ engine }))).rejects.toThrow("the hub went away");
    expect((await stage.post(ids[1] ?? "")).root).toMatchObject({ status: "scheduled", subStatus: null });
    await live(ids);
    expect(texts()).toEqual(["stays", "waits"]);
  });

  test("scenario 20: a laptop that wakes before its network brings no burst when that comes", async () => {
    const ids = await missed(["woken 1", "woken 2", "woken 3"], HOUR_MS);
    const platform: Platform = {
      ...stage.platform(),
      createPost: () =>
        Promise.resolve({
          outcome: { kind: "not_sent", cause: "no network" },
          meta: { httpStatus: null, transactionId: null, rateLimits: [] },
        }),
    };
    for (const id of ids) expect((await stage.run(id, stage.deps({ platform }))).kind).toBe("deferred");
    expect(await live(ids)).toEqual([0, 5, 10]);
    expect(texts()).toEqual(["woken 1", "woken 2", "woken 3"]);
  });

  test("scenario 20: missed posts that meet a closed limit bring no burst when it opens", async () => {
    const ids = await missed(["shut 1", "shut 2", "shut 3"], HOUR_MS);
    const match = { method: "POST", path: "/2/tweets" };
    stage.x.sandbox.addFault({ kind: "rate_limited", resetSecs: 25 * 60, match });
    expect(await live(ids)).toEqual([25, 30, 35]);
    expect(texts()).toEqual(["shut 1", "shut 2", "shut 3"]);
  });

  test("scenario 20: a hub that fails between two tweets of a missed thread: the rest of it waits for no slot", async () => {
    const before = await stage.due(["before it"], { account, inMs: MINUTE_MS });
    const thread = await stage.due(["its first", "its second"], { account, inMs: 2 * MINUTE_MS });
    await stage.pass(HOUR_MS);
    for (const id of [before, thread]) await stage.run(id);
    await stage.pass(5 * MINUTE_MS + 20);
    const { pool } = stage.hub;
    const query = pool.query;
    const real = stage.platform();
    const platform: Platform = {
      ...real,
      async createPost(...request) {
        const answer = await real.createPost(...request);
        // The first tweet is recorded, in a transaction; the statement after it fails, and the note of X's clock.
        pool.query = ((...asked: unknown[]) => {
          if (!JSON.stringify(asked[0]).includes("clock_offsets")) pool.query = query;
          return Promise.reject(new Error("Connection terminated unexpectedly"));
        }) as typeof query;
        return answer;
      },
    };
    expect(await stage.run(thread, stage.deps({ platform }))).toMatchObject({ kind: "deferred" });
    expect(texts()).toEqual(["before it", "its first"]);
    await stage.pass(15_000);
    expect((await stage.run(thread)).kind).toBe("published");
  });

  test("a post that waits for its slot can be moved, taken back and sent at once like any other", async () => {
    const ids = await missed(["goes", "moved", "cancelled", "hurried", "stays"], HOUR_MS);
    for (const id of ids) await stage.run(id);
    const [, moved = "", cancelled = "", hurried = ""] = ids;
    const { engine } = stage.deps();
    const at = new Date(stage.clock.now().getTime() + 60 * MINUTE_MS);
    await schedulePost(stage.hub, engine, moved, { at, timezone: "UTC" });
    await cancelPost(stage.hub, engine, cancelled);
    await retryPost(stage.hub, engine, hurried);
    expect((await stage.run(hurried)).kind).toBe("published");
    expect((await stage.post(cancelled)).root.status).toBe("draft");
    expect((await stage.post(moved)).root).toMatchObject({ status: "scheduled", subStatus: null });
    await live(ids);
    expect(texts()).toEqual(["goes", "hurried", "stays", "moved"]);
  });

  test("with the spacing turned off what was missed goes out at once", async () => {
    const ids = await missed(["all", "at", "once"], HOUR_MS);
    for (const id of ids) expect((await stage.run(id, stage.deps({ catchUpMs: 0 }))).kind).toBe("published");
    expect(texts()).toEqual(["all", "at", "once"]);
  });
});
