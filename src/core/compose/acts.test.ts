import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { editTweet, insertTweets, joinTweets, moveSplit, removeTweet, reorderTweets, splitTweet } from "./acts.ts";
import { composeThread } from "./compose.ts";

interface Draft {
  text: string;
  separatorAfter: string;
  media: string[];
}
const draft = (...parts: [text: string, separatorAfter: string][]): Draft[] =>
  parts.map(([text, separatorAfter], index) => ({ text, separatorAfter, media: [`${index}.jpg`] }));
const sourceOf = (tweets: readonly Omit<Draft, "media">[]) =>
  tweets.map(({ text, separatorAfter }) => text + separatorAfter).join("");
const texts = (tweets: Draft[]) => tweets.map(({ text }) => text);

const thread = draft(["One two. Three", " "], ["four five. Six", "\n---\n"], ["Seven.", ""]);

describe("moving a split", () => {
  test("by words, forward and back", () => {
    expect(texts(moveSplit(thread, 0, 1))).toEqual(["One two. Three four", "five. Six", "Seven."]);
    expect(texts(moveSplit(thread, 0, -2))).toEqual(["One", "two. Three four five. Six", "Seven."]);
  });
  test("by sentences", () => {
    expect(texts(moveSplit(thread, 0, 1, "sentence"))).toEqual(["One two. Three four five.", "Six", "Seven."]);
    expect(texts(moveSplit(thread, 0, -1, "sentence"))).toEqual(["One two.", "Three four five. Six", "Seven."]);
  });
  test("media stays with its tweet, and the source stays the same", () => {
    const moved = moveSplit(thread, 0, 1);
    expect(moved.map(({ media }) => media[0])).toEqual(["0.jpg", "1.jpg", "2.jpg"]);
    expect(sourceOf(moved)).toBe(sourceOf(thread));
  });
  test("across an author's break, which then becomes a blank line", () => {
    expect(texts(moveSplit(thread, 1, -1))).toEqual(["One two. Three", "four five.", "Six\n\nSeven."]);
  });
  test("not further than there are words, and not where there is no border", () => {
    expect(() => moveSplit(thread, 0, 9)).toThrow(expect.objectContaining({ code: "SPLIT_NOT_THERE" }));
    expect(() => moveSplit(thread, 0, 0)).toThrow(expect.objectContaining({ code: "SPLIT_NOT_THERE" }));
    expect(() => moveSplit(thread, 2, 1)).toThrow(expect.objectContaining({ code: "TWEET_NOT_FOUND" }));
  });
});

describe("splitting and joining", () => {
  test("a split before a character; the white space there is kept as the separator", () => {
    const split = splitTweet(thread, 0, 9, (tweet) => ({ ...tweet, media: [] }));
    expect(split.map(({ text, separatorAfter, media }) => [text, separatorAfter, media])).toEqual([
      ["One two.", " ", ["0.jpg"]],
      ["Three", " ", []],
      ["four five. Six", "\n---\n", ["1.jpg"]],
      ["Seven.", "", ["2.jpg"]],
    ]);
  });
  test("not at either end, and not inside a URL or an emoji", () => {
    const tweets = draft(["a https://example.com/b 👩‍🚀", ""]);
    for (const offset of [0, 1.5, -1, 5, 26, 99]) {
      expect(() => splitTweet(tweets, 0, offset, (tweet) => tweet)).toThrow(
        expect.objectContaining({ code: "SPLIT_NOT_THERE" }),
      );
    }
  });
  test("joining undoes splitting", () => {
    const split = splitTweet(thread, 1, 4, (tweet) => ({ ...tweet, media: [] }));
    expect(joinTweets(split, 1, (left, right) => ({ ...left, media: [...left.media, ...right.media] }))).toEqual(
      thread,
    );
  });
  test("joining over an author's break leaves no line of ---", () => {
    expect(texts(joinTweets(thread, 1))).toEqual(["One two. Three", "four five. Six\n\nSeven."]);
  });
  test("over composed text, moving and undoing gives the thread again", () => {
    const words = fc.array(fc.constantFrom("one", "two,", "three.", "four!", "日本語です。", "https://example.com"), {
      minLength: 30,
      maxLength: 80,
    });
    fc.assert(
      fc.property(words, (parts) => {
        const tweets = composeThread(parts.join(" "), { limit: 100 }).tweets.map(({ text, separatorAfter }) => ({
          text,
          separatorAfter,
        }));
        // A first tweet of one word has none to give.
        fc.pre(tweets[0]?.text.includes(" ") === true);
        const moved = moveSplit(tweets, 0, -1);
        expect(sourceOf(moved)).toBe(sourceOf(tweets));
        expect(moveSplit(moved, 0, 1).map(({ text }) => text)).toEqual(tweets.map(({ text }) => text));
      }),
      { numRuns: 200, seed: 3 },
    );
  });
});

