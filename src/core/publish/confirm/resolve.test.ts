/** What nobody but a person can know: X's timeline is forbidden, and an answer is lost. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { openStage, type Stage } from "../../../testing/stage.ts";
import type { AccountRow } from "../../accounts/choose.ts";
import { resolveTweet } from "./resolve.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.x.sandbox.clearFaults();
  stage.x.sandbox.configure({ duplicateWindowMs: 0 });
});

const MINUTE_MS = 60_000;
const CREATE = { method: "POST", path: "/2/tweets" };
const TIMELINE = { method: "GET", path: "/2/users/*/tweets" };
const by = "ann";

/** A thread whose second tweet has no outcome; its account's timeline is forbidden. */
async function stuck(handle: string, acted: boolean): Promise<{ account: AccountRow; postId: string }> {
  const account = await stage.signIn(handle);
  const postId = await stage.due([`One of ${handle}.`, `Two of ${handle}.`, `Three of ${handle}.`], { account });
  const body = { title: "Forbidden", detail: "Forbidden", type: "about:blank", status: 403 };
  stage.x.sandbox.addFault({ kind: acted ? "drop_after" : "drop_before", match: CREATE, skip: 1 });
  stage.x.sandbox.addFault({ kind: "status", status: 403, body, match: TIMELINE, times: null });
  await stage.run(postId);
  for (let round = 0; round < 8; round++) {
    await stage.pass(10 * MINUTE_MS);
    await stage.run(postId);
  }
  expect((await stage.post(postId)).root).toMatchObject({ status: "retry", subStatus: "confirming" });
  return { account, postId };
}

const resolve = (postId: string, posted: string | null, tweet = 2) =>
  resolveTweet(stage.deps(), postId, { tweet, posted, by });

test("scenario 71: a person says that it is on X: the thread goes on below it", async () => {
  const { account, postId } = await stuck("is_there", true);
  const second = stage.onX(account.handle)[1]?.id ?? "";
  await resolve(postId, `https://x.com/Is_There/status/${second}?s=20`);
  const { tweets, root } = await stage.untilDone(postId);
  expect(root.status).toBe("published");
  expect(tweets[1]?.externalPostId).toBe(second);
  expect(stage.onX(account.handle).map(({ replyToId }) => replyToId)).toEqual([null, root.externalPostId, second]);
  const { notes } = await stage.life(postId);
  expect(notes).toContain(`ann said that tweet 2 is on X: ${second}. X could not be asked.`);
});

test("scenario 71: a person says that it is not on X: it is sent again, once", async () => {
  const { account, postId } = await stuck("is_not_there", false);
  await resolve(postId, null);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
  expect(stage.onX(account.handle).map(({ text }) => text)).toEqual(
    ["One", "Two", "Three"].map((word) => `${word} of is_not_there.`),
  );
  expect((await stage.life(postId)).notes).toContain("ann said that tweet 2 is not on X.");
  // Said again after a lost answer, it is told where the tweet is now.
  const second = stage.onX(account.handle)[1]?.id;
  expect(resolve(postId, null)).rejects.toThrow(`is known: it is on X as ${second}.`);
});

test("scenario 71: what cannot be true is refused, and nothing changes", async () => {
  const { account, postId } = await stuck("refused_words", true);
  const [first, second] = stage.onX(account.handle).map(({ id }) => id);
  const refused = async (code: string, posted: string | null, tweet = 2) => {
    const error = await resolve(postId, posted, tweet).then(
      () => null,
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code });
  };
  await refused("TWEET_NOT_FOUND", "1", 4);
  await refused("POST_SETTLED", second ?? "", 1);
  await refused("POST_SETTLED", null, 3);
  for (const words of [
    "",
    "yes",
    "https://x.com/refused_words",
    "https://x.com/a/b/status/1",
    "https://x.com/a/status/x",
  ]) {
    await refused("TWEET_ADDRESS_INVALID", words);
  }
  await refused("TWEET_NOT_YOURS", `https://x.com/somebody/status/${second}`);
  await refused("TWEET_TAKEN", first ?? "");
  await refused("TWEET_NOT_YOURS", "1541815603606036480");
  // X can be asked again, and knows better.
  stage.x.sandbox.clearFaults();
  await refused("TWEET_NOT_ON_X", String(BigInt(second ?? "0") + 1_000n));
  await refused("TWEET_ON_X", null);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
  expect(stage.onX(account.handle).length).toBe(3);
});

test("scenario 71: before X had its five minutes nobody says that it is not there", async () => {
  const account = await stage.signIn("too_early");
  const postId = await stage.due(["Early"], { account });
  stage.x.sandbox.addFault({ kind: "drop_before", match: CREATE });
  stage.x.sandbox.addFault({ kind: "timeline_down", times: null });
  await stage.run(postId);
  expect(resolve(postId, null, 1)).rejects.toThrow("still looking");
});
