/** An edit meets a post that went on while it was written. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openStage, type Stage } from "../../testing/stage.ts";
import { cancelPost, editPost } from "./write.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test("a tweet goes out while its author writes the thread anew: the edit is refused, and says nothing twice", async () => {
  const postId = await stage.due(["one", "two"]);
  stage.x.sandbox.addFault({ kind: "status", status: 429, skip: 1, match: { method: "POST", path: "/2/tweets" } });
  const { root } = await stage.post(postId);
  expect((await stage.run(postId)).kind).toBe("deferred");

  const unsentTweets = ["ONE", "TWO"].map((text) => ({ text, separatorAfter: "", media: [] }));
  const { contentVersion } = root;
  const edited = editPost(stage.hub, stage.deps().engine, postId, { unsentTweets }, { contentVersion, sentCount: 0 });
  await expect(edited).rejects.toMatchObject({ code: "POST_CHANGED", details: { sentCount: 1 } });
  const { tweets } = await stage.post(postId);
  expect(tweets.map(({ content }) => content)).toEqual(["one", "two"]);
});

test("a post is cancelled while a file's edit of it is on its way: the edit is refused, and the post stays as its author put it", async () => {
  const postId = await stage.due(["waits"]);
  const { root } = await stage.post(postId);
  await cancelPost(stage.hub, stage.deps().engine, postId);
  const { contentVersion, scheduleVersion } = root;
  const unsentTweets = [{ text: "says more", separatorAfter: "", media: [] }];
  const seen = { contentVersion, scheduleVersion, approve: true };
  const edited = editPost(stage.hub, stage.deps().engine, postId, { unsentTweets }, seen);
  await expect(edited).rejects.toMatchObject({ code: "POST_CHANGED" });
  expect((await stage.post(postId)).root).toMatchObject({ status: "draft", content: "waits" });
});
