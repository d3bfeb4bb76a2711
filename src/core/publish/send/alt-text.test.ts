/** An alt text that X refuses does not cost the tweet, let alone half a thread, unless its author asked for that. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embeddedEngine } from "../../../engines/embedded.ts";
import { fakeMp4 } from "../../../sandbox/testing.ts";
import { openStage, type Stage } from "../../../testing/stage.ts";
import { gatherNotices } from "../../posts/notices.ts";
import { approvePost, createPost, schedulePost } from "../../posts/write.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => stage.clean());

const ALT = { method: "POST", path: "/2/media/metadata" };
const WORDS = "Alt text is only supported for images and GIFs.";
const refuse = (status: number, times: number | null = null) =>
  stage.x.sandbox.addFault({
    kind: "status",
    status,
    body: { title: "Invalid Request", detail: WORDS },
    match: ALT,
    times,
  });

const altTextsOnX = () =>
  (stage.x.sandbox.report().accounts.sandbox_author?.posts ?? []).map(({ media }) =>
    media.map(({ altText }) => altText),
  );
const count = (endpoint: string) => stage.x.sandbox.report().counts[endpoint]?.received ?? 0;

for (const status of [400, 403, 422]) {
  test(`scenario 66: an alt text that X refuses with ${status}: the thread goes out whole, its author is told, X is not asked again`, async () => {
    const postId = await stage.due([
      "One",
      { text: "Two", media: [await stage.picture({ altText: "A boat leaves" })] },
      "Three",
    ]);
    const uploads = count("POST /2/media/upload");
    refuse(status);
    expect((await stage.run(postId)).kind).toBe("published");
    expect(stage.onX().map(({ text }) => text)).toEqual(["One", "Two", "Three"]);
    expect(altTextsOnX()[1]).toEqual([null]);
    expect(count("POST /2/media/upload") - uploads).toBe(1);
    const told = (await stage.life(postId)).notes.filter((note) => note.includes("alt text"));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("Tweet 2/3");
    expect(told[0]).toContain(WORDS);
    const notice = (await gatherNotices(stage.hub.db)).find((one) => one.postId === postId);
    expect(notice).toMatchObject({ code: "ALT_TEXT_REFUSED" });
    expect(notice?.message).toContain(WORDS);
  });
}

test("scenario 66: a video with an alt text, which X takes for images alone, goes out in its thread", async () => {
  const file = join(tmpdir(), `psn-test-alt-${process.pid}.mp4`);
  await writeFile(file, fakeMp4(20_000));
  const { sha256, byteLength } = await stage.media.add(file);
  const video = { sha256, byteLength, mime: "video/mp4", fileName: "clip.mp4", width: null, height: null };
  const postId = await stage.due(["One", { text: "Clip", media: [{ ...video, altText: "A boat leaves" }] }, "Three"]);
  expect((await stage.untilDone(postId)).root).toMatchObject({ status: "published", retryCount: 0 });
  expect(stage.onX().map(({ text }) => text)).toEqual(["One", "Clip", "Three"]);
  expect((await stage.life(postId)).kinds).toContain("alt_text_refused");
});

test("scenario 66: of two pictures the one whose alt text X takes keeps it", async () => {
  const postId = await stage.due([
    {
      text: "Two pictures",
      media: [await stage.picture({ altText: "Refused" }), await stage.picture({ altText: "Taken" })],
    },
  ]);
  refuse(400, 1);
  expect((await stage.run(postId)).kind).toBe("published");
  expect(altTextsOnX()).toEqual([[null, "Taken"]]);
});

test("scenario 66: refused, and then X limits the tweet: the file is not uploaded again for the alt text's sake", async () => {
  const postId = await stage.due([{ text: "Refused, then limited", media: [await stage.picture({ altText: "No" })] }]);
  const uploads = count("POST /2/media/upload");
  refuse(400);
  stage.x.sandbox.addFault({ kind: "rate_limited", resetSecs: 600, match: { method: "POST", path: "/2/tweets" } });
  expect(await stage.run(postId)).toMatchObject({ subStatus: "rate_limited" });
  expect((await stage.untilDone(postId)).root.status).toBe("published");
  expect(count("POST /2/media/upload") - uploads).toBe(1);
});

test("scenario 66: an alt text that X cannot take just now is waited for, and after ten minutes the tweet goes without", async () => {
  const postId = await stage.due([{ text: "Away", media: [await stage.picture({ altText: "Later" })] }]);
  const answer = { kind: "unavailable" as const, cause: "HTTP 503: Service Unavailable" };
  const meta = { httpStatus: 503, transactionId: null, rateLimits: [] };
  const worker = stage.deps({ platform: { ...stage.platform(), setAltText: async () => ({ answer, meta }) } });
  expect(await stage.run(postId, worker)).toMatchObject({ kind: "deferred", subStatus: "unreachable" });
  const beganMs = stage.clock.now().getTime();
  expect((await stage.untilDone(postId, worker)).root).toMatchObject({ status: "published", retryCount: 0 });
  const tookMs = stage.clock.now().getTime() - beganMs;
  expect(tookMs).toBeGreaterThan(10 * 60_000);
  expect(tookMs).toBeLessThan(30 * 60_000);
  expect((await stage.life(postId)).kinds).toContain("alt_text_refused");
});

describe("scenario 66: nothing without its alt text, if the author asked for that", () => {
  async function requiring(): Promise<string> {
    const media = [await stage.picture({ altText: "Must be there" })];
    const { postId } = await createPost(stage.hub, {
      accountId: stage.account.id,
      tweets: [
        { text: "First", separatorAfter: "", media: [] },
        { text: "Second", separatorAfter: "", media },
      ],
      source: "FirstSecond",
      metadata: { altRequired: true },
    });
    await approvePost(stage.hub, postId, { force: true });
    const at = new Date(stage.clock.now().getTime() + 1_000);
    await schedulePost(stage.hub, embeddedEngine, postId, { at, timezone: "UTC" });
    await stage.pass(1_010);
    return postId;
  }

  test("scenario 66: refused, it stops before the first tweet of the thread", async () => {
    const postId = await requiring();
    refuse(400);
    const result = await stage.run(postId);
    expect(result).toMatchObject({ kind: "failed", code: "X_ALT_TEXT_REFUSED" });
    expect(result.kind === "failed" && result.reason).toContain(WORDS);
    expect(stage.onX()).toEqual([]);
  });

  test("scenario 66: taken, the thread goes out, and the file went up once", async () => {
    const postId = await requiring();
    const uploads = count("POST /2/media/upload");
    expect((await stage.run(postId)).kind).toBe("published");
    expect(altTextsOnX()).toEqual([[], ["Must be there"]]);
    expect(count("POST /2/media/upload") - uploads).toBe(1);
  });
});
