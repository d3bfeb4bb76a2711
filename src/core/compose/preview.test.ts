import { expect, test } from "bun:test";
import { composeThread } from "./compose.ts";
import { buildPreview, PreviewSchema } from "./preview.ts";
import type { Warning } from "./warnings.ts";

const codes = (warnings: Warning[] | undefined) => warnings?.map(({ code }) => code);
const warningsOf = (text: string, facts?: Parameters<typeof buildPreview>[1]) =>
  codes(buildPreview([{ text }], facts).tweets[0]?.warnings);

test("scenario 31: the cost of a post is shown before approval, links and alt texts included", () => {
  const media = [
    { fileName: "a.jpg", altText: "A boat" },
    { fileName: "b.jpg", altText: null },
    { fileName: "c.jpg", altText: "" },
  ];
  const preview = buildPreview([
    { text: "plain" },
    { text: "see README.md" },
    { text: "a boat", media },
    { text: "https://例え.みんな" },
  ]);
  expect(preview.tweets.map(({ costUsd }) => costUsd)).toEqual([0.015, 0.2, 0.02, 0.2]);
  expect(preview.costUsd).toBe(0.435);
  // Ten parts with one link are nine plain ones and a dear one (x-api.md §5.1).
  const ten = [
    ...Array.from({ length: 9 }, (_, index) => ({ text: `part ${index}` })),
    { text: "https://example.com" },
  ];
  expect(buildPreview(ten).costUsd).toBe(0.335);
});

test("a composed thread is shown with its counts and the reason of every cut, in the documented form", () => {
  const { tweets } = composeThread(`${"One. ".repeat(80)}\n---\nTwo.`);
  const preview = buildPreview(tweets);
  expect(PreviewSchema.parse(JSON.parse(JSON.stringify(preview)))).toEqual(preview);
  expect(preview.tweetCount).toBe(3);
  expect(preview.tweets.map((tweet) => tweet.break.kind)).toEqual(["sentence", "author", "end"]);
  expect(preview.tweets.map((tweet) => tweet.weightedLength)).toEqual([199, 199, 4]);
  expect(preview.tweets.every((tweet) => tweet.limit === 280 && tweet.break.why !== "")).toBe(true);
});

test.each([
  ["a file name that X takes for a link", "see README.md", ["accidental_link"]],
  ["a missing space after a full stop", "It is done.So we go", ["accidental_link"]],
  ["a domain that is meant", "see example.com and www.example.rs and https://a.md", []],
  ["a newer ending", "see foo.web", ["link_uncertain"]],
  ["one cashtag", "$TSLA is up", []],
  ["two cashtags", "$TSLA and $AAPL", ["two_cashtags"]],
  ["two prices are no cashtags", "$5 and $6", []],
  ["a mention", "hello @someone", ["mention"]],
  ["an e-mail address is no mention", "a@example.com", []],
  ["too long", "x".repeat(281), ["too_long"]],
  ["neither text nor media", " ", ["empty"]],
])("warns: %s", (_, text, expected) => {
  expect(warningsOf(text)).toEqual(expected as ReturnType<typeof warningsOf>);
});

test("mentioning oneself is no mention", () => {
  expect(warningsOf("by @Me", { ownHandle: "me" })).toEqual([]);
});

test("a Premium account's limit is its own", () => {
  expect(warningsOf("x".repeat(281), { limit: 25_000 })).toEqual([]);
  expect(warningsOf("x".repeat(25_001), { limit: 25_000 })).toEqual(["too_long"]);
});

test("an empty tweet with media is a post", () => {
  expect(buildPreview([{ text: "", media: [{ fileName: "a.jpg", altText: null }] }]).tweets[0]?.warnings).toEqual([]);
});

test("what X will refuse is blocking, the rest is not", () => {
  const blocking = (text: string) => buildPreview([{ text }]).tweets[0]?.warnings.map((warning) => warning.blocking);
  expect(blocking("$TSLA $AAPL")).toEqual([true]);
  expect(blocking("x".repeat(281))).toEqual([true]);
  expect(blocking("README.md @a")).toEqual([false, false]);
});

test("scenario 25: when X's counter and today's Unicode disagree across the limit, it is said", () => {
  // 277 letters and a phoenix: 279 today, 282 by the counter of 2020.
  expect(warningsOf(`${"x".repeat(277)}🐦‍🔥`)).toEqual(["count_uncertain"]);
  expect(warningsOf(`${"x".repeat(270)}🐦‍🔥`)).toEqual([]);
  const composition = composeThread(`${"word ".repeat(55)}w 🐦‍🔥`);
  expect(composition.tweets).toHaveLength(2);
  expect(codes(composition.warnings)).toEqual(["count_uncertain"]);
  expect(codes(buildPreview(composition.tweets, { composing: composition.warnings }).warnings)).toEqual([
    "count_uncertain",
  ]);
});

test("scenario 5: the same text posted before, as the caller knows, and twice in one thread", () => {
  const postedRecently = new Map([[0, new Date("2026-11-01T10:00:00Z")]]);
  const preview = buildPreview([{ text: "same" }, { text: "other" }, { text: "same" }], { postedRecently });
  expect(codes(preview.tweets[0]?.warnings)).toEqual(["posted_recently"]);
  expect(preview.tweets[0]?.warnings[0]?.message).toContain("2026-11-01");
  expect(codes(preview.warnings)).toEqual(["same_text_twice"]);
});

test("tweets of one text are named together", () => {
  const warnings = (texts: string[]) => buildPreview(texts.map((text) => ({ text }))).warnings;
  const [one, ...others] = warnings(["a", "b", "a", "a", "b"]).map(({ message }) => message);
  expect(one).toStartWith("Tweets 1, 3 and 4 have the same text");
  expect(others).toEqual(["Tweets 2 and 5 have the same text; X refuses recent duplicates."]);
  expect(warnings(Array.from({ length: 7 }, () => "a"))[0]?.message).toStartWith(
    "Tweets 1, 2, 3, 4, 5 and 2 more have",
  );
});

test("above seven tweets few read on", () => {
  const thread = (length: number) => Array.from({ length }, (_, index) => ({ text: `part ${index}` }));
  expect(codes(buildPreview(thread(7)).warnings)).toEqual([]);
  expect(codes(buildPreview(thread(8)).warnings)).toEqual(["many_tweets"]);
});

test("a word that had to be cut is said", () => {
  expect(codes(buildPreview(composeThread("x".repeat(300)).tweets).tweets[0]?.warnings)).toEqual(["word_cut"]);
});

test("scenario 66: an alt text on a video is warned about before approval, and on an image not", () => {
  const item = { fileName: "clip", altText: "A boat leaves" };
  const warningsFor = (mime: string) =>
    buildPreview([{ text: "Clip", media: [{ ...item, mime }] }]).tweets[0]?.warnings.map(({ code }) => code);
  expect(warningsFor("video/mp4")).toEqual(["alt_text_on_video"]);
  expect(warningsFor("image/gif")).toEqual([]);
});
