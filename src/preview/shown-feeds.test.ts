import { expect, test } from "bun:test";
import { ShownFeeds } from "./shown-feeds.ts";

const article = (words: string) => `<article id="tweet-\0n">\0v \0a of \0s: ${words}</article>`;
const thread = (...words: string[]) => words.map(article);

test("an answer holds the tweets that changed; of the others it says where they were, and their numbers are put in", () => {
  const feeds = new ShownFeeds();
  const shown = feeds.keep(thread("one", "two", "three", "four"));
  const since = (...words: string[]) => feeds.since(shown, thread(...words), 7).map(({ markup }) => markup);
  const same = (n: number, was?: number) =>
    `<article id="tweet-${n}" data-same${was === undefined ? "" : `="${was}"`}></article>`;
  const whole = (n: number, size: number, words: string) =>
    `<article id="tweet-${n}">7 ${n - 1} of ${size}: ${words}</article>`;
  // Joined, split, moved, with one that is the same as another, and with all of it removed but the last.
  expect(since("one", "two three", "four")).toEqual([same(1), whole(2, 3, "two three"), same(3, 4)]);
  expect(since("one", "t", "wo", "three", "four")).toEqual([
    same(1),
    whole(2, 5, "t"),
    whole(3, 5, "wo"),
    same(4, 3),
    same(5, 4),
  ]);
  expect(since("one", "three", "two", "four")).toEqual([same(1), whole(2, 4, "three"), whole(3, 4, "two"), same(4)]);
  expect(since("one", "one", "two", "three", "four")[1]).toBe(whole(2, 5, "one"));
  expect(since("four")).toEqual([same(1, 4)]);
  expect(since("other", "two", "else", "four")).toEqual([whole(1, 4, "other"), same(2), whole(3, 4, "else"), same(4)]);
  // A window whose feed is not known is told all.
  expect(feeds.since("unknown", thread("one"), 7).map(({ markup }) => markup)).toEqual([whole(1, 1, "one")]);
});
