/** Clocks that are hours apart: X's, the hub's and the machine's. Nothing is doubled, lost, or waits longer than X asked. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { openStage, type Stage } from "../../../testing/stage.ts";
import type { Clock } from "../../clock.ts";
import { sweep } from "../watchdog.ts";
import { clockSkew, skewInWords } from "../x-clock.ts";

/** X's clock ahead of the hub's; moved by the tests. */
let xAheadMs = 0;
let stage: Stage;
beforeAll(async () => {
  const clock = { now: () => new Date(stage.clock.now().getTime() + xAheadMs) };
  // The sandbox is asked for its time before the stage is there.
  stage = { clock: { now: () => new Date(), sleep: async () => {} } } as unknown as Stage;
  stage = await openStage({ clock });
});
afterAll(() => stage.close());
beforeEach(async () => {
  xAheadMs = 0;
  stage.x.sandbox.clearFaults();
  stage.x.sandbox.configure({ duplicateWindowMs: 0, timelineLagMs: 0 });
  await stage.hub.pool.query("delete from psn.rate_limits");
  await stage.hub.pool.query("delete from psn.clock_offsets");
});

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const CREATE = { method: "POST", path: "/2/tweets" };
const SKEWS_H = [-24, -5, -0.05, 2.2, 5, 24];

/** A worker that has not heard of any clock yet, as each process begins. */
const worker = (clock: Clock = stage.clock) =>
  stage.deps({ hub: { ...stage.hub }, clock, platform: stage.platform({ clock }) });

for (const [whose, skewed] of [
  ["X's clock", true],
  ["the machine's clock", false],
] as const) {
  describe(`${whose} is off`, () => {
    const machine = (skewMs: number): Clock => ({
      now: () => new Date(stage.clock.now().getTime() + (skewed ? 0 : skewMs)),
      sleep: stage.clock.sleep,
    });

    for (const hours of SKEWS_H) {
      test(`scenario 58: by ${hours} h, and the answers are lost: words, a picture and a thread are found and adopted`, async () => {
        const skewMs = hours * HOUR_MS;
        xAheadMs = skewed ? skewMs : 0;
        const account = await stage.signIn(`skew_${skewed ? "x" : "m"}_${SKEWS_H.indexOf(hours)}`);
        const posts = [
          [`Words at ${hours}`],
          [{ text: "", media: [await stage.picture()] }],
          [`One ${hours}.`, `Two ${hours}.`, `Three ${hours}.`],
        ];
        const deps = worker(machine(skewMs));
        // At the first, nothing is known of X's clock yet.
        for (const post of posts) {
          const postId = await stage.due(post, { account });
          stage.x.sandbox.addFault({ kind: "drop_after", match: CREATE });
          const { root, tweets } = await stage.untilDone(postId, deps);
          expect([root.status, tweets.every((tweet) => tweet.externalPostId !== null)]).toEqual(["published", true]);
        }
        expect(stage.onX(account.handle).length).toBe(5);
      });

      test(`scenario 58: by ${hours} h, and X never had it: it is sent once, five minutes later`, async () => {
        const skewMs = hours * HOUR_MS;
        xAheadMs = skewed ? skewMs : 0;
        const account = await stage.signIn(`lost_${skewed ? "x" : "m"}_${SKEWS_H.indexOf(hours)}`);
        const postId = await stage.due([{ text: "", media: [await stage.picture()] }], { account });
        const before = stage.clock.now().getTime();
        stage.x.sandbox.addFault({ kind: "drop_before", match: CREATE });
        expect((await stage.untilDone(postId, worker(machine(skewMs)))).root.status).toBe("published");
        expect(stage.onX(account.handle).length).toBe(1);
        expect(stage.clock.now().getTime() - before).toBeLessThan(8 * MINUTE_MS);
      });

      test(`scenario 58: by ${hours} h: a limit that opens in 900 s is waited for 900 s`, async () => {
        const skewMs = hours * HOUR_MS;
        xAheadMs = skewed ? skewMs : 0;
        const account = await stage.signIn(`limit_${skewed ? "x" : "m"}_${SKEWS_H.indexOf(hours)}`);
        const postId = await stage.due([`Limited ${hours}`], { account });
        stage.x.sandbox.addFault({ kind: "rate_limited", resetSecs: 900, match: CREATE });
        const before = stage.clock.now().getTime();
        const result = await stage.run(postId, worker(machine(skewMs)));
        if (result.kind !== "deferred" || !result.until) throw new Error(result.kind);
        const waitMs = result.until.getTime() - before;
        expect(waitMs).toBeGreaterThanOrEqual(898_000);
        expect(waitMs).toBeLessThan(910_000);
        expect((await stage.untilDone(postId)).root.status).toBe("published");
      });
    }
  });
}

