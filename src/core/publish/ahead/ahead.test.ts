/** Media before their post's time: a job of its own, which holds nothing and publishes nothing. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { embeddedEngine } from "../../../engines/embedded.ts";
import { openStage, type Stage } from "../../../testing/stage.ts";
import { uploadProgress } from "../../post/upload-state.ts";
import { stuckPosts } from "../../posts/stuck.ts";
import { cancelPost, editPost } from "../../posts/write.ts";
import { prepareAhead } from "./ahead.ts";
import { mediaDue } from "./due.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ settings: { processingMs: 0 } });
});
afterAll(() => stage.close());
beforeEach(async () => {
  await stage.clean();
  await stage.hub.pool.query(
    "update psn.posts set status = 'draft', due_at = null where status = 'scheduled'; delete from psn.media_preparations; delete from psn.hub_settings where key = 'uploadBytesPerSecond'",
  );
});

const MINUTES_MS = 60_000;
const APPEND = { method: "POST", path: "/2/media/upload/*/append" };
const requests = (endpoint: string) => stage.x.sandbox.report().counts[endpoint]?.received ?? 0;
const uploads = () => requests("POST /2/media/upload/initialize") + requests("POST /2/media/upload");

const thread = async (inMs: number) =>
  await stage.due(
    [
      "One",
      { text: "Two", media: [await stage.picture({ altText: "A colour" })] },
      { text: "Three", media: [await stage.clip()] },
    ],
    { inMs },
  );

test("scenario 23: a thread's media are at X before its time, and at its time only tweets are sent", async () => {
  const postId = await thread(5 * MINUTES_MS);
  expect(await mediaDue(stage.hub)).toEqual([postId]);
  expect(await prepareAhead(stage.deps(), postId)).toMatchObject({ kind: "ready", files: 2, uploaded: 2 });
  const { root, tweets } = await stage.post(postId);
  expect(root).toMatchObject({ status: "scheduled", subStatus: null, leaseOwner: null });
  expect(tweets.flatMap(({ media }) => media).map((item) => uploadProgress(item, stage.clock.now()).state)).toEqual([
    "ready",
    "ready",
  ]);
  expect(await mediaDue(stage.hub)).toEqual([]);
  expect(stage.onX()).toEqual([]);
  const before = { uploads: uploads(), alt: requests("POST /2/media/metadata") };
  await stage.pass(5 * MINUTES_MS + 10);
  expect((await stage.run(postId)).kind).toBe("published");
  expect({ uploads: uploads(), alt: requests("POST /2/media/metadata") }).toEqual(before);
  const shown = stage.x.sandbox.report().accounts.sandbox_author?.posts ?? [];
  expect(shown.map(({ media }) => media.map(({ altText }) => altText))).toEqual([[], ["A colour"], [null]]);
});

test("nothing is begun so early that X would forget it, and a large file earlier than a small one", async () => {
  const far = await thread(13 * 60 * MINUTES_MS);
  const picture = await stage.due([{ text: "A picture", media: [await stage.picture()] }], { inMs: 8 * MINUTES_MS });
  const video = await stage.due([{ text: "A video", media: [await stage.clip(80_000_000)] }], {
    inMs: 10 * MINUTES_MS,
  });
  expect(await mediaDue(stage.hub)).toEqual([video]);
  await stage.pass(4 * MINUTES_MS);
  expect((await mediaDue(stage.hub)).sort()).toEqual([picture, video].sort());
  expect(await mediaDue(stage.hub)).not.toContain(far);
});

