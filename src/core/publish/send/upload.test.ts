/** Media that X does not hold any more, or does not take. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { openStage, type Stage } from "../../../testing/stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => stage.clean());

const CREATE = { method: "POST", path: "/2/tweets" };

test("media that X no longer holds is uploaded again once, for each tweet by itself", async () => {
  const picture = await stage.picture({ altText: "A colour" });
  const postId = await stage.due([
    { text: "With a picture", media: [picture] },
    { text: "And another", media: [{ ...picture, altText: null }] },
  ]);
  // Ids of an earlier run that X does not know any more.
  await stage.hub.pool.query(
    "update psn.post_media set platform_media_id = '1', platform_media_expires_at = psn.now() + interval '5 hours'",
  );
  expect((await stage.run(postId)).kind).toBe("published");
  expect((await stage.life(postId)).outcomes).toEqual(["posted", "refused", "posted"]);
  const onX = stage.x.sandbox.report().accounts.sandbox_author?.posts ?? [];
  expect(onX.map((post) => post.media.map((item) => [item.sha256, item.altText]))).toEqual([
    [[picture.sha256, "A colour"]],
    [[picture.sha256, null]],
  ]);
});

test("media that X refuses right after it took it is not uploaded again and again", async () => {
  const postId = await stage.due([{ text: "Refused picture", media: [await stage.picture()] }]);
  const body = { errors: [{ message: "Your media IDs are invalid." }], title: "Invalid Request", type: "about:blank" };
  stage.x.sandbox.addFault({ kind: "status", status: 400, body, match: CREATE, times: null });
  expect(await stage.run(postId)).toMatchObject({ kind: "failed", code: "X_MEDIA_INVALID" });
  expect(stage.sends()).toBe(1);
});
