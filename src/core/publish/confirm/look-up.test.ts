/** From where on X is looked at for a tweet whose request had no answer. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openStage, type Stage } from "../../../testing/stage.ts";
import type { Platform } from "../../platform.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** A platform whose next tweet is not answered (and not made), and that tells from which ids on it was looked at. */
function silentOnce(): { platform: Platform; looks: (string | null)[] } {
  const real = stage.platform();
  const looks: (string | null)[] = [];
  let isSilent = true;
  const platform: Platform = {
    ...real,
    async createPost(...request) {
      if (!isSilent) return await real.createPost(...request);
      isSilent = false;
      return {
        outcome: { kind: "unknown", cause: "no answer" },
        meta: { httpStatus: null, transactionId: null, rateLimits: [] },
      };
    },
    async ownPosts(credentials, query, signal) {
      looks.push(query.sinceId);
      return await real.ownPosts(credentials, query, signal);
    },
  };
  return { platform, looks };
}

const idOf = async (postId: string) => (await stage.post(postId)).root.externalPostId ?? "";

for (const [what, jumpMs] of [
  ["", 0],
  [", though the hub's clock was set back by an hour in between", -3_600_000],
] as const) {
  test(`the look begins at the newest post that was known before the request, and at none that came after it${what}`, async () => {
    const account = await stage.signIn(`look_${-jumpMs}`);
    const due = (text: string) => stage.due([text], { account });
    const before = await due("Known before");
    await stage.run(before);
    const { platform, looks } = silentOnce();
    const worker = stage.deps({ platform });
    const lost = await due("No answer came");
    expect(await stage.run(lost, worker)).toMatchObject({ kind: "deferred", subStatus: "confirming" });
    await stage.pass(jumpMs);
    const after = await due("Said meanwhile");
    expect((await stage.run(after)).kind).toBe("published");
    await stage.pass(-jumpMs);
    expect((await stage.untilDone(lost, worker)).root.status).toBe("published");
    expect(looks.length).toBeGreaterThanOrEqual(4);
    expect(new Set(looks)).toEqual(new Set([await idOf(before)]));
    expect(BigInt(await idOf(before))).toBeLessThan(BigInt(await idOf(after)));
  });
}
