/** The hub's clock is hours off: an author's time comes when it comes by X's clock, and a correction that may be old sends nothing early. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { openStage, type Stage } from "../../testing/stage.ts";
import { readAuthorNow } from "../post/due.ts";
import { stuckPosts } from "../posts/stuck.ts";
import { sweep } from "./watchdog.ts";
import { noteClock, refreshClock } from "./x-clock.ts";

/** X's clock ahead of the hub's and the machine's. X's is the true one. */
let xAheadMs = 0;
let stage: Stage;
beforeAll(async () => {
  stage = { clock: { now: () => new Date(), sleep: async () => {} } } as unknown as Stage;
  stage = await openStage({ clock: { now: () => new Date(stage.clock.now().getTime() + xAheadMs) } });
});
afterAll(() => stage.close());
beforeEach(async () => {
  xAheadMs = 0;
  await stage.clean();
  await stage.hub.pool.query("delete from psn.clock_offsets");
  await stage.hub.pool.query("delete from psn.posts where external_post_id is null");
});

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** The clock of hub and machine is set; the true one is not. */
async function setClock(byMs: number): Promise<void> {
  await stage.pass(byMs);
  xAheadMs -= byMs;
}

/** What a worker does every half minute. @returns what the post came to */
async function watch(postId: string): Promise<string> {
  // As each process begins, it has heard of no clock.
  const deps = stage.deps({ hub: { ...stage.hub } });
  await refreshClock(deps);
  await sweep(deps.hub, deps.engine);
  await stage.run(postId, deps);
  return (await stage.post(postId)).root.status ?? "";
}

async function hearX(): Promise<void> {
  const { platform, hub, clock } = stage.deps({ hub: { ...stage.hub } });
  const reading = await platform.readClock();
  if (!reading) throw new Error("X did not say its time");
  await noteClock({ hub, clock }, reading);
}

/** Due in an hour by the true clock, of an account of its own. */
const dueInAnHour = async (words: string) =>
  await stage.due([words], { account: await stage.signIn(`clock_${++accounts}`), inMs: HOUR_MS });
let accounts = 0;
const asked = () => stage.x.sandbox.report().counts["GET /2/users/me"]?.received ?? 0;

for (const hours of [-24, -5, -0.1, 0.1, 5, 24]) {
  test(`scenario 58: X's clock is ${hours} h ahead of the hub's: a post goes out at its time, not before and not hours later`, async () => {
    await setClock(-hours * HOUR_MS);
    await hearX();
    const postId = await dueInAnHour(`Off by ${hours}`);
    for (const passedMs of [0, 30 * MINUTE_MS, 28 * MINUTE_MS]) {
      await stage.pass(passedMs);
      expect(await watch(postId)).toBe("scheduled");
      expect(await stuckPosts(stage.hub.db)).toEqual([]);
    }
    await stage.pass(2.5 * MINUTE_MS);
    expect(await watch(postId)).toBe("published");
    expect((await stage.life(postId)).kinds).not.toContain("catching_up");
  });
}

for (const hours of [-5, -0.1, 0.1, 5]) {
  test(`scenario 58: the clock was ${hours} h behind X's and is set right meanwhile: the post still goes out at its time`, async () => {
    await setClock(-hours * HOUR_MS);
    await hearX();
    const postId = await dueInAnHour(`Set right after ${hours}`);
    await setClock(hours * HOUR_MS);
    // Whoever believed the old difference would send now, or in five hours.
    expect((await stage.run(postId)).kind).toBe("not_ours");
    for (const passedMs of [MINUTE_MS, 57 * MINUTE_MS]) {
      await stage.pass(passedMs);
      expect(await watch(postId)).toBe("scheduled");
    }
    await stage.pass(2.5 * MINUTE_MS);
    expect(await watch(postId)).toBe("published");
  });
}

test("scenario 58: a difference that was heard of long ago sends nothing early while X says nothing", async () => {
  await setClock(-5 * HOUR_MS);
  await hearX();
  const postId = await dueInAnHour("X is away");
  await stage.pass(90 * MINUTE_MS);
  stage.x.sandbox.addFault({ kind: "drop_before", match: { path: "/2/users/me" }, times: null });
  expect(await watch(postId)).toBe("scheduled");
  stage.x.sandbox.clearFaults();
  expect(await watch(postId)).toBe("published");
});

describe("what it costs", () => {
  test("X is asked for its time only where a post hangs on it: not with a right clock, and not for a post of tomorrow", async () => {
    await hearX();
    const before = asked();
    const postId = await dueInAnHour("Nothing is off");
    await stage.pass(HOUR_MS + 1_000);
    expect(await watch(postId)).toBe("published");
    await setClock(-HOUR_MS);
    await hearX();
    const tomorrow = await stage.due(["Tomorrow"], { inMs: 24 * HOUR_MS });
    await stage.pass(10 * MINUTE_MS);
    expect(await watch(tomorrow)).toBe("scheduled");
    // What `hearX` asked itself.
    expect(asked() - before).toBe(1);
  });
});

test("a minute or less is no difference, and a measure that is too coarse is none either", async () => {
  const { hub, clock, platform } = stage.deps({ hub: { ...stage.hub } });
  const now = clock.now();
  for (const [aheadMs, tripMs] of [
    [59_000, 0],
    [-59_000, 0],
    [80_000, 60_000],
  ] as const) {
    await hub.pool.query("delete from psn.clock_offsets");
    const gotAt = new Date(now.getTime() + tripMs / 2);
    const askedAt = new Date(now.getTime() - tripMs / 2);
    await noteClock(
      { hub: { ...hub }, clock },
      { host: platform.host, date: new Date(now.getTime() + aheadMs), askedAt, gotAt },
    );
    expect(Math.abs((await readAuthorNow(hub.db)).getTime() - clock.now().getTime())).toBeLessThan(20_000);
  }
});
