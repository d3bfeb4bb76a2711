/** Media that X does not hold any more, or does not take. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { openStage, type Stage } from "../../../testing/stage.ts";
import { type Lease, LeaseLostError } from "../../post/lease.ts";
import type { MediaRow } from "../../post/rows.ts";
import { placeOfRun } from "./upload-place.ts";

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

const requests = (endpoint: string) => stage.x.sandbox.report().counts[endpoint]?.received ?? 0;
const uploadRequests = () => ({
  initialize: requests("POST /2/media/upload/initialize"),
  append: requests("POST /2/media/upload/:id/append"),
  finalize: requests("POST /2/media/upload/:id/finalize"),
});

test("a picture of the third tweet that X refuses stops the thread before its first tweet is public", async () => {
  const good = await stage.picture();
  const postId = await stage.due([
    { text: "One", media: [good] },
    "Two",
    { text: "Three", media: [await stage.clip()] },
  ]);
  stage.x.sandbox.addFault({ kind: "processing_failed", times: null });
  expect(await stage.run(postId)).toMatchObject({ kind: "failed", code: "X_MEDIA_REFUSED" });
  expect(stage.onX()).toEqual([]);
  expect((await stage.post(postId)).root.subStatus).toBeNull();
});

describe("scenario 23: an upload is gone on with", () => {
  test("after a limit in the middle of it: what X has is not sent again", async () => {
    const postId = await stage.due([{ text: "Limited", media: [await stage.clip()] }]);
    const before = uploadRequests();
    const match = { method: "POST", path: "/2/media/upload/*/append" };
    stage.x.sandbox.addFault({ kind: "rate_limited", resetSecs: 600, match, skip: 2 });
    expect(await stage.run(postId)).toMatchObject({ kind: "deferred", subStatus: "rate_limited" });
    expect((await stage.untilDone(postId)).root.status).toBe("published");
    const after = uploadRequests();
    expect(after.initialize - before.initialize).toBe(1);
    // Four segments, of which the refused one is sent twice.
    expect(after.append - before.append).toBe(5);
    expect((await stage.life(postId)).kinds).not.toContain("retry");
  });

  test("while X processes for 13 minutes: in the next run, without a new upload and without a try", async () => {
    stage.x.sandbox.configure({ processingMs: 780_000 });
    const postId = await stage.due([{ text: "Slow", media: [await stage.clip()] }]);
    const before = uploadRequests();
    const worker = stage.deps({ platform: stage.platform({ processingMsMax: 500 }) });
    expect(await stage.run(postId, worker)).toMatchObject({ kind: "deferred", subStatus: "media_processing" });
    const done = await stage.untilDone(postId, worker);
    expect(done.root).toMatchObject({ status: "published", retryCount: 0 });
    expect(uploadRequests()).toEqual({
      initialize: before.initialize + 1,
      append: before.append + 4,
      finalize: before.finalize + 1,
    });
    stage.x.sandbox.configure({ processingMs: 0 });
  });

  test("after its worker was stopped: the next one sends the rest", async () => {
    const postId = await stage.due([{ text: "Stopped", media: [await stage.clip(6_200_000)] }]);
    const before = uploadRequests();
    const stop = new AbortController();
    const platform = stage.platform({
      fetch: async (url, init) => {
        if (uploadRequests().append - before.append >= 3) stop.abort(new Error("stop"));
        return await fetch(url, init);
      },
    });
    expect(await stage.run(postId, stage.deps({ platform }), stop.signal)).toMatchObject({ kind: "deferred" });
    expect((await stage.untilDone(postId)).root).toMatchObject({ status: "published", retryCount: 0 });
    const after = uploadRequests();
    expect(after.initialize - before.initialize).toBe(1);
    expect(after.append - before.append).toBeLessThanOrEqual(8);
  });
});

test("an upload that goes on after its worker lost the post writes nothing", async () => {
  const postId = await stage.due([{ text: "Of another by now", media: [await stage.picture()] }]);
  const [late, now] = ["late", "now"].map((workerId) => ({
    postId,
    owner: workerId,
    fencing: workerId === "late" ? 1 : 2,
  }));
  await stage.hub.pool.query(
    "update psn.posts set status = 'publishing', lease_owner = 'now', lease_fencing = 2, lease_expires_at = psn.now() + interval '10 s' where id = $1",
    [postId],
  );
  const item = async () => (await stage.post(postId)).tweets[0]?.media[0];
  const credentials = { accessToken: "", platformUserId: "" };
  const more = { credentials, signal: undefined, label: "", altText: "wanted" } as const;
  const media = (await item()) as MediaRow;
  const write = (lease: Lease | undefined) =>
    placeOfRun(stage.hub, lease as Lease, more).write(
      media,
      { platformMediaId: "17" },
      { kind: "media", note: "It is up." },
    );
  const before = (await stage.life(postId)).kinds;
  await expect(write(late)).rejects.toThrow(LeaseLostError);
  expect([(await item())?.platformMediaId, (await stage.life(postId)).kinds]).toEqual([null, before]);
  await write(now);
  expect((await item())?.platformMediaId).toBe("17");
});
