/** What both engines must do. Each case is one user's wish, on the real engine, hub and X client. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cancelPost, editPost, schedulePost, takeNow } from "../../src/core/posts/write.ts";
import { publishNow } from "../../src/core/publish/publish.ts";
import { sweep } from "../../src/core/publish/watchdog.ts";
import { type Bench, openBench } from "./kit.ts";

async function eventuallyEqual(read: () => Promise<Date | null>, wanted: Date): Promise<void> {
  for (let round = 0; round < 100 && (await read())?.getTime() !== wanted.getTime(); round++) await Bun.sleep(20);
  expect(await read()).toEqual(wanted);
}

for (const name of ["embedded", "trigger"] as const) {
  describe(`engine ${name}`, () => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await openBench(name);
    });
    afterAll(() => bench.close());

    const move = async (id: string, inMs: number) => {
      const at = new Date(Date.now() + inMs);
      await schedulePost(bench.app.hub, bench.app.engine, id, { at, timezone: "Europe/Berlin" });
      return at;
    };
    const copies = (text: string) => bench.onX().filter((posted) => posted === text).length;

    test.concurrent("a scheduled post goes out once, at its time", async () => {
      const { id, at } = await bench.scheduled(900, `${name}: at its time`);
      await Bun.sleep(500);
      expect(copies(`${name}: at its time`)).toBe(0);
      await bench.until(id, "published");
      expect(Date.now() - at.getTime()).toBeLessThan(1_500);
      expect(copies(`${name}: at its time`)).toBe(1);
    });

    test.concurrent("scenario 7: moved earlier, it goes out earlier and once", async () => {
      const { id } = await bench.scheduled(60_000, `${name}: earlier`);
      const at = await move(id, 400);
      await bench.until(id, "published");
      expect(Date.now() - at.getTime()).toBeLessThan(2_000);
      expect(copies(`${name}: earlier`)).toBe(1);
    });

    test.concurrent("scenario 7: moved later, the old wake-up does nothing", async () => {
      const { id, scheduleVersion } = await bench.scheduled(500, `${name}: later`);
      await move(id, 1_600);
      await bench.staleWake(id, scheduleVersion);
      await Bun.sleep(900);
      expect(await bench.status(id)).toBe("scheduled");
      expect(copies(`${name}: later`)).toBe(0);
      await bench.until(id, "published");
      expect(copies(`${name}: later`)).toBe(1);
    });

    test.concurrent("scenario 7: cancelled, it is a draft and never goes out", async () => {
      const { id, scheduleVersion } = await bench.scheduled(500, `${name}: cancelled`);
      await cancelPost(bench.app.hub, bench.app.engine, id);
      await Bun.sleep(900);
      await bench.staleWake(id, scheduleVersion);
      expect(await bench.status(id)).toBe("draft");
      expect(copies(`${name}: cancelled`)).toBe(0);
    });

    test.concurrent("scenario 7: edited while it waits, only the new text goes out", async () => {
      const { id, scheduleVersion } = await bench.scheduled(700, `${name}: first words`);
      const unsentTweets = [{ text: `${name}: better words`, separatorAfter: "", media: [] }];
      await editPost(bench.app.hub, bench.app.engine, id, { unsentTweets });
      await bench.staleWake(id, scheduleVersion);
      await bench.until(id, "published");
      expect(copies(`${name}: first words`)).toBe(0);
      expect(copies(`${name}: better words`)).toBe(1);
    });

    test.concurrent("published now, the wake-up of its old schedule does nothing", async () => {
      const { id, scheduleVersion } = await bench.scheduled(600, `${name}: now`);
      const deps = await bench.app.publishDeps();
      const lease = await takeNow(bench.app.hub, bench.app.engine, id, deps.workerId);
      expect((await publishNow(deps, lease)).kind).toBe("published");
      await Bun.sleep(800);
      await bench.staleWake(id, scheduleVersion);
      expect(copies(`${name}: now`)).toBe(1);
      if (bench.stub) expect(bench.stub.open(id)).toEqual([]);
    });

    test("a thread that meets a rate limit and a broken line goes on by itself, every tweet once", async () => {
      await bench.app.hub.pool.query("delete from psn.rate_limits");
      const onSend = (text: string) => ({ path: "/2/tweets", method: "POST", bodyIncludes: text });
      const { sandbox } = bench.home.sandbox;
      sandbox.addFault({ kind: "rate_limited", resetSecs: 1, match: onSend(`${name}: limited 1`), times: 1 });
      sandbox.addFault({ kind: "drop_after", match: onSend(`${name}: limited 2`), times: 1 });
      const { id } = await bench.scheduled(300, `${name}: limited 1`, `${name}: limited 2`, `${name}: limited 3`);
      await bench.until(id, "published", 20_000);
      for (const part of [1, 2, 3]) expect(copies(`${name}: limited ${part}`)).toBe(1);
    }, 25_000);

    test("a post that is moved and cancelled by many at once ends in one state, and is sent at most once", async () => {
      const { id } = await bench.scheduled(400, `${name}: contested`);
      const acts = Array.from({ length: 12 }, (_, index) =>
        index % 3 === 0 ? cancelPost(bench.app.hub, bench.app.engine, id) : move(id, 300 + index * 20),
      );
      await Promise.allSettled(acts);
      if ((await bench.status(id)) === "draft") await move(id, 300);
      await bench.until(id, "published", 4_000);
      await Bun.sleep(300);
      expect(copies(`${name}: contested`)).toBe(1);
    });

    test("scenario 20: three posts missed by hours: the watchdog brings one, the others wait five and ten minutes", async () => {
      const posts = [];
      for (const part of [1, 2, 3]) posts.push(await bench.scheduled(60_000 + part * 1_000, `${name}: missed ${part}`));
      const ids = posts.map(({ id }) => id);
      await bench.app.hub.pool.query(
        `update psn.posts
         set scheduled_at = scheduled_at - interval '3 hours', due_at = due_at - interval '3 hours'
         where id = any($1)`,
        [ids],
      );
      await sweep(bench.app.hub, bench.app.engine);
      await bench.until(ids[0] ?? "", "published");
      for (const id of ids.slice(1)) await bench.until(id, "retry");
      const minutes = [];
      for (const id of ids.slice(1)) minutes.push(((await bench.next(id)).getTime() - Date.now()) / 60_000);
      expect(minutes.map(Math.round)).toEqual([5, 10]);
      // The engine comes at that time, and not before.
      await eventuallyEqual(() => bench.wakesAt(ids[2] ?? ""), await bench.next(ids[2] ?? ""));
      for (const id of ids.slice(1)) {
        expect(copies(`${name}: missed ${ids.indexOf(id) + 1}`)).toBe(0);
        await cancelPost(bench.app.hub, bench.app.engine, id);
      }
    });

    test("scenario 10: many posts due at the same moment each go out once", async () => {
      const at = new Date(Date.now() + 3_000);
      const ids = [];
      for (let index = 0; index < 25; index++) {
        const id = await bench.draft(`${name}: crowd ${index}`);
        await schedulePost(bench.app.hub, bench.app.engine, id, { at, timezone: "UTC" }).catch(() => move(id, 500));
        ids.push(id);
      }
      for (const id of ids) await bench.until(id, "published", 12_000);
      for (let index = 0; index < 25; index++) expect(copies(`${name}: crowd ${index}`)).toBe(1);
    }, 20_000);
  });
}