test("what X refuses is said while the post waits, once, and until it is changed", async () => {
  const postId = await thread(5 * MINUTES_MS);
  stage.x.sandbox.addFault({ kind: "processing_failed", times: null });
  expect(await prepareAhead(stage.deps(), postId)).toMatchObject({ kind: "refused", code: "X_MEDIA_REFUSED" });
  expect((await stage.post(postId)).root.status).toBe("scheduled");
  const [stuck] = await stuckPosts(stage.hub.db, {}, { postId });
  expect(stuck).toMatchObject({
    kind: "media_refused",
    needsPerson: true,
    next: [`psn post edit ${postId} --media FILE --approve`],
  });
  expect(stuck?.reason).toContain("Tweet 3/3");
  expect(await mediaDue(stage.hub)).toEqual([]);
  stage.x.sandbox.clearFaults();
  const { tweets } = await stage.post(postId);
  const media = tweets.map((tweet) => ({
    text: tweet.content,
    separatorAfter: "",
    media: tweet.threadPosition === 1 ? tweet.media : [],
  }));
  await editPost(stage.hub, embeddedEngine, postId, { unsentTweets: media }, { approve: true, force: true });
  expect(await stuckPosts(stage.hub.db, {}, { postId })).toEqual([]);
  await stage.pass(5 * MINUTES_MS + 10);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
});

test("a post that is taken back, or edited, while its media go up ends the upload, and nothing of it is written", async () => {
  for (const act of ["cancel", "edit"] as const) {
    const postId = await thread(5 * MINUTES_MS);
    let sent = 0;
    const platform = stage.platform({
      fetch: async (url, init) => {
        if (String(url).includes("/append") && ++sent === 2) {
          if (act === "cancel") await cancelPost(stage.hub, embeddedEngine, postId);
          else
            await stage.hub.pool.query("update psn.posts set content_version = content_version + 1 where id = $1", [
              postId,
            ]);
        }
        return await fetch(url, init);
      },
    });
    expect(await prepareAhead(stage.deps({ platform }), postId)).toEqual({ kind: "not_ours", postId });
    expect(sent).toBeLessThanOrEqual(4);
    const { root, tweets } = await stage.post(postId);
    expect(root.status).toBe(act === "cancel" ? "draft" : "scheduled");
    expect(tweets[2]?.media[0]?.platformMediaId).toBeNull();
  }
});

test("two workers do not upload the same file, and one that died is followed where it was", async () => {
  const postId = await thread(5 * MINUTES_MS);
  const platform = stage.platform();
  const died = Promise.withResolvers<void>();
  const dying: typeof platform = {
    ...platform,
    uploadMedia: (credentials, media, options = {}) =>
      platform.uploadMedia(credentials, media, {
        ...options,
        keep: async (state) => {
          await options.keep?.(state);
          if (state.segments < 2) return;
          died.resolve();
          await new Promise(() => {});
        },
      }),
  };
  void prepareAhead(stage.deps({ platform: dying }), postId);
  await died.promise;
  expect(await prepareAhead(stage.deps(), postId)).toEqual({ kind: "not_ours", postId });
  const before = requests("POST /2/media/upload/initialize");
  await stage.pass(3 * MINUTES_MS + 1_000);
  expect(await mediaDue(stage.hub)).toEqual([postId]);
  expect(await prepareAhead(stage.deps(), postId)).toMatchObject({ kind: "ready" });
  expect(requests("POST /2/media/upload/initialize")).toBe(before);
});

test("an outage is waited for with growing gaps, a limit until its reset, and the post keeps its time", async () => {
  const postId = await thread(8 * MINUTES_MS);
  await stage.pass(4 * MINUTES_MS);
  stage.x.sandbox.addFault({ kind: "rate_limited", resetSecs: 120, match: APPEND });
  const waits = await prepareAhead(stage.deps(), postId);
  expect(waits.kind).toBe("waits");
  expect(await mediaDue(stage.hub)).toEqual([]);
  await stage.pass(3 * MINUTES_MS);
  expect(await mediaDue(stage.hub)).toEqual([postId]);
  expect(await prepareAhead(stage.deps(), postId)).toMatchObject({ kind: "ready" });
  expect((await stage.post(postId)).root).toMatchObject({ status: "scheduled", retryCount: 0 });
});
