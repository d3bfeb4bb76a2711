import { expect, test } from "bun:test";
import { formatThreadPreview, splitIntoThread, weightedLength } from "./thread-splitter.ts";

test("a short text is one tweet, without the white space around it", () => {
  expect(splitIntoThread("  Hello, world.\n")).toEqual(["Hello, world."]);
});

test("a long text becomes tweets of at most 280, or of what is asked for", () => {
  const text = "A sentence of some words, and then more of them. ".repeat(40);
  for (const limit of [280, 100]) {
    const tweets = splitIntoThread(text, limit);
    expect(Math.max(...tweets.map(weightedLength))).toBeLessThanOrEqual(limit);
    expect(tweets.join(" ")).toBe(text.trim());
  }
  expect(splitIntoThread(text)).toEqual(splitIntoThread(text, 280));
});

test("nothing but white space, and a character X refuses, are errors", () => {
  expect(() => splitIntoThread(" ")).toThrow(expect.objectContaining({ code: "TEXT_EMPTY" }));
  expect(() => splitIntoThread("a\uffff")).toThrow(expect.objectContaining({ code: "TEXT_INVALID_CHARACTER" }));
});

test("the preview numbers every tweet and shows its count of its limit", () => {
  expect(formatThreadPreview(["Hello.", "https://example.com/long"])).toBe(
    "1/2 (6/280)\nHello.\n\n2/2 (23/280)\nhttps://example.com/long",
  );
  expect(formatThreadPreview(["日本"], 25_000)).toBe("1/1 (4/25000)\n日本");
});