test("scenario 58: a hub's clock that jumps while an answer is looked for doubles nothing", async () => {
  const account = await stage.signIn("jumping");
  for (const jumpMs of [-24 * HOUR_MS, -5 * HOUR_MS, 5 * HOUR_MS, 23 * HOUR_MS]) {
    const postId = await stage.due([{ text: "", media: [await stage.picture()] }], { account });
    stage.x.sandbox.addFault({ kind: "drop_after", match: CREATE });
    await stage.run(postId);
    // The machine and the hub jump; X does not.
    xAheadMs -= jumpMs;
    await stage.pass(jumpMs);
    expect((await stage.untilDone(postId)).root.status).toBe("published");
  }
  expect(stage.onX("jumping").length).toBe(4);
});

test("scenario 58: a skew over a minute is in words, a smaller one is not worth any", async () => {
  for (const [hours, words] of [
    [5, "The hub's clock is 5 h 0 min behind"],
    [-24, "The hub's clock is 24 h 0 min ahead of"],
    [0.005, null],
    [0, null],
  ] as const) {
    xAheadMs = hours * HOUR_MS;
    const postId = await stage.due([`Skew ${hours}`]);
    await stage.run(postId, worker());
    const skew = await clockSkew(stage.hub, stage.deps().platform.host);
    if (!skew) throw new Error("no skew was kept");
    expect(Math.abs(skew.aheadMs - xAheadMs)).toBeLessThanOrEqual(skew.boundMs + 1_000);
    if (words === null) expect(skewInWords(skew)).toBeNull();
    else expect(skewInWords(skew)).toStartWith(words);
  }
});

for (const [what, fault, waitMs] of [
  ["an answer that is looked for", { kind: "drop_after" }, 10 * MINUTE_MS],
  ["a limit of 900 s", { kind: "rate_limited", resetSecs: 900 }, 16 * MINUTE_MS],
] as const) {
  test(`scenario 58: the hub's clock is set back by 5 h under ${what}: it waits no longer than before`, async () => {
    const account = await stage.signIn(`back_${waitMs}`);
    const postId = await stage.due([`Set back ${what}`], { account });
    stage.x.sandbox.addFault({ ...fault, match: CREATE });
    await stage.run(postId);
    xAheadMs += 5 * HOUR_MS;
    await stage.pass(-5 * HOUR_MS);
    const { engine } = stage.deps();
    for (let passedMs = 0; passedMs < waitMs; passedMs += MINUTE_MS) {
      await sweep(stage.hub, engine);
      await stage.run(postId);
      await stage.pass(MINUTE_MS);
    }
    await stage.run(postId);
    expect((await stage.post(postId)).root.status).toBe("published");
    expect(stage.onX(account.handle).length).toBe(1);
  });
}

test("scenario 58: the hub's clock is set back by 5 h under a worker that died: its post is taken up", async () => {
  const postId = await stage.due(["Of the dead"]);
  const { hub } = stage;
  await hub.pool.query(
    "update psn.posts set status = 'publishing', lease_owner = 'dead', lease_fencing = 7, lease_expires_at = psn.now() + interval '10 s' where id = $1",
    [postId],
  );
  xAheadMs += 5 * HOUR_MS;
  await stage.pass(-5 * HOUR_MS);
  await sweep(hub, stage.deps().engine);
  await stage.pass(11_000);
  expect((await stage.run(postId)).kind).toBe("published");
});

test("scenario 58: the hub is 5 h ahead of the machine, and X does not show a young tweet to its reply: patience, as always", async () => {
  const account = await stage.signIn("young_parent");
  const clock = { now: () => new Date(stage.clock.now().getTime() - 5 * HOUR_MS), sleep: stage.clock.sleep };
  const postId = await stage.due(["A parent.", "Its reply."], { account });
  stage.x.sandbox.configure({ timelineLagMs: 4 * MINUTE_MS });
  stage.x.sandbox.addFault({ kind: "not_visible", match: CREATE, skip: 1 });
  expect((await stage.untilDone(postId, worker(clock))).root.status).toBe("published");
  expect(stage.onX("young_parent").length).toBe(2);
});
