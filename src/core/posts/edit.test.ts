/** An edit meets a post that went on while it was written. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openStage, type Stage } from "../../testing/stage.ts";
import { editPost } from "./write.ts";

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
