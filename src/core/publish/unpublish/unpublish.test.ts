/** Taking a post down: what was asked for, the last tweet first, whatever is lost or dies in between. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { FaultInput } from "../../../sandbox/fault-schema.ts";
import { openStage, type Stage } from "../../../testing/stage.ts";
import { stuckPosts } from "../../posts/stuck.ts";
import { approvePost, copyPost, retryPost } from "../../posts/write.ts";
import type { PublishDeps } from "../deps.ts";
import { planDeletions, wantDeletions } from "./ledger.ts";
import { unpublish } from "./unpublish.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clean());
afterAll(() => stage.close());

const DELETE = { method: "DELETE", path: "/2/tweets/*" };
const quick = (more: Partial<PublishDeps> = {}) =>
  stage.deps({ clock: { now: stage.clock.now, sleep: async () => {} }, ...more });

async function published(...texts: string[]): Promise<string> {
  const postId = await stage.due(texts);
  await stage.untilDone(postId);
  return postId;
}

/** As a person asks for it. */
async function takeDown(postId: string, tweets: number[] | null = null, deps = quick()) {
  await wantDeletions(stage.hub, postId, { tweets, by: "a person" });
  return await unpublish(deps, postId, stage.account.id);
}

/** What stands on X, without what was deleted. */
const onX = () => stage.onX().map(({ text }) => text);
const deletes = () => stage.x.sandbox.report().counts["DELETE /2/tweets/:id"]?.received ?? 0;

test("all of a thread goes, the last tweet first, each with a line of history", async () => {
  const postId = await published("One.", "Two.", "Three.");
  expect(await takeDown(postId)).toEqual({ kind: "done" });
  expect(onX()).toEqual([]);
  const { root, tweets } = await stage.post(postId);
  expect(root).toMatchObject({ status: "published", subStatus: "unpublished" });
  expect(tweets.every(({ deletedAt }) => deletedAt !== null)).toBe(true);
  const { notes } = await stage.life(postId);
  const lines = notes.filter((note) => note.includes("taken down at X"));
  expect(lines.map((line) => line.slice(0, 9))).toEqual(["Tweet 3/3", "Tweet 2/3", "Tweet 1/3"]);
  expect(await stuckPosts(stage.hub.db, {}, { postId })).toEqual([]);
});

test("some of its tweets go, and the rest stays", async () => {
  const postId = await published("First.", "Second.", "Third.");
  expect(await takeDown(postId, [3])).toEqual({ kind: "done" });
  expect(onX()).toEqual(["First.", "Second."]);
  expect((await stage.post(postId)).root.subStatus).toBe("partly_unpublished");
  expect(await takeDown(postId)).toEqual({ kind: "done" });
  expect((await stage.post(postId)).root.subStatus).toBe("unpublished");
});

/** With how many requests for a deletion; of a broken connection the runtime may send it again by itself. */
const LOST: [what: string, fault: FaultInput, requests: number | null][] = [
  ["X acts and the answer is lost", { kind: "drop_after", match: DELETE }, null],
  ["the request is lost on its way", { kind: "drop_before", match: DELETE }, null],
  ["X answers half", { kind: "cut_answer", match: DELETE }, 1],
  ["X fails after it has acted", { kind: "status", status: 503, acted: true, match: DELETE }, 1],
  ["X fails before it acts", { kind: "status", status: 503, match: DELETE }, 2],
];
for (const [what, fault, requests] of LOST) {
  test(`${what}: X is looked at, and the tweet is gone in the end`, async () => {
    const postId = await published(`Words for ${what}.`);
    stage.x.sandbox.addFault(fault);
    expect(await takeDown(postId)).toEqual({ kind: "done" });
    expect(onX()).toEqual([]);
    if (requests === null) return;
    expect(stage.x.sandbox.report().counts["GET /2/tweets"]?.received).toBe(1);
    // What a look shows to be gone is not asked for again.
    expect(deletes()).toBe(requests);
  });
}

test("a process that dies after X has acted leaves a row; the next one looks, and goes on with the rest", async () => {
  const postId = await published("Alpha.", "Beta.");
  const dying = quick();
  const deletePost = dying.platform.deletePost.bind(dying.platform);
  dying.platform = {
    ...dying.platform,
    deletePost: async (...args) => {
      await deletePost(...args);
      throw new Error("killed");
    },
  };
  expect(await takeDown(postId, null, dying).catch(String)).toContain("killed");
  const [stuck] = await stuckPosts(stage.hub.db, {}, { postId });
  expect(stuck).toMatchObject({ kind: "half_unpublished", needsPerson: true, next: [`psn post unpublish ${postId}`] });
  expect(await takeDown(postId)).toEqual({ kind: "done" });
  expect(onX()).toEqual([]);
  expect(deletes()).toBe(2);
});

