/** A request that is still unanswered when its post is at an end: nobody sends again, and its author learns what came of it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openStage, type Stage } from "../../../testing/stage.ts";
import { loadPost } from "../../posts/read.ts";
import { cancelPost, editPost } from "../../posts/write.ts";
import { sweep } from "../watchdog.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  stage.x.sandbox.configure({ duplicateWindowMs: 0 });
});
afterAll(() => stage.close());

const ROUNDS_MAX = 10;

/** A published post of which another request has no outcome: its worker died after a second send, or X did not answer. */
async function publishedWithOpenRequest(handle: string, text: string): Promise<string> {
  const account = await stage.signIn(handle);
  const postId = await stage.due([text], { account });
  expect((await stage.run(postId)).kind).toBe("published");
  await stage.hub.pool.query(
    `insert into psn.publish_attempts (post_id, root_id, number, lease_fencing, fingerprint, started_at)
     values ($1, $1, 2, 2, 'again', psn.now())`,
    [postId],
  );
  return postId;
}

/** The watchdog and the runs it asks for, until the request has its outcome. */
async function confirmed(postId: string): Promise<(string | null)[]> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    await stage.pass(61_000);
    const { unconfirmed } = await sweep(stage.hub, stage.deps().engine);
    if (!unconfirmed.includes(postId)) break;
    expect((await stage.run(postId)).kind).toBe("not_ours");
  }
  return (await stage.life(postId)).outcomes;
}

test("a request that made nothing is known to be absent, and the post stays as it is", async () => {
  const postId = await publishedWithOpenRequest("made_nothing", "Once on X");
  const before = stage.sends();
  expect(await confirmed(postId)).toEqual(["posted", "absent"]);
  expect(stage.sends()).toBe(before);
  expect((await stage.post(postId)).root.status).toBe("published");
  expect((await stage.life(postId)).kinds).not.toContain("duplicate_on_x");
});

test("a request that made a second copy is found, and its author learns which one to delete", async () => {
  const postId = await publishedWithOpenRequest("made_another", "Twice on X");
  const { access_token: accessToken } = stage.x.sandbox.signIn("made_another");
  const platformUserId = stage.x.sandbox.report().accounts.made_another?.id ?? "";
  const request = { text: "Twice on X", replyToId: null, mediaIds: [] };
  const { outcome } = await stage.platform().createPost({ accessToken, platformUserId }, request);
  if (outcome.kind !== "posted") throw new Error(`the sandbox answered ${outcome.kind}`);
  expect(await confirmed(postId)).toEqual(["posted", "duplicate"]);
  const { notes } = await stage.life(postId);
  const kept = (await stage.post(postId)).root.externalPostId;
  expect(notes.at(-1)).toBe(
    `Tweet 1 is on X twice: ${kept} and ${outcome.externalPostId}. Delete the second one on X.`,
  );
});

const CREATE = { method: "POST", path: "/2/tweets" };

test("cancelled while an answer was missing: the author learns that the tweet is on X after all", async () => {
  const postId = await stage.due(["Too late to cancel"]);
  const before = stage.sends();
  stage.x.sandbox.addFault({ kind: "drop_after", match: CREATE });
  await stage.run(postId);
  await cancelPost(stage.hub, stage.deps().engine, postId);
  await stage.pass(70_000);
  await sweep(stage.hub, stage.deps().engine);
  await stage.run(postId);
  const { root } = await stage.post(postId);
  expect(root).toMatchObject({ status: "published", platformPostIds: [stage.onX()[0]?.id ?? ""] });
  expect(stage.sends() - before).toBe(1);
});

test("cancelled while an answer was missing, and X never had it: nothing is sent, and the draft can be edited then", async () => {
  const postId = await stage.due(["Never sent again"]);
  const before = stage.sends();
  stage.x.sandbox.addFault({ kind: "drop_before", match: CREATE });
  await stage.run(postId);
  await cancelPost(stage.hub, stage.deps().engine, postId);
  const { engine } = stage.deps();
  const edit = { unsentTweets: [{ text: "New text", separatorAfter: "", media: [] }] };
  expect(editPost(stage.hub, engine, postId, edit)).rejects.toThrow("still finding out");
  for (let minute = 0; minute < 8; minute++) {
    await stage.pass(65_000);
    await sweep(stage.hub, engine);
    await stage.run(postId);
  }
  expect((await stage.life(postId)).outcomes).toEqual(["absent"]);
  expect(stage.sends() - before).toBe(1);
  await editPost(stage.hub, engine, postId, edit);
  expect((await loadPost(stage.hub.db, postId)).root).toMatchObject({ status: "draft", content: "New text" });
});

test("what X does not tell is looked for ever less often, and not for ever: each look costs money", async () => {
  const postId = await stage.due(["Nobody tells"]);
  stage.x.sandbox.addFault({ kind: "drop_after", match: CREATE });
  await stage.run(postId);
  const { engine } = stage.deps();
  await cancelPost(stage.hub, engine, postId);
  stage.x.sandbox.addFault({ kind: "timeline_down", times: null });
  const looksIn = async (hours: number) => {
    let looks = 0;
    for (let hour = 0; hour < hours; hour++) {
      await stage.pass(60 * 60_000);
      const { unconfirmed } = await sweep(stage.hub, engine);
      if (!unconfirmed.includes(postId)) continue;
      await stage.run(postId);
      looks++;
    }
    return looks;
  };
  expect(await looksIn(24)).toBeLessThan(15);
  expect(await looksIn(24)).toBeLessThan(6);
  await stage.pass(31 * 24 * 60 * 60_000);
  expect(await looksIn(12)).toBe(0);
  stage.x.sandbox.clearFaults();
});
