import { describe, expect, test } from "bun:test";
import { cpuMs } from "../testing/wait.ts";
import { findEntities, findUrls, weightedLength } from "./text.ts";

interface TwitterText {
  parseTweet(text: string): { weightedLength: number };
  extractUrls(text: string): string[];
}
// The library ships no types; by a computed name the compiler does not ask for them.
const LIBRARY: string = "twitter-text";
const twitter = ((await import(LIBRARY)) as { default: TwitterText }).default;

/** Counted with X's own library, which the sandbox does not use; the texts avoid its known, older emoji list. */
const TEXTS = [
  "",
  "plain words",
  "café naïve Ωmega Привет مرحبا สวัสดี नमस्ते",
  "日本語と한국어と中文",
  "em — dash, ellipsis … curly “quotes” ‘single’ € • →",
  "line\nbreak\r\nand tab\t.",
  "e\u0301 composed and é",
  "😀 👍🏽 🇳🇱 👨‍👩‍👧‍👦 ❤️",
  "https://example.com",
  "http://example.com/path/to?query=1&b=2#hash end",
  "(see https://example.com/a_(b) or https://example.com/x).",
  "example.com and www.example.co.uk/path, README.md node.js foo.web",
  "mail me@example.com or @handle, not a.link@",
  "https://example.com/日本 after",
  "trailing https://example.com/path, and https://example.com/path.",
  "https://例え.jp/ http://müller.de",
  "no.such.tldxyz but sub.domain.example.org:8080/x?y",
  "$TSLA #hashtag @user https://t.co/abcdefghij",
  "version 1.2.3 and 10.0.0.1 and 3.14",
  "a/b.com -x.com _y.com .z.com",
];

describe("weighted length", () => {
  test("scenario 25: the sandbox's own count agrees with X's library", () => {
    for (const text of TEXTS) {
      expect([text, weightedLength(text)]).toEqual([text, twitter.parseTweet(text).weightedLength]);
    }
  });

  test("a new emoji is 2 however it is built, which the library of 2020 does not know", () => {
    for (const emoji of ["🧑‍🔧", "❤️‍🔥", "🐦‍🔥", "🏳️‍⚧️", "🧑‍🤝‍🧑", "🫱🏻‍🫲🏿", "1️⃣"])
      expect([emoji, weightedLength(emoji)]).toEqual([emoji, 2]);
  });
});

test("no text makes the search slow", () => {
  for (const part of ["-a", "a.", "a-", "(a", "http://", "a_b.c", "@a", "$a ", "a/"]) {
    const text = part.repeat(25_000);
    expect([part, cpuMs(() => findEntities(text)) < 3_000]).toEqual([part, true]);
  }
});

describe("entities", () => {
  test("the same links as X's library", () => {
    for (const text of TEXTS) {
      const own = findUrls(text).map((url) => url.value);
      expect([text, own]).toEqual([text, twitter.extractUrls(text)]);
    }
  });

  test("mentions, hashtags and cashtags, none of them inside a link", () => {
    const text = "@ann #tag $TSLA https://example.com/#frag?@bob mail@x.org ＠wide #1 #1st $5";
    expect(findEntities(text).map((entity) => [entity.kind, entity.value])).toEqual([
      ["mention", "ann"],
      ["hashtag", "tag"],
      ["cashtag", "TSLA"],
      ["url", "https://example.com/#frag?@bob"],
      ["mention", "wide"],
      ["hashtag", "1st"],
    ]);
  });
});
