/** "Post now" believes the row and the hub's clock, not the machine's. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openStage, type Stage } from "../../testing/stage.ts";
import type { Clock } from "../clock.ts";
import { takeNow } from "../posts/write.ts";
import { publishNow } from "./publish.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const CREATE = { method: "POST", path: "/2/tweets" };
const HOUR_MS = 3_600_000;

for (const skewMs of [-24 * HOUR_MS, -5 * HOUR_MS, 0, 5 * HOUR_MS, 24 * HOUR_MS]) {
  for (const shortMs of [0, 500]) {
    test(`scenario 58: the machine is ${skewMs / HOUR_MS} h off the hub, its sleep ends ${shortMs} ms early: an answer is lost, and the post is published all the same`, async () => {
      const account = await stage.signIn(`now_${skewMs / HOUR_MS + 24}_${shortMs}`);
      let early = shortMs;
      const clock: Clock = {
        now: () => new Date(stage.clock.now().getTime() + skewMs),
        sleep: async (ms, signal) => {
          // Long sleeps are deadlines of requests; those end with their signal.
          if (signal?.aborted || ms > 62_000) return await stage.clock.sleep(ms, signal);
          if (ms >= 10_000 && signal) return await stage.clock.sleep(ms, signal);
          // The watch over the lease is another one's sleep: as it goes on all the time, it would make time pass in the midst of a send.
          if (ms < 1_000 && signal) return await stage.clock.sleep(ms, signal);
          await stage.pass(Math.max(0, ms - early));
          early = 0;
        },
      };
      const deps = stage.deps({ clock, platform: stage.platform({ clock }) });
      const postId = await stage.due([`Now, ${skewMs} ${shortMs}`], { account, inMs: 60 * HOUR_MS });
      stage.x.sandbox.addFault({ kind: "status", status: 503, acted: true, match: CREATE });
      const lease = await takeNow(stage.hub, deps.engine, postId, deps.workerId);
      expect((await publishNow(deps, lease)).kind).toBe("published");
      expect(stage.onX(account.handle).length).toBe(1);
    });
  }
}
