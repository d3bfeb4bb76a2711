/** Files of captions: what is taken, and what is refused before anything is stored. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readCaption } from "../../src/core/media/captions.ts";
import { fakeMp4, tinyPng } from "../../src/sandbox/testing.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";

let home: TestHome;
const file = (name: string) => join(home.folder, name);
const SRT = "1\n00:00:00,000 --> 00:00:01,500\nHello\n\n2\n00:00:02,000 --> 00:00:03,000\nWorld\n";
const VTT = "WEBVTT\n\n00:00.000 --> 00:01.500 line:0\nHallo\n\n00:00:02.000 --> 00:00:03.000\nWelt\n";

beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  await writeFile(file("talk.mp4"), fakeMp4(20_000, 5));
  await writeFile(file("cover.png"), tinyPng(9, 9));
  await writeFile(file("talk.srt"), SRT);
  await writeFile(file("talk.vtt"), VTT);
});
afterAll(() => home.close());

interface Answer {
  outcome: string;
  post: { id: string; tweets: { media: { captions?: { language: string; fileName: string }[] }[] }[] };
  preview: { tweets: { media: { captions?: string[] }[] }[] };
  error?: { code: string; message: string };
}

async function psn(...args: string[]) {
  const ran = await home.psn(args);
  return { code: ran.code, answer: ran.json as Answer };
}

describe("a file", () => {
  test("SRT and WebVTT, with Windows' line breaks and a mark at the beginning, are taken to the byte", async () => {
    for (const [text, format] of [
      [SRT, "srt"],
      [VTT, "vtt"],
      [`\uFEFF${SRT.replaceAll("\n", "\r\n")}`, "srt"],
      [`\uFEFF${VTT.replaceAll("\n", "\r\n")}`, "vtt"],
    ] as const) {
      await writeFile(file("one.txt"), text);
      const caption = await readCaption(file("one.txt"), "pt", 5_000);
      expect(caption).toMatchObject({ language: "PT", name: "Português", format, text });
    }
  });

  const refused: [what: string, text: string | Buffer, says: RegExp, language?: string][] = [
    ["no language", SRT, /no language/, "xx"],
    ["a language with its region", SRT, /no region/, "en-US"],
    ["nothing in it", "", /empty/],
    ["no times", "Hello\nWorld\n", /no captions/],
    ["times that cannot be read", "1\n0:0:1 --> 0:0:2\nHello\n", /line 2/],
    ["SRT's commas in WebVTT", VTT.replace("00:00.000", "00:00,000"), /line 3/],
    ["an end before its beginning", SRT.replace("00:00:01,500", "00:00:00,000"), /ends before/],
    [
      "captions out of order",
      SRT.replace("00:00:00,000 --> 00:00:01,500", "00:00:04,000 --> 00:00:04,500"),
      /begins before/,
    ],
    ["captions beyond the video", SRT.replaceAll("00:00:0", "00:10:0"), /the video lasts 5.0 s/],
    ["a caption without words", SRT.replace("Hello", ""), /says nothing/],
    ["Latin-1", Buffer.from(SRT.replace("Hello", "Grüße"), "latin1"), /not UTF-8/],
    ["control characters", SRT.replace("Hello", "Hel\u0000lo"), /control character \(line 3\)/],
    ["more than 256 KiB", SRT + "x".repeat(256 * 1024), /at most/],
  ];
  for (const [what, text, says, language = "en"] of refused) {
    test(`with ${what} is refused, and why is said`, async () => {
      await writeFile(file("wrong.srt"), text);
      const error = await readCaption(file("wrong.srt"), language, 5_000).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: "CAPTIONS_INVALID", message: expect.stringMatching(says) });
    });
  }

  test("that is a pipe or a folder is refused at once", async () => {
    execFileSync("mkfifo", [file("pipe")]);
    for (const name of ["pipe", "."])
      expect(await readCaption(file(name), "en", null).catch((thrown) => thrown)).toMatchObject({
        code: "CAPTIONS_INVALID",
      });
  });
});

test("create, front matter, JSON and attach take captions; preview and show name them, and approval binds them", async () => {
  const video = ["--media", file("talk.mp4")];
  const both = ["--captions", `en:${file("talk.srt")}`, "--captions", `de:${file("talk.vtt")}`];
  const created = await psn("post", "create", "A talk", ...video, ...both);
  expect(created.answer.preview.tweets[0]?.media[0]?.captions).toEqual(["EN", "DE"]);
  const { id } = created.answer.post;
  expect((await psn("post", "approve", id)).code).toBe(0);
  expect((await psn("post", "show", id)).answer.post.tweets[0]?.media[0]?.captions).toEqual([
    { language: "EN", fileName: "talk.srt", refused: null },
    { language: "DE", fileName: "talk.vtt", refused: null },
  ] as never);
  await writeFile(
    file("talk.md"),
    "---\nmedia: { file: talk.mp4, captions: { en: talk.srt, de: talk.vtt } }\n---\nOf a file\n",
  );
  const ofFile = await psn("post", "create", "--file", file("talk.md"));
  expect(ofFile.answer.preview.tweets[0]?.media[0]?.captions).toEqual(["EN", "DE"]);
  const draft = await psn("post", "create", "Attached later");
  const attached = await psn(
    "post",
    "attach",
    draft.answer.post.id,
    "1",
    file("talk.mp4"),
    "--captions",
    `en:${file("talk.srt")}`,
  );
  expect(attached.answer.post.tweets[0]?.media[0]?.captions).toMatchObject([{ language: "EN" }]);
});

test("captions of a picture, two of one language, and captions without a video are refused before anything is stored", async () => {
  const en = ["--captions", `en:${file("talk.srt")}`];
  const code = async (...args: string[]) => (await psn("post", "create", "Refused", ...args)).answer.error?.code;
  expect(await code("--media", file("cover.png"), ...en)).toBe("CAPTIONS_INVALID");
  expect(await code("--media", file("talk.mp4"), ...en, ...en)).toBe("CAPTIONS_INVALID");
  expect(await code(...en)).toBe("USAGE");
  expect(await code("--media", file("talk.mp4"), "--captions", "talk.srt")).toBe("USAGE");
});
