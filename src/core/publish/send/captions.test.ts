/** Captions go to X after their video and before the tweet; what X makes of them does not cost the tweet. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { openStage, type Stage } from "../../../testing/stage.ts";
import { gatherNotices } from "../../posts/notices.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => stage.clean());

const caption = (language: string, name: string) => {
  const text = `1\n00:00:00,000 --> 00:00:01,000\n${name}\n`;
  const sha256 = createHash("sha256").update(text).digest("hex");
  return { language, name, format: "srt" as const, fileName: `${language}.srt`, sha256, text };
};
const talk = async () => ({
  ...(await stage.clip(20_000)),
  captions: [caption("EN", "English"), caption("DE", "Deutsch")],
});
const ENDPOINT = { method: "POST", path: "/2/media/subtitles" };
const count = (endpoint: string) => stage.x.sandbox.report().counts[endpoint]?.received ?? 0;
/** The tracks of the videos on X, by post. */
const tracks = () =>
  (stage.x.sandbox.report().accounts.sandbox_author?.posts ?? [])
    .flatMap(({ media }) => media)
    .map(({ subtitles = [] }) => subtitles.map(({ languageCode, displayName }) => [languageCode, displayName]));

const BOTH = [
  ["EN", "English"],
  ["DE", "Deutsch"],
];

test("a video has its captions in each language before its thread begins", async () => {
  const postId = await stage.due(["One", { text: "A talk", media: [await talk()] }]);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
  expect(tracks()).toEqual([BOTH]);
  expect(count("POST /2/media/subtitles")).toBe(2);
});

test("captions that X refuses cost neither the tweet nor the other language, and their author is told", async () => {
  stage.x.sandbox.addFault({
    kind: "status",
    status: 400,
    body: { title: "Invalid Request", detail: "The language is not supported." },
    match: ENDPOINT,
    times: 1,
  });
  const postId = await stage.due([{ text: "A talk", media: [await talk()] }]);
  expect((await stage.untilDone(postId)).root).toMatchObject({ status: "published", retryCount: 0 });
  expect(tracks()).toEqual([[["DE", "Deutsch"]]]);
  expect((await stage.life(postId)).kinds).toContain("captions_refused");
  const notice = (await gatherNotices(stage.hub.db)).find((one) => one.postId === postId);
  expect(notice).toMatchObject({ code: "CAPTIONS_REFUSED", message: expect.stringContaining("EN") });
});

test("a process that dies between a file of captions and its naming, or after any other request: each is there once", async () => {
  for (const endpoint of ["POST /2/media/upload", "POST /2/media/subtitles"]) {
    for (const nth of [1, 2]) {
      stage.x.sandbox.reset({ keepAccounts: true });
      const postId = await stage.due([{ text: `A talk ${endpoint} ${nth}`, media: [await talk()] }]);
      const real = stage.platform();
      let asked = 0;
      const dies = {
        ...real,
        addCaption: async (...given: Parameters<typeof real.addCaption>) => {
          asked++;
          if (asked < nth) return await real.addCaption(...given);
          // X did it, or half of it, and nobody wrote that down.
          if (endpoint === "POST /2/media/subtitles") await real.addCaption(...given);
          else await real.addCaption(given[0], "1", given[2]);
          throw new Error("the process died");
        },
      };
      await stage.run(postId, stage.deps({ platform: dies })).catch(() => {});
      await stage.pass(10 * 60_000);
      expect((await stage.untilDone(postId)).root.status).toBe("published");
      expect(tracks().map((one) => one.toSorted())).toEqual([BOTH.toSorted()]);
      expect(stage.onX()).toHaveLength(1);
    }
  }
});

test("captions that X cannot take just now are waited for, and after ten minutes the tweet goes without", async () => {
  const postId = await stage.due([{ text: "A talk", media: [await talk()] }]);
  const answer = { kind: "unavailable" as const, cause: "HTTP 503: Service Unavailable" };
  const meta = { httpStatus: 503, transactionId: null, rateLimits: [] };
  const worker = stage.deps({ platform: { ...stage.platform(), addCaption: async () => ({ answer, meta }) } });
  expect(await stage.run(postId, worker)).toMatchObject({ kind: "deferred", subStatus: "unreachable" });
  const beganMs = stage.clock.now().getTime();
  expect((await stage.untilDone(postId, worker)).root).toMatchObject({ status: "published", retryCount: 0 });
  const tookMs = stage.clock.now().getTime() - beganMs;
  expect(tookMs).toBeGreaterThan(10 * 60_000);
  expect(tookMs).toBeLessThan(30 * 60_000);
  expect(tracks()).toEqual([[]]);
});
