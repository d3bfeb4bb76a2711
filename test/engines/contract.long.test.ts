/** What both engines must do. Each case is one user's wish, on the real engine, hub and X client. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { hubNow } from "../../src/core/db/connection.ts";
import { cancelPost, editPost, schedulePost, takeNow } from "../../src/core/posts/write.ts";
import { publishNow } from "../../src/core/publish/publish.ts";
import { sweep } from "../../src/core/publish/watchdog.ts";
import { eventually } from "./posts.ts";
import { type EngineStage, openEngineStage } from "./stage.ts";

const HOUR_MS = 3_600_000;

for (const name of ["embedded", "trigger"] as const) {
  describe(`engine ${name}`, () => {
    let stage: EngineStage;
    beforeAll(async () => {
      stage = await openEngineStage(name);
    });
    afterAll(() => stage.close());

    const move = async (id: string, inMs: number) => {
      const at = new Date(Date.now() + inMs);
      await schedulePost(stage.app.hub, stage.app.engine, id, { at, timezone: "Europe/Berlin" });
      return at;
    };
    test.concurrent("a scheduled post waits for its time, and goes out once then", async () => {
      const text = `${name}: at its time`;
      const { id, at } = await stage.scheduled(HOUR_MS, text);
      expect(await stage.runsAt(id)).toEqual(at);
      expect([await stage.status(id), stage.copies(text)]).toEqual(["scheduled", 0]);
      await stage.timeComes(id);
      await stage.until(id, "published");
      expect(stage.copies(text)).toBe(1);
    });

    test.concurrent("a time that comes by itself is not missed, and nothing goes out before it", async () => {
      const id = await stage.dueIn(1_500, `${name}: by the clock`);
      const at = (await stage.root(id)).scheduledAt?.getTime() ?? 0;
      await stage.until(id, "published");
      expect((await stage.root(id)).publishedAt?.getTime()).toBeGreaterThanOrEqual(at);
      expect(stage.copies(`${name}: by the clock`)).toBe(1);
    });

    test.concurrent("scenario 7: moved earlier, it goes out at the earlier time and once", async () => {
      const { id } = await stage.scheduled(2 * HOUR_MS, `${name}: earlier`);
      const at = await move(id, HOUR_MS);
      expect(await stage.runsAt(id)).toEqual(at);
      await stage.timeComes(id);
      await stage.until(id, "published");
      expect(stage.copies(`${name}: earlier`)).toBe(1);
    });

    test.concurrent("scenario 7: moved later, the run of its old time does nothing", async () => {
      const { id, scheduleVersion } = await stage.scheduled(HOUR_MS, `${name}: later`);
      const at = await move(id, 2 * HOUR_MS);
      await stage.staleRun(id, scheduleVersion);
      expect([await stage.status(id), stage.copies(`${name}: later`)]).toEqual(["scheduled", 0]);
      expect(await stage.runsAt(id)).toEqual(at);
      await stage.timeComes(id);
      await stage.until(id, "published");
      expect(stage.copies(`${name}: later`)).toBe(1);
    });

    test.concurrent("scenario 7: cancelled, it is a draft and never goes out", async () => {
      const { id, scheduleVersion } = await stage.scheduled(HOUR_MS, `${name}: cancelled`);
      await cancelPost(stage.app.hub, stage.app.engine, id);
      await stage.staleRun(id, scheduleVersion);
      expect(await stage.runsAt(id)).toBe(null);
      expect(await stage.status(id)).toBe("draft");
      expect(stage.copies(`${name}: cancelled`)).toBe(0);
    });

    test.concurrent("scenario 7: edited while it waits, only the new text goes out", async () => {
      const { id, scheduleVersion } = await stage.scheduled(HOUR_MS, `${name}: first words`);
      const unsentTweets = [{ text: `${name}: better words`, separatorAfter: "", media: [] }];
      await editPost(stage.app.hub, stage.app.engine, id, { unsentTweets }, { approve: true });
      await stage.staleRun(id, scheduleVersion);
      await stage.timeComes(id);
      await stage.until(id, "published");
      expect(stage.copies(`${name}: first words`)).toBe(0);
      expect(stage.copies(`${name}: better words`)).toBe(1);
    });

    test.concurrent("published now, the run of its old schedule does nothing", async () => {
      const { id, scheduleVersion } = await stage.scheduled(HOUR_MS, `${name}: now`);
      const deps = await stage.app.publishDeps();
      const lease = await takeNow(stage.app.hub, stage.app.engine, id, deps.workerId);
      expect((await publishNow(deps, lease)).kind).toBe("published");
      await stage.staleRun(id, scheduleVersion);
      expect(stage.copies(`${name}: now`)).toBe(1);
      if (stage.stub) expect(stage.stub.open(id)).toEqual([]);
    });

    test("a thread that meets a rate limit and a broken line goes on by itself, every tweet once", async () => {
      await stage.app.hub.pool.query("delete from psn.rate_limits");
      const onSend = (text: string) => ({ path: "/2/tweets", method: "POST", bodyIncludes: text });
      const { sandbox } = stage.home.sandbox;
      sandbox.addFault({ kind: "rate_limited", resetSecs: 1, match: onSend(`${name}: limited 1`), times: 1 });
      sandbox.addFault({ kind: "drop_after", match: onSend(`${name}: limited 2`), times: 1 });
      const id = await stage.due(`${name}: limited 1`, `${name}: limited 2`, `${name}: limited 3`);
      await stage.until(id, "published");
      for (const part of [1, 2, 3]) expect(stage.copies(`${name}: limited ${part}`)).toBe(1);
    });

    test("a post that is moved and cancelled by many at once ends in one state, and is sent at most once", async () => {
      const { id } = await stage.scheduled(HOUR_MS, `${name}: contested`);
      const acts = Array.from({ length: 12 }, (_, index) =>
        index % 3 === 0 ? cancelPost(stage.app.hub, stage.app.engine, id) : move(id, HOUR_MS + index * 20),
      );
      await Promise.allSettled(acts);
      if ((await stage.status(id)) === "draft") await move(id, HOUR_MS);
      await stage.timeComes(id);
      await stage.until(id, "published");
      expect(stage.copies(`${name}: contested`)).toBe(1);
    });

    test("scenario 20: three posts missed by hours: the watchdog brings one, the others wait five and ten minutes", async () => {
      const posts = [];
      for (const part of [1, 2, 3]) posts.push(await stage.scheduled(60_000 + part * 1_000, `${name}: missed ${part}`));
      const ids = posts.map(({ id }) => id);
      await stage.app.hub.pool.query(
        `update psn.posts
         set scheduled_at = scheduled_at - interval '3 hours', due_at = due_at - interval '3 hours'
         where id = any($1)`,
        [ids],
      );
      const sweptAt = await hubNow(stage.app.hub.db);
      await sweep(stage.app.hub, stage.app.engine);
      await stage.until(ids[0] ?? "", "published");
      for (const id of ids.slice(1)) await stage.until(id, "retry");
      const seenAt = await hubNow(stage.app.hub.db);
      for (const [index, minutes] of [
        [1, 5],
        [2, 10],
      ] as const) {
        const slotMs = (await stage.next(ids[index] ?? "")).getTime() - minutes * 60_000;
        expect(slotMs).toBeGreaterThanOrEqual(sweptAt.getTime());
        expect(slotMs).toBeLessThanOrEqual(seenAt.getTime());
      }
      // The engine comes at that time, and not before.
      const last = await stage.next(ids[2] ?? "");
      await eventually(
        async () => (await stage.runsAt(ids[2] ?? ""))?.getTime() === last.getTime(),
        () => "the engine does not come for the third post at its time",
      );
      for (const id of ids.slice(1)) {
        expect(stage.copies(`${name}: missed ${ids.indexOf(id) + 1}`)).toBe(0);
        await cancelPost(stage.app.hub, stage.app.engine, id);
      }
    });

    test("scenario 10: many posts due at the same moment each go out once", async () => {
      const ids = [];
      for (let index = 0; index < 25; index++) ids.push((await stage.scheduled(HOUR_MS, `${name}: crowd ${index}`)).id);
      await Promise.all(ids.map((id) => stage.timeComes(id)));
      for (const id of ids) await stage.until(id, "published");
      for (let index = 0; index < 25; index++) expect(stage.copies(`${name}: crowd ${index}`)).toBe(1);
    });
  });
}