test("a limit that is far away stops it half-way, which is told; the same again goes on", async () => {
  const postId = await published("Left.", "Right.");
  stage.x.sandbox.addFault({ kind: "rate_limited", resetSecs: 800, match: DELETE, skip: 1 });
  expect(await takeDown(postId)).toMatchObject({ kind: "stopped", code: "X_RATE_LIMITED" });
  expect(onX()).toEqual(["Left."]);
  expect(await stuckPosts(stage.hub.db, {}, { postId })).toMatchObject([{ kind: "half_unpublished" }]);
  await stage.pass(900_000);
  expect(await takeDown(postId)).toEqual({ kind: "done" });
  expect(onX()).toEqual([]);
});

test("a token that X refuses is refreshed once", async () => {
  const postId = await published("With an old token.");
  stage.x.sandbox.addFault({ kind: "status", status: 401, match: DELETE });
  expect(await takeDown(postId, null, stage.deps())).toEqual({ kind: "done" });
});

test("what was deleted by hand counts as gone", async () => {
  const postId = await published("Gone by hand.");
  const { root } = await stage.post(postId);
  const { access_token: accessToken } = stage.x.sandbox.signIn(stage.account.handle);
  await stage.platform().deletePost({ accessToken, platformUserId: "" }, root.externalPostId ?? "");
  expect(await takeDown(postId)).toEqual({ kind: "done" });
  expect((await stage.life(postId)).notes.some((note) => note.includes("X does not know it any more"))).toBe(true);
});

test("a failed thread whose beginning was taken down does not go on, and can be said again as a copy", async () => {
  stage.x.sandbox.addFault({ kind: "status", status: 403, match: { method: "POST", path: "/2/tweets" }, skip: 1 });
  const postId = await published("Beginning.", "End.");
  expect((await stage.post(postId)).root.status).toBe("failed");
  expect(await takeDown(postId)).toEqual({ kind: "done" });
  expect(await stuckPosts(stage.hub.db, {}, { postId })).toEqual([]);
  expect(retryPost(stage.hub, stage.deps().engine, postId)).rejects.toMatchObject({ code: "POST_UNPUBLISHED" });
  const { postId: copy } = await copyPost(stage.hub, postId);
  await approvePost(stage.hub, copy, { force: true });
});

describe("what is refused", () => {
  test("a post that is still to go out", async () => {
    const postId = await stage.due(["Later."], { inMs: 60_000 });
    expect(planDeletions(stage.hub, postId, null)).rejects.toMatchObject({ code: "POST_STATUS" });
  });

  test("a tweet that is not there, and a post of which nothing is left", async () => {
    const postId = await published("Only one.");
    expect(planDeletions(stage.hub, postId, [2])).rejects.toMatchObject({ code: "TWEET_NOT_FOUND" });
    await takeDown(postId);
    expect(planDeletions(stage.hub, postId, null)).rejects.toMatchObject({ code: "POST_NOT_ON_X" });
  });

  test("by the database: a tweet that X has not said to be gone, and a second word about one", async () => {
    const postId = await published("Guarded.");
    const { pool } = stage.hub;
    const refused = { code: "PSN01" };
    expect(pool.query("update psn.posts set deleted_at = now() where id = $1", [postId])).rejects.toMatchObject(
      refused,
    );
    expect(pool.query("update psn.posts set sub_status = 'unpublished' where id = $1", [postId])).rejects.toMatchObject(
      refused,
    );
    await wantDeletions(stage.hub, postId, { tweets: null, by: "a person" });
    expect(
      pool.query("update psn.deletions set outcome = 'deleted' where root_id = $1", [postId]),
    ).rejects.toMatchObject(refused);
    await unpublish(quick(), postId, stage.account.id);
    expect(pool.query("update psn.deletions set outcome = 'gone' where root_id = $1", [postId])).rejects.toMatchObject(
      refused,
    );
    expect(pool.query("update psn.posts set deleted_at = null where id = $1", [postId])).rejects.toMatchObject(refused);
  });
});