const bare = (tweet: Draft): Draft => ({ ...tweet, media: [] });

test("an edited tweet is normalised and trimmed, and refused when it is empty", () => {
  expect(texts(editTweet(thread, 1, "  cafe\u0301\n", bare))).toEqual(["One two. Three", "café", "Seven."]);
  expect(() => editTweet(thread, 1, "\n", bare)).toThrow(expect.objectContaining({ code: "TEXT_EMPTY" }));
});

test("a line of --- in an edited tweet makes two of it; one in a fence is the author's text", () => {
  const edited = editTweet(thread, 1, "four\n---\nfive\n---\n", bare);
  expect(edited.map(({ text, media }) => [text, media])).toEqual([
    ["One two. Three", ["0.jpg"]],
    ["four", ["1.jpg"]],
    ["five", []],
    ["Seven.", ["2.jpg"]],
  ]);
  expect(texts(editTweet(thread, 1, "```\na\n---\nb\n```", bare))[1]).toBe("```\na\n---\nb\n```");
});

test("a tweet is put in before another or after the last, and taken out again", () => {
  const make = ({ text, separatorAfter }: Omit<Draft, "media">) => ({ text, separatorAfter, media: [] });
  for (const position of [0, 1, 2, 3]) {
    const longer = insertTweets(thread, position, " New. ", make);
    expect(texts(longer)).toEqual([...texts(thread).slice(0, position), "New.", ...texts(thread).slice(position)]);
    expect(sourceOf(longer)).not.toMatch(/\S(?:New|four|Seven)/);
    expect(removeTweet(longer, position).map(({ text, media }) => [text, media])).toEqual(
      thread.map(({ text, media }) => [text, media]),
    );
  }
  expect(texts(insertTweets(thread, 3, "a\n---\nb", make)).slice(3)).toEqual(["a", "b"]);
  expect(() => insertTweets(thread, 4, "x", make)).toThrow(expect.objectContaining({ code: "TWEET_NOT_FOUND" }));
  expect(() => removeTweet(thread, 3)).toThrow(expect.objectContaining({ code: "TWEET_NOT_FOUND" }));
  expect(() => removeTweet(thread.slice(0, 1), 0)).toThrow(expect.objectContaining({ code: "POST_EMPTY" }));
});

test("reordering moves a tweet with its media; the separators stay at the borders", () => {
  const moved = reorderTweets(thread, 2, 0);
  expect(texts(moved)).toEqual(["Seven.", "One two. Three", "four five. Six"]);
  expect(moved.map(({ media }) => media[0])).toEqual(["2.jpg", "0.jpg", "1.jpg"]);
  expect(moved.map(({ separatorAfter }) => separatorAfter)).toEqual([" ", "\n---\n", ""]);
  expect(reorderTweets(moved, 0, 2)).toEqual(thread);
  expect(() => reorderTweets(thread, 0, 3)).toThrow(expect.objectContaining({ code: "TWEET_NOT_FOUND" }));
});
